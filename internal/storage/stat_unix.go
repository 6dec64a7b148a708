//go:build unix && !linux

package storage

import (
	"time"

	"golang.org/x/sys/unix"
)

// statName describes a file; the time at which it was created is unknown.
func statName(dir int, name string) (Status, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(dir, name, &st, 0); err != nil {
		return Status{}, err
	}
	return Status{
		Mode: modeOf(uint32(st.Mode)), Size: st.Size, ModTime: time.Unix(st.Mtim.Unix()),
		ID: Identity{Device: uint64(st.Dev), Inode: st.Ino},
	}, nil
}
