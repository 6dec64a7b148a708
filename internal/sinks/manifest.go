package sinks

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
)

// manifestSuffix ends the names of manifests: _spark_metadata/.7.pending lists the files that batch 7 is about to put in
// place. The leading dot hides it from Spark.
const manifestSuffix = ".pending"

func (s *fileSink) manifest(id int64) string {
	return filepath.Join(s.dir, checkpoint.SinkLogDir, "."+strconv.FormatInt(id, 10)+manifestSuffix)
}

// announce writes the manifest of a batch before its files are renamed.
func (s *fileSink) announce(id int64, parts []*partFile) error {
	var names []string
	for _, p := range parts {
		name, err := filepath.Rel(s.dir, p.name)
		if err != nil {
			return err
		}
		names = append(names, name)
	}
	return atomicfile.Write(s.fsys, s.manifest(id), []byte(strings.Join(names, "\n")), true)
}

// cleanUp takes away what runs that died have left: temporary files, and files of batches that were never logged.
func (s *fileSink) cleanUp() error {
	if err := s.removeTemporary(s.dir); err != nil {
		return err
	}
	logDir := filepath.Join(s.dir, checkpoint.SinkLogDir)
	entries, err := s.fsys.ReadDir(logDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		id, ok := manifestID(e.Name())
		if !ok {
			continue
		}
		if err := s.undo(filepath.Join(logDir, e.Name()), id); err != nil {
			return err
		}
	}
	return nil
}

func manifestID(name string) (int64, bool) {
	name, ok := strings.CutSuffix(strings.TrimPrefix(name, "."), manifestSuffix)
	if !ok {
		return 0, false
	}
	return atomicfile.ID(name)
}

// undo removes the files of a manifest whose batch was not logged, and the manifest.
func (s *fileSink) undo(manifest string, id int64) error {
	if !s.log.Has(id) {
		text, err := atomicfile.Read(s.fsys, manifest)
		if err != nil {
			return err
		}
		if err := s.removeParts(strings.Split(string(text), "\n")); err != nil {
			return err
		}
	}
	return s.fsys.Remove(manifest)
}

// removeParts removes part files by their names below the directory of the sink, for good: what lists them goes next.
func (s *fileSink) removeParts(names []string) error {
	dirs := map[string]bool{}
	for _, name := range names {
		if !strings.HasPrefix(filepath.Base(name), "part-") || !filepath.IsLocal(name) {
			continue
		}
		path := filepath.Join(s.dir, name)
		if err := s.fsys.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		dirs[filepath.Dir(path)] = true
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		if err := s.fsys.SyncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// removeTemporary removes the unfinished part files of dead attempts.
func (s *fileSink) removeTemporary(dir string) error {
	names, err := s.fsys.Names(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, ".part-") && atomicfile.IsTemp(name) {
			if err := s.fsys.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}
