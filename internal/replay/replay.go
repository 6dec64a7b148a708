// Package replay runs a stream of a job over given input, step by step, and captures the rows of each batch. The job's own directories,
// checkpoints and sinks are not touched.
package replay

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// An Input is a source or a table of a stream that has a name.
type Input struct {
	Name   string // of the source or table; that of the stream for a source without one
	Source *job.Source
	Static bool // a table
}

// Inputs lists the sources of a stream, and the tables that have names.
func Inputs(j *job.Job, s *job.Stream) (list []Input) {
	if s.From.Text == "" {
		list = append(list, Input{Name: s.Name, Source: &s.Source})
	}
	for _, r := range j.Uses(s) {
		list = append(list, Input{Name: r.Name, Source: &r.Source, Static: slices.Contains(j.Tables, r)})
	}
	return list
}

// A Step is what arrives before the batches of a step run: files by the name of the input that reads them.
type Step map[string][]File

// A Replay is a stream with its input.
type Replay struct {
	job    *job.Job
	Stream *job.Stream
	Steps  []Step
	// Read is how the files of an input are read, by its name. Inputs without files read what the job says.
	Read   map[string]*job.Source
	Static []string // the names of those that are tables
}

// New returns a replay of a stream. given lists the names of the inputs that the steps have files for. Sources among them that do not read files,
// such as sockets, are read from files as what they receive; one whose rows cannot come from files is an error.
func New(j *job.Job, s *job.Stream, given []string) (*Replay, error) {
	r := &Replay{job: j, Stream: s, Read: map[string]*job.Source{}}
	for _, in := range Inputs(j, s) {
		if !slices.Contains(given, in.Name) {
			continue
		}
		source := *in.Source
		if in.Static {
			r.Static = append(r.Static, in.Name)
		} else {
			files, err := stored(in.Source)
			if err != nil {
				return nil, err
			}
			source = *files
		}
		r.Read[in.Name] = &source
	}
	return r, nil
}

// stored returns a source that reads the input of s from files. It refuses sources whose input cannot be read from files.
func stored(s *job.Source) (*job.Source, error) {
	f, ok := formats.Sources.Find(s.Format)
	if !ok || f.Stored == nil {
		return nil, &sparkerr.Error{Text: "a source of the format " + strings.ToLower(s.Format) + " cannot be given rows", Place: s.FormatPlace, Hint: "compare the transform over a file source"}
	}
	files, err := f.Stored(s)
	if err != nil {
		return nil, sparkerr.At(err, s.Place)
	}
	return files, nil
}

// Add appends a step. The files get times in the order of steps, inputs and names.
func (r *Replay) Add(step Step) {
	n := 0
	for _, s := range r.Steps {
		for _, files := range s {
			n += len(files)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(step)) {
		for i := range step[name] {
			step[name][i].Time = firstTime.Add(time.Duration(n) * time.Second)
			n++
		}
	}
	r.Steps = append(r.Steps, step)
}

// Job returns a job with only the stream, whose given inputs read below dir. It processes the existing files and ends. A discretized stream becomes a
// structured one, and socket lines those of files: their batches depend on the clock, but their rows do not.
func (r *Replay) Job(dir string) *job.Job {
	c, stream := *r.job, *r.Stream
	c.Streams, c.Timeout, c.Mode, c.BatchInterval = []*job.Stream{&stream}, 0, job.Structured, 0
	if source, ok := r.Read[stream.Name]; ok && stream.From.Text == "" {
		stream.Source = r.placed(dir, stream.Name, source)
	}
	c.Sources, c.Tables = r.relations(dir, c.Sources), r.relations(dir, c.Tables)
	if from := c.Relation(stream.From.Text, false); stream.From.Text != "" && from != nil {
		stream.Source = from.Source
	}
	stream.Sink = job.Sink{
		Format: job.DefaultSink, OutputMode: stream.Sink.OutputMode, Trigger: job.Trigger{Kind: job.AvailableNow},
		Checkpoint: filepath.Join(dir, "checkpoint"), Place: stream.Sink.Place, FormatPlace: stream.Sink.FormatPlace, ModePlace: stream.Sink.ModePlace,
	}
	return &c
}

func (r *Replay) relations(dir string, list []*job.Relation) []*job.Relation {
	out := slices.Clone(list)
	for i, x := range out {
		if source, ok := r.Read[x.Name]; ok {
			c := *x
			c.Source = r.placed(dir, x.Name, source)
			out[i] = &c
		}
	}
	return out
}

// placed returns a source that reads the files of an input below dir.
func (r *Replay) placed(dir, name string, source *job.Source) job.Source {
	c := *source
	c.Path = filepath.Join(r.Dir(dir, name), GlobPart(source.Path))
	return c
}

// Dir returns the directory of the files of an input.
func (r *Replay) Dir(dir, name string) string {
	for i, known := range slices.Sorted(maps.Keys(r.Read)) {
		if known == name {
			return filepath.Join(dir, fmt.Sprintf("in%d", i))
		}
	}
	return ""
}

// GlobPart returns the part of a path from the first pattern on.
func GlobPart(path string) string {
	parts := strings.Split(path, "/")
	i := slices.IndexFunc(parts, func(p string) bool { return strings.ContainsAny(p, "*?[{") })
	if i < 0 {
		return ""
	}
	return strings.Join(parts[i:], "/")
}

// A Disk is where a replay on the embedded engine has its files: in memory, below a root that nothing else uses.
type Disk struct {
	*storage.Memory
	Root string
}

var disks atomic.Int64

// NewDisk returns an empty disk.
func NewDisk() (*Disk, error) {
	root, err := filepath.Abs(filepath.Join(os.TempDir(), fmt.Sprintf("streamctl-replay-%d-%d", os.Getpid(), disks.Add(1))))
	if err != nil {
		return nil, err
	}
	return &Disk{storage.NewMemory(storage.OS, root), root}, nil
}

// Run runs the steps on the embedded engine. before is called before each step with its number; nil: nothing is. The error of a step is in the
// result and ends the run.
func (r *Replay) Run(ctx context.Context, env engine.Env, disk *Disk, before func(step int)) (*Result, error) {
	result := &Result{}
	env.FS, env.NewSink, env.NoGrace = disk.Memory, result.NewSink, true // what an interrupted replay has done is of no use
	for name := range r.Read {
		if err := disk.MkdirAll(r.Dir(disk.Root, name)); err != nil {
			return nil, err
		}
	}
	for i, step := range r.Steps {
		for name, files := range step {
			for _, f := range files {
				if err := disk.Put(filepath.Join(r.Dir(disk.Root, name), f.Name), f.Data, f.Time); err != nil {
					return nil, err
				}
			}
		}
		if before != nil {
			before(i)
		}
		_, err := engine.Run(ctx, r.Job(disk.Root), env)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		result.EndStep()
		if err != nil {
			result.Err = err
			break
		}
	}
	return result, nil
}

// Sorts reports whether the rows of a stream are ordered.
func Sorts(s *job.Stream) bool {
	return slices.ContainsFunc(s.Steps, func(step job.Step) bool {
		_, ordered := step.(job.OrderBy)
		query, _ := step.(job.SQL)
		return ordered || strings.Contains(strings.ToUpper(query.Query.Text), "ORDER BY")
	})
}
