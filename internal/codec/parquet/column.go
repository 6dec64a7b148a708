package parquet

import (
	"io"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A column assembles a vector of a type from the leaves below a node. The vector has a slot for each row or, within lists,
// for each element of the innermost enclosing list: that is, for each entry with a repetition level of at most rep and a
// definition level of at least def. (Dremel's record assembly, one column at a time.)
type column struct {
	typ      *types.Type
	node     *node
	rep, def uint8
	leaf     *leaf // for primitive types
	levels   *leaf // any leaf below node; determines lists and NULLs
	repeated *node // for lists and maps
	children []*column
	vec      *vector.Vector
	valid    vector.Bitmap
	parts    []*vector.Vector
	missing  bool // not in the file: all NULL
}

// A binder creates columns and collects the leaves they need.
type binder struct {
	file   *vector.File
	src    io.ReaderAt
	ledger *ledger
	leaves []*leaf
}

// bind matches a node of the file with a type. (Spark: ParquetReadSupport.clipParquetSchema, ParquetColumnVector.)
func (b *binder) bind(n *node, t *types.Type, rep, def uint8) (*column, error) {
	c := &column{typ: t, node: n, rep: rep, def: def, vec: &vector.Vector{}}
	var err error
	switch {
	case t.Kind != types.KindArray && n.maxRep > rep:
		return nil, mismatch(b.file, n, t)
	case t.Kind == types.KindStruct:
		err = b.bindStruct(c)
	case t.Kind == types.KindArray:
		err = b.bindArray(c)
	case t.Kind == types.KindMap:
		err = b.bindMap(c)
	case n.leaf < 0:
		return nil, mismatch(b.file, n, t)
	default:
		if c.leaf, err = newLeaf(n, t, b); err == nil {
			c.levels = c.leaf
			b.leaves = append(b.leaves, c.leaf)
		}
	}
	return c, err
}

func (b *binder) bindStruct(c *column) error {
	if c.node.leaf >= 0 {
		return mismatch(b.file, c.node, c.typ)
	}
	for _, f := range c.typ.Fields {
		n, err := c.node.child(f.Name)
		if err != nil {
			return err
		}
		child := &column{typ: f.Type, missing: true, vec: &vector.Vector{}}
		if n != nil {
			if child, err = b.bind(n, f.Type, c.rep, c.def); err != nil {
				return err
			}
			c.levels = child.levels
		}
		c.children = append(c.children, child)
	}
	return b.needLevels(c)
}

// needLevels adds a leaf that is read only for its levels, if no child has one.
func (b *binder) needLevels(c *column) error {
	if c.levels != nil {
		return nil
	}
	n := c.node.firstLeaf()
	if n == nil {
		return mismatch(b.file, c.node, c.typ)
	}
	c.levels = newLevels(n, b)
	b.leaves = append(b.leaves, c.levels)
	return nil
}

func (b *binder) bindArray(c *column) error {
	var element *node
	var err error
	switch {
	case c.node.maxRep > c.rep: // a repeated field without LIST around it
		c.repeated, element = c.node, c.node
	case c.node.isList():
		c.repeated, element, err = c.node.element()
	default:
		err = mismatch(b.file, c.node, c.typ)
	}
	if err != nil {
		return err
	}
	return b.bindElements(c, []*node{element}, []*types.Type{c.typ.Elem})
}

func (b *binder) bindMap(c *column) error {
	if !c.node.isMap() {
		return mismatch(b.file, c.node, c.typ)
	}
	repeated, key, value, err := c.node.entries()
	if err != nil {
		return err
	}
	c.repeated = repeated
	return b.bindElements(c, []*node{key, value}, []*types.Type{c.typ.Key, c.typ.Elem})
}

func (b *binder) bindElements(c *column, nodes []*node, ts []*types.Type) error {
	for i, n := range nodes {
		child, err := b.bind(n, ts[i], c.repeated.maxRep, c.repeated.maxDef)
		if err != nil {
			return err
		}
		c.children = append(c.children, child)
	}
	c.levels = c.children[0].levels
	return nil
}

// build assembles the vector of the batch after the leaves have read their parts. In damaged files, the leaves of a column
// may disagree on the number of values.
func (c *column) build() (*vector.Vector, error) {
	switch {
	case c.leaf != nil:
		return c.leaf.finish(c.def), nil
	case c.repeated != nil:
		return c.buildLists()
	}
	slots, nulls := c.slots()
	c.parts = c.parts[:0]
	for _, child := range c.children {
		if child.missing {
			c.parts = append(c.parts, child.nulls(slots))
			continue
		}
		part, err := child.build()
		if err != nil {
			return nil, err
		}
		if part.Len() != slots {
			return nil, errShortPage
		}
		c.parts = append(c.parts, part)
	}
	c.vec.Assemble(c.typ, slots, c.parts...)
	if nulls {
		c.vec.Valid = c.valid
	}
	return c.vec, nil
}

// nulls returns a vector of n NULLs.
func (c *column) nulls(n int) *vector.Vector {
	c.vec.Reset(c.typ, n)
	for i := range c.vec.Views[:min(n, len(c.vec.Views))] {
		c.vec.Views[i] = vector.View{}
	}
	c.valid = grow(c.valid, (n+63)/64)
	clear(c.valid)
	c.vec.Valid = c.valid
	return c.vec
}

// slots counts the entries and determines which are NULL.
func (c *column) slots() (n int, nulls bool) {
	l := c.levels
	top := c.node.maxDef
	if c.repeated != nil {
		top = c.repeated.maxDef - 1
	}
	c.valid = grow(c.valid, (max(len(l.defs), l.count, 1)+63)/64)
	clear(c.valid)
	for i, d := range l.defs {
		if d < c.def || len(l.reps) > 0 && l.reps[i] > c.rep {
			continue
		}
		if d >= top {
			c.valid.Set(n)
		} else {
			nulls = true
		}
		n++
	}
	if l.node.maxDef == 0 { // nothing can be NULL, and there are no levels
		return l.entries, false
	}
	return n, nulls
}

// buildLists assembles an array or a map.
func (c *column) buildLists() (*vector.Vector, error) {
	slots, nulls := c.slots()
	c.parts = c.parts[:0]
	for _, child := range c.children {
		part, err := child.build()
		if err != nil {
			return nil, err
		}
		c.parts = append(c.parts, part)
	}
	c.vec.Assemble(c.typ, slots, c.parts...)
	if nulls {
		c.vec.Valid = c.valid
	}
	l, inner := c.levels, c.repeated
	slot, total := -1, uint32(0)
	for i, d := range l.defs {
		rep := l.reps[i]
		if d >= c.def && rep <= c.rep {
			slot++
			c.vec.Views[slot] = vector.View{Off: total}
		}
		if d >= inner.maxDef && rep <= inner.maxRep {
			c.vec.Views[slot].Len++
			total++
		}
	}
	for _, part := range c.parts {
		if part.Len() != int(total) {
			return nil, errShortPage
		}
	}
	return c.vec, nil
}
