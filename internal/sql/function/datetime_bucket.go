package function

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// bucketFunctions returns the entry of time_bucket.
func bucketFunctions() []*expr.Function {
	return []*expr.Function{{
		Name: "time_bucket", Group: "datetime_funcs", Usage: "time_bucket(bucketSize, ts[, origin])",
		Doc:     "The start of the bucket that contains the timestamp; buckets of equal size are aligned to origin, by default 1970-01-01.",
		Example: "time_bucket(INTERVAL '15' MINUTE, TIMESTAMP '2024-01-01 11:27:00')", Result: "2024-01-01 11:15:00", MinArgs: 2, MaxArgs: 3,
		Resolve: resolveTimeBucket, Compile: compileTimeBucket,
	}}
}

// resolveTimeBucket converts no arguments except NULL. (Spark: TimeBucket.checkInputDataTypes.)
func resolveTimeBucket(call *expr.Expr) error {
	if len(call.Args) == 2 {
		call.Args = append(append([]*expr.Expr(nil), call.Args...), localEpoch(call.Args[1].Type))
	}
	size, at, origin := call.Args[0], call.Args[1], call.Args[2]
	switch {
	case !isVoid(size) && size.Type.Kind != types.KindDayTime && size.Type.Kind != types.KindYearMonth:
		return coerce.UnexpectedInput(call, 0, `"INTERVAL DAY TO SECOND" or "INTERVAL YEAR TO MONTH"`)
	case !isVoid(at) && !isTimestamp(at.Type):
		return coerce.UnexpectedInput(call, 1, `("TIMESTAMP" or "TIMESTAMP_NTZ")`)
	case !isVoid(origin) && (!isTimestamp(origin.Type) || !isVoid(at) && origin.Type.Kind != at.Type.Kind):
		return coerce.UnexpectedInput(call, 2, `("TIMESTAMP" or "TIMESTAMP_NTZ")`)
	}
	switch {
	case isVoid(at) && isVoid(origin):
		at = coerce.Cast(at, types.Timestamp)
	case isVoid(at):
		at = coerce.Cast(at, origin.Type)
	}
	if isVoid(size) {
		size = coerce.Cast(size, types.DayTimeOf(types.Day, types.Second))
	}
	if v, err := fold(origin); err != nil {
		return err
	} else if v == nil {
		return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`origin`", "inputType", `"`+at.Type.SQL()+`"`, "inputExpr", `"`+origin.SQL()+`"`)
	}
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

// localEpoch returns 1970-01-01 00:00:00, for timestamps in the session's time zone.
func localEpoch(t *types.Type) *expr.Expr {
	v := vector.NewConst(types.TimestampNTZ)
	v.I64[0] = 0
	epoch := expr.Lit(v)
	if t.Kind == types.KindTimestampNTZ {
		return epoch
	}
	epoch.Name = "TIMESTAMP '1970-01-01 00:00:00'"
	return coerce.Cast(epoch, types.Timestamp)
}

func compileTimeBucket(call *expr.Expr) (expr.Kernel, error) {
	ntz := call.Type.Kind == types.KindTimestampNTZ
	if call.Args[0].Type.Kind == types.KindDayTime {
		return rowKernel(func(r *row) error {
			r.setLong(dayTimeBucket(zoneOf(r.ctx, ntz), r.long(0), r.long(1), r.long(2)))
			return nil
		}), nil
	}
	return rowKernel(func(r *row) error {
		r.setLong(monthBucket(zoneOf(r.ctx, ntz), r.int(0), r.long(1), r.long(2)))
		return nil
	}), nil
}

// dayTimeBucket counts buckets shorter than a day in elapsed time, and others in local time, where days may have 23 or 25
// hours.
func dayTimeBucket(z *datetime.Zone, size, at, origin int64) int64 {
	if size < datetime.MicrosPerDay {
		return at - remainder(at-origin, size)
	}
	local := z.ToLocal(at)
	return z.ToUTC(local - remainder(local-z.ToLocal(origin), size))
}

// remainder returns the remainder of division rounded towards negative infinity.
func remainder(a, b int64) int64 {
	if rest := a % b; rest < 0 {
		return rest + b
	} else {
		return rest
	}
}

// monthBucket adds whole buckets of months to origin, so that a short month does not shift subsequent buckets.
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
