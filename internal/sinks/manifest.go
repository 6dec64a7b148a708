package sinks

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/storage"
)

// manifest returns the name of a manifest. _spark_metadata/.7.0f3c….pending lists the files that batch 7 of the query with
// that mark is about to put in place. The leading dot hides it from Spark.
func (s *fileSink) manifest(id int64) string {
	return filepath.Join(s.dir, checkpoint.SinkLogDir, "."+strconv.FormatInt(id, 10)+"."+s.mark()+checkpoint.PendingSuffix)
}

// mark returns the prefix of the ids of all attempts of the query, which identifies a part file as the query's.
func (s *fileSink) mark() string {
	sum := sha256.Sum256([]byte(s.owner.Query))
	text := hex.EncodeToString(sum[:6])
	return text[:8] + "-" + text[8:]
}

// attemptID returns a UUID for the part files of an attempt, in Spark's format, that begins with the mark of the query.
func (s *fileSink) attemptID() string {
	mark := s.mark()
	return mark + checkpoint.NewID()[len(mark):]
}

// isOwn reports whether name is the name of a part file of the query.
func (s *fileSink) isOwn(name string) bool {
	rest, ok := strings.CutPrefix(name, "part-")
	_, id, found := strings.Cut(rest, "-")
	return ok && found && strings.HasPrefix(id, s.mark())
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

// cleanUp removes what crashed attempts of the query have left: temporary files, and files of batches that were never logged.
// It does not touch anything else, whatever its name, nor anything behind a symbolic link.
func (s *fileSink) cleanUp() error {
	if err := s.removeTemporary(s.dir); err != nil {
		return err
	}
	logDir := filepath.Join(s.dir, checkpoint.SinkLogDir)
	entries, err := storage.ReadDir(s.fsys, logDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		id, ok := s.manifestID(e.Name)
		if !ok || !e.Type.IsRegular() {
			continue
		}
		if err := s.undo(filepath.Join(logDir, e.Name), id); err != nil {
			return err
		}
	}
	return nil
}

// manifestID returns the batch of a manifest of the query.
func (s *fileSink) manifestID(name string) (int64, bool) {
	name, hidden := strings.CutPrefix(name, ".")
	name, own := strings.CutSuffix(name, "."+s.mark()+checkpoint.PendingSuffix)
	id, isID := atomicfile.ID(name)
	return id, hidden && own && isID
}

// undo removes the manifest and, if its batch was not logged, the files it lists.
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

// removeParts removes part files, given by name below the directory of the sink, durably: the manifest that lists them is
// removed next.
func (s *fileSink) removeParts(names []string) error {
	dirs := map[string]bool{}
	for _, name := range names {
		if !s.isOwn(filepath.Base(name)) || !filepath.IsLocal(name) || s.throughLink(name) {
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

// throughLink reports whether a name below the directory of the sink leads through a symbolic link. Sinks create directories,
// not links.
func (s *fileSink) throughLink(name string) bool {
	for dir := filepath.Dir(name); dir != "."; dir = filepath.Dir(dir) {
		if info, err := s.fsys.Lstat(filepath.Join(s.dir, dir)); err == nil && info.Mode&fs.ModeSymlink != 0 {
			return true
		}
	}
	return false
}

// removeTemporary removes the unfinished part files of crashed attempts.
func (s *fileSink) removeTemporary(dir string) error {
	names, err := storage.Names(s.fsys, dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if base, ok := atomicfile.TempBase(name); ok && s.isOwn(base) {
			if err := s.fsys.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}
