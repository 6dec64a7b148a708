package group

import (
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Finder looks keys up in tables without adding any. It belongs to one goroutine; several may read a table at the same time, as long as
// none changes it.
type Finder struct {
	layout layout
	chunk  chunk
	far    bool // most keys are not in the range of Table.near
}

// NewFinder returns a finder for tables of keys with the given types.
func NewFinder(types ...*types.Type) *Finder {
	return &Finder{layout: newLayout(types)}
}

// Find sets groups[i] to the number of the key in row i of cols, or to -1 if the table does not have it, for the rows of sel (nil: all
// n). There is at least one column. An error is the reason to stop.
func (f *Finder) Find(stop *halt.Flag, t *Table, n int, sel vector.Selection, cols []*vector.Vector, groups []int32) error {
	f.layout.bind(cols)
	rows := kernel.Count(n, sel)
	for from := 0; from < rows; {
		if err := stop.Err(); err != nil {
			return err
		}
		most := min(chunkRows, rows-from)
		part := sel
		if sel != nil {
			part = sel[from : from+most]
		}
		c := &f.chunk
		c.load(&f.layout, from, most, part)
		f.find(t)
		if sel == nil {
			copy(groups[from:], c.groups)
		} else {
			for k, g := range c.groups {
				groups[part[k]] = g
			}
		}
		from += len(c.groups)
	}
	return nil
}

// find looks the keys of the chunk up.
func (f *Finder) find(t *Table) {
	c := &f.chunk
	if t.n == 0 {
		for k := range c.groups {
			c.groups[k] = -1
		}
		return
	}
	if !f.far && t.near.numbers != nil && c.nulls == nil {
		far := t.near.find(c)
		f.far = far > len(c.words)/8
		if far == 0 {
			return
		}
	}
	nulls := c.nulls
	if t.nulls != nil && nulls == nil {
		c.needNulls()
	}
	c.hash(&f.layout, t.seed, t.salt)
	t.find(c)
	for _, k := range c.missing {
		if c.groups[k] >= 0 { // another key with the same tag
			c.groups[k] = t.probe(c, int(k))
		}
	}
	if t.nulls == nil {
		for k, bits := range nulls { // which equal does not compare then
			if bits != 0 {
				c.groups[k] = -1
			}
		}
	}
}

// probe returns the number of the key in row k of the chunk, or -1.
func (t *Table) probe(c *chunk, k int) int32 {
	tag, mask := c.hashes[k]>>32, uint64(len(t.slots)-1)
	for i := tag >> t.shift; t.slots[i] != 0; i = (i + 1) & mask {
		s := t.slots[i]
		if g := int(uint32(s)) - 1; s>>32 == tag && t.equal(g, c, k) {
			return int32(g)
		}
	}
	return -1
}
