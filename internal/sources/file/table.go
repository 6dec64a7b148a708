package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// A Table is the files of a path as they are now. (Spark: a relation with an InMemoryFileIndex.)
type Table struct {
	src    *Source // reads the files, and keeps nothing of a stream
	within timeRange
	files  []candidate // of the last listing
	listed bool
}

// timeRange is between which times, in microseconds, files were modified that are read.
type timeRange struct{ after, before int64 }

// NewTable returns the table of the files of an absolute path, which may be a glob, a directory or a file.
func NewTable(path string, opts job.Options, decoder *codec.Decoder, env *sources.Env) (*Table, error) {
	o, within, err := parseTableOptions(opts, env.Conf)
	if err != nil {
		return nil, err
	}
	t := &Table{src: &Source{path: path, opts: o, env: env, decoder: decoder, left: leftOutLog{log: env.Log}}, within: within}
	t.src.lister, err = newLister(tree{env.FS}, path, o, layoutOf(env))
	return t, err
}

// streamOptions are those that have no effect on a table. (Spark: FileStreamOptions; DataFrameReader ignores them.)
var streamOptions = []string{
	"maxFilesPerTrigger", "maxBytesPerTrigger", "latestFirst", "maxFileAge", "fileNameOnly", "maxCachedFiles", "discardCachedInputRatio",
	"cleanSource", "sourceArchiveDir",
}

func onlyForStreams(o job.Option) bool {
	return slices.ContainsFunc(streamOptions, func(name string) bool { return strings.EqualFold(name, o.Name) })
}

// ignoredByTables lists the options that have no effect on a table.
func ignoredByTables(opts job.Options) (names []string) {
	for _, o := range opts {
		if onlyForStreams(o) {
			names = append(names, o.Name)
		}
	}
	return names
}

// commonOptions returns those that mean the same for streams and tables.
func commonOptions(opts job.Options) job.Options {
	return slices.DeleteFunc(slices.Clone(opts), func(o job.Option) bool {
		return onlyForStreams(o) || strings.EqualFold(o.Name, "modifiedAfter") || strings.EqualFold(o.Name, "modifiedBefore")
	})
}

// parseTableOptions reads the options of a table.
func parseTableOptions(opts job.Options, conf map[string]string) (*options, timeRange, error) {
	within := timeRange{math.MinInt64, math.MaxInt64}
	if isFollowing(opts) {
		return nil, within, sparkerr.OfOption(sparkerr.Plain("a table is not followed: it is read as a whole, again when its files have changed").WithHint("remove follow, or define it under sources:"), followName)
	}
	o, err := parseOptions(commonOptions(opts), conf)
	if err != nil {
		return nil, within, err
	}
	if err := readTime(opts, "modifiedAfter", &within.after, o.zone, conf); err != nil {
		return nil, within, err
	}
	return o, within, readTime(opts, "modifiedBefore", &within.before, o.zone, conf)
}

// readTime reads an option that is a time. (Spark: ModifiedDateFilter.)
func readTime(opts job.Options, name string, bound *int64, zone *datetime.Zone, conf map[string]string) error {
	text, given := opts.Get(name)
	if !given {
		return nil
	}
	if zone == nil {
		var err error
		if zone, err = (&job.Job{Conf: conf}).Zone(); err != nil {
			return err
		}
	}
	micros, ok := datetime.ParseTimestamp([]byte(text), zone, time.Now().UnixMicro())
	if !ok {
		return sparkerr.OfOption(sparkerr.Plain("The timestamp provided for the '%s' option is invalid. The expected format is 'YYYY-MM-DDTHH:mm:ss', but the provided timestamp: %s", name, text), name)
	}
	*bound = micros
	return nil
}

// Version lists the files. The text depends on their names, sizes, times and identities.
func (t *Table) Version(ctx context.Context) (string, error) {
	if err := t.list(ctx); err != nil {
		return "", err
	}
	now := make([]storage.Status, len(t.files))
	inParallel(len(now), func(i int) { now[i], _ = t.src.env.FS.Stat(t.files[i].path) })
	h := sha256.New()
	for i, f := range t.files {
		id := now[i].ID
		fmt.Fprintln(h, f.path, f.size, f.modTime.UnixNano(), id.Device, id.Inode, id.Born)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// list finds the files. Unlike those of a stream, all must be readable: a join with a part of a table is wrong.
func (t *Table) list(ctx context.Context) error {
	l := t.src.lister
	l.steps.Stop = ctx
	t.files, t.listed = nil, false
	found, err := l.list()
	if err != nil {
		return err
	}
	if path := l.left.firstBarred(); path != "" && !t.src.opts.ignoreCorrupt {
		return sparkerr.Plain("%s may not be read", path).WithHint("allow it, or leave it out of the table with pathGlobFilter or another path")
	}
	t.files = slices.DeleteFunc(found, func(c candidate) bool { return !t.within.has(c.modTime) })
	if len(t.files) == 0 && isGlob(t.src.path) {
		return noneMatch(t.src.path)
	}
	t.src.left.tell(t.src.path, &l.left, len(found) == 0)
	slices.SortFunc(t.files, func(a, b candidate) int { return strings.Compare(a.path, b.path) })
	t.listed = true
	return nil
}

func (r *timeRange) has(modified time.Time) bool {
	micros := modified.UnixMilli() * 1000 // Hadoop knows milliseconds
	return micros > r.after && micros < r.before
}

// firstBarred returns a path that may not be read, or "".
func (l *leftOut) firstBarred() string {
	paths := keys(l.barred)
	if len(paths) == 0 {
		return ""
	}
	return paths[0]
}

// noneMatch is the error of a table whose pattern matches no file.
func noneMatch(pattern string) error {
	return &sparkerr.Error{Condition: "PATH_NOT_FOUND", Params: map[string]string{"path": codec.FileURI(pattern)}, Hint: "no file matches the pattern; ls " + pattern + " shows what does"}
}

// Plan returns the partitions of the files listed last.
func (t *Table) Plan(ctx context.Context, scan *sources.Scan) ([]sources.Partition, error) {
	if !t.listed {
		if err := t.list(ctx); err != nil {
			return nil, err
		}
	}
	s := t.src
	s.plan = plan{scan: scan, rereads: s.plan.rereads}
	var err error
	if s.plan.columns, err = s.newPartitioning(scan, t.files); err != nil {
		return nil, err
	}
	s.plan.files = make([]planned, 0, len(t.files))
	for _, c := range t.files {
		if err := s.addFile(c, false); err != nil {
			return nil, err
		}
	}
	s.measure()
	return s.partitions(), nil
}

// Recheck looks whether the files are still as they were listed.
func (t *Table) Recheck(ctx context.Context) error {
	s := t.src
	for i := range s.plan.files {
		f := &s.plan.files[i]
		now, err := s.env.FS.Stat(f.Path)
		if err == nil && now.IsRegular() && now.Size == f.Size && sameTime(f.ModTime, now.ModTime) {
			continue
		}
		t.listed = false
		if s.plan.rereads++; s.plan.rereads <= maxRereads {
			return errors.Join(pause(ctx, 10*time.Millisecond), sources.ErrChanged)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return s.readError(f.Path, err)
		}
		s.env.Log.Warn("a file of a table keeps changing while it is read; the batch has what the last try read", "file", f.Path)
		break
	}
	s.plan.rereads = 0
	return nil
}
