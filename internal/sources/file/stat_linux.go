package file

import (
	"time"

	"golang.org/x/sys/unix"
)

// statName asks for a status together with the time at which the file was made: an inode is used again once its file is gone.
func statName(dir int, name string) (status, error) {
	var st unix.Statx_t
	if err := unix.Statx(dir, name, 0, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &st); err != nil {
		return status{}, err
	}
	s := status{
		regular: st.Mode&unix.S_IFMT == unix.S_IFREG, open: st.Mode&unix.S_IROTH != 0, size: int64(st.Size), modTime: time.Unix(st.Mtime.Sec, int64(st.Mtime.Nsec)),
		id: identity{device: unix.Mkdev(st.Dev_major, st.Dev_minor), inode: st.Ino},
	}
	if st.Mask&unix.STATX_BTIME != 0 {
		s.id.born = st.Btime.Sec*int64(time.Second) + int64(st.Btime.Nsec)
	}
	return s, nil
}
