package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/atomicfile"
)

// identitiesName is a file next to a source's log that records the identity of files when they were read. The
// log itself only has their names and their modification times from before they were read. The dot hides the
// file from Spark.
const identitiesName = ".identities"

// mostIdentities is the number of identities kept. Dropping one only means that a message about a renamed or
// replaced file is lost.
const mostIdentities = 10_000

// An Identity identifies a file as it was when it was read.
type Identity struct {
	Path          string
	Device, Inode uint64
	Born          int64 // in nanoseconds; 0 if unknown
	Size          int64
	ModTime       int64 // in milliseconds
}

// Identities returns the identities of the files read last, oldest first. It skips lines cut off by a power
// failure.
func (l *SourceLog) Identities() ([]Identity, error) {
	if l.log.inMemory() {
		return nil, nil
	}
	f, err := l.log.fs.Open(filepath.Join(l.log.dir, identitiesName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Identity
	lines := newLineReader(f)
	defer lines.release()
	for err == nil {
		var line []byte
		if line, err = lines.next(); err == nil {
			if id, ok := parseIdentity(string(line)); ok {
				list = append(list, id)
			}
		}
	}
	l.identities = len(list)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return list[max(0, len(list)-mostIdentities):], errors.Join(err, f.Close())
}

func parseIdentity(line string) (id Identity, ok bool) {
	numbers, quoted, _ := strings.Cut(line, ` "`)
	path, err := strconv.Unquote(`"` + quoted)
	n, scanErr := fmt.Sscan(numbers, &id.Device, &id.Inode, &id.Born, &id.Size, &id.ModTime)
	id.Path = path
	return id, err == nil && scanErr == nil && n == 5 && path != ""
}

// Identify records the identities of files that were read. It does not sync, because they are only used for
// messages.
func (l *SourceLog) Identify(files []Identity) error {
	if l.log.inMemory() || len(files) == 0 {
		return nil
	}
	path := filepath.Join(l.log.dir, identitiesName)
	if l.identities+len(files) > 2*mostIdentities {
		older, err := l.Identities()
		if err != nil {
			return err
		}
		files = append(older, files...)
		files = files[max(0, len(files)-mostIdentities):]
		l.identities = len(files)
		return atomicfile.Write(l.log.fs, path, appendIdentities(nil, files), false)
	}
	f, err := l.log.fs.Append(path)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = l.log.fs.Create(path)
	}
	if err != nil {
		return err
	}
	l.identities += len(files)
	_, err = f.Write(appendIdentities([]byte{}, files))
	return errors.Join(err, f.Close())
}

func appendIdentities(dst []byte, files []Identity) []byte {
	for _, id := range files {
		for _, n := range []uint64{id.Device, id.Inode} {
			dst = append(strconv.AppendUint(dst, n, 10), ' ')
		}
		for _, n := range []int64{id.Born, id.Size, id.ModTime} {
			dst = append(strconv.AppendInt(dst, n, 10), ' ')
		}
		dst = append(strconv.AppendQuote(dst, id.Path), '\n')
	}
	return dst
}
