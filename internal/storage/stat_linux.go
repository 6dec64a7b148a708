package storage

import (
	"time"

	"golang.org/x/sys/unix"
)

// statName describes a file together with the time at which it was created: an inode is used again once its file is gone.
func statName(dir int, name string) (Status, error) {
	var st unix.Statx_t
	if err := unix.Statx(dir, name, 0, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &st); err != nil {
		return Status{}, err
	}
	s := Status{
		Mode: modeOf(uint32(st.Mode)), Size: int64(st.Size), ModTime: time.Unix(st.Mtime.Sec, int64(st.Mtime.Nsec)),
		ID: Identity{Device: unix.Mkdev(st.Dev_major, st.Dev_minor), Inode: st.Ino},
	}
	if st.Mask&unix.STATX_BTIME != 0 {
		s.ID.Born = st.Btime.Sec*int64(time.Second) + int64(st.Btime.Nsec)
	}
	return s, nil
}
