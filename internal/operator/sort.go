package operator

import (
	"slices"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// sorter sorts the rows of a micro-batch.
type sorter struct {
	order  []expr.Sorting
	keys   *eval.Projection
	sorted []*vector.Vector // the keys of rows
	rows   *vector.Batch
	held   memory.Holding
}

// NewSort returns an operator that sorts the rows of a micro-batch by keys over the given columns. Rows with equal keys stay in their
// order. (Spark: SortExec.)
func NewSort(keys []*expr.Expr, order []expr.Sorting, input []*expr.Expr) (Operator, error) {
	p, err := eval.Compile(keys, input)
	if err != nil {
		return nil, err
	}
	s := &sorter{order: order, keys: p, rows: &vector.Batch{}}
	for _, k := range keys {
		s.sorted = append(s.sorted, vector.New(k.Type, 0))
	}
	for _, c := range input {
		s.rows.Cols = append(s.rows.Cols, vector.New(c.Type, 0))
	}
	return s, nil
}

func (s *sorter) Process(ctx *expr.Context, _ int, b *vector.Batch, _ Emit) error {
	keys, err := s.keys.Eval(ctx, b, b.Sel)
	if err != nil {
		return err
	}
	rows := b.Sel
	if rows == nil {
		rows = kernel.Identity(nil, b.N)
	}
	for i, k := range keys {
		kernel.AppendRows(s.sorted[i], k, rows)
	}
	for i, c := range b.Cols {
		kernel.AppendRows(s.rows.Cols[i], c, rows)
	}
	s.rows.N += len(rows)
	if !memory.Limited() {
		return nil
	}
	if err := s.held.Hold(capacity(s.rows) + capacity(&vector.Batch{Cols: s.sorted})); err != nil {
		e := sparkerr.Plain("the rows to sort do not fit into memory: %s", err).WithHint("%s", memory.Remedy())
		e.Cause = err
		return e
	}
	return nil
}

func (s *sorter) Finish(_ *expr.Context, out Emit) error {
	order := kernel.Identity(nil, s.rows.N)
	slices.SortStableFunc(order, func(i, j int32) int {
		for k, v := range s.sorted {
			if c := compare(s.order[k], v, int(i), int(j)); c != 0 {
				return c
			}
		}
		return 0
	})
	err := inPortions(s.rows.N, func(from, to int) error { return out(gathered(s.rows, order[from:to])) })
	for _, v := range slices.Concat(s.sorted, s.rows.Cols) {
		v.Reset(v.Type, 0)
	}
	s.rows.N = 0
	return err
}

// compare orders two rows of a key; NULLs come first or last as the order says.
func compare(o expr.Sorting, v *vector.Vector, i, j int) int {
	if v.IsNull(i) || v.IsNull(j) {
		c := kernel.Compare(v, i, v, j) // NULL first
		if o.NullsLast {
			return -c
		}
		return c
	}
	c := kernel.Compare(v, i, v, j)
	if o.Desc {
		return -c
	}
	return c
}
