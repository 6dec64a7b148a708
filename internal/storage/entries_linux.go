package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// typesOfEntries are the file types that the kernel returns along with the names.
var typesOfEntries = map[byte]fs.FileMode{
	unix.DT_REG: 0, unix.DT_DIR: fs.ModeDir, unix.DT_LNK: fs.ModeSymlink, unix.DT_FIFO: fs.ModeNamedPipe, unix.DT_SOCK: fs.ModeSocket,
	unix.DT_CHR: fs.ModeDevice | fs.ModeCharDevice, unix.DT_BLK: fs.ModeDevice,
}

// Each parses the kernel's records itself: allocating an fs.DirEntry per name dominates in large directories. (getdents64(2): inode and
// offset of 8 bytes each, the length of the record in 2, the type in 1, the name and a NUL.)
func (d *osDir) Each(do func(Entry) error) error {
	const length, kind, name = 16, 18, 19
	absent := make([]byte, 8) // the inode of an entry that was removed
	for buf := make([]byte, 32<<10); ; {
		n, err := unix.ReadDirent(d.fd, buf)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return &fs.PathError{Op: "readdirent", Path: d.file.Name(), Err: err}
		case n <= 0:
			return nil
		}
		for records := buf[:n]; len(records) > name; {
			record := records[:binary.NativeEndian.Uint16(records[length:])]
			records = records[len(record):]
			text := record[name:]
			text = text[:bytes.IndexByte(text, 0)]
			if string(text) == "." || string(text) == ".." || bytes.HasPrefix(record, absent) {
				continue
			}
			e := Entry{Name: string(text)}
			var known bool
			if e.Type, known = typesOfEntries[record[kind]]; !known {
				info, err := os.Lstat(filepath.Join(d.file.Name(), e.Name))
				if err != nil {
					continue // it is gone
				}
				e.Type = info.Mode().Type()
			}
			if err := do(e); err != nil {
				return err
			}
		}
	}
}
