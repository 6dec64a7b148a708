package file

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A cleaner deletes or archives the files of committed batches. It is best effort: a failure is only a warning. The files of the last batch
// stay until the next run, as in Spark, which may take over. Unlike Spark, it leaves files that have changed since they were read, and does
// not overwrite files in the archive. (Spark: FileStreamSourceCleaner.)
type cleaner struct {
	fsys    tree
	archive string // directory to which files move, each under its whole path; "": files are deleted
	root    string // files outside it are left alone
	env     *sources.Env
	dirs    map[string]string // the reason why files of a directory stay, or ""
}

// readClean returns the options cleanSource, in lower case, and sourceArchiveDir.
func readClean(opts job.Options) (mode, dir string, err error) {
	text, given := opts.Get("cleanSource")
	if !given {
		return "off", "", nil
	}
	mode = strings.ToLower(text)
	dir, _ = opts.Get("sourceArchiveDir")
	switch {
	case !slices.Contains(cleanModes.Values, mode):
		err = sparkerr.Plain("Invalid mode for clean source option %s. Must be one of ARCHIVE,DELETE,OFF", text)
	case mode == "archive" && dir == "":
		err = sparkerr.Plain("Archive mode must be used with 'sourceArchiveDir' option.").
			WithHint("sourceArchiveDir: DIR, or --option sourceArchiveDir=DIR")
	}
	return mode, dir, sparkerr.OfOption(err, "cleanSource")
}

// newCleaner returns the cleaner of a source, or nil if files stay.
func newCleaner(path string, opts job.Options, env *sources.Env) (*cleaner, error) {
	mode, dir, err := readClean(opts)
	if err != nil || mode == "off" {
		return nil, err
	}
	c := &cleaner{fsys: tree{env.FS}, env: env}
	c.root = c.fsys.fixedPart(path)
	if mode == "archive" {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(env.BaseDir, dir)
		}
		if c.archive, err = filepath.Abs(dir); err != nil {
			return nil, err
		}
		if readsArchive(path, c.archive) {
			return nil, sparkerr.Plain("the source %s can read what is put into the archive %s", path, c.archive).
				WithHint("choose a sourceArchiveDir that neither lies below the source nor contains it")
		}
	}
	if c.fsys.logged(path) {
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

// clean deletes or archives files, unless that could destroy data that was not read. state says how a file differs from what was read.
func (c *cleaner) clean(files []candidate, state func(*candidate) (what string, gone bool)) {
	c.dirs = map[string]string{}
	for i := range files {
		f := &files[i]
		what, gone := state(f)
		if gone {
			continue
		}
		if what == "" {
			what = c.barred(filepath.Dir(f.path))
		}
		if what == "" {
			if err := c.one(f.path); err != nil {
				what = "cannot be put away: " + err.Error()
			}
		}
		if what != "" {
			c.keep(f.path, what)
		}
	}
}

// keep reports the first file that stays, and logs and counts all of them.
func (c *cleaner) keep(path, what string) {
	c.env.Stats.KeptFiles.Add(1)
	c.env.Log.Info("cleanSource leaves a file where it is", "file", path, "reason", what)
	c.env.Lost(&codec.Loss{
		Key: "kept files", Text: "cleanSource leaves files where they are that it should have " + c.done() + "; first: " + path + " " + what,
		Hint: "look at the file, then delete or move it yourself; what was added to it after it was read is read under a new name",
	})
}

func (c *cleaner) done() string {
	if c.archive == "" {
		return "deleted"
	}
	return "archived"
}

// barred returns why the files of a directory must stay, or "". A link may lead outside the source, and the files of a sink belong to
// the sink.
func (c *cleaner) barred(dir string) string {
	what, ok := c.dirs[dir]
	if !ok {
		what = c.lookUp(dir)
		c.dirs[dir] = what
	}
	return what
}

func (c *cleaner) lookUp(dir string) string {
	root, err := c.fsys.Resolve(c.root)
	if err != nil {
		return "cannot be put away: " + err.Error()
	}
	in, err := c.fsys.Resolve(dir)
	if err != nil {
		return "cannot be put away: " + err.Error()
	}
	if !within(in, root) {
		return "lies outside of the source, in " + in + ", where a link leads"
	}
	for d := in; within(d, root); d = filepath.Dir(d) {
		if c.fsys.logged(d) {
			return "belongs to the output of a streaming file sink in " + d
		}
		if d == root || d == "/" {
			break
		}
	}
	return ""
}

// fixedPart returns the directory that contains all files of a source: the path up to its first pattern.
func (t tree) fixedPart(path string) string {
	if !isGlob(path) {
		if st, err := t.Stat(path); err == nil && !st.IsDir() {
			return filepath.Dir(path)
		}
		return path
	}
	for isGlob(path) {
		path = filepath.Dir(path)
	}
	return path
}

func (c *cleaner) one(path string) error {
	if c.archive == "" {
		return ignoreMissing(c.fsys.Remove(path))
	}
	to := filepath.Join(c.archive, path)
	if err := c.fsys.MkdirAll(filepath.Dir(to)); err != nil {
		return err
	}
	to, err := c.fsys.freeName(to)
	if err != nil {
		return err
	}
	err = c.fsys.Rename(path, to)
	if errors.Is(err, syscall.EXDEV) {
		return c.fsys.move(path, to)
	}
	return err
}

// freeName returns path, or path with the first number appended that yields an unused name.
func (t tree) freeName(path string) (string, error) {
	name := path
	for i := 1; ; i++ {
		_, err := t.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
		name = path + "." + strconv.Itoa(i)
	}
}

// move renames a file to another file system: the copy appears complete before the file is removed.
func (t tree) move(from, to string) error {
	in, err := t.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	tmp := atomicfile.TempName(to)
	out, err := t.Create(tmp)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err == nil {
		err = t.Rename(tmp, to)
	}
	if err != nil {
		_ = t.Remove(tmp)
		return err
	}
	return t.Remove(from)
}
