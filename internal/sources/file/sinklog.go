package file

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
)

// logged reports the output of a file sink, whose log says which files count.
func logged(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, checkpoint.SinkLogDir))
	return err == nil
}

// sinkOutput lists the output of a streaming file sink: its log says which files count.
func (l *lister) sinkOutput(dir string) error {
	l.looked(filepath.Join(dir, checkpoint.SinkLogDir))
	files, err := checkpoint.ReadSinkLog(atomicfile.OS, dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		switch {
		case !l.isNew(f.Path):
			l.notNew(unix.AT_FDCWD, f.Path)
		case !l.wanted(filepath.Base(f.Path)):
			l.left.add(filteredName, "", f.Path)
		default:
			l.found = append(l.found, candidate{f.Path, f.Size, time.UnixMilli(f.ModTime)})
		}
	}
	l.compareOld(unix.AT_FDCWD)
	return l.countStrays(dir, files)
}

// countStrays counts, once, the files that were put into the output of a file sink by something else: they are never read. Parts of failed
// attempts are expected.
func (l *lister) countStrays(dir string, logged []checkpoint.SinkFile) error {
	if l.besides[dir] {
		return nil
	}
	if l.besides == nil {
		l.besides = map[string]bool{}
	}
	l.besides[dir] = true
	known := make(map[string]bool, len(logged))
	for _, f := range logged {
		known[f.Path] = true
	}
	d, err := os.Open(dir)
	if err != nil {
		return gone(dir, err)
	}
	defer d.Close()
	return eachEntry(d, dir, func(e entry) error {
		if e.mode.IsRegular() && !strings.HasPrefix(e.name, "part-") && !l.opts.hiddenFile(e.name) && l.wanted(e.name) && !known[below(dir, e.name)] {
			l.left.add(unlogged, dir, e.name)
		}
		return nil
	})
}
