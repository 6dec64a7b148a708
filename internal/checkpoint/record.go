package checkpoint

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/storage"
)

// RecordName is the file next to Spark's files that records which query a checkpoint belongs to. The dot hides
// it from Spark.
const RecordName = ".query.json"

// A Record describes the query that a checkpoint belongs to. Spark has no such record: it continues a
// checkpoint with any query.
type Record struct {
	Source  string            `json:"source"`            // format and resolved path or address
	Sink    string            `json:"sink"`              // kind; for files, format and resolved path
	Schema  string            `json:"schema,omitempty"`  // of the source, as DDL
	Steps   []string          `json:"steps,omitempty"`   // of the transform, in order
	State   []string          `json:"state,omitempty"`   // what the state of each stateful step means, the step nearest to the sink first
	Options map[string]string `json:"options,omitempty"` // of source and sink: "source.header" and the like
}

// A Difference is a difference between two records.
type Difference struct{ What, Was, Is string }

func (d Difference) String() string {
	return fmt.Sprintf("%s: it was %s, now it is %s", d.What, cmp.Or(d.Was, "not given"), cmp.Or(d.Is, "not given"))
}

// Elsewhere returns the differences that make r another query than before: it reads or writes something else.
func (r *Record) Elsewhere(before *Record) []Difference {
	var out []Difference
	if r.Source != before.Source {
		out = append(out, Difference{"source", before.Source, r.Source})
	}
	if r.Sink != before.Sink {
		out = append(out, Difference{"sink", before.Sink, r.Sink})
	}
	return out
}

// OtherState returns how the state that r keeps differs in meaning from the state that before has kept.
func (r *Record) OtherState(before *Record) []Difference {
	var out []Difference
	for i := range max(len(r.State), len(before.State)) {
		if is, was := at(r.State, i), at(before.State, i); is != was {
			out = append(out, Difference{fmt.Sprintf("state %d", i), was, is})
		}
	}
	return out
}

// Changes returns how r differs from before in what it does.
func (r *Record) Changes(before *Record) []Difference {
	var out []Difference
	if r.Schema != before.Schema {
		out = append(out, Difference{"schema", before.Schema, r.Schema})
	}
	for i := range max(len(r.Steps), len(before.Steps)) {
		is, was := at(r.Steps, i), at(before.Steps, i)
		if is != was {
			out = append(out, Difference{fmt.Sprintf("step %d", i+1), was, is})
		}
	}
	names := slices.Sorted(maps.Keys(r.Options))
	for name := range before.Options {
		if _, ok := r.Options[name]; !ok {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if r.Options[name] != before.Options[name] {
			out = append(out, Difference{"option " + name, before.Options[name], r.Options[name]})
		}
	}
	return out
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// SetRecord writes the record of the query, unless it is unchanged.
func (c *Checkpoint) SetRecord(r *Record) error {
	if c.fs == nil {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	path := filepath.Join(c.Dir, RecordName)
	if old, err := atomicfile.Read(c.fs, path); err == nil && string(old) == string(text) {
		return nil
	}
	return atomicfile.Write(c.fs, path, text, true)
}

func readRecord(fsys storage.FS, dir string) (*Record, error) {
	path := filepath.Join(dir, RecordName)
	text, err := atomicfile.Read(fsys, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r Record
	if json.Unmarshal(text, &r) != nil || r.Source == "" || r.Sink == "" {
		return nil, malformed(path, "it does not say which query the checkpoint belongs to")
	}
	return &r, nil
}

// A State describes how far a checkpoint has got.
type State struct {
	ID      string // of the query; "" in a new checkpoint
	Logged  int64  // newest batch in the offset log, or -1
	Done    int64  // newest batch in the commit log, or -1
	Record  *Record
	Started bool // a log has an entry
}

// Next returns the id of the batch that comes next: the newest one if it was not committed.
func (s *State) Next() int64 {
	if s.Done < s.Logged {
		return s.Logged
	}
	return s.Logged + 1
}

// ReadState reads the state of a checkpoint without changing it. A missing directory is a new checkpoint.
func ReadState(fsys storage.FS, dir string) (*State, error) {
	c := &Checkpoint{Dir: dir, fs: fsys}
	offsets, err := listLog(fsys, filepath.Join(dir, "offsets"))
	if err != nil {
		return nil, err
	}
	commits, err := listLog(fsys, filepath.Join(dir, "commits"))
	if err != nil {
		return nil, err
	}
	s := &State{Logged: offsets.latest(), Done: commits.latest()}
	s.Started = s.Logged >= 0 || s.Done >= 0
	switch s.ID, err = c.readID(); {
	case errors.Is(err, fs.ErrNotExist) && s.Started:
		return nil, missingMetadata(dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	s.Record, err = readRecord(fsys, dir)
	return s, err
}

// LastOffsets returns the offsets of the newest batch that was logged; nil if there is none.
func LastOffsets(fsys storage.FS, dir string) ([]string, error) {
	log, err := listLog(fsys, filepath.Join(dir, "offsets"))
	if err != nil || log.latest() < 0 {
		return nil, err
	}
	b, err := (&OffsetLog{log}).Get(log.latest())
	if err != nil {
		return nil, err
	}
	return b.Offsets, nil
}

// listLog lists a log without creating its directory. A missing directory is an empty log.
func listLog(fsys storage.FS, dir string) (*batchLog, error) {
	l := &batchLog{fs: fsys, dir: dir}
	list, err := storage.ReadDir(fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l.listed(list)
	return l, nil
}
