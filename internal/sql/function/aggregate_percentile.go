package function

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// percentileFunctions use the sorted values of a group.
func percentileFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "percentile", Group: "agg_funcs",
			Usage: "percentile(col, percentage [, frequency]) | percentile(col, array(percentage1 [, percentage2]...) [, frequency])",
			Doc:   "The value at a percentage of the sorted values, interpolated between neighbours.", Example: "percentile(5, 0.5)", Result: "5.0",
			MinArgs: 2, MaxArgs: 3, Aggregate: true, Accumulate: accumulatePercentile, Resolve: defaults(resolvePercentile, 2, expr.Int(1)),
		},
		{
			Name: "median", Group: "agg_funcs", Usage: "median(col)", Doc: "The median: the middle value, or the mean of the two middle values.", Example: "median(5)",
			Result: "5.0", MinArgs: 1, MaxArgs: 1, Aggregate: true, Accumulate: accumulatePercentile, Resolve: resolveMedian,
		},
		withinPercentile("percentile_cont", "The value at a percentage of the sorted values, interpolated between neighbours.", false),
		withinPercentile("percentile_disc", "The first value at or above a percentage of the sorted values.", true),
		{
			Name: "mode", Group: "agg_funcs", Usage: "mode(col[, deterministic]) | mode() WITHIN GROUP (ORDER BY col)",
			Doc:     "The most frequent value; of several, the smallest if deterministic, else any.",
			Example: "mode(5)", Result: "5", MinArgs: 0, MaxArgs: 2, Ordering: expr.MayBeOrdered, Aggregate: true,
			Resolve: resolveMode, Accumulate: accumulateMode, SQL: modeSQL,
		},
	}
}

func withinPercentile(name, doc string, discrete bool) *expr.Function {
	return &expr.Function{
		Name: name, Group: "agg_funcs", Usage: name + "(percentage) WITHIN GROUP (ORDER BY col)", Doc: doc,
		Example: name + "(0.5) WITHIN GROUP (ORDER BY 5)", Result: "5.0", MinArgs: 1, MaxArgs: 1, Ordering: expr.MustBeOrdered, Aggregate: true,
		Resolve:    func(call *expr.Expr) error { return resolveWithinPercentile(call, discrete) },
		Accumulate: accumulatePercentile,
		SQL: func(call *expr.Expr, args []string) string {
			_, order, _ := call.Parts()
			return callSQL(call.CallName(), args) + " WITHIN GROUP (ORDER BY " + order[0].SQL() + descending(call) + ")"
		},
	}
}

func descending(call *expr.Expr) string {
	if call.Aggregation.Order[0].Desc {
		return " DESC"
	}
	return ""
}

var percentileParams = []coerce.Param{
	coerce.OneOf(coerce.Numeric, coerce.YearMonth, coerce.DayTime), coerce.OneOf(coerce.Double, coerce.ArrayOf(coerce.Double)), coerce.Integral,
}

func accumulatePercentile(call *expr.Expr) (expr.Aggregator, error) {
	p, _ := call.Data.(*accumulate.Percentile)
	return p.New(typesOf(operands(call))), nil
}

func resolvePercentile(call *expr.Expr) error {
	if err := coerce.Params(call, percentileParams...); err != nil {
		return err
	}
	p := &accumulate.Percentile{Frequency: 2, Text: call.Args[2].SQL()}
	if call.Args[2].Kind == expr.Literal && !call.Args[2].IsNullLit() && kernel.Int64At(call.Args[2].Value, 0) == 1 {
		p.Frequency = 0
	}
	return resolveShares(call, p, 1)
}

func resolveMedian(call *expr.Expr) error {
	if err := coerce.Params(call, percentileParams[0]); err != nil {
		return err
	}
	p := &accumulate.Percentile{Shares: []float64{0.5}}
	call.Data, call.Type, call.Nullable = p, percentileType(p, call.Args[0].Type), true
	return nil
}

// resolveWithinPercentile takes the percentage from the argument and the values from the sort key.
func resolveWithinPercentile(call *expr.Expr, discrete bool) error {
	if len(call.Aggregation.Order) != 1 {
		return wrongOrderings(call)
	}
	turned := *call
	turned.Args = []*expr.Expr{call.Args[1], call.Args[0]}
	if err := coerce.Params(&turned, percentileParams[:2]...); err != nil {
		return err
	}
	call.Args = []*expr.Expr{turned.Args[1], turned.Args[0]}
	p := &accumulate.Percentile{Value: 1, Discrete: discrete, Desc: call.Aggregation.Order[0].Desc}
	return resolveShares(call, p, 0)
}

func wrongOrderings(call *expr.Expr) error {
	return sparkerr.New("INVALID_WITHIN_GROUP_EXPRESSION.WRONG_NUM_ORDERINGS", "funcName", "`"+call.CallName()+"`",
		"expectedNum", "1", "actualNum", string(valuetext.AppendInt(nil, int64(len(call.Aggregation.Order)))))
}

// resolveShares reads the constant percentages from an argument and types the call.
func resolveShares(call *expr.Expr, p *accumulate.Percentile, at int) error {
	v, err := constantArg(call, at)
	if err != nil {
		return err
	}
	if v == nil {
		return notConstant(call, at, "`percentage`")
	}
	if v.IsNull(0) {
		return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "`percentage`")
	}
	if p.Shares, p.List, err = percentages(call, v); err != nil {
		return err
	}
	call.Data, call.Nullable = p, true
	call.Type = percentileType(p, call.Args[p.Value].Type)
	return nil
}

// percentages reads a double or an array of doubles, each from 0 to 1.
func percentages(call *expr.Expr, v *vector.Vector) (wanted []float64, list bool, err error) {
	wanted = v.F64
	if list = v.Type.Kind == types.KindArray; list {
		w, items := v.Views[0], v.Children[0]
		for i := range int(w.Len) {
			if items.IsNull(int(w.Off) + i) {
				return nil, list, coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "`percentage`")
			}
		}
		wanted = items.F64[w.Off : w.Off+w.Len]
	}
	for _, x := range wanted {
		if !(x >= 0 && x <= 1) {
			return nil, list, coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "percentage", "valueRange", "[0.0, 1.0]",
				"currentValue", doubleText(x))
		}
	}
	return slices.Clone(wanted), list, nil
}

func percentileType(p *accumulate.Percentile, value *types.Type) *types.Type {
	t := types.Double
	if !value.IsNumeric() {
		t = value
	}
	if p.List {
		return types.ArrayOf(t, false)
	}
	return t
}

func resolveMode(call *expr.Expr) error {
	args, order, _ := call.Parts()
	m := accumulate.Mode{}
	switch {
	case len(order) > 1 || len(order) == 1 && len(args) > 0:
		return wrongOrderings(call)
	case len(order) == 1:
		m = accumulate.Mode{Ordered: true, Desc: call.Aggregation.Order[0].Desc}
	case len(args) == 0:
		return sparkerr.New("INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING", "funcName", "`mode`")
	case len(args) == 2:
		if args[1].Type.Kind != types.KindBoolean {
			return coerce.UnexpectedInput(call, 1, `"BOOLEAN"`)
		}
		v, err := constantArg(call, 1)
		if err != nil {
			return err
		}
		if v == nil {
			return notConstant(call, 1, "`deterministic`")
		}
		if v.IsNull(0) {
			return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "`deterministic`")
		}
		m.Ordered = v.Bool[0]
		call.Args = call.Args[:1]
	}
	value := call.Args[0]
	if m.Ordered {
		if err := coerce.CheckOrdering(call, value.Type, "mode"); err != nil {
			return err
		}
	}
	call.Data, call.Type, call.Nullable = m, value.Type, true
	return nil
}

func accumulateMode(call *expr.Expr) (expr.Aggregator, error) {
	m, _ := call.Data.(accumulate.Mode)
	return m.New(call.Args[0].Type), nil
}

func modeSQL(call *expr.Expr, args []string) string {
	m, _ := call.Data.(accumulate.Mode)
	if _, order, _ := call.Parts(); len(order) == 1 {
		return "mode() WITHIN GROUP (ORDER BY " + order[0].SQL() + descending(call) + ")"
	}
	if m.Ordered && len(args) == 1 {
		args = append(args, "true")
	}
	return callSQL(call.CallName(), args)
}
