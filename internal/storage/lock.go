package storage

import (
	"errors"
	"io"
	"os"
)

// Lock locks the open file, so that a killed process leaves nothing to clean up. The file is never removed: otherwise two processes could
// lock two different files with the same name.
func (osFS) Lock(name string, holder []byte) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f, true); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.WriteAt(holder, 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Locked reports whether the lock on a file of the operating system is held.
func Locked(name string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = lockFile(f, false)
	if errors.Is(err, ErrLocked) {
		return true, nil
	}
	return false, err
}
