package accumulate

import (
	"math"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Spark sums decimals of few digits as BIGINT, and computes their mean as DOUBLE. (Rule DecimalAggregates.)
const (
	longDigits = 18 // most digits of a sum
	meanDigits = 11 // most digits of an argument of avg
)

// unscaled passes the unscaled values of decimals to an aggregation of BIGINT or DOUBLE, whose results become decimals.
type unscaled struct {
	expr.Aggregator
	arg     int         // index of the argument
	typ     *types.Type // of the arguments and the results of the aggregation
	out     func(out, results *vector.Vector)
	values  vector.Vector
	results vector.Vector
}

func (u *unscaled) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	v, values := args[u.arg], &u.values
	if v.IsConst() {
		values = vector.NewConst(u.typ)
	} else {
		values.Reset(u.typ, v.Len())
	}
	if u.typ.Kind == types.KindLong {
		for i, d := range v.Dec[:v.Len()] {
			values.I64[i] = int64(d.Lo)
		}
	} else {
		for i, d := range v.Dec[:v.Len()] {
			values.F64[i] = float64(int64(d.Lo))
		}
	}
	return u.Aggregator.Update(n, sel, groups, []*vector.Vector{values})
}

func (u *unscaled) Finish(from, to int, out *vector.Vector) error {
	u.results.Reset(u.typ, to-from)
	if err := u.Aggregator.Finish(from, to, &u.results); err != nil {
		return err
	}
	u.out(out, &u.results)
	for g := range to - from {
		if u.results.IsNull(g) {
			out.SetNull(g)
		}
	}
	return nil
}

// unscaledMean returns the mean of argument arg, a decimal of type in, as a decimal of type out.
func unscaledMean(arg int, in, out *types.Type) expr.Aggregator {
	mean := Mean(0, types.Double, types.Double, types.Double, MeanErrors{})
	unit := math.Pow10(in.Scale)
	return &unscaled{Aggregator: mean, arg: arg, typ: types.Double, out: func(dst, means *vector.Vector) {
		for g, x := range means.F64 {
			d, scale, ok := decimal.FromFloat64(x / unit)
			if ok {
				dst.Dec[g], _ = decimal.Rescale(d, scale, out.Scale)
			}
		}
	}}
}
