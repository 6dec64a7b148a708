//go:build !linux

package file

import (
	"time"

	"golang.org/x/sys/unix"
)

// statName asks for a status; when the file was made is not known.
func statName(dir int, name string) (status, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(dir, name, &st, 0); err != nil {
		return status{}, err
	}
	return status{
		regular: uint32(st.Mode)&unix.S_IFMT == unix.S_IFREG, open: st.Mode&unix.S_IROTH != 0, size: st.Size, modTime: time.Unix(st.Mtim.Unix()),
		id: identity{device: uint64(st.Dev), inode: st.Ino},
	}, nil
}
