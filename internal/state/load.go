package state

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/unsaferow"
)

// rows checks the rows of a store. The zero value accepts any.
type rows struct{ key, value *unsaferow.Decoder }

func (l *Layout) rows() rows {
	return rows{unsaferow.NewDecoder(typesOf(l.Key)), unsaferow.NewDecoder(typesOf(l.Value))}
}

func (r rows) check(key, value []byte) error {
	if r.key == nil {
		return nil
	}
	if err := r.key.Check(key); err != nil {
		return fmt.Errorf("a key is %w", err)
	}
	if value == nil {
		return nil
	}
	if err := r.value.Check(value); err != nil {
		return fmt.Errorf("a value is %w", err)
	}
	return nil
}

// An entryFunc gets an entry. The slices are valid until it returns. A nil value is a removal.
type entryFunc func(key, value []byte) error

// read calls do for all entries of a version: those of a snapshot, then the changes of the deltas after it.
func (f *folder) read(ctx context.Context, version int64, r rows, do entryFunc) error {
	base, err := f.chain(version)
	if err != nil {
		return err
	}
	var whole, since int64
	if base > 0 {
		if whole, err = f.readFile(ctx, snapshotName(base), version, r, do); err != nil {
			return err
		}
	}
	for v := base + 1; v <= version; v++ {
		n, err := f.readFile(ctx, deltaName(v), version, r, do)
		if err != nil {
			return err
		}
		since += n
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.whole, f.since, f.snapped = whole, since, time.Now()
	return nil
}

// readBuffer is the number of bytes that are read from a file at a time, at most.
const readBuffer = 256 << 10

// buffers are used again: a state may have hundreds of small files.
var buffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBuffer) }}

// readFile calls do for the entries of one file and returns the number of bytes of all entries. version is the one that is being read.
func (f *folder) readFile(ctx context.Context, name string, version int64, r rows, do entryFunc) (int64, error) {
	path := filepath.Join(f.path, name)
	o, err := f.fs.Open(path)
	if err != nil {
		return 0, err
	}
	bytes, err := readEntries(ctx, o, strings.HasSuffix(name, ".snapshot"), r, do)
	if err = errors.Join(err, o.Close()); err == nil {
		return bytes, nil
	}
	if isDamage(err) {
		return 0, f.damaged(name, version, err)
	}
	return 0, err
}

// readEntries reads the entries of a file. Its errors are about the contents, but for those of the storage, of ctx, and of do.
func readEntries(ctx context.Context, o io.Reader, whole bool, r rows, do entryFunc) (int64, error) {
	buffer := buffers.Get().(*bufio.Reader)
	defer buffers.Put(buffer)
	buffer.Reset(o)
	in := newEntryReader(buffer)
	var bytes int64
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		key, value, err := in.next()
		if errors.Is(err, io.EOF) {
			return bytes, nil
		}
		if err == nil && value == nil && whole {
			err = errors.New("it has a removal, which only a delta may have")
		}
		if err == nil {
			err = r.check(key, value)
		}
		if err != nil {
			return 0, err
		}
		bytes += int64(8 + len(key) + len(value))
		if err := do(key, value); err != nil {
			return 0, err
		}
	}
}

// isDamage reports whether an error is about the contents of a file.
func isDamage(err error) bool {
	var storage *fs.PathError
	var other *sparkerr.Error
	return !errors.As(err, &storage) && !errors.As(err, &other) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// damaged returns the error for a file whose contents are wrong.
func (f *folder) damaged(name string, version int64, why error) error {
	return sparkerr.Plain("the state file %s is damaged: %s", filepath.Join(f.path, name), why.Error()).WithHint("%s", f.remedy(name, version))
}

// missing returns the error for a delta that does not exist. f.mu is locked.
func (f *folder) missing(delta, version int64) error {
	path := filepath.Join(f.path, deltaName(delta))
	e := sparkerr.New("CANNOT_LOAD_STATE_STORE.CANNOT_READ_DELTA_FILE_NOT_EXISTS", "fileToRead", path, "clazz", "the state store")
	e.Text = fmt.Sprintf("the state file %s is missing; without it, version %d of the state cannot be read", path, version)
	if f.foreign != "" {
		return e.WithHint("%s is a file of Spark's RocksDB state store, which streamctl does not read; a query that goes back and forth needs "+
			"HDFSBackedStateStoreProvider, Spark's default", filepath.Join(f.path, f.foreign))
	}
	return e.WithHint("%s", restore)
}

const restore = "restore the file from a copy of the checkpoint; to process everything again, start with a new checkpoint"

// remedy returns the hint for a file that cannot be read.
func (f *folder) remedy(name string, version int64) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, ok := versionOf(name, ".snapshot")
	if !ok {
		return restore
	}
	base := newest(f.snapshots, v-1)
	if !contains(f.deltas, base+1, version) {
		return restore
	}
	return "remove the file: the other files of the directory have the same state"
}

// contains reports whether the ascending versions contain all from first to last.
func contains(versions []int64, first, last int64) bool {
	k := 0
	for _, v := range versions {
		if v == first+int64(k) {
			k++
		}
	}
	return first+int64(k) > last
}
