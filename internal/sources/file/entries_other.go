//go:build !linux

package file

import (
	"errors"
	"io"
	"os"
)

// eachEntry calls do for each entry of the open directory at path, in the directory's order, until do fails.
func eachEntry(d *os.File, _ string, do func(entry) error) error {
	for {
		list, err := d.ReadDir(1024)
		for _, e := range list {
			if err := do(entry{e.Name(), e.Type()}); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
