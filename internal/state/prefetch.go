package state

import (
	"cmp"
	"context"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// PrefetchRows is the number of keys that Prefetch takes.
const PrefetchRows = 512

// Prefetch loads what Get, Put and Remove of some keys read into the caches of the processor. Other than these calls, it waits for the memory of all
// keys at the same time. The keys are in data, one after another, and end at ends; those beyond the first PrefetchRows are ignored.
func (s *Store) Prefetch(data []byte, ends []int) { s.table.prefetch(data, ends) }

func (t *table) prefetch(data []byte, ends []int) {
	if len(t.slots) <= minSlots {
		return
	}
	var tags, addrs [PrefetchRows]uint32
	ends = ends[:min(len(ends), PrefetchRows)]
	from, sum := 0, byte(0)
	for k, end := range ends {
		tags[k] = uint32(t.tag(data[from:end]))
		from = end
	}
	for k := range ends { // these loads do not depend on each other, nor do those below
		sum += byte(t.slots[tags[k]>>t.shift])
	}
	n := 0
	for k := range ends {
		if addr, ok := t.tagged(tags[k]); ok {
			addrs[n] = addr
			n++
		}
	}
	for _, addr := range addrs[:n] {
		e := t.at(addr)
		sum += e[0] + e[min(len(e), cacheLine)-1]
	}
	t.touched += sum
}

// cacheLine is the number of bytes that the processor loads at a time.
const cacheLine = 64

// tagged returns the address in the first slot with a tag.
func (t *table) tagged(tag uint32) (addr uint32, ok bool) {
	mask := uint32(len(t.slots) - 1)
	for i := tag >> t.shift; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 || uint32(s>>32) == tag {
			return uint32(s) - 1, s != 0
		}
	}
}

// A portion holds some entries of files.
type portion struct {
	keys, values []byte
	ends         []int // of the keys
	sizes        []int // of the values; -1 for a removal
}

// add adds an entry and reports whether the portion is full.
func (p *portion) add(key, value []byte) (full bool) {
	size := len(value)
	if value == nil {
		size = -1
	}
	p.keys, p.values = append(p.keys, key...), append(p.values, value...)
	p.ends, p.sizes = append(p.ends, len(p.keys)), append(p.sizes, size)
	return len(p.ends) == PrefetchRows || len(p.values) >= blockBytes
}

// each calls do for the entries, whose keys it prefetches from t, and empties the portion.
func (p *portion) each(t *table, do entryFunc) error {
	t.prefetch(p.keys, p.ends)
	key, value := 0, 0
	for k, size := range p.sizes {
		var v []byte
		if size >= 0 {
			v = p.values[value : value+size : value+size]
			value += size
		}
		if err := do(p.keys[key:p.ends[k]], v); err != nil {
			return err
		}
		key = p.ends[k]
	}
	p.keys, p.values, p.ends, p.sizes = p.keys[:0], p.values[:0], p.ends[:0], p.sizes[:0]
	return nil
}

// inPortions calls read, which passes entries to its argument, in another goroutine, and do for these entries here: reading and checking files takes
// about as long as filling a table.
func inPortions(ctx context.Context, t *table, read func(context.Context, entryFunc) error, do entryFunc) error {
	ctx, cancel := context.WithCancel(ctx)
	full, empty := make(chan *portion, 2), make(chan *portion, 3)
	for range cap(empty) {
		empty <- &portion{values: []byte{}} // not nil: a row without columns is not a removal
	}
	var failed error
	go func() {
		defer close(full)
		failed = sparkerr.Caught(func() error {
			p := <-empty
			err := read(ctx, func(key, value []byte) error {
				if p.add(key, value) {
					full <- p
					p = <-empty
				}
				return nil
			})
			full <- p
			return err
		})
	}()
	var err error
	for p := range full {
		if err == nil {
			if err = p.each(t, do); err != nil {
				cancel()
			}
		}
		empty <- p
	}
	cancel()
	return cmp.Or(err, failed)
}
