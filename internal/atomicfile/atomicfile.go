// Package atomicfile writes files that appear complete under their final name, or not at all.
package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/storage"
)

var sequence atomic.Int64

// TempName returns a name next to name that no other writer uses. It begins with a dot, so that it is not taken
// for data.
func TempName(name string) string {
	dir, base := filepath.Split(name)
	return filepath.Join(dir, fmt.Sprintf(".%s.%d.%d.tmp", base, os.Getpid(), sequence.Add(1)))
}

// IsTemp reports whether TempName made a file name. Such a file found at the start was left by a killed run.
func IsTemp(name string) bool {
	_, ok := TempBase(name)
	return ok
}

// TempBase returns the name that was passed to TempName. Before removing such a file, check that name, too:
// other programs may use similar names.
func TempBase(name string) (base string, ok bool) {
	rest, hidden := strings.CutPrefix(name, ".")
	rest, temporary := strings.CutSuffix(rest, ".tmp")
	rest, sequence, hasSequence := cutLast(rest)
	base, pid, hasPID := cutLast(rest)
	return base, hidden && temporary && hasSequence && hasPID && base != "" && isNumber(sequence) && isNumber(pid)
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 63)
	return err == nil
}

// Write atomically replaces the file with the given contents. If durable is set, the change survives a power
// failure.
func Write(fsys storage.FS, name string, data []byte, durable bool) error {
	tmp := TempName(name)
	if err := writeNew(fsys, tmp, data, durable); err != nil {
		return err
	}
	if err := fsys.Rename(tmp, name); err != nil {
		_ = fsys.Remove(tmp)
		return err
	}
	if durable {
		return fsys.SyncDir(filepath.Dir(name))
	}
	return nil
}

func writeNew(fsys storage.FS, name string, data []byte, durable bool) error {
	f, err := fsys.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil && durable {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = fsys.Remove(name)
	}
	return err
}

// Read returns the contents of a file.
func Read(fsys storage.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if info, err := fsys.Stat(name); err == nil {
		b.Grow(int(info.Size) + bytes.MinRead) // logs can be large, and growing the buffer would copy them repeatedly
	}
	_, err = b.ReadFrom(f)
	return b.Bytes(), errors.Join(err, f.Close())
}

// MkdirAll creates a directory and its parents. If durable is set, they survive a power failure.
func MkdirAll(fsys storage.FS, name string, durable bool) error {
	if !durable {
		return fsys.MkdirAll(name)
	}
	var missing []string
	for d := name; ; d = filepath.Dir(d) {
		if _, err := fsys.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	if err := fsys.MkdirAll(name); err != nil {
		return err
	}
	for _, d := range missing {
		if err := fsys.SyncDir(filepath.Dir(d)); err != nil {
			return err
		}
	}
	return nil
}

// ID parses a file name that is a batch number, as in Spark's logs.
func ID(name string) (int64, bool) {
	id, err := strconv.ParseInt(name, 10, 64)
	return id, err == nil && id >= 0 && strconv.FormatInt(id, 10) == name
}
