package eval

import (
	"slices"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Predicate selects the rows for which a condition is true. The parts of a conjunction run in order, each on the remaining
// rows; nothing is evaluated in advance (Spark does not share subexpressions in filters). It implements vector.Predicate and
// belongs to one goroutine.
type Predicate struct {
	Context *expr.Context // for subsequent batches; set it before Select

	parts   []node
	columns []int
	rows    vector.Selection
	scratch vector.Selection
}

// CompilePredicate prepares a condition over batches with the given columns.
func CompilePredicate(e *expr.Expr, input []*expr.Expr) (*Predicate, error) {
	c := newCompiler(input)
	p := &Predicate{Context: &expr.Context{Zone: datetime.UTC}}
	whole := replaceAll(e)
	for _, part := range Conjuncts(whole) {
		n, err := c.compile(part)
		if err != nil {
			return nil, err
		}
		p.parts = append(p.parts, n)
	}
	expr.Walk(whole, func(x *expr.Expr) bool {
		if i, ok := c.columns[x.ID]; ok && x.Kind == expr.Column {
			p.columns = append(p.columns, i)
		}
		return true
	})
	slices.Sort(p.columns)
	p.columns = slices.Compact(p.columns)
	return p, nil
}

// Conjuncts splits a condition at its ANDs.
func Conjuncts(e *expr.Expr) []*expr.Expr {
	if e.Kind == expr.Alias {
		return Conjuncts(e.Args[0])
	}
	if e.Kind != expr.Call || e.Fn.Operands.Lazy != expr.LazyAnd {
		return []*expr.Expr{e}
	}
	return append(Conjuncts(e.Args[0]), Conjuncts(e.Args[1])...)
}

// Columns returns the positions of the input columns that the condition needs, ascending.
func (p *Predicate) Columns() []int { return p.columns }

// Select returns in dst the rows of sel (nil: all) for which the condition is true; the result is never nil. An error of a
// row is an *expr.RowError; it is the error that evaluating row by row would meet first.
func (p *Predicate) Select(b *vector.Batch, sel, dst vector.Selection) (vector.Selection, error) {
	run := func(s vector.Selection) (rows vector.Selection, err error) {
		err = tooLarge(halting(vector.MaxBytes, func() (err error) {
			rows, err = p.run(b, s)
			return err
		}), "an expression")
		return rows, err
	}
	rows, err := run(sel)
	if err != nil {
		return nil, firstError(err, b.N, sel, &p.scratch, func(s vector.Selection) error {
			_, err := run(s)
			return err
		})
	}
	if dst == nil {
		dst = make(vector.Selection, 0, len(rows))
	}
	return append(dst[:0], rows...), nil
}

func (p *Predicate) run(b *vector.Batch, sel vector.Selection) (vector.Selection, error) {
	r := &run{ctx: p.Context, batch: b, n: b.N}
	if sel == nil {
		p.rows = kernel.Identity(p.rows, b.N)
	} else {
		p.rows = append(p.rows[:0], sel...)
	}
	for i, part := range p.parts {
		rows := p.rows
		if i == 0 {
			rows = sel
		}
		v, err := part.eval(r, rows)
		if err != nil {
			return nil, err
		}
		p.rows = kernel.True(v, b.N, rows, p.rows)
		if len(p.rows) == 0 {
			break
		}
	}
	return p.rows, nil
}
