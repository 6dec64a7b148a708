package crashtest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"testing"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/types"
)

var stateOperators = []state.Operator{
	{Name: "stateStoreSave", Partitions: 2, Stores: []state.Layout{{
		Name: state.DefaultStore, Key: []types.Field{{Name: "k", Type: types.Long}}, Value: []types.Field{{Name: "count", Type: types.Long}},
	}}},
	{Name: "dedupe", Partitions: 1, Stores: []state.Layout{{
		Name: state.DefaultStore, Key: []types.Field{{Name: "k", Type: types.Long}}, Value: []types.Field{{Name: "__dummy__", Type: types.Void}},
	}}},
}

const (
	stateBatches = 9
	stateDir     = ckptDir + "/state"
)

// A stateRun is a query of which only the state exists. done is what its commit log says: the number of batches.
type stateRun struct {
	disk *disk
	done int64
}

func longRow(x int) []byte { return binary.LittleEndian.AppendUint64(make([]byte, 8), uint64(x)) }

// stateBatch changes the stores as batch id does, which is the same in each attempt.
func stateBatch(s *state.State, id int64) error {
	random := rand.New(rand.NewPCG(uint64(id), 7))
	for range 20 {
		k := random.IntN(12)
		counts := s.Store(0, state.DefaultStore, k%2)
		if random.IntN(4) == 0 {
			counts.Remove(longRow(k))
		} else if err := counts.Put(longRow(k), longRow(random.IntN(100))); err != nil {
			return err
		}
		if err := s.Store(1, state.DefaultStore, 0).Put(longRow(k+int(id)), append([]byte{1}, make([]byte, 15)...)); err != nil {
			return err
		}
	}
	return nil
}

// run runs batches until the last one, or until one failed twice. It returns the state that it found.
func (r *stateRun) run(t *testing.T, last int64) (found map[string]string, err error) {
	s, err := state.Open(r.disk, stateDir, stateOperators, state.Options{Version: r.done, MinDeltas: 2, Retain: 3})
	if err == nil {
		err = s.Load(t.Context(), r.done)
	}
	if err != nil {
		return nil, err
	}
	defer s.Close()
	found = stateOf(s)
	for failures := 0; r.done < last; {
		err := stateBatch(s, r.done)
		if err == nil {
			err = s.Commit(t.Context())
		}
		if err != nil {
			if failures++; failures == 2 {
				return found, err
			}
			s.Abort()
			continue
		}
		r.done++
		_ = s.Tidy(t.Context()) // its errors concern files that are written again later
		s.Wait()
	}
	return found, nil
}

func stateOf(s *state.State) map[string]string {
	m := map[string]string{}
	for i, store := range []*state.Store{s.Store(0, state.DefaultStore, 0), s.Store(0, state.DefaultStore, 1), s.Store(1, state.DefaultStore, 0)} {
		for k, v := range store.All() {
			m[fmt.Sprintf("%d %x", i, k)] = string(v)
		}
	}
	return m
}

// newStateDisk returns a disk with an empty checkpoint.
func newStateDisk(t *testing.T) *disk {
	t.Helper()
	d := newDisk()
	if err := atomicfile.MkdirAll(d, ckptDir, true); err != nil {
		t.Fatal(err)
	}
	return d.mount(0, false)
}

// stateVersions returns the state after each number of batches, and the number of operations of the whole run.
func stateVersions(t *testing.T) (versions []map[string]string, operations int) {
	t.Helper()
	r := &stateRun{disk: newStateDisk(t)}
	for last := int64(0); last <= stateBatches+1; last++ {
		found, err := r.run(t, last)
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, found)
	}
	r = &stateRun{disk: newStateDisk(t)}
	if _, err := r.run(t, stateBatches); err != nil {
		t.Fatal(err)
	}
	return versions[1:], r.disk.n
}

// TestStateSurvivesEveryFault makes each disk operation fail once, alone or with the power, which loses unsynced data in several ways. The next run finds
// the state of the last batch that was committed, and goes on to the same end.
func TestStateSurvivesEveryFault(t *testing.T) {
	versions, operations := stateVersions(t)
	for _, dies := range []bool{false, true} {
		for n := 1; n <= operations; n++ {
			for _, how := range losses(n, keepsAll, losesAll, losesData, losesNames, losesSome) {
				r := &stateRun{disk: newStateDisk(t).mount(n, dies)}
				_, err := r.run(t, stateBatches)
				what := fmt.Sprintf("operation %d (%s), power fails: %t, unsynced data %s: %d batches", n, r.disk.failed, dies, how, r.done)
				if err != nil && !dies && r.done > 0 {
					t.Fatalf("%s: one fault ended the query: %v", what, err)
				}
				done := r.done
				r.disk.crash(how, uint64(n))
				r.disk = r.disk.mount(0, false)
				found, err := r.run(t, stateBatches)
				if err != nil {
					t.Fatalf("%s: the next run fails: %v", what, err)
				}
				if !maps.Equal(found, versions[done]) {
					t.Fatalf("%s: the next run found another state", what)
				}
				if found, err := r.run(t, stateBatches); err != nil || !maps.Equal(found, versions[stateBatches]) {
					t.Fatalf("%s: another state in the end: %v", what, err)
				}
				leftovers(t, r.disk, what)
			}
		}
	}
	t.Logf("%d operations", operations)
}

// leftovers checks that no temporary file remains.
func leftovers(t *testing.T, d *disk, what string) {
	t.Helper()
	for _, dir := range []string{"0/0", "0/1", "1/0", "0/_metadata", "0/0/_metadata", "1/_metadata", "1/0/_metadata"} {
		for name := range d.walk(path.Join(stateDir, dir)).entries {
			if name[0] == '.' {
				t.Errorf("%s: %s/%s remains", what, dir, name)
			}
		}
	}
}
