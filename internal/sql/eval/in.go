package eval

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An inNode is x IN (list) with operands that are evaluated until one matches. It is NULL without a match if x or an operand
// is NULL.
type inNode struct {
	x      node
	list   []node
	out    vector.Vector
	open   vector.Selection // rows without a match so far
	isNull vector.Bitmap    // rows that have met a NULL
}

func (c *inNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	x, err := c.x.eval(r, sel)
	if err != nil {
		return nil, err
	}
	c.start(x, r.n, sel)
	for _, item := range c.list {
		if len(c.open) == 0 {
			break
		}
		v, err := item.eval(r, c.open)
		if err != nil {
			return nil, err
		}
		open := c.open[:0]
		for _, row := range c.open {
			i := int(row)
			switch {
			case v.IsNull(i):
				c.isNull.Set(i)
				open = append(open, row)
			case kernel.Compare(x, i, v, i) == 0:
				c.out.Bool[i] = true
			default:
				open = append(open, row)
			}
		}
		c.open = open
	}
	for _, row := range c.open {
		if c.isNull.Get(int(row)) {
			c.out.SetNull(int(row))
		}
	}
	return &c.out, nil
}

// start sets every row to false, or to NULL if x is NULL.
func (c *inNode) start(x *vector.Vector, n int, sel vector.Selection) {
	c.out.Reset(types.Boolean, n)
	kernel.Fill(c.out.Bool, false)
	c.open = slices.Grow(c.open[:0], n)
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if x.IsNull(i) {
			c.out.SetNull(i)
		} else {
			c.open = append(c.open, int32(i))
		}
	}
	if cap(c.isNull) < (n+63)/64 {
		c.isNull = vector.NewBitmap(n, false)
	}
	c.isNull = c.isNull[:(n+63)/64]
	clear(c.isNull)
}

// A setNode is x IN (constants), comparing with a few of them or using a hash table.
type setNode struct {
	x       node
	ints    []int64
	texts   [][]byte
	intSet  map[int64]bool // nil for a few constants
	textSet map[string]bool
	hasNull bool
	out     vector.Vector
}

// few is the number of constants up to which they are compared one by one.
const few = 8

// newSet returns nil if x or the list does not support a look-up.
func newSet(x node, typ *types.Type, list []*expr.Expr) *setNode {
	s := &setNode{x: x}
	for _, e := range list {
		if e.Kind != expr.Literal {
			return nil
		}
		if e.Value.IsNull(0) {
			s.hasNull = true
		} else if !s.add(typ, e.Value) {
			return nil
		}
	}
	if len(s.ints) > few {
		s.intSet = map[int64]bool{}
		for _, i := range s.ints {
			s.intSet[i] = true
		}
	}
	if len(s.texts) > few {
		s.textSet = map[string]bool{}
		for _, t := range s.texts {
			s.textSet[string(t)] = true
		}
	}
	if s.ints == nil && s.texts == nil {
		return nil
	}
	return s
}

func (s *setNode) add(typ *types.Type, v *vector.Vector) bool {
	switch typ.Kind.Storage() {
	case types.KindInt:
		s.ints = append(s.ints, int64(v.I32[0]))
	case types.KindLong:
		s.ints = append(s.ints, v.I64[0])
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary:
		s.texts = append(s.texts, v.Bytes(0))
	default:
		return false
	}
	return true
}

func (s *setNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	x, err := s.x.eval(r, sel)
	if err != nil {
		return nil, err
	}
	s.out.Reset(types.Boolean, r.n)
	for k := range kernel.Count(r.n, sel) {
		i := kernel.Row(sel, k)
		found := !x.IsNull(i) && s.has(x, i)
		s.out.Bool[i] = found
		if !found && (s.hasNull || x.IsNull(i)) {
			s.out.SetNull(i)
		}
	}
	return &s.out, nil
}

func (s *setNode) has(x *vector.Vector, i int) bool {
	switch {
	case s.texts != nil:
		return s.hasText(x.Bytes(i))
	case x.Type.Kind == types.KindInt || x.Type.Kind == types.KindDate || x.Type.Kind == types.KindYearMonth:
		return s.hasInt(int64(x.I32[x.At(i)]))
	}
	return s.hasInt(x.I64[x.At(i)])
}

func (s *setNode) hasText(b []byte) bool {
	if s.textSet != nil {
		return s.textSet[string(b)]
	}
	for _, t := range s.texts {
		if string(t) == string(b) {
			return true
		}
	}
	return false
}

func (s *setNode) hasInt(i int64) bool {
	if s.intSet != nil {
		return s.intSet[i]
	}
	return slices.Contains(s.ints, i)
}
