// Package state holds what stateful operators keep between batches, in memory and in the files of Spark's state store, so that a query can move
// to Spark and back. (Spark: HDFSBackedStateStoreProvider.)
//
// Each operator of a query has one store per partition, or several with names. All stores of a query have the same version: the number of batches
// that are in them. A batch changes the stores, and Commit makes these changes durable as the next version before the sink commits. If the batch
// fails, Abort undoes its changes.
package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/streamctl/streamctl/internal/sparkerr"
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
	Counting   Counting
	Time       TimeFunc // of an entry, see Store.Passed; nil: entries have none
}

// A Counting says which changes of a store count as changes of the operator's rows.
type Counting uint8

// The ways to count.
const (
	CountPuts Counting = iota // every Put, and every removed key
	CountNew                  // Puts of new keys, and every removed key
	CountNone                 // none: the entries are not rows of the operator
)

// DefaultStore is the name of the only store of an operator.
const DefaultStore = "default"

// Options of a State.
type Options struct {
	Query   string // name of the query, for messages
	Version int64  // of the state that Load will read: the id of the batch that comes next
	Memory  int64  // limit in bytes for all stores together (--state-memory); 0 means none

	MinDeltas int // number of deltas after which a snapshot is due; 0 means Spark's default, 10
	Retain    int // number of versions that can be read again; 0 means Spark's default, 100
}

// A State is the state of a query. Its methods must be called by one goroutine, while no other one uses a store.
type State struct {
	fs        storage.FS
	dir       string // empty if in memory
	ops       []Operator
	stores    [][]*Store // by operator: partition × its stores
	version   int64      // of the stores; -1 before the first Load
	notLoaded error      // why Load failed; Commit returns it, so that nothing is written that does not follow on a version
	described bool       // metadata and schemas are in dir
	account   *account
	options   Options
	tidier    tidier
}

// Open prepares the state of operators, the one nearest to the sink first, that is stored in dir, the directory state of a checkpoint. Without
// dir, the state is in memory only. Open checks that what is in dir belongs to these operators, unless no batch was committed yet, and writes nothing.
// It must also be called for a query without operators, since the checkpoint may have state.
func Open(fsys storage.FS, dir string, ops []Operator, o Options) (*State, error) {
	o.MinDeltas, o.Retain = cmp.Or(o.MinDeltas, minDeltas), cmp.Or(o.Retain, retain)
	s := &State{fs: fsys, dir: dir, ops: ops, version: -1, account: &account{limit: o.Memory, query: o.Query}, options: o}
	s.notLoaded = sparkerr.Internal("the state was not loaded")
	if dir != "" && o.Version > 0 {
		if err := check(fsys, dir, ops); err != nil {
			return nil, err
		}
		s.described = true
	}
	for id := range ops {
		s.stores = append(s.stores, s.newStores(id))
	}
	return s, nil
}

func (s *State) newStores(id int) []*Store {
	op := &s.ops[id]
	var stores []*Store
	for partition := range op.Partitions {
		for i := range op.Stores {
			store := &Store{table: newTable(op.Stores[i].Time), layout: &op.Stores[i], memory: holding{account: s.account}}
			if s.dir != "" {
				store.folder = &folder{fs: s.fs, path: storePath(s.dir, id, partition, op.Stores[i].Name)}
			}
			stores = append(stores, store)
		}
	}
	return stores
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
// committed are undone. It reads files only if the stores do not have this version already. On an error, which names the file and what to do, the
// state must be loaded again or closed.
func (s *State) Load(ctx context.Context, version int64) error {
	if s.version == version || s.dir == "" {
		s.version, s.notLoaded = version, nil
		s.Abort()
		return nil
	}
	s.stopTidying()
	s.version = -1
	if s.notLoaded = s.read(ctx, version); s.notLoaded == nil {
		s.version = version
	}
	return s.notLoaded
}

// read reads a version of all stores.
func (s *State) read(ctx context.Context, version int64) error {
	if version > 0 && !s.described {
		if err := check(s.fs, s.dir, s.ops); err != nil {
			return err
		}
		s.described = true
	}
	return s.parallel(ctx, runtime.GOMAXPROCS(0), func(store *Store) error { return store.load(ctx, version) })
}

// Commit makes the changes since Load or the last Commit durable as the next version, in all stores, also in those without changes. On an error, the
// state is as before Commit, except that it can only be aborted.
func (s *State) Commit(ctx context.Context) error {
	next := s.version + 1
	if s.notLoaded != nil {
		return s.notLoaded
	}
	if s.dir != "" {
		if err := s.save(ctx, next); err != nil {
			return err
		}
	}
	s.each(func(store *Store) { store.commit(next) })
	s.version = next
	return nil
}

// saveTogether is the number of stores that are saved at the same time, which wait for the disk most of the time.
const saveTogether = 16

func (s *State) save(ctx context.Context, version int64) error {
	if !s.described {
		if err := s.describe(); err != nil {
			return err
		}
		s.described = true
	}
	return s.parallel(ctx, saveTogether, func(store *Store) error { return store.save(version) })
}

// Abort undoes the changes since Load or the last Commit.
func (s *State) Abort() {
	s.each(func(store *Store) { store.abort(s.version + 1) })
}

func (s *State) each(do func(*Store)) {
	for _, stores := range s.stores {
		for _, store := range stores {
			do(store)
		}
	}
}

// parallel calls do for all stores, for at most n at the same time, and returns the first error, after which it starts no more.
func (s *State) parallel(ctx context.Context, n int, do func(*Store) error) error {
	all := slices.Concat(s.stores...)
	if len(all) == 1 {
		return do(all[0])
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	errs := make([]error, min(n, len(all)))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for i := range errs {
		wait.Go(func() {
			errs[i] = sparkerr.Caught(func() error {
				for k := next.Add(1) - 1; k < int64(len(all)) && ctx.Err() == nil; k = next.Add(1) - 1 {
					if err := do(all[k]); err != nil {
						cancel()
						return err
					}
				}
				return nil
			})
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return ctx.Err()
}

// Close ends the use of the state and frees its memory. Changes that were not committed are lost.
func (s *State) Close() error {
	s.stopTidying()
	s.each((*Store).drop)
	return nil
}
