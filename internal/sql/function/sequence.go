package function

import (
	"math/big"
	"strconv"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// sequenceFunctions returns the entry of sequence.
func sequenceFunctions() []*expr.Function {
	return []*expr.Function{{
		Name: "sequence", Group: "array_funcs", Usage: "sequence(start, stop[, step])",
		Doc:     "The values from start to stop, inclusive; the default step is 1 or a day, or the same backwards.",
		Example: "sequence(1, 5)", Result: "[1, 2, 3, 4, 5]", MinArgs: 2, MaxArgs: 3, Resolve: resolveSequence, Compile: compileSequence, Operands: stopsAtNull,
	}}
}

func resolveSequence(call *expr.Expr) error {
	unified := call.Args
	if len(unified) == 3 && isInterval(unified[2].Type) {
		unified = unified[:2]
	}
	args := append([]*expr.Expr(nil), call.Args...)
	if t := coerce.WidestOf(coerce.Types(unified)...); t != nil {
		for i := range unified {
			args[i] = castUnlessSame(args[i], t)
		}
	}
	call.Args = args
	start, stop := args[0].Type, args[1].Type
	ok := start.SameShape(stop) && (start.IsIntegral() || start.Kind == types.KindDate || isTimestamp(start))
	if ok && len(args) == 3 {
		ok = isInterval(args[2].Type) != start.IsIntegral() && (!start.IsIntegral() || args[2].Type.SameShape(start))
	}
	if !ok {
		return coerce.Mismatch(call, "SEQUENCE_WRONG_INPUT_TYPES", "functionName", "`sequence`",
			"startType", `("TIMESTAMP" or "TIMESTAMP_NTZ" or "DATE" or "INTEGRAL")`,
			"stepType", `("INTERVAL" or "INTERVAL YEAR TO MONTH" or "INTERVAL DAY TO SECOND" or "INTEGRAL")`)
	}
	coerce.Returns(call, types.ArrayOf(start, false))
	return nil
}

func isTimestamp(t *types.Type) bool {
	return t.Kind == types.KindTimestamp || t.Kind == types.KindTimestampNTZ
}

func compileSequence(call *expr.Expr) (expr.Kernel, error) {
	if call.Args[0].Type.IsIntegral() {
		return rowKernel(integralSequence), nil
	}
	ntz := call.Args[0].Type.Kind != types.KindTimestamp
	return rowKernel(func(r *row) error { return temporalSequence(r, zoneOf(r.ctx, ntz)) }), nil
}

func integralSequence(r *row) error {
	start, stop := r.integral(0), r.integral(1)
	step := int64(1)
	switch {
	case len(r.args) == 3:
		step = r.integral(2)
	case start > stop:
		step = -1
	}
	n, err := sequenceLength(r, start, stop, step, strconv.FormatInt(step, 10))
	if err != nil {
		return err
	}
	items, from := r.out.Children[0], r.listStart()
	items.Extend(from + n)
	for k := range n {
		setIntegral(items, from+k, start+int64(k)*step)
	}
	r.listEnd(from)
	return nil
}

func setIntegral(v *vector.Vector, i int, n int64) {
	switch v.Type.Kind {
	case types.KindByte:
		v.I8[i] = int8(n)
	case types.KindShort:
		v.I16[i] = int16(n)
	case types.KindInt, types.KindDate:
		v.I32[i] = int32(n)
	default:
		v.I64[i] = n
	}
}

// sequenceLength counts the values and refuses steps that lead away from stop.
func sequenceLength(r *row, start, stop, step int64, stepText string) (int, error) {
	if !(step > 0 && start <= stop || step < 0 && start >= stop || step == 0 && start == stop) {
		return 0, sparkerr.Plain("requirement failed: Illegal sequence boundaries: %d to %d by %s", start, stop, stepText)
	}
	if start == stop {
		return 1, nil
	}
	n := new(big.Int).Sub(big.NewInt(stop), big.NewInt(start))
	n.Quo(n, big.NewInt(step)).Add(n, big.NewInt(1))
	if !n.IsInt64() {
		return 0, sparkerr.New("COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER", "numberOfElements", n.String(),
			"maxRoundedArrayLength", strconv.Itoa(maxArrayLength), "functionName", "`sequence`", "parameter", "`count`")
	}
	return int(n.Int64()), r.checkLength("PARAMETER", "sequence", n.Int64())
}

// A stride is the step of a sequence of dates or timestamps.
type stride struct {
	months, days int32
	micros       int64
	text         string
}

// microsPerMonth is the length of the shortest month, used to estimate the length of a sequence.
const microsPerMonth = 28 * datetime.MicrosPerDay

func (s stride) estimate() int64 {
	return int64(s.months)*microsPerMonth + int64(s.days)*datetime.MicrosPerDay + s.micros
}

func (r *row) stride(backwards bool) stride {
	if len(r.args) < 3 {
		if backwards {
			return stride{days: -1, text: "INTERVAL '-1' DAY"}
		}
		return stride{days: 1, text: "INTERVAL '1' DAY"}
	}
	s := stride{text: text(r.args[2], r.i)}
	switch r.args[2].Type.Kind {
	case types.KindYearMonth:
		s.months = int32(r.int(2))
	case types.KindDayTime:
		days := r.long(2) / datetime.MicrosPerDay
		s.days, s.micros = int32(days), r.long(2)%datetime.MicrosPerDay
	default:
		c := r.calendar(2)
		s.months, s.days, s.micros = c.Months, c.Days, c.Micros
	}
	return s
}

// temporalSequence adds multiples of the step to start, so that short months do not shift later values.
func temporalSequence(r *row, z *datetime.Zone) error {
	isDate := r.args[0].Type.Kind == types.KindDate
	var start, stop int64
	if isDate {
		start, stop = int64(r.date(0))*datetime.MicrosPerDay, int64(r.date(1))*datetime.MicrosPerDay
	} else {
		start, stop = r.long(0), r.long(1)
	}
	step := r.stride(start > stop)
	if isDate && step.micros != 0 {
		return sparkerr.Plain("sequence step must be an %s of day granularity if start and end values are dates", r.args[2].Type)
	}
	if _, err := sequenceLength(r, start, stop, step.estimate(), step.text); err != nil {
		return err
	}
	items, from := r.out.Children[0], r.listStart()
	for k := int64(0); k == 0 || start != stop; k++ { // with days of 23 hours there are more values than sequenceLength counts
		r.Take(1)
		at := z.AddDays(z.AddMonths(start, int(k*int64(step.months))), k*int64(step.days)) + k*step.micros
		if k > 0 && (step.estimate() > 0 && at > stop || step.estimate() < 0 && at < stop) {
			break
		}
		if isDate {
			at /= datetime.MicrosPerDay
		}
		i := items.Len()
		items.Extend(i + 1)
		setIntegral(items, i, at)
	}
	r.listEnd(from)
	return nil
}
