package function

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// bucketFunctions is time_bucket alone.
func bucketFunctions() []*expr.Function {
	return []*expr.Function{{
		Name: "time_bucket", Group: "datetime_funcs", Usage: "time_bucket(bucketSize, ts[, origin])",
		Doc:     "The beginning of the interval that a timestamp is in, of intervals of one size counted from origin, 1970-01-01 if missing.",
		Example: "time_bucket(INTERVAL '15' MINUTE, TIMESTAMP '2024-01-01 11:27:00')", Result: "2024-01-01 11:15:00", MinArgs: 2, MaxArgs: 3,
		Resolve: resolveTimeBucket, Compile: compileTimeBucket,
	}}
}

func resolveTimeBucket(call *expr.Expr) error {
	if len(call.Args) == 2 {
		t := call.Args[1].Type
		if t.Kind != types.KindTimestampNTZ {
			t = types.Timestamp
		}
		epoch := vector.NewConst(t)
		epoch.I64[0] = 0
		call.Args = append(append([]*expr.Expr(nil), call.Args...), expr.Lit(epoch))
	}
	if origin := call.Args[2].Type; call.Args[1].Type.Kind == types.KindVoid && isTimestamp(origin) {
		call.Args = []*expr.Expr{call.Args[0], coerce.Cast(call.Args[1], origin), call.Args[2]}
	}
	if err := coerce.Params(call, coerce.OneOf(coerce.DayTime, coerce.YearMonth), coerce.AnyTimestamp); err != nil {
		return err
	}
	size, at, origin := call.Args[0], call.Args[1], call.Args[2]
	call.Args = []*expr.Expr{size, at, coerce.Cast(origin, at.Type)}
	v, err := fold(size)
	switch {
	case err != nil:
		return err
	case v == nil:
		return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`bucketSize`", "inputType", `"`+size.Type.SQL()+`"`, "inputExpr", `"`+size.SQL()+`"`)
	case !v.IsNull(0) && (size.Type.Kind == types.KindDayTime && v.I64[0] <= 0 || size.Type.Kind == types.KindYearMonth && v.I32[0] <= 0):
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "`bucketSize`", "valueRange", "(0, inf)", "currentValue", expr.Lit(v).SQL())
	}
	coerce.Returns(call, at.Type)
	return nil
}

func compileTimeBucket(call *expr.Expr) (expr.Kernel, error) {
	if call.Args[0].Type.Kind == types.KindDayTime {
		return rowKernel(func(r *row) error {
			size, at := r.long(0), r.long(1)
			rest := (at - r.long(2)) % size
			if rest < 0 {
				rest += size
			}
			r.setLong(at - rest)
			return nil
		}), nil
	}
	ntz := call.Type.Kind == types.KindTimestampNTZ
	return rowKernel(func(r *row) error {
		r.setLong(monthBucket(zoneOf(r.ctx, ntz), r.int(0), r.long(1), r.long(2)))
		return nil
	}), nil
}

// monthBucket adds whole buckets of months to origin, so that a short month does not shift those after it.
func monthBucket(z *datetime.Zone, size int, at, origin int64) int64 {
	months := int(monthsUntil(z.ToLocal(origin), z.ToLocal(at)))
	buckets := months / size
	if z.AddMonths(origin, buckets*size) > at {
		buckets--
	} else if next := z.AddMonths(origin, (buckets+1)*size); next <= at {
		return next
	}
	return z.AddMonths(origin, buckets*size)
}
