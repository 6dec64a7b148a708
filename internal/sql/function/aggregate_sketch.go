package function

import (
	"math"
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
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
		{
			Name: "count_min_sketch", Group: "agg_funcs", Usage: "count_min_sketch(col, eps, confidence, seed)",
			Doc:     "A count-min sketch of the values, as bytes: how often each occurs, exact to eps times the total with the given confidence.",
			Example: "hex(count_min_sketch(1, 0.5D, 0.5D, 1))", MinArgs: 4, MaxArgs: 4, Aggregate: true,
			Params:  []expr.Param{{Name: "column"}, {Name: "epsilon"}, {Name: "confidence"}, {Name: "seed"}},
			Result:  "0000000100000000000000010000000100000004000000005D8D6AB90000000000000000000000000000000100000000000000000000000000000000",
			Resolve: resolveCountMin, Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				c, _ := call.Data.(*accumulate.CountMin)
				return c.New(), nil
			},
		},
		{
			Name: "approx_count_distinct", Group: "agg_funcs", Usage: "approx_count_distinct(expr[, relativeSD])",
			Doc:     "The approximate number of distinct values; relativeSD is the standard deviation relative to it, by default 0.05.",
			Example: "approx_count_distinct(5)", Result: "1", MinArgs: 1, MaxArgs: 2, Aggregate: true,
			Resolve: resolveApproxCount, Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				precision, _ := call.Data.(int)
				return accumulate.CountDistinct(precision), nil
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

// resolveCountMin reads the constant arguments. Like Spark, it casts none.
func resolveCountMin(call *expr.Expr) error {
	if t := call.Args[0].Type; !t.IsIntegral() && !t.IsText() && t.Kind != types.KindBinary {
		return coerce.UnexpectedInput(call, 0, `("INTEGRAL" or "STRING" or "BINARY")`)
	}
	for i, kinds := range [][]types.Kind{1: {types.KindDouble}, 2: {types.KindDouble}, 3: {types.KindInt, types.KindLong}} {
		if i > 0 && !slices.Contains(append(kinds, types.KindVoid), call.Args[i].Type.Kind) {
			return coerce.UnexpectedInput(call, i, map[bool]string{false: `"DOUBLE"`, true: `("INT" or "BIGINT")`}[i == 3])
		}
	}
	var values [3]*vector.Vector
	for k, name := range []string{"eps", "confidence", "seed"} {
		v, err := constantArg(call, k+1)
		switch {
		case err != nil:
			return err
		case v == nil:
			return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`"+name+"`", "inputType", `"`+call.Args[k+1].Type.SQL()+`"`, "inputExpr", `"`+call.Args[k+1].SQL()+`"`)
		case v.IsNull(0):
			return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", name)
		}
		values[k] = v
	}
	eps, confidence := values[0].F64[0], values[1].F64[0]
	switch {
	case !(eps > 0):
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "eps", "valueRange", "(0.0, 1.7976931348623157E308]", "currentValue", doubleText(eps))
	case !(confidence > 0 && confidence < 1):
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "confidence", "valueRange", "(0.0, 1.0]", "currentValue", doubleText(confidence))
	}
	c := accumulate.NewCountMin(eps, confidence, kernel.Int64At(values[2], 0))
	if c == nil {
		return sparkerr.Plain("count_min_sketch needs too much memory for these values of eps and confidence")
	}
	call.Data, call.Type, call.Nullable = c, types.Binary, false
	return nil
}

func doubleText(x float64) string { return string(valuetext.AppendDouble(nil, x)) + "D" }

// resolveApproxCount removes the deviation from the arguments; names do not show it. As in Spark, it must be a literal.
func resolveApproxCount(call *expr.Expr) error {
	deviation := 0.05
	if len(call.Args) == 2 {
		arg := call.Args[1]
		switch {
		case arg.Kind != expr.Literal || arg.IsNullLit():
			return sparkerr.Plain("The second argument should be a double literal.")
		case arg.Type.Kind == types.KindDouble:
			deviation = arg.Value.F64[0]
		case arg.Type.Kind == types.KindDecimal:
			deviation = arg.Value.Dec[0].Float64(arg.Type.Scale)
		default:
			return sparkerr.Plain("The second argument should be a double literal.")
		}
		call.Args = call.Args[:1]
	}
	precision, ok := accumulate.Precision(deviation)
	switch {
	case holds(call.Args[0].Type, types.KindVariant):
		return sparkerr.Plain("approx_count_distinct cannot hash a VARIANT").WithHint("cast it to a type")
	case !ok && deviation > 0.3:
		return sparkerr.Plain("requirement failed: HLL++ requires at least 4 bits for addressing. Use a lower error, at most 39%%.")
	case !ok:
		return sparkerr.Plain("approx_count_distinct needs too much memory for a deviation of %v", deviation).WithHint("use one of at least 0.0006")
	}
	call.Data, call.Type, call.Nullable = precision, types.Long, false
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
