package transform

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
)

// specialTimes puts the time itself in the place of a cast of a word for it, such as today: of every batch anew. To find the
// words it computes each constant text that is cast to a date or timestamp, wherever it stands and before all else, so that one
// that fails ends the query. (Spark: SpecialDatetimeValues.)
func (s *simplifier) specialTimes(e *expr.Expr) *expr.Expr {
	if s.err != nil {
		return e
	}
	if e.Kind == expr.Cast && e.Args[0].Type.Kind == types.KindString && isDateOrTimestamp(e.Type) && e.Args[0].Foldable() {
		text, err := eval.Constant(e.Args[0], s.ctx)
		if err != nil {
			s.err = err
			return e
		}
		if !text.IsNull(0) {
			if at := function.SpecialTime(datetime.SpecialWord(string(text.Bytes(0))), e); at != nil {
				return at
			}
		}
	}
	args := make([]*expr.Expr, len(e.Args))
	for i, a := range e.Args {
		args[i] = s.specialTimes(a)
	}
	return e.WithArgs(args)
}

func isDateOrTimestamp(t *types.Type) bool {
	return t.Kind == types.KindDate || t.Kind == types.KindTimestamp || t.Kind == types.KindTimestampNTZ
}
