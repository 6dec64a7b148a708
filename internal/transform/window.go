package transform

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
)

// windows puts the time window that expressions use below the plan and gives the expressions with its column in place of the
// call. Rows without a time are filtered out first, where readers may see the condition. (Spark: the rule TimeWindowing.)
func (b *builder) windows(list []*expr.Expr) ([]*expr.Expr, error) {
	var window, column *expr.Expr
	var err error
	replace := func(e *expr.Expr) *expr.Expr {
		switch {
		case err != nil || !e.Is("window") || e.Fn.Generator:
			return e
		case window == nil:
			window = e
			if time := e.Args[0]; time.Nullable {
				b.plan = &filter{b.plan, call("isnotnull", time)}
			}
			if function.Tumbling(e) {
				out := b.plan.output()
				named := alias(function.WindowOf(e), "window")
				b.plan, column = &project{b.plan, append(out[:len(out):len(out)], named)}, columnOf(named)
			} else {
				column = b.generate(function.WindowRows(e), nil)
			}
		case !expr.Equal(window, e):
			err = &sparkerr.Error{
				Text:     "Multiple time/session window expressions would result in a cartesian product of rows, therefore they are currently not supported.",
				Fragment: e.Fragment(),
			}
		}
		return column
	}
	out := make([]*expr.Expr, len(list))
	for i, e := range list {
		out[i] = expr.Transform(e, replace)
	}
	return out, err
}
