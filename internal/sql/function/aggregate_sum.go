package function

import (
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// sumFunctions compute sums and means.
func sumFunctions() []*expr.Function {
	return []*expr.Function{
		total("sum", "The sum; BIGINT for integers, DOUBLE for strings and floating-point numbers.", "5", sumType, accumulateSum(false)),
		total("try_sum", "The sum, or NULL if it overflows its type.", "5", sumType, accumulateSum(true)),
		total("avg", "The average (mean).", "5.0", averageType, accumulateAverage(false, 0), "mean"),
		total("try_avg", "The mean, or NULL if the sum overflows its type.", "5.0", averageType, accumulateAverage(true, 0)),
		regressionMean("regr_avgx", "The mean of x over the pairs.", "2.0", 1),
		regressionMean("regr_avgy", "The mean of y over the pairs.", "1.0", 0),
	}
}

func total(name, doc, result string, typeOf func(*types.Type) *types.Type, accumulate accumulator, aliases ...string) *expr.Function {
	return &expr.Function{
		Name: name, Aliases: aliases, Group: "agg_funcs", Usage: name + "(expr)", Doc: doc, Example: name + "(5)", Result: result,
		MinArgs: 1, MaxArgs: 1, Aggregate: true, Accumulate: accumulate,
		Resolve: func(call *expr.Expr) error { return resolveTotal(call, typeOf) },
	}
}

// regressionMean returns the mean of one of two arguments over the rows in which neither is NULL.
func regressionMean(name, doc, result string, arg int) *expr.Function {
	return &expr.Function{
		Name: name, Group: "agg_funcs", Usage: name + "(y, x)", Doc: doc, Example: name + "(1, 2)", Result: result,
		MinArgs: 2, MaxArgs: 2, Aggregate: true, Accumulate: accumulateAverage(false, arg),
		Resolve: func(call *expr.Expr) error {
			if err := coerce.Params(call, coerce.Numeric); err != nil {
				return err
			}
			call.Type, call.Nullable = averageType(call.Args[arg].Type), true
			call.Args = append([]*expr.Expr(nil), call.Args...)
			call.Args[arg] = coerce.Cast(call.Args[arg], summand(call.Args[arg].Type, call.Type))
			return nil
		},
	}
}

// resolveTotal accepts numbers and intervals; strings, timestamps and NULL become DOUBLE. The argument is cast to the type
// that is summed.
func resolveTotal(call *expr.Expr, typeOf func(*types.Type) *types.Type) error {
	arg := call.Args[0]
	switch k := arg.Type.Kind; {
	case arg.Type.IsText() || k == types.KindTimestamp || k == types.KindVoid:
		arg = coerce.Cast(arg, types.Double)
	case !arg.Type.IsNumeric() && k != types.KindYearMonth && k != types.KindDayTime:
		return coerce.UnexpectedInput(call, 0, `"NUMERIC" or "ANSI INTERVAL"`)
	}
	call.Type, call.Nullable = typeOf(arg.Type), true
	call.Args = []*expr.Expr{coerce.Cast(arg, summand(arg.Type, call.Type))}
	return nil
}

// summand returns the type in which numbers are added for a result of the given type.
func summand(arg, result *types.Type) *types.Type {
	switch result.Kind {
	case types.KindLong, types.KindDouble:
		return result
	}
	return arg
}

func sumType(t *types.Type) *types.Type {
	switch {
	case t.IsIntegral():
		return types.Long
	case t.Kind == types.KindDecimal:
		return types.DecimalOf(min(t.Precision+10, decimal.MaxPrecision), t.Scale)
	case t.Kind == types.KindYearMonth, t.Kind == types.KindDayTime:
		return t
	}
	return types.Double
}

func averageType(t *types.Type) *types.Type {
	switch t.Kind {
	case types.KindDecimal:
		return types.DecimalOf(min(t.Precision+4, decimal.MaxPrecision), min(t.Scale+4, decimal.MaxPrecision))
	case types.KindYearMonth:
		return types.YearMonthOf(types.Year, types.Month)
	case types.KindDayTime:
		return types.DayTimeOf(types.Day, types.Second)
	}
	return types.Double
}

// orNull returns fail, or nil for a try_ function, which yields NULL instead.
func orNull(try bool, fail func() error) func() error {
	if try {
		return nil
	}
	return fail
}

func decimalSumOverflow(try string) error {
	return sparkerr.New("ARITHMETIC_OVERFLOW", "message", "Overflow in sum of decimals",
		"alternative", " Use '"+try+"' to tolerate overflow and return NULL instead.", "config", ansiConfig)
}

func accumulateSum(try bool) accumulator {
	return func(call *expr.Expr) (expr.Aggregator, error) {
		return accumulate.Sum(call.Type, orNull(try, func() error { return sumOverflow(call.Type, "try_sum") })), nil
	}
}

// accumulateAverage returns the mean of argument arg.
func accumulateAverage(try bool, arg int) accumulator {
	return func(call *expr.Expr) (expr.Aggregator, error) {
		in := call.Args[arg].Type
		sum := sumType(in)
		errors := accumulate.MeanErrors{Sum: orNull(try, func() error { return sumOverflow(sum, "try_avg") })}
		if !try {
			errors.Mean = func(sum decimal.Int128, n int64) error {
				return decimalOverflow(exactText("/", sum, in.Scale, decimal.FromInt64(n), 0), call.Type)
			}
		}
		return accumulate.Mean(arg, in, sum, call.Type, errors), nil
	}
}

// sumOverflow returns the error of a sum of type t that overflows. Only that of decimals names the function that tolerates it.
func sumOverflow(t *types.Type, try string) error {
	switch t.Kind {
	case types.KindDecimal:
		return decimalSumOverflow(try)
	case types.KindYearMonth, types.KindDayTime:
		return intervalOverflow("try_add")
	}
	return arithmeticOverflow("try_add")
}
