package eval

import (
	"context"
	"errors"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A logicNode is AND (stop is false) or OR (stop is true): a left operand equal to stop decides the result.
type logicNode struct {
	stop        bool
	left, right node
	harmless    harm // of the right operand
	out         vector.Vector
	rows        vector.Selection
}

// eager reports whether evaluating the right operand for all rows of sel is better than just for the rows that need it: it
// must be harmless, and either cheap or needed by most rows.
func (l *logicNode) eager(left *vector.Vector, n int, sel vector.Selection) bool {
	if l.harmless == mayFail || left.Valid != nil || left.IsConst() || sel != nil && len(sel) < n {
		return false
	}
	if l.harmless == neverFailsCheap {
		return true
	}
	decided := kernel.CountTrue(left.Bool[:n])
	if !l.stop {
		decided = n - decided
	}
	return decided < n/4
}

// combine computes the result for flat operands without NULLs. It returns false for others.
func (l *logicNode) combine(left, right *vector.Vector, n int) bool {
	if right.Valid != nil || right.IsConst() {
		return false
	}
	l.out.Reset(types.Boolean, n)
	if l.stop {
		kernel.Or(l.out.Bool, left.Bool, right.Bool)
	} else {
		kernel.And(l.out.Bool, left.Bool, right.Bool)
	}
	return true
}

func (l *logicNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	left, err := l.left.eval(r, sel)
	if err != nil {
		return nil, err
	}
	if left.IsConst() && !left.IsNull(0) {
		if left.Bool[0] == l.stop {
			return left, nil
		}
		return l.right.eval(r, sel)
	}
	if l.eager(left, r.n, sel) {
		right, err := l.right.eval(r, sel)
		if err != nil || l.combine(left, right, r.n) {
			return &l.out, err
		}
	}
	l.rows = kernel.NotEqualBool(left, l.stop, r.n, sel, l.rows)
	if len(l.rows) == 0 {
		return left, nil
	}
	right, err := l.right.eval(r, l.rows)
	if err != nil {
		return nil, err
	}
	l.out.Reset(types.Boolean, r.n)
	kernel.Fill(l.out.Bool, l.stop)
	if left.Valid == nil && right.Valid == nil {
		kernel.CopyRows(&l.out, right, r.n, l.rows)
		return &l.out, nil
	}
	for _, row := range l.rows {
		i := int(row)
		leftNull, rightNull := left.IsNull(i), right.IsNull(i)
		switch {
		case !rightNull && right.Bool[right.At(i)] == l.stop:
		case leftNull || rightNull:
			l.out.SetNull(i)
		default:
			l.out.Bool[i] = !l.stop
		}
	}
	return &l.out, nil
}

// A caseNode is IF and CASE: the value of the first condition that is true, otherwise the else value.
type caseNode struct {
	conditions []node
	values     []node // one per condition, then the else value
	typ        *types.Type
	out        vector.Vector
	yes, no    []vector.Selection // per condition
}

func (c *caseNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	m := newMerge(&c.out, c.typ, r.n, sel)
	rest := sel
	for k, condition := range c.conditions {
		if m.left == 0 {
			break
		}
		v, err := condition.eval(r, rest)
		if err != nil {
			return nil, err
		}
		c.yes[k], c.no[k] = kernel.Split(v, r.n, rest, c.yes[k], c.no[k])
		if err := m.add(r, c.values[k], c.yes[k]); err != nil {
			return nil, err
		}
		rest = c.no[k]
	}
	if err := m.add(r, c.values[len(c.conditions)], rest); err != nil {
		return nil, err
	}
	return m.result(), nil
}

// A coalesceNode is the first operand that is not NULL.
type coalesceNode struct {
	args []node
	typ  *types.Type
	out  vector.Vector
	some vector.Selection
	null []vector.Selection // per operand
}

func (c *coalesceNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	m := newMerge(&c.out, c.typ, r.n, sel)
	rest := sel
	for k, a := range c.args {
		if m.left == 0 {
			break
		}
		v, err := a.eval(r, rest)
		if err != nil {
			return nil, err
		}
		some := rest
		if k+1 < len(c.args) {
			c.some, c.null[k] = kernel.SplitNull(v, r.n, rest, c.some, c.null[k])
			some, rest = c.some, c.null[k]
		}
		m.take(v, some, v.Valid == nil || k+1 < len(c.args))
	}
	return m.result(), nil
}

// A nanvlNode is its left operand unless that is NaN, otherwise the right one.
type nanvlNode struct {
	left, right node
	typ         *types.Type
	out         vector.Vector
	some, none  vector.Selection // rows without and with a NaN
}

func (c *nanvlNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	v, err := c.left.eval(r, sel)
	if err != nil {
		return nil, err
	}
	some, none := c.some[:0], c.none[:0]
	for k := range kernel.Count(r.n, sel) {
		i := kernel.Row(sel, k)
		at := v.At(i)
		if !v.IsNull(i) && (v.F64 != nil && v.F64[at] != v.F64[at] || v.F32 != nil && v.F32[at] != v.F32[at]) {
			none = append(none, int32(i))
		} else {
			some = append(some, int32(i))
		}
	}
	c.some, c.none = some, none
	if len(none) == 0 {
		return v, nil
	}
	m := newMerge(&c.out, c.typ, r.n, sel)
	if len(some) > 0 {
		m.take(v, some, v.Valid == nil)
	}
	if err := m.add(r, c.right, none); err != nil {
		return nil, err
	}
	return m.result(), nil
}

// A nonZeroNode is its operand, but NULL where that is zero.
type nonZeroNode struct {
	x   node
	typ *types.Type
	out vector.Vector
}

func (z *nonZeroNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	v, err := z.x.eval(r, sel)
	if err != nil {
		return nil, err
	}
	copied := false
	for k := range kernel.Count(r.n, sel) {
		i := kernel.Row(sel, k)
		if v.IsNull(i) || !isZero(v, v.At(i)) {
			continue
		}
		if v.IsConst() {
			return vector.NewNull(z.typ), nil
		}
		if !copied {
			z.out.Reset(z.typ, r.n)
			kernel.CopyRows(&z.out, v, r.n, sel)
			copied = true
		}
		z.out.SetNull(i)
	}
	if copied {
		return &z.out, nil
	}
	return v, nil
}

// isZero reports whether position at of a numeric vector is zero.
func isZero(v *vector.Vector, at int) bool {
	switch v.Type.Kind {
	case types.KindByte:
		return v.I8[at] == 0
	case types.KindShort:
		return v.I16[at] == 0
	case types.KindInt:
		return v.I32[at] == 0
	case types.KindLong:
		return v.I64[at] == 0
	case types.KindFloat:
		return v.F32[at] == 0
	case types.KindDouble:
		return v.F64[at] == 0
	}
	return v.Dec[at].IsZero()
}

// An eltNode is the input whose number, counting from 1, is given by each row.
type eltNode struct {
	number   node
	inputs   []node
	typ      *types.Type
	fragment *sparkerr.Fragment
	out      vector.Vector
	rows     []vector.Selection // per number; 0: NULL
}

func newElt(e *expr.Expr, args []node) *eltNode {
	n := &eltNode{number: args[0], inputs: args[1:], typ: e.Type, fragment: e.Fragment(), rows: make([]vector.Selection, len(args))}
	for k := range n.rows {
		n.rows[k] = vector.Selection{} // nil would mean all rows
	}
	return n
}

func (e *eltNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	numbers, err := e.number.eval(r, sel)
	if err != nil {
		return nil, err
	}
	for k := range e.rows {
		e.rows[k] = e.rows[k][:0]
	}
	for k := range kernel.Count(r.n, sel) {
		i := kernel.Row(sel, k)
		number := int32(0)
		if !numbers.IsNull(i) {
			if number = numbers.I32[numbers.At(i)]; number < 1 || int(number) > len(e.inputs) {
				err := sparkerr.New("INVALID_ARRAY_INDEX", "indexValue", strconv.Itoa(int(number)), "arraySize", strconv.Itoa(len(e.inputs)))
				return nil, locate(expr.AtRow(i, err.WithHint("get returns NULL instead")), e.fragment)
			}
		}
		e.rows[number] = append(e.rows[number], int32(i))
	}
	m := newMerge(&e.out, e.typ, r.n, sel)
	m.take(vector.NewNull(e.typ), e.rows[0], false)
	for k, input := range e.inputs {
		if err := m.add(r, input, e.rows[k+1]); err != nil {
			return nil, err
		}
	}
	return m.result(), nil
}

// A tryNode is its operand, but NULL on the rows where that fails. (Spark: TryEval.)
type tryNode struct {
	x   node
	typ *types.Type
	out vector.Vector
	row [1]int32
}

// eval locates failing rows, by evaluating row by row, only after a failure. Being stopped and lack of memory are not
// failures of a row.
func (t *tryNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	v, err := t.x.eval(r, sel)
	if err == nil {
		return v, nil
	}
	if ends(err) {
		return nil, err
	}
	null := vector.NewNull(t.typ)
	m := newMerge(&t.out, t.typ, r.n, sel)
	for k := range kernel.Count(r.n, sel) {
		t.row[0] = int32(kernel.Row(sel, k))
		v, err := t.x.eval(r, t.row[:])
		if ends(err) {
			return nil, err
		}
		if err != nil {
			v = null
		}
		m.take(v, t.row[:], v.Valid == nil)
	}
	return m.result(), nil
}

// ends reports whether err is an error that no try_ function handles.
func ends(err error) bool {
	var large *expr.TooLarge
	return errors.Is(err, context.Canceled) || errors.As(err, &large)
}

// A merge assembles a result from vectors that are each valid for some of the rows. A vector that is valid for all rows
// becomes the result itself.
type merge struct {
	out   *vector.Vector
	typ   *types.Type
	n     int
	sel   vector.Selection
	left  int            // rows without a value so far
	whole *vector.Vector // the single vector for all rows
	begun bool
}

func newMerge(out *vector.Vector, t *types.Type, n int, sel vector.Selection) merge {
	return merge{out: out, typ: t, n: n, sel: sel, left: kernel.Count(n, sel)}
}

// add evaluates a node for the given rows.
func (m *merge) add(r *run, n node, rows vector.Selection) error {
	if kernel.Count(m.n, rows) == 0 {
		return nil
	}
	v, err := n.eval(r, rows)
	if err != nil {
		return err
	}
	m.take(v, rows, v.Valid == nil)
	return nil
}

// take uses v for the given rows; notNull means that it has no NULLs there.
func (m *merge) take(v *vector.Vector, rows vector.Selection, notNull bool) {
	count := kernel.Count(m.n, rows)
	if count == 0 {
		return
	}
	if !m.begun && count == m.left {
		m.whole, m.left = v, 0
		return
	}
	if !m.begun {
		m.out.Reset(m.typ, m.n)
	}
	if all := !m.begun && notNull && count > m.n/2 && kernel.CopyAll(m.out, v, m.n); !all {
		if notNull {
			kernel.CopyValues(m.out, v, m.n, rows)
		} else {
			kernel.CopyRows(m.out, v, m.n, rows)
		}
	}
	m.begun = true
	m.left -= count
}

func (m *merge) result() *vector.Vector {
	if m.whole != nil {
		return m.whole
	}
	if !m.begun {
		m.out.Reset(m.typ, m.n)
	}
	return m.out
}
