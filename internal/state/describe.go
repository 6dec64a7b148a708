package state

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/storage"
)

// describe writes the metadata and the schemas of all operators before the first version is written. What an earlier attempt at the first batch left,
// perhaps of another query, is replaced.
func (s *State) describe() error {
	for id := range s.ops {
		op := &s.ops[id]
		for i := range op.Stores {
			l := &op.Stores[i]
			if err := s.replace(schemaPath(s.dir, id, l.Name), l.schema()); err != nil {
				return err
			}
		}
		if err := s.replace(metadataPath(s.dir, id), op.metadata(id)); err != nil {
			return err
		}
	}
	return s.forgetOthers()
}

// replace writes a file unless it has the same contents.
func (s *State) replace(path string, data []byte) error {
	old, err := atomicfile.Read(s.fs, path)
	if err == nil && bytes.Equal(old, data) {
		return nil
	}
	dir := filepath.Dir(path)
	if err := atomicfile.MkdirAll(s.fs, dir, true); err != nil {
		return err
	}
	if err := removeIfThere(s.fs, filepath.Join(dir, sumName(filepath.Base(path)))); err != nil {
		return err
	}
	return atomicfile.Write(s.fs, path, data, true)
}

// forgetOthers removes the metadata of operators that the query does not have.
func (s *State) forgetOthers() error {
	names, err := storage.Names(s.fs, s.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		id, err := strconv.Atoi(name)
		if err != nil || id < len(s.ops) {
			continue
		}
		if err := removeIfThere(s.fs, metadataPath(s.dir, id)); err != nil {
			return err
		}
	}
	return nil
}

func removeIfThere(fsys storage.FS, path string) error {
	if err := fsys.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
