package operator

import (
	"errors"
	"sort"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// pairs joins a batch with a table in which rows may have several candidates. It lists pairs of a row of the stream and a candidate, tests
// them together, and then decides on each row of the stream in order.
type pairs struct {
	of          *lookup
	in          *vector.Batch // of the stream
	left, right []int32       // rows; right is -1 behind the candidates of a row that may come out without a match

	row     int32 // of the last pair that was decided on
	matched bool  // it has a match

	cols     []*vector.Vector // of both sides, gathered
	tested   vector.Selection
	passed   vector.Selection
	outLeft  []int32
	outRight []int32
	selected vector.Selection // rows of the stream that come out alone
	out      vector.Batch
}

func (p *pairs) init(of *lookup, width int) {
	p.of = of
	for range width {
		p.cols = append(p.cols, &vector.Vector{})
	}
}

// process joins a batch for which the lookup has found the first candidates.
func (p *pairs) process(ctx *expr.Context, b *vector.Batch, out Emit) error {
	p.in, p.row, p.selected = b, -1, p.selected[:0]
	for k := range b.Rows() {
		if err := p.list(ctx, int32(kernel.Row(b.Sel, k)), out); err != nil {
			return err
		}
	}
	if err := p.decide(ctx, out); err != nil {
		return err
	}
	if p.of.filters() {
		return p.of.emitSelected(b, p.selected, out)
	}
	return nil
}

// list lists the candidates of a row of the stream. It decides on the pairs whenever there are enough of them.
func (p *pairs) list(ctx *expr.Context, row int32, out Emit) error {
	l := p.of
	next, n := l.table.chains.next, int32(l.table.Len())
	keyed := len(l.Keys) > 0
	for c := l.candidates[row]; c >= 0; {
		if err := p.add(ctx, row, c, out); err != nil {
			return err
		}
		if l.filters() && p.row == row && p.matched {
			return nil // further candidates do not matter
		}
		switch {
		case !keyed && c+1 < n:
			c++
		case !keyed || next == nil:
			c = -1
		default:
			c = next[c]
		}
	}
	if l.Kind == LeftAnti || l.Kind == LeftOuter && (l.cond != nil || l.candidates[row] < 0) {
		return p.add(ctx, row, -1, out)
	}
	return nil
}

func (p *pairs) add(ctx *expr.Context, left, right int32, out Emit) error {
	p.left, p.right = append(p.left, left), append(p.right, right)
	if len(p.left) < vector.BatchRows {
		return nil
	}
	if err := ctx.Stop.Err(); err != nil {
		return err
	}
	return p.decide(ctx, out)
}

// decide tests the listed pairs, and hands on what comes out.
func (p *pairs) decide(ctx *expr.Context, out Emit) error {
	if len(p.left) == 0 {
		return nil
	}
	defer func() { p.left, p.right = p.left[:0], p.right[:0] }()
	passed, err := p.test(ctx)
	if err != nil {
		return err
	}
	p.outLeft, p.outRight = p.outLeft[:0], p.outRight[:0]
	for k, left := range p.left {
		if left != p.row {
			p.row, p.matched = left, false
		}
		passes := len(passed) > 0 && int(passed[0]) == k
		if passes {
			passed = passed[1:]
		}
		if err := p.result(left, p.right[k], passes); err != nil {
			return err
		}
	}
	return p.emit(out)
}

// result decides whether a pair comes out.
func (p *pairs) result(left, right int32, passes bool) error {
	first := passes && !p.matched
	switch p.of.Kind {
	case LeftSemi:
		if first {
			p.selected = append(p.selected, left)
		}
	case LeftAnti:
		if right < 0 && !p.matched {
			p.selected = append(p.selected, left)
		}
	default:
		if passes && p.matched && p.of.single {
			return expr.AtRow(int(left), sparkerr.New("SCALAR_SUBQUERY_TOO_MANY_ROWS"))
		}
		if passes || right < 0 && !p.matched {
			p.outLeft, p.outRight = append(p.outLeft, left), append(p.outRight, right)
		}
	}
	p.matched = p.matched || passes
	return nil
}

// test returns the pairs that match.
func (p *pairs) test(ctx *expr.Context) (vector.Selection, error) {
	p.tested = p.tested[:0]
	for k, right := range p.right {
		if right >= 0 {
			p.tested = append(p.tested, int32(k))
		}
	}
	if p.of.cond == nil || len(p.tested) == 0 {
		return p.tested, nil
	}
	cols := make([]*vector.Vector, len(p.cols))
	for _, c := range p.of.cond.Columns() {
		cols[c] = p.gather(c, p.left, p.right)
	}
	p.of.cond.Context = ctx
	return p.selectPairs(&vector.Batch{N: len(p.left), Cols: cols}, p.tested)
}

// selectPairs returns those of some pairs for which the condition is true. Where one match decides on a row, further candidates are not
// tested, and so cannot fail.
func (p *pairs) selectPairs(b *vector.Batch, rows vector.Selection) (vector.Selection, error) {
	passed, err := p.of.cond.Select(b, rows, p.passed)
	var at *expr.RowError
	if !errors.As(err, &at) {
		p.passed = passed
		return passed, err
	}
	failed := p.left[at.Row]
	if !p.of.filters() {
		return nil, expr.AtRow(int(failed), at.Err)
	}
	k := sort.Search(len(rows), func(k int) bool { return int(rows[k]) >= at.Row })
	before, err := p.of.cond.Select(b, rows[:k:k], nil)
	if err != nil {
		return nil, err
	}
	known := p.matched && p.row == failed
	if n := len(before); !known && (n == 0 || p.left[before[n-1]] != failed) {
		return nil, expr.AtRow(int(failed), at.Err)
	}
	for k < len(rows) && p.left[rows[k]] == failed {
		k++
	}
	after, err := p.selectPairs(b, rows[k:len(rows):len(rows)])
	return append(before, after...), err
}

// gather makes a column of pairs of rows.
func (p *pairs) gather(column int, left, right []int32) *vector.Vector {
	v, width := p.cols[column], p.of.width
	if column < width {
		kernel.GatherShared(v, p.in.Cols[column], left)
	} else {
		kernel.GatherShared(v, p.of.table.rows.Cols[column-width], right)
	}
	return v
}

// emit hands on the pairs that come out.
func (p *pairs) emit(out Emit) error {
	if len(p.outLeft) == 0 {
		return nil
	}
	for c := range p.cols {
		p.gather(c, p.outLeft, p.outRight)
	}
	p.out = vector.Batch{N: len(p.outLeft), Cols: p.cols, Origin: p.origin()}
	return out(&p.out)
}

// origin is where the rows of the stream in the pairs that come out are from.
func (p *pairs) origin() *vector.Origin {
	if p.in.Origin == nil {
		return nil
	}
	o := *p.in.Origin
	o.Starts = make([]uint32, len(p.outLeft))
	rows := p.outLeft
	if len(p.in.Origin.Starts) == 0 {
		o.Starts = nil
	}
	for k := range o.Starts {
		o.Starts[k] = p.in.Origin.Starts[rows[k]]
	}
	if line := o.Line; line != nil {
		o.Line = func(row int) int64 { return line(int(rows[row])) }
	}
	return &o
}
