package function

import (
	"math"
	"strconv"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// sketchFunctions summarise the distribution of many numbers in little memory.
func sketchFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "percentile_approx", Aliases: []string{"approx_percentile"}, Group: "agg_funcs", Usage: "percentile_approx(col, percentage [, accuracy])",
			Doc:     "The approximate value at a percentage of the sorted values; exact for few values.",
			Example: "percentile_approx(10, 0.5)", Result: "10", MinArgs: 2, MaxArgs: 3, Aggregate: true,
			Resolve: defaults(resolveApproxPercentile, 2, expr.Int(10000)), Accumulate: accumulateApproxPercentile,
		},
		{
			Name: "histogram_numeric", Group: "agg_funcs", Usage: "histogram_numeric(expr, nb)",
			Doc:     "The centres and heights of the bins of a histogram.",
			Example: "histogram_numeric(5, 3)", Result: "[{5, 1.0}]", MinArgs: 2, MaxArgs: 2, Aggregate: true,
			Resolve: resolveHistogram, Accumulate: accumulateHistogram,
		},
	}
}

// A summary is the state of one group: a sketch. Its bytes are part of the saved state.
type summary interface {
	Add(x float64)
	Append(dst []byte) []byte
	Merge(b []byte)
}

// sketches holds a sketch per group of the first argument as a double.
type sketches[S summary] struct {
	empty  func() S
	finish func(s S, out *vector.Vector, g int)
	groups []S
}

func (s *sketches[S]) Grow(n int) {
	for len(s.groups) < n {
		s.groups = append(s.groups, s.empty())
	}
}

func (s *sketches[S]) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		s.groups[groups[i]].Add(ordinal(args[0], i))
	}
	return nil
}

func (s *sketches[S]) State() []*types.Type { return []*types.Type{types.Binary} }

func (s *sketches[S]) Save(state []*vector.Vector) {
	for g, one := range s.groups {
		from := len(state[0].Data)
		state[0].Data = one.Append(state[0].Data)
		state[0].CloseBytes(g, from)
	}
}

func (s *sketches[S]) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		s.groups[g].Merge(state[0].Bytes(i))
	}
	return nil
}

func (s *sketches[S]) Finish(out *vector.Vector) error {
	for g, one := range s.groups {
		s.finish(one, out, g)
	}
	return nil
}

// scalars are the types whose values are numbers internally.
var scalars = coerce.OneOf(coerce.Numeric, coerce.Date, coerce.Timestamp, coerce.TimestampNTZ, coerce.YearMonth, coerce.DayTime)

// ordinal returns such a value as a double.
func ordinal(v *vector.Vector, i int) float64 {
	switch v.Type.Kind {
	case types.KindDate:
		return float64(v.I32[v.At(i)])
	case types.KindTimestamp, types.KindTimestampNTZ:
		return float64(v.I64[v.At(i)])
	}
	return numberAt(v, i)
}

// setOrdinal is the inverse of ordinal; it truncates fractions.
func setOrdinal(v *vector.Vector, i int, x float64) {
	switch v.Type.Kind {
	case types.KindByte:
		v.I8[i] = int8(x)
	case types.KindShort:
		v.I16[i] = int16(x)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		v.I32[i] = int32(x)
	case types.KindFloat:
		v.F32[i] = float32(x)
	case types.KindDouble:
		v.F64[i] = x
	case types.KindDecimal:
		d, scale, ok := decimal.FromFloat64(x)
		if ok {
			d, ok = decimal.Rescale(d, scale, v.Type.Scale)
		}
		v.Dec[i] = d
		if !ok || !decimal.Fits(d, v.Type.Precision) {
			v.SetNull(i)
		}
	default:
		v.I64[i] = int64(x)
	}
}

// A quantile describes the request to percentile_approx: Data of the call.
type quantile struct {
	wanted   []float64
	list     bool
	accuracy int64
}

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
	q := quantile{accuracy: integerAt(accuracy, 0)}
	if q.accuracy <= 0 || q.accuracy > math.MaxInt32 {
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "accuracy", "valueRange", "(0, 2147483647]",
			"currentValue", strconv.FormatInt(q.accuracy, 10)+"L")
	}
	if q.wanted, q.list, err = percentages(call, wanted); err != nil {
		return err
	}
	call.Data, call.Nullable, call.Type = q, true, call.Args[0].Type
	if q.list {
		call.Type = types.ArrayOf(call.Type, false)
	}
	return nil
}

func accumulateApproxPercentile(call *expr.Expr) (expr.Aggregator, error) {
	q, _ := call.Data.(quantile)
	return &sketches[*sketch.Quantiles]{
		empty:  func() *sketch.Quantiles { return sketch.NewQuantiles(1 / float64(q.accuracy)) },
		finish: q.finish,
	}, nil
}

func (q quantile) finish(s *sketch.Quantiles, out *vector.Vector, g int) {
	if s.Empty() || len(q.wanted) == 0 {
		out.SetNull(g)
		return
	}
	to, at := out, g
	if q.list {
		to = out.Children[0]
		at = to.Len()
		to.Extend(at + len(q.wanted))
		out.Views[g] = vector.View{Off: uint32(at), Len: uint32(len(q.wanted))}
	}
	for k, w := range q.wanted {
		setOrdinal(to, at+k, s.Query(w))
	}
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

func accumulateHistogram(call *expr.Expr) (expr.Aggregator, error) {
	limit, _ := call.Data.(int)
	return &sketches[*sketch.Histogram]{
		empty: func() *sketch.Histogram { return sketch.NewHistogram(limit) },
		finish: func(h *sketch.Histogram, out *vector.Vector, g int) {
			bins := h.Bins()
			if len(bins) == 0 {
				out.SetNull(g)
				return
			}
			items := out.Children[0]
			from := items.Len()
			items.Extend(from + len(bins))
			for k, b := range bins {
				setOrdinal(items.Children[0], from+k, b.X)
				items.Children[1].F64[from+k] = b.Y
			}
			out.Views[g] = vector.View{Off: uint32(from), Len: uint32(len(bins))}
		},
	}, nil
}
