package storage

import "os"

func openFile(path string) (Object, error) { return os.Open(path) }

func (osFS) Readable(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

func statPath(name string) (Status, error) {
	info, err := os.Stat(name)
	if err != nil {
		return Status{}, err
	}
	return statusOf(info), nil
}

func (d *osDir) Stat(name string) (Status, error) { return statPath(d.file.Name() + `\` + name) }

// syncDir does nothing: Windows has no such operation, and NTFS keeps names in a journal.
func syncDir(*os.File) error { return nil }
