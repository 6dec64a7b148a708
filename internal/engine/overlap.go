package engine

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources/file"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// checkOverlaps refuses streams that would read their own output, or whose output directory contains their input. A stream may read
// the output of another stream, unless the streams form a cycle.
func checkOverlaps(fsys storage.FS, j *job.Job, queries []*query) error {
	var errs []error
	reach := make([][]*file.Reach, len(queries)) // of the sources of each query
	written := make([][]writtenPath, len(queries))
	for i, q := range queries {
		written[i] = writtenPaths(fsys, j, q.stream)
	}
	for i, q := range queries {
		for _, in := range q.inputs {
			r, err := reachOf(fsys, j, in)
			if err != nil {
				return err
			}
			if r == nil {
				continue
			}
			reach[i] = append(reach[i], r)
			for k, other := range queries {
				for _, w := range written[k] {
					if other != q && w.what != checkpointPath { // a stream may read the output of another
						continue
					}
					if err := w.check(r, in.spec); err != nil {
						errs = append(errs, &Error{Stream: other.stream.Name, Phase: PhaseStart, Err: sparkerr.At(err, w.place)})
					}
				}
			}
		}
	}
	if len(errs) == 0 {
		errs = append(errs, checkCircles(j, queries, reach, written))
	}
	return errors.Join(errs...)
}

// reachOf returns which files a source reads; nil if it does not read files, or its path has an error, which the start of the query reports.
func reachOf(fsys storage.FS, j *job.Job, in *input) (*file.Reach, error) {
	if !readsFiles(in.spec) {
		return nil, nil
	}
	path, err := j.Absolute(in.spec.Path)
	if err != nil {
		return nil, err
	}
	r, err := file.NewReach(fsys, path, in.spec.Options, in.columns.Partitions > 0)
	if err != nil {
		return nil, nil //nolint:nilerr // see above
	}
	return r, nil
}

// Kinds of paths that a query writes.
const (
	sinkPath       = "the output"
	checkpointPath = "the checkpoint"
	rejectsPath    = "the list of rejects"
	archivePath    = "the archive"
)

// A writtenPath is a file or directory that a query writes.
type writtenPath struct {
	what  string // one of the constants above
	shown string // as the user wrote it, followed by the real path if that differs
	real  string // absolute, with symbolic links resolved
	place *sparkerr.Place
	read  func(r *file.Reach, path string) bool // reports whether a source reads what is written to the path
}

// writtenPaths returns the local paths that a stream writes. Standard output is not one of them.
func writtenPaths(fsys storage.FS, j *job.Job, s *job.Stream) []writtenPath {
	var out []writtenPath
	add := func(what, path string, place *sparkerr.Place, read func(*file.Reach, string) bool) {
		abs, err := j.Absolute(path)
		if err != nil || !job.Local(path) {
			return
		}
		w := writtenPath{what, path, file.Resolve(fsys, abs), place, read}
		if w.real != abs {
			w.shown += " (" + w.real + ")"
		}
		out = append(out, w)
	}
	if k := &s.Sink; k.Path != "" && k.Path != "-" {
		add(sinkPath, k.Path, k.Place, func(r *file.Reach, dir string) bool { return r.ReadsBelow(dir, len(k.PartitionBy) > 0) })
	}
	if k := &s.Sink; k.Checkpoint != "" {
		add(checkpointPath, k.Checkpoint, k.Place, readsCheckpoint)
	}
	addRejects := func(options job.Options) {
		if path, place, ok := options.Given(job.RejectsPath); ok && path != job.Standard {
			add(rejectsPath, path, place, (*file.Reach).Reads)
		}
	}
	addRejects(s.Sink.Options)
	for _, in := range j.SourcesOf(s) {
		addRejects(in.Options)
		if mode, _ := in.Options.Get("cleanSource"); strings.EqualFold(mode, "archive") {
			if path, place, ok := in.Options.Given("sourceArchiveDir"); ok {
				add(archivePath, path, place, (*file.Reach).Touches)
			}
		}
	}
	for _, in := range j.TablesOf(s) {
		addRejects(in.Options)
	}
	return out
}

func realPaths(list []writtenPath) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = w.real
	}
	return out
}

// readsCheckpoint reports whether a source reads any of the files that every checkpoint has.
func readsCheckpoint(r *file.Reach, dir string) bool {
	return slices.ContainsFunc([]string{"metadata", "offsets/0", "commits/0", "sources/0/0"}, func(name string) bool {
		return r.Reads(filepath.Join(dir, name))
	})
}

// check returns an error if the source reads the path or lies within it.
func (w *writtenPath) check(r *file.Reach, s *job.Source) error {
	switch {
	case w.read(r, w.real):
		return sparkerr.Plain("%s is %s, where the source %s reads: the job would read what it writes itself", w.what, w.shown, s.Path).
			WithHint("write outside of the source, or to a name in its directory that begins with _ or ., which is not read")
	case r.Within(w.real):
		return sparkerr.Plain("%s is %s, and the source %s lies within it: input and output would be mixed up", w.what, w.shown, s.Path).
			WithHint("give the source and %s separate directories", w.what)
	}
	return nil
}

// checkCircles refuses streams that read each other's output in a cycle, in which rows would circulate forever.
func checkCircles(j *job.Job, queries []*query, reach [][]*file.Reach, written [][]writtenPath) error {
	feeds := make([][]int, len(queries)) // the streams that read what a stream's sink writes
	for i := range queries {
		for _, w := range written[i] {
			for k := range queries {
				if w.what == sinkPath && slices.ContainsFunc(reach[k], func(r *file.Reach) bool { return w.read(r, w.real) }) {
					feeds[i] = append(feeds[i], k)
				}
			}
		}
	}
	for i, q := range queries {
		if circle := circleFrom(i, feeds); circle != nil {
			names := []string{q.stream.Name}
			for _, k := range circle {
				names = append(names, queries[k].stream.Name)
			}
			err := sparkerr.Plain("the streams %s read each other's output in a circle: each row would go round for ever", strings.Join(names, " → ")).
				WithHint("let one of them write elsewhere")
			return &Error{Stream: q.stream.Name, Phase: PhaseStart, Err: sparkerr.At(err, q.stream.Sink.Place)}
		}
	}
	return nil
}

// circleFrom returns the streams on a path from start back to start, which comes last. It returns nil if there is no such path.
func circleFrom(start int, feeds [][]int) []int {
	visited := make([]bool, len(feeds))
	var walk func(i int) []int
	walk = func(i int) []int {
		for _, k := range feeds[i] {
			if k == start {
				return []int{k}
			}
			if visited[k] {
				continue
			}
			visited[k] = true
			if rest := walk(k); rest != nil {
				return append([]int{k}, rest...)
			}
		}
		return nil
	}
	return walk(start)
}
