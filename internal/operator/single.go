package operator

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// single passes on the row of a query that is a value.
type single struct {
	fragment *sparkerr.Fragment
	rows     int
}

// NewSingle returns an operator that fails if there is more than one row. The fragment is the text of the query. (Spark: ScalarSubquery.)
func NewSingle(fragment *sparkerr.Fragment) Operator { return &single{fragment: fragment} }

// Begin starts with no row.
func (s *single) Begin(*Partition) { s.rows = 0 }

func (s *single) Process(_ *expr.Context, _ int, b *vector.Batch, out Emit) error {
	if s.rows += b.Rows(); s.rows > 1 {
		err := sparkerr.New("SCALAR_SUBQUERY_TOO_MANY_ROWS")
		err.Fragment = s.fragment
		return err
	}
	return out(b)
}

// Finish does nothing.
func (s *single) Finish(*expr.Context, Emit) error { return nil }
