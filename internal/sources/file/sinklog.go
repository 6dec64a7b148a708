package file

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/storage"
)

// sinkOutput lists the output of a streaming file sink: its log says which files count.
func (l *lister) sinkOutput(dir string) error {
	l.looked(filepath.Join(dir, checkpoint.SinkLogDir))
	files, err := checkpoint.ReadSinkLog(l.FS, dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		switch {
		case !l.isNew(f.Path):
			l.notNew(nil, f.Path)
		case !l.wanted(filepath.Base(f.Path)):
			l.left.add(filteredName, "", f.Path)
		default:
			l.found = append(l.found, candidate{f.Path, f.Size, time.UnixMilli(f.ModTime)})
		}
	}
	l.compareOld(nil)
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
	d, err := l.OpenDir(dir)
	if err != nil {
		return gone(dir, err)
	}
	defer d.Close()
	return d.Each(func(e storage.Entry) error {
		if e.Type.IsRegular() && !strings.HasPrefix(e.Name, "part-") && !l.opts.hiddenFile(e.Name) && l.wanted(e.Name) && !known[below(dir, e.Name)] {
			l.left.add(unlogged, dir, e.Name)
		}
		return nil
	})
}
