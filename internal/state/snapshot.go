package state

import (
	"context"
	"hash/maphash"
	"time"
)

// A snapshot of many changes takes two passes over the files, each of half of the keys, so that these changes take less memory. More passes would make it
// so slow that it would never catch up with a stream that changes its whole state every few seconds.
const (
	overlayBytes = 64 << 20
	maxPasses    = 2
)

// goneValue marks a key that the deltas remove. It is not a row: these are whole words.
var goneValue = []byte{0}

// snapshot writes the snapshot of a version from the last one and the deltas after it, not from the store, which batches go on changing meanwhile. The
// changes are held in memory: if they are many, those of a part of the keys at a time, in several passes over the files.
func (f *folder) snapshot(ctx context.Context, version int64) error {
	base, err := f.chain(version)
	if err != nil {
		return err
	}
	f.mu.Lock()
	since := f.since
	f.mu.Unlock()
	m := merger{folder: f, base: base, version: version, passes: uint64(min(since/overlayBytes+1, maxPasses)), seed: maphash.MakeSeed()}
	m.out.start(f, snapshotName(version))
	for m.pass = 0; m.pass < m.passes && err == nil; m.pass++ {
		err = m.merge(ctx)
	}
	if err == nil {
		err = m.out.finish()
	}
	if err == nil {
		err = f.publish(&m.out, version, false)
	}
	if err != nil {
		m.out.discard()
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.since -= since
	f.whole, f.snapped = m.out.bytes, time.Now()
	return nil
}

// A merger writes a snapshot.
type merger struct {
	folder        *folder
	base, version int64
	passes, pass  uint64
	seed          maphash.Seed
	changes       *table
	out           output
}

// mine returns do for the keys of the current pass only.
func (m *merger) mine(do entryFunc) entryFunc {
	if m.passes == 1 {
		return do
	}
	return func(key, value []byte) error {
		if maphash.Bytes(m.seed, key)%m.passes != m.pass {
			return nil
		}
		return do(key, value)
	}
}

// merge writes the entries of the current pass: those of the last snapshot in its order, with the values that the deltas give them, then new ones.
func (m *merger) merge(ctx context.Context) error {
	m.changes = newTable(nil)
	err := inPortions(ctx, m.changes, func(ctx context.Context, do entryFunc) error {
		for v := m.base + 1; v <= m.version; v++ {
			if _, err := m.folder.readFile(ctx, deltaName(v), m.version, rows{}, m.mine(do)); err != nil {
				return err
			}
		}
		return nil
	}, m.change)
	if err == nil && m.base > 0 {
		err = inPortions(ctx, m.changes, func(ctx context.Context, do entryFunc) error {
			_, err := m.folder.readFile(ctx, snapshotName(m.base), m.version, rows{}, m.mine(do))
			return err
		}, m.keep)
	}
	if err != nil {
		return err
	}
	for key, value := range m.changes.all {
		m.write(key, value)
	}
	return m.out.err
}

// change records an entry of a delta.
func (m *merger) change(key, value []byte) error {
	if value == nil {
		value = goneValue
	}
	return m.changes.apply(key, value)
}

// keep writes an entry of the last snapshot unless it was removed since.
func (m *merger) keep(key, value []byte) error {
	if addr, at, ok := m.changes.find(key); ok {
		m.write(key, entry(m.changes.at(addr)).value())
		m.changes.remove(addr, at)
		return m.out.err
	}
	m.out.add(key, value)
	return m.out.err
}

func (m *merger) write(key, value []byte) {
	if len(value) != len(goneValue) {
		m.out.add(key, value)
	}
}
