package cast

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// toString formats values as CAST(x AS STRING) does.
func toString(from *types.Type) expr.Kernel {
	switch from.Kind {
	case types.KindInt:
		return printInts(vector.Int32s)
	case types.KindLong:
		return printInts(vector.Int64s)
	case types.KindDouble:
		return print(vector.Float64s, valuetext.AppendDouble)
	case types.KindDate:
		return print(vector.Int32s, datetime.AppendDate)
	}
	steps := &halt.Steps{}
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		steps.Stop = ctx.Stop
		o := valuetext.Options{Zone: zone(ctx), Steps: steps}
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			at := len(out.Data)
			if err := expr.CheckText(args[0].TextBytes(i), at, out.Most()); err != nil {
				return expr.AtRow(i, err)
			}
			out.Data = valuetext.AppendValue(out.Data, args[0], i, o)
			out.CloseBytes(i, at)
		}
		return nil
	}
}

// printInts is print for integers. Neither may be inlined: within inlined copies of their loops, the compiler would not
// inline calls.
//
//go:noinline
func printInts[T kernel.Integer](slice func(*vector.Vector) []T) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		v := slice(args[0])
		data := out.Data
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			from := len(data)
			data = valuetext.AppendInt(data, int64(v[args[0].At(i)]))
			out.Views[out.At(i)] = vector.View{Off: uint32(from), Len: uint32(len(data) - from)}
		}
		out.Data = data
		return nil
	}
}

// print is toString for a type whose text does not depend on the session.
//
//go:noinline
func print[T any](slice func(*vector.Vector) []T, appendText func(dst []byte, x T) []byte) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		v := slice(args[0])
		data := out.Data
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			from := len(data)
			data = appendText(data, v[args[0].At(i)])
			out.Views[out.At(i)] = vector.View{Off: uint32(from), Len: uint32(len(data) - from)}
		}
		out.Data = data
		return nil
	}
}

// fromText parses text.
func fromText(from, to *types.Type) conversion {
	c := parser(from, to)
	if c.fail == nil {
		c.fail = func(_ *expr.Context, v *vector.Vector, i int) error {
			return invalid(Text(string(v.Bytes(i))), from, to)
		}
	}
	return c
}

func parser(from, to *types.Type) conversion {
	switch to.Kind {
	case types.KindBoolean:
		return parse(vector.Bools, valuetext.ParseBool)
	case types.KindByte:
		return parseIntegers(vector.Int8s, 8)
	case types.KindShort:
		return parseIntegers(vector.Int16s, 16)
	case types.KindInt:
		return parseIntegers(vector.Int32s, 32)
	case types.KindLong:
		return parseIntegers(vector.Int64s, 64)
	case types.KindFloat:
		return parse(vector.Float32s, valuetext.ParseFloat)
	case types.KindDouble:
		return parse(vector.Float64s, valuetext.ParseDouble)
	case types.KindDate:
		return parse(vector.Int32s, datetime.ParseDate)
	case types.KindDecimal:
		return parseDecimal(from, to)
	case types.KindBinary:
		return conversion{one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			out.SetBytes(k, v.Bytes(i))
			return true
		}}
	case types.KindYearMonth, types.KindDayTime, types.KindInterval:
		return parseInterval(to)
	}
	return conversion{one: parseTemporal(to)}
}

// parseIntegers is parse with the parsing function inlined into the loop.
func parseIntegers[T kernel.Integer](slice func(*vector.Vector) []T, bits int) conversion {
	c := parse(slice, func(b []byte) (T, bool) {
		n, ok := valuetext.ParseInteger(b, bits)
		return T(n), ok
	})
	c.all = func(n int, sel vector.Selection, v, out *vector.Vector) int {
		values, views, data := slice(out), v.Views, v.Data
		from, to := v.At(-1), out.At(-1)
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			w := views[i&from]
			x, ok := valuetext.ParseInteger(data[w.Off:w.Off+w.Len], bits)
			if !ok {
				return i
			}
			values[i&to] = T(x)
		}
		return -1
	}
	return c
}

// parse converts with a function of the text alone.
func parse[T any](slice func(*vector.Vector) []T, parse func(b []byte) (T, bool)) conversion {
	return conversion{
		one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) (ok bool) {
			slice(out)[k], ok = parse(v.Bytes(i))
			return ok
		},
		all: func(n int, sel vector.Selection, v, out *vector.Vector) int {
			values, views, data := slice(out), v.Views, v.Data
			from, to := v.At(-1), out.At(-1)
			for k := range kernel.Count(n, sel) {
				i := kernel.Row(sel, k)
				w := views[i&from]
				x, ok := parse(data[w.Off : w.Off+w.Len])
				if !ok {
					return i
				}
				values[i&to] = x
			}
			return -1
		},
	}
}

type oneFunc = func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool

func parseDecimal(from, to *types.Type) conversion {
	return conversion{
		one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) (ok bool) {
			out.Dec[k], ok, _ = valuetext.ParseDecimal(v.Bytes(i), to.Precision, to.Scale)
			return ok && decimal.Supported(valuetext.TrimBlanks(v.Bytes(i)))
		},
		fail: func(_ *expr.Context, v *vector.Vector, i int) error {
			text := valuetext.TrimBlanks(v.Bytes(i))
			_, ok, overflow := valuetext.ParseDecimal(text, to.Precision, to.Scale)
			switch {
			case !ok && !overflow:
				return invalid(Text(string(v.Bytes(i))), from, to)
			case !decimal.Supported(text):
				return sparkerr.New("NUMERIC_OUT_OF_SUPPORTED_RANGE", "value", string(v.Bytes(i)))
			}
			return outOfRange(string(decimal.AppendPlain(nil, text)), to)
		},
	}
}

func parseTemporal(to *types.Type) oneFunc {
	switch to.Kind {
	case types.KindTimestamp:
		return func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) (ok bool) {
			out.I64[k], ok = datetime.ParseTimestamp(v.Bytes(i), zone(ctx), ctx.Now)
			return ok
		}
	case types.KindTimestampNTZ:
		return func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) (ok bool) {
			out.I64[k], ok = datetime.ParseTimestampNTZ(v.Bytes(i), true)
			return ok
		}
	case types.KindTime:
		return func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			nanos, ok := datetime.ParseTime(v.Bytes(i))
			out.I64[k] = nanos - nanos%timeUnit(to.Precision)
			return ok
		}
	}
	return nil
}

// orWord accepts the special words of dates and timestamps in addition to what parse accepts.
func orWord(to *types.Type, parse oneFunc) oneFunc {
	return func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) (ok bool) {
		word := string(v.Bytes(i))
		switch to.Kind {
		case types.KindDate:
			out.I32[k], ok = datetime.SpecialDate(word, zone(ctx), ctx.Now)
		case types.KindTimestamp:
			out.I64[k], ok = datetime.SpecialTimestamp(word, zone(ctx), ctx.Now)
		case types.KindTimestampNTZ:
			out.I64[k], ok = datetime.SpecialTimestampNTZ(word, zone(ctx), ctx.Now)
		}
		return ok || parse(ctx, v, i, out, k)
	}
}

// timeUnit returns the nanoseconds per unit of the last digit that TIME(precision) keeps.
func timeUnit(precision int) int64 {
	unit := int64(1_000_000_000)
	for range precision {
		unit /= 10
	}
	return max(unit, 1)
}

// parseInterval fails with the parser's error.
func parseInterval(to *types.Type) conversion {
	parse := func(v *vector.Vector, i int, out *vector.Vector, k int) (err error) {
		s := string(v.Bytes(i))
		switch to.Kind {
		case types.KindYearMonth:
			out.I32[k], err = datetime.ParseYearMonth(s, to.Start, to.End)
		case types.KindDayTime:
			out.I64[k], err = datetime.ParseDayTime(s, to.Start, to.End)
		default:
			var c vector.CalendarInterval
			c.Months, c.Days, c.Micros, err = datetime.ParseCalendar(s)
			out.Cal[k] = c
		}
		return err
	}
	return conversion{
		one: func(_ *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			err := parse(v, i, out, k)
			if err != nil && to.Kind == types.KindInterval { // Spark: safeStringToInterval
				out.SetNull(k)
				return true
			}
			return err == nil
		},
		fail: func(_ *expr.Context, v *vector.Vector, i int) error { return parse(v, i, vector.New(to, 1), 0) },
	}
}
