package file

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"time"

	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/storage"
)

// A tracked content is one that is, or was, followed.
type tracked struct {
	position
	size    int64 // of the content as far as it is known
	modTime time.Time
	file    storage.Object // open, so that the content can be read after its file was removed; nil if it is not
	ended   int64          // no line ends between End and here

	first     mark  // of the bytes first seen, for as long as none is taken
	firstSize int64 // their number

	here     bool          // the last look found it
	seen     bool          // found since the start
	verified stamp         // how the file was when its mark was last compared
	since    time.Time     // when its content disappeared
	replaced bool          // the file was truncated or overwritten
	told     map[kind]bool // what the user knows about it
}

// A kind is one of the messages about a file, each of which the user gets once.
type kind uint8

const (
	toldLost kind = iota
	toldCut
	toldRemoved
)

func (t *tracked) tell(k kind) bool {
	if t.told[k] {
		return false
	}
	if t.told == nil {
		t.told = map[kind]bool{}
	}
	t.told[k] = true
	return true
}

func (t *tracked) packed() bool { return compress.ByPath(t.Path) != compress.None }

func (t *tracked) close() {
	if t.file != nil {
		_ = t.file.Close()
		t.file = nil
	}
}

// unread is the number of bytes that no batch has taken.
func (t *tracked) unread() int64 { return max(0, t.size-t.End) }

// A stamp changes when a file is written to.
type stamp struct {
	size    int64
	modTime time.Time
}

func stampOf(st *storage.Status) stamp { return stamp{st.Size, st.ModTime} }

// errMoved says that a file is not where the directory said a moment ago.
var errMoved = errors.New("the file was moved while it was opened")

// open opens the file of an identity.
func (f *Follower) open(path string, id storage.Identity) (storage.Object, error) {
	file, err := f.env.FS.Open(path)
	if err != nil {
		return nil, err
	}
	st, err := f.env.FS.Stat(path)
	if err == nil && st.ID != id {
		err = errMoved
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// with calls do with the open plain file of a tracked content.
func (f *Follower) with(t *tracked, do func(storage.Object) error) error {
	if t.file != nil {
		return do(t.file)
	}
	file, err := f.open(t.Path, t.identity())
	if err != nil {
		return err
	}
	defer file.Close()
	return do(file)
}

// lineEnd returns the position after the last line end between from and to; from if there is none.
func lineEnd(r io.ReaderAt, from, to int64) (int64, error) {
	buf := make([]byte, min(64<<10, to-from))
	for end := to; end > from; {
		b := buf[:min(int64(len(buf)), end-from)]
		if err := readFull(r, b, end-int64(len(b))); err != nil {
			return from, err
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			return end - int64(len(b)) + int64(i) + 1, nil
		}
		end -= int64(len(b))
	}
	return from, nil
}

// nextLineEnd returns the position after the first line end between from and to; from if there is none.
func nextLineEnd(r io.ReaderAt, from, to int64) (int64, error) {
	buf := make([]byte, min(64<<10, to-from))
	for at := from; at < to; at += int64(len(buf)) {
		b := buf[:min(int64(len(buf)), to-at)]
		if err := readFull(r, b, at); err != nil {
			return from, err
		}
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			return at + int64(i) + 1, nil
		}
	}
	return from, nil
}

// endOf returns the size of an open file that is at least from bytes long.
func endOf(r io.ReaderAt, from int64) int64 {
	buf := make([]byte, 64<<10)
	for {
		n, err := r.ReadAt(buf, from)
		from += int64(n)
		if err != nil || n < len(buf) {
			return from
		}
	}
}

// scans remembers what compressed files hold, as long as they do not change.
type scans struct {
	open  func(path string, id storage.Identity) (storage.Object, error)
	stat  func(path string) (storage.Status, error)
	known map[string]*scanned
}

type scanned struct {
	stamp
	id      storage.Identity
	all     marker
	damaged error // why it could not be read to its end
	mark    mark  // of the bytes up to at
	at      int64
}

// errGrows says that a file was written to while it was scanned.
var errGrows = errors.New("it is being written")

// of reads a compressed file to its end. It returns an error if the file is not there any more. A file that was written to meanwhile is
// incomplete: what the directory said of it is older than what was read.
func (s *scans) of(path string, st *storage.Status) (*scanned, error) {
	if k, ok := s.known[path]; ok && k.stamp == stampOf(st) && k.id == st.ID {
		return k, nil
	}
	k := &scanned{stamp: stampOf(st), id: st.ID, at: -1}
	opened, err := s.read(path, st.ID, func(r io.Reader) error {
		_, err := io.Copy(&k.all, r)
		return err
	})
	if !opened {
		return nil, err
	}
	now, gone := s.stat(path)
	if gone != nil {
		return nil, gone
	}
	if err == nil && (now.ID != st.ID || stampOf(&now) != k.stamp) {
		err = errGrows
	}
	k.damaged = err
	s.known[path] = k
	return k, nil
}

// markAt returns the mark of the first n bytes of the content of a compressed file that has been scanned.
func (s *scans) markAt(path string, k *scanned, n int64) (mark, error) {
	switch n {
	case k.all.size:
		return k.all.mark(), nil
	case k.at:
		return k.mark, nil
	}
	var m marker
	_, err := s.read(path, k.id, func(r io.Reader) error {
		_, err := io.CopyN(&m, r, n)
		return err
	})
	if err == nil {
		k.at, k.mark = n, m.mark()
	}
	return m.mark(), err
}

// read calls do with the uncompressed content of a file. opened tells whether the file was there.
func (s *scans) read(path string, id storage.Identity, do func(io.Reader) error) (opened bool, err error) {
	file, err := s.open(path, id)
	if err != nil {
		return false, err
	}
	r, err := compress.ByPath(path).NewReader(file)
	if err != nil {
		return true, errors.Join(err, file.Close())
	}
	return true, errors.Join(do(r), r.Close())
}

// keep forgets the files that were not found again.
func (s *scans) keep(found []*sighting) {
	there := map[string]bool{}
	for _, f := range found {
		there[f.path] = true
	}
	maps.DeleteFunc(s.known, func(path string, _ *scanned) bool { return !there[path] })
}
