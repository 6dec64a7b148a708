//go:build !linux

package storage

import (
	"errors"
	"io"
)

// Each calls do for each entry.
func (d *osDir) Each(do func(Entry) error) error {
	for {
		list, err := d.file.ReadDir(1024)
		for _, e := range list {
			if err := do(Entry{e.Name(), e.Type()}); err != nil {
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
