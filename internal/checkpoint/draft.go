package checkpoint

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/storage"
)

// A draft is the next compact file, under a temporary name. After each batch, a part of the last compact file
// is copied to it, so that no entry has to wait for the whole copy.
type draft struct {
	id   int64 // the entry that completes it
	tmp  string
	out  storage.File
	from io.ReadCloser // the last compact file, or nil
	part int64         // bytes to copy at a time
}

// newDraft starts the compact file for entry id.
func (l *compactLog) newDraft(id int64) (*draft, error) {
	d := &draft{id: id, tmp: atomicfile.TempName(filepath.Join(l.dir, compactName(id)))}
	var err error
	if d.out, err = l.fs.Create(d.tmp); err != nil {
		return nil, err
	}
	if n := len(l.compact); n > 0 {
		err = l.copyHead(d, filepath.Join(l.dir, compactName(l.compact[n-1])))
	} else {
		_, err = io.WriteString(d.out, version)
	}
	if err != nil {
		l.drop(d)
		return nil, err
	}
	return d, nil
}

// copyHead opens the last compact file, checks its version, and copies the bytes read for that.
func (l *compactLog) copyHead(d *draft, path string) error {
	info, err := l.fs.Stat(path)
	if err != nil {
		return err
	}
	d.part = info.Size/max(1, l.interval-1) + 1
	if d.from, err = l.fs.Open(path); err != nil {
		return err
	}
	head, err := readHead(d.from, path)
	if err == nil {
		_, err = d.out.Write(head)
	}
	return err
}

// readHead reads the start of a log file and checks its version.
func readHead(f io.Reader, path string) (head []byte, err error) {
	head = make([]byte, 64)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	line, _, _ := bytes.Cut(head[:n], []byte{'\n'})
	return head[:n], checkVersion(string(line), path)
}

// copyLines copies everything after the version of a log file: each line, preceded by its line break.
func (l *compactLog) copyLines(to io.Writer, name string) error {
	path := filepath.Join(l.dir, name)
	f, err := l.fs.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := readHead(f, path)
	if err == nil {
		if _, err = to.Write(head[len(version):]); err == nil {
			_, err = io.Copy(to, f)
		}
	}
	return err
}

// goOn copies the next part. If that fails, it discards the draft; the entry that needs the file will try again
// and report the error.
func (l *compactLog) goOn() {
	d := l.draft
	if d == nil || d.from == nil {
		return
	}
	if _, err := io.CopyN(d.out, d.from, d.part); err != nil && !errors.Is(err, io.EOF) {
		l.drop(d)
	}
}

// complete copies the rest, appends the entries since the last compact file and lines, and renames the file.
func (l *compactLog) complete(d *draft, lines []byte) error {
	err := func() error {
		if d.from != nil {
			if _, err := io.Copy(d.out, d.from); err != nil {
				return err
			}
		}
		if err := l.sinceCompact(func(name string) error { return l.copyLines(d.out, name) }); err != nil {
			return err
		}
		if _, err := d.out.Write(lines); err != nil {
			return err
		}
		return d.out.Sync()
	}()
	if err = errors.Join(err, d.out.Close()); err == nil {
		err = l.fs.Rename(d.tmp, filepath.Join(l.dir, compactName(d.id)))
	}
	d.out = nil
	if err != nil {
		l.drop(d)
		return err
	}
	l.close(d)
	return l.fs.SyncDir(l.dir)
}

// drop discards a draft.
func (l *compactLog) drop(d *draft) {
	l.close(d)
	_ = l.fs.Remove(d.tmp)
}

// close closes the files of a draft.
func (l *compactLog) close(d *draft) {
	if l.draft == d {
		l.draft = nil
	}
	if d.out != nil {
		_ = d.out.Close()
	}
	if d.from != nil {
		_ = d.from.Close()
	}
}
