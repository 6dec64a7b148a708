package file

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A cleaner puts the files of finished batches away. It does its best: what fails is only a warning, and the files of the last
// batch stay. (Spark: FileStreamSourceCleaner.)
type cleaner struct {
	archive string // the directory that takes the files, below it under their whole path; "": they are deleted
	env     *sources.Env
}

// newCleaner reads cleanSource and sourceArchiveDir; nil means that files stay.
func newCleaner(path string, opts job.Options, env *sources.Env) (*cleaner, error) {
	mode, ok := opts.Get("cleanSource")
	if !ok {
		return nil, nil
	}
	c := &cleaner{env: env}
	switch strings.ToLower(mode) {
	case "off":
		return nil, nil
	case "delete":
	case "archive":
		dir, ok := opts.Get("sourceArchiveDir")
		if !ok || dir == "" {
			return nil, sparkerr.Plain("Archive mode must be used with 'sourceArchiveDir' option.")
		}
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(env.BaseDir, dir)
		}
		var err error
		if c.archive, err = filepath.Abs(dir); err != nil {
			return nil, err
		}
		if readsArchive(path, c.archive) {
			return nil, sparkerr.Plain("the source %s can read what is put into the archive %s", path, c.archive).
				WithHint("choose a sourceArchiveDir that neither lies below the source nor contains it")
		}
	default:
		return nil, sparkerr.Plain("Invalid mode for clean source option %s. Must be one of ARCHIVE,DELETE,OFF", mode)
	}
	if _, err := os.Stat(filepath.Join(path, checkpoint.SinkLogDir)); err == nil {
		return nil, sparkerr.Plain("Cleaning up source files is not supported when source path refers to the output directory of FileStreamSink: %s", path)
	}
	return c, nil
}

// readsArchive reports whether the source's path and the archive agree as far as both go, which would let files come back as
// input. Spark refuses that as well.
func readsArchive(path, archive string) bool {
	a, b := strings.Split(path, "/")[1:], strings.Split(archive, "/")[1:]
	n := min(len(a), len(b))
	for i := range n {
		g, err := compileGlob(a[i])
		if err != nil || !g.match(b[i]) {
			return false
		}
	}
	return true
}

// clean puts files away.
func (c *cleaner) clean(files []candidate) {
	for _, f := range files {
		if err := c.one(f.path); err != nil {
			c.env.Log.Warn("a file that was processed cannot be put away", "file", f.path, "error", err)
		}
	}
}

func (c *cleaner) one(path string) error {
	if c.archive == "" {
		return ignoreMissing(os.Remove(path))
	}
	to := filepath.Join(c.archive, path)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	err := os.Rename(path, to)
	if errors.Is(err, syscall.EXDEV) {
		return move(path, to)
	}
	return err
}

// move is a rename to another file system: the copy appears whole before the file goes.
func move(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	tmp := atomicfile.TempName(to)
	out, err := atomicfile.OS.Create(tmp)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err == nil {
		err = os.Rename(tmp, to)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return err
	}
	return os.Remove(from)
}
