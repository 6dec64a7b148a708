package operator

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// A union hands on what arrives at any of its inputs.
type union struct{ stateless }

// NewUnion returns an operator with any number of inputs that have the same types. (Spark: UnionExec.)
func NewUnion() Operator { return union{} }

func (union) Process(_ *expr.Context, _ int, b *vector.Batch, out Emit) error { return out(b) }
