// Package state holds what stateful operators keep between batches, in memory and in the files of Spark's state store, so that a query can move
// to Spark and back. (Spark: HDFSBackedStateStoreProvider.)
//
// Each operator of a query has one store per partition, or several with names. All stores of a query have the same version: the number of batches
// that are in them. A batch changes the stores, and Commit makes these changes durable as the next version before the sink commits. If the batch
// fails, Abort undoes its changes.
package state

import (
	"context"
	"fmt"
	"slices"

	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// An Operator is a stateful operator of a query.
type Operator struct {
	Name       string // Spark's operatorName, such as stateStoreSave
	Partitions int    // number of partitions, each of which has all stores
	Stores     []Layout
}

// A Layout describes a store of an operator.
type Layout struct {
	Name       string // DefaultStore unless the operator has several
	PrefixKeys int    // number of key columns by which Spark can scan (numColsPrefixKey)
	Key, Value []types.Field
}

// DefaultStore is the name of the only store of an operator.
const DefaultStore = "default"

// Options of a State.
type Options struct {
	Query  string // name of the query, for messages
	Memory int64  // limit in bytes for all stores together (--state-memory); 0 means none
}

// A State is the state of a query. Its methods must be called by one goroutine, while no other one uses a store.
type State struct {
	fs      storage.FS
	dir     string // empty if in memory
	ops     []Operator
	stores  [][]*Store // by operator: partition × its stores
	version int64      // of the stores; -1 before the first Load
	account *account
}

// Open prepares the state of operators, the one nearest to the sink first, that is stored in dir, the directory state of a checkpoint. Without
// dir, the state is in memory only. Open checks that what is in dir belongs to these operators; Load reads it.
func Open(fsys storage.FS, dir string, ops []Operator, o Options) (*State, error) {
	s := &State{fs: fsys, dir: dir, ops: ops, version: -1, account: &account{limit: o.Memory, query: o.Query}}
	for _, op := range ops {
		stores := make([]*Store, op.Partitions*len(op.Stores))
		for i := range stores {
			stores[i] = &Store{table: newTable(), memory: holding{account: s.account}}
		}
		s.stores = append(s.stores, stores)
	}
	return s, nil
}

// Store returns a store of an operator. It remains the same until Close.
func (s *State) Store(operator int, name string, partition int) *Store {
	op := &s.ops[operator]
	k := slices.IndexFunc(op.Stores, func(l Layout) bool { return l.Name == name })
	if k < 0 {
		panic(fmt.Sprintf("operator %d (%s) has no store %s", operator, op.Name, name))
	}
	return s.stores[operator][partition*len(op.Stores)+k]
}

// Version returns the version of the stores without the changes of the running batch, or -1 before the first Load.
func (s *State) Version() int64 { return s.version }

// Bytes returns the memory that all stores take, in bytes.
func (s *State) Bytes() int64 { return s.account.used.Load() }

// Load makes all stores have the given version: the id of the batch that comes next, which is 0 for the first one. Changes that were not
// committed are undone.
func (s *State) Load(_ context.Context, version int64) error {
	s.Abort()
	s.version = version
	return nil
}

// Commit makes the changes since Load or the last Commit durable as the next version.
func (s *State) Commit(_ context.Context) error {
	s.each((*Store).commit)
	s.version++
	return nil
}

// Abort undoes the changes since Load or the last Commit.
func (s *State) Abort() { s.each((*Store).abort) }

func (s *State) each(do func(*Store)) {
	for _, stores := range s.stores {
		for _, store := range stores {
			do(store)
		}
	}
}

// Tidy writes snapshots and removes old files where they are due. It does this in the background and returns at once.
func (s *State) Tidy(_ context.Context) {}

// Close ends the use of the state and gives back its memory. Changes that were not committed are lost.
func (s *State) Close() error {
	s.each(func(store *Store) {
		store.table = newTable()
		_ = store.memory.hold(0)
	})
	return nil
}
