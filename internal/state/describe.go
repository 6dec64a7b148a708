package state

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/storage"
)

// describe creates the directories of all stores and writes their metadata and schemas, durably, before the first version is written. What an earlier
// attempt at the first batch left, perhaps of another query, is replaced. It takes nothing that exists to be durable: the attempt may have
// failed at that.
func (s *State) describe() error {
	if err := s.makeDirectories(); err != nil {
		return err
	}
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

// makeDirectories creates all directories and makes their names durable.
func (s *State) makeDirectories() error {
	all := []string{s.dir}
	for id := range s.ops {
		all = append(all, filepath.Dir(metadataPath(s.dir, id)))
		for _, l := range s.ops[id].Stores {
			all = append(all, filepath.Dir(schemaPath(s.dir, id, l.Name)))
		}
	}
	s.each(func(store *Store) { all = append(all, store.folder.path) })
	parents := map[string]bool{}
	for _, path := range all {
		if err := s.fs.MkdirAll(path); err != nil {
			return err
		}
		for ; len(path) >= len(s.dir); path = filepath.Dir(path) {
			parents[filepath.Dir(path)] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(parents)) {
		if err := s.fs.SyncDir(path); err != nil {
			return err
		}
	}
	return nil
}

// replace writes a file unless it has the same contents.
func (s *State) replace(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := s.removeTemporary(dir, filepath.Base(path)); err != nil {
		return err
	}
	old, err := atomicfile.Read(s.fs, path)
	if err == nil && bytes.Equal(old, data) {
		return s.fs.SyncDir(dir)
	}
	if err := removeIfThere(s.fs, filepath.Join(dir, sumName(filepath.Base(path)))); err != nil {
		return err
	}
	return atomicfile.Write(s.fs, path, data, true)
}

// removeTemporary removes what killed runs left of a file.
func (s *State) removeTemporary(dir, name string) error {
	names, err := storage.Names(s.fs, dir)
	for _, temporary := range names {
		if base, ok := atomicfile.TempBase(temporary); ok && base == name && err == nil {
			err = removeIfThere(s.fs, filepath.Join(dir, temporary))
		}
	}
	return err
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
