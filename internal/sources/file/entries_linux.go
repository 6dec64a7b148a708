package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// typesOfEntries are the file types that the kernel returns along with the names.
var typesOfEntries = map[byte]fs.FileMode{
	unix.DT_REG: 0, unix.DT_DIR: fs.ModeDir, unix.DT_LNK: fs.ModeSymlink, unix.DT_FIFO: fs.ModeNamedPipe, unix.DT_SOCK: fs.ModeSocket,
	unix.DT_CHR: fs.ModeDevice | fs.ModeCharDevice, unix.DT_BLK: fs.ModeDevice,
}

// eachEntry calls do for each entry of the open directory at path, in the directory's order, until do fails. It parses the kernel's
// records itself: allocating an fs.DirEntry per name dominates in large directories. (getdents64(2): inode and offset of 8 bytes each, the
// length of the record in 2, the type in 1, the name and a NUL.)
func eachEntry(d *os.File, path string, do func(entry) error) error {
	const length, kind, name = 16, 18, 19
	absent := make([]byte, 8) // the inode of what is not there any more
	for buf := make([]byte, 32<<10); ; {
		n, err := unix.ReadDirent(int(d.Fd()), buf)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return &fs.PathError{Op: "readdirent", Path: path, Err: err}
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
			e := entry{name: string(text)}
			var known bool
			if e.mode, known = typesOfEntries[record[kind]]; !known && !e.look(path) {
				continue
			}
			if err := do(e); err != nil {
				return err
			}
		}
	}
}
