package function

import (
	"math"
	"strconv"

	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
)

// sketchFunctions summarise the distribution of many numbers in little memory.
func sketchFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "percentile_approx", Aliases: []string{"approx_percentile"}, Group: "agg_funcs", Usage: "percentile_approx(col, percentage [, accuracy])",
			Doc:     "The approximate value at a percentage of the sorted values; exact for few values.",
			Example: "percentile_approx(10, 0.5)", Result: "10", MinArgs: 2, MaxArgs: 3, Aggregate: true,
			Resolve: defaults(resolveApproxPercentile, 2, expr.Int(10000)), Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				q, _ := call.Data.(accumulate.ApproxPercentile)
				return q.New(), nil
			},
		},
		{
			Name: "histogram_numeric", Group: "agg_funcs", Usage: "histogram_numeric(expr, nb)",
			Doc:     "The centres and heights of the bins of a histogram.",
			Example: "histogram_numeric(5, 3)", Result: "[{5, 1.0}]", MinArgs: 2, MaxArgs: 2, Aggregate: true,
			Resolve: resolveHistogram, Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				limit, _ := call.Data.(int)
				return accumulate.Histogram(limit), nil
			},
		},
	}
}

// scalars are the types whose values are numbers internally.
var scalars = coerce.OneOf(coerce.Numeric, coerce.Date, coerce.Timestamp, coerce.TimestampNTZ, coerce.YearMonth, coerce.DayTime)

func resolveApproxPercentile(call *expr.Expr) error {
	if err := coerce.Params(call, scalars, coerce.OneOf(coerce.Double, coerce.ArrayOf(coerce.Double)), coerce.Integral); err != nil {
		return err
	}
	wanted, err := constantArg(call, 1)
	if err != nil {
		return err
	}
	if wanted == nil {
		return notConstant(call, 1, "`percentage`")
	}
	accuracy, err := constantArg(call, 2)
	if err != nil {
		return err
	}
	if accuracy == nil {
		return notConstant(call, 2, "`accuracy`")
	}
	switch {
	case accuracy.IsNull(0):
		return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "accuracy")
	case wanted.IsNull(0):
		return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "percentage")
	}
	q := accumulate.ApproxPercentile{Accuracy: kernel.Int64At(accuracy, 0)}
	if q.Accuracy <= 0 || q.Accuracy > math.MaxInt32 {
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "accuracy", "valueRange", "(0, 2147483647]",
			"currentValue", strconv.FormatInt(q.Accuracy, 10)+"L")
	}
	if q.Shares, q.List, err = percentages(call, wanted); err != nil {
		return err
	}
	call.Data, call.Nullable, call.Type = q, true, call.Args[0].Type
	if q.List {
		call.Type = types.ArrayOf(call.Type, false)
	}
	return nil
}

func resolveHistogram(call *expr.Expr) error {
	if err := coerce.Params(call, scalars, coerce.Int); err != nil {
		return err
	}
	bins, err := constantArg(call, 1)
	switch {
	case err != nil:
		return err
	case bins == nil:
		return notConstant(call, 1, "`nb`")
	case bins.IsNull(0):
		return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "nb")
	case bins.I32[0] < 2:
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "histogram_numeric", "valueRange", "[2, 2147483647]",
			"currentValue", strconv.Itoa(int(bins.I32[0])))
	}
	bin := types.StructOf(types.Field{Name: "x", Type: call.Args[0].Type, Nullable: true}, types.Field{Name: "y", Type: types.Double, Nullable: true})
	call.Data, call.Type, call.Nullable = int(bins.I32[0]), types.ArrayOf(bin, true), true
	return nil
}
