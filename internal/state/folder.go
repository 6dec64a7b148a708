package state

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/storage"
)

// A folder is the directory of a store. N.delta has the changes of batch N-1, and N.snapshot all entries after it. The state at version N is the
// newest snapshot that is not newer, and the deltas after it. Version 0 is empty and has no file. Its methods are safe for concurrent use.
type folder struct {
	fs   storage.FS
	path string

	mu        sync.Mutex
	made      bool    // the directory exists
	deltas    []int64 // versions, ascending
	snapshots []int64 // versions, ascending
	sums      map[string]bool
	foreign   string    // a file of another kind of state store
	since     int64     // bytes of the entries of the deltas after the newest snapshot
	whole     int64     // bytes of the entries of the newest snapshot
	snapped   time.Time // when the newest snapshot was written or read
}

func deltaName(version int64) string    { return strconv.FormatInt(version, 10) + ".delta" }
func snapshotName(version int64) string { return strconv.FormatInt(version, 10) + ".snapshot" }

// sumName returns the name of the checksum file that Hadoop writes next to a file. Spark reads it if it is there.
func sumName(name string) string { return "." + name + ".crc" }

// versionOf returns the version in the name of a delta or snapshot.
func versionOf(name, suffix string) (int64, bool) {
	base, ok := strings.CutSuffix(name, suffix)
	if !ok {
		return 0, false
	}
	return atomicfile.ID(base)
}

// list reads the directory. A missing one is empty.
func (f *folder) list() (temporary []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	names, err := storage.Names(f.fs, f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f.made = err == nil
	f.deltas, f.snapshots, f.sums, f.foreign = nil, nil, map[string]bool{}, ""
	for _, name := range names {
		if base, ok := atomicfile.TempBase(name); ok && isStateFile(base) {
			temporary = append(temporary, name)
			continue
		}
		f.add(name)
	}
	slices.Sort(f.deltas)
	slices.Sort(f.snapshots)
	return temporary, nil
}

// isStateFile reports whether a folder has files of this name.
func isStateFile(name string) bool {
	_, delta := versionOf(name, ".delta")
	_, snapshot := versionOf(name, ".snapshot")
	return delta || snapshot
}

func (f *folder) add(name string) {
	if v, ok := versionOf(name, ".delta"); ok {
		f.deltas = append(f.deltas, v)
	} else if v, ok := versionOf(name, ".snapshot"); ok {
		f.snapshots = append(f.snapshots, v)
	} else if strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".crc") {
		f.sums[name] = true
	} else if strings.HasSuffix(name, ".zip") || strings.HasSuffix(name, ".changelog") {
		f.foreign = name
	}
}

// open lists the directory and removes what a killed run left.
func (f *folder) open() error {
	temporary, err := f.list()
	if err != nil {
		return err
	}
	for _, name := range temporary {
		if err := removeIfThere(f.fs, filepath.Join(f.path, name)); err != nil {
			return err
		}
	}
	return nil
}

// chain returns the snapshot, or 0, from which a version is read. All deltas after it exist.
func (f *folder) chain(version int64) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	base := newest(f.snapshots, version)
	for v := version; v > base; v-- {
		if _, ok := slices.BinarySearch(f.deltas, v); !ok {
			return 0, f.missing(v, version)
		}
	}
	return base, nil
}

// newest returns the newest version that is not newer than limit, or 0.
func newest(versions []int64, limit int64) int64 {
	k, _ := slices.BinarySearch(versions, limit+1)
	if k == 0 {
		return 0
	}
	return versions[k-1]
}

// make creates the directory. It is durable after State.describe.
func (f *folder) make() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.made {
		return nil
	}
	if err := f.fs.MkdirAll(f.path); err != nil {
		return err
	}
	f.made = true
	return nil
}

// publish renames a finished file to its name, durably. It first removes what would contradict the new contents: Hadoop's checksum and, for a delta,
// a snapshot of the same version.
func (f *folder) publish(o *output, version int64, delta bool) error {
	stale := []string{sumName(snapshotName(version))}
	if delta {
		stale = append(stale, snapshotName(version), sumName(deltaName(version)))
	}
	for _, name := range stale {
		if err := f.remove(name); err != nil {
			return err
		}
	}
	if err := f.fs.Rename(o.temp, o.path); err != nil {
		return err
	}
	o.temp = ""
	if err := f.fs.SyncDir(f.path); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if delta {
		f.deltas = insert(f.deltas, version)
		f.since += o.bytes
	} else {
		f.snapshots = insert(f.snapshots, version)
	}
	return nil
}

func insert(versions []int64, v int64) []int64 {
	k, found := slices.BinarySearch(versions, v)
	if found {
		return versions
	}
	return slices.Insert(versions, k, v)
}

// remove removes a file if it is known to exist.
func (f *folder) remove(name string) error {
	if !f.has(name) {
		return nil
	}
	if err := removeIfThere(f.fs, filepath.Join(f.path, name)); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sums, name)
	if v, ok := versionOf(name, ".delta"); ok {
		f.deltas = slices.DeleteFunc(f.deltas, func(o int64) bool { return o == v })
	} else if v, ok := versionOf(name, ".snapshot"); ok {
		f.snapshots = slices.DeleteFunc(f.snapshots, func(o int64) bool { return o == v })
	}
	return nil
}

func (f *folder) has(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := f.sums[name]
	if v, ok := versionOf(name, ".delta"); ok {
		_, found = slices.BinarySearch(f.deltas, v)
	} else if v, ok := versionOf(name, ".snapshot"); ok {
		_, found = slices.BinarySearch(f.snapshots, v)
	}
	return found
}
