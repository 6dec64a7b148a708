package function

import (
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// sumFunctions compute sums and means.
func sumFunctions() []*expr.Function {
	return []*expr.Function{
		total("sum", "The sum; BIGINT for integers, DOUBLE for strings and floating-point numbers.", "5", sumType, accumulateSum(false)),
		total("try_sum", "The sum, or NULL if it overflows its type.", "5", sumType, accumulateSum(true)),
		total("avg", "The mean.", "5.0", averageType, accumulateAverage(false, 0), "mean"),
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

func accumulateSum(try bool) accumulator {
	name := "try_sum"
	if try {
		name = ""
	}
	return func(call *expr.Expr) (expr.Aggregator, error) {
		switch t := call.Type; t.Kind {
		case types.KindLong:
			return &sums[int64]{typ: t, slice: vector.Int64s, add: addLongs, fail: orNull(try, func() error { return arithmeticOverflow("try_add") })}, nil
		case types.KindDayTime:
			return &sums[int64]{typ: t, slice: vector.Int64s, add: addLongs, fail: orNull(try, func() error { return intervalOverflow("try_add") })}, nil
		case types.KindYearMonth:
			return &sums[int32]{typ: t, slice: vector.Int32s, add: addInts, fail: orNull(try, func() error { return intervalOverflow("try_add") })}, nil
		case types.KindDecimal:
			return &sums[decimal.Int128]{typ: t, slice: vector.Decimals, add: addDecimals, fail: orNull(try, func() error { return decimalSumOverflow(name) })}, nil
		}
		return &sums[float64]{typ: call.Type, slice: vector.Float64s, add: addDoubles}, nil
	}
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

func addLongs(a, b int64) (int64, bool) {
	s := a + b
	return s, (a^s)&(b^s) >= 0
}

func addInts(a, b int32) (int32, bool) {
	s := a + b
	return s, (a^s)&(b^s) >= 0
}

func addDoubles(a, b float64) (float64, bool) { return a + b, true }

func addDecimals(a, b decimal.Int128) (decimal.Int128, bool) {
	s, ok := a.AddChecked(b)
	return s, ok && decimal.Fits(s, decimal.MaxPrecision)
}

// States of a sum: nothing added, known, overflowed.
const (
	sumEmpty uint8 = iota
	sumKnown
	sumLost
)

// sums adds values of one type. A sum that has overflowed remains so: the result is an error, or NULL.
type sums[T any] struct {
	typ   *types.Type
	slice func(*vector.Vector) []T
	add   func(a, b T) (T, bool)
	fail  func() error // nil: overflow yields NULL
	sum   []T
	mark  []uint8
}

func (s *sums[T]) Grow(n int) { s.sum, s.mark = grown(s.sum, n), grown(s.mark, n) }

func (s *sums[T]) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	v := args[0]
	values := s.slice(v)
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if err := s.plus(groups[i], values[v.At(i)]); err != nil {
			return expr.AtRow(i, err)
		}
	}
	return nil
}

// plus adds to a group. Only decimals, which have spare digits, fail at the end instead of here.
func (s *sums[T]) plus(g int32, x T) error {
	if s.mark[g] == sumLost {
		return nil
	}
	sum, ok := s.add(s.sum[g], x)
	s.sum[g], s.mark[g] = sum, sumKnown
	if ok {
		return nil
	}
	s.mark[g] = sumLost
	if s.fail == nil || s.typ.Kind == types.KindDecimal {
		return nil
	}
	return s.fail()
}

func (s *sums[T]) State() []*types.Type { return []*types.Type{s.typ, types.Boolean} }

// Save writes the sum and whether it contains any value; a sum that has overflowed is NULL.
func (s *sums[T]) Save(state []*vector.Vector) {
	copy(s.slice(state[0]), s.sum)
	for g, m := range s.mark {
		state[1].Bool[g] = m != sumEmpty
		if m == sumLost {
			state[0].SetNull(g)
		}
	}
}

func (s *sums[T]) Merge(groups []int32, state []*vector.Vector) error {
	values := s.slice(state[0])
	for i, g := range groups {
		switch {
		case !state[1].Bool[i]:
		case state[0].IsNull(i):
			s.mark[g] = sumLost
		default:
			if err := s.plus(g, values[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sums[T]) Finish(out *vector.Vector) error {
	copy(s.slice(out), s.sum)
	for g, m := range s.mark {
		if m == sumLost && s.fail != nil {
			return s.fail()
		}
		if m == sumKnown {
			if d, ok := any(s.sum[g]).(decimal.Int128); !ok || decimal.Fits(d, s.typ.Precision) {
				continue
			}
			if s.fail != nil {
				return s.fail()
			}
		}
		out.SetNull(g)
	}
	return nil
}

func accumulateAverage(try bool, arg int) accumulator {
	return func(call *expr.Expr) (expr.Aggregator, error) {
		in, out := call.Args[arg].Type, call.Type
		fail := func() error { return decimalSumOverflow("try_avg") }
		switch out.Kind {
		case types.KindDecimal:
			s := &sums[decimal.Int128]{typ: sumType(in), slice: vector.Decimals, add: addDecimals, fail: orNull(try, fail)}
			return &averages[decimal.Int128]{sums: s, arg: arg, divide: decimalMean(in.Scale, out, try)}, nil
		case types.KindYearMonth:
			s := &sums[int32]{typ: in, slice: vector.Int32s, add: addInts, fail: orNull(try, func() error { return intervalOverflow("try_add") })}
			return &averages[int32]{sums: s, arg: arg, divide: func(sum int32, n int64) (int32, bool, error) {
				return int32(nearest(int64(sum), n)), true, nil
			}}, nil
		case types.KindDayTime:
			s := &sums[int64]{typ: in, slice: vector.Int64s, add: addLongs, fail: orNull(try, func() error { return intervalOverflow("try_add") })}
			return &averages[int64]{sums: s, arg: arg, divide: func(sum, n int64) (int64, bool, error) { return nearest(sum, n), true, nil }}, nil
		}
		s := &sums[float64]{typ: out, slice: vector.Float64s, add: addDoubles}
		return &averages[float64]{sums: s, arg: arg, divide: func(sum float64, n int64) (float64, bool, error) { return sum / float64(n), true, nil }}, nil
	}
}

// nearest returns a/n rounded to the nearest integer, ties away from zero; n must be positive.
func nearest(a, n int64) int64 {
	q, r := a/n, a%n
	if r < 0 {
		r = -r
	}
	if r >= n-r {
		if a < 0 {
			return q - 1
		}
		return q + 1
	}
	return q
}

func decimalMean(scale int, t *types.Type, try bool) func(decimal.Int128, int64) (decimal.Int128, bool, error) {
	return func(sum decimal.Int128, n int64) (decimal.Int128, bool, error) {
		mean, ok := decimal.Div(sum, decimal.FromInt64(n), t.Scale-scale)
		if ok && decimal.Fits(mean, t.Precision) {
			return mean, true, nil
		}
		if try {
			return mean, false, nil
		}
		return mean, false, decimalOverflow(exactText("/", sum, scale, decimal.FromInt64(n), 0), t)
	}
}

// averages divides sums by their number of values.
type averages[T any] struct {
	*sums[T]
	arg    int
	divide func(sum T, n int64) (mean T, ok bool, err error)
	n      []int64
}

func (a *averages[T]) Grow(n int) {
	a.sums.Grow(n)
	a.n = grown(a.n, n)
}

func (a *averages[T]) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		a.n[groups[kernel.Row(sel, k)]]++
	}
	return a.sums.Update(n, sel, groups, args[a.arg:])
}

func (a *averages[T]) State() []*types.Type { return append(a.sums.State(), types.Long) }

func (a *averages[T]) Save(state []*vector.Vector) {
	a.sums.Save(state)
	copy(state[2].I64, a.n)
}

func (a *averages[T]) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		a.n[g] += state[2].I64[i]
	}
	return a.sums.Merge(groups, state)
}

func (a *averages[T]) Finish(out *vector.Vector) error {
	values := a.slice(out)
	for g, m := range a.mark {
		switch {
		case m == sumLost && a.fail != nil:
			return a.fail()
		case m != sumKnown:
			out.SetNull(g)
			continue
		}
		mean, ok, err := a.divide(a.sum[g], a.n[g])
		if err != nil {
			return err
		}
		values[g] = mean
		if !ok {
			out.SetNull(g)
		}
	}
	return nil
}
