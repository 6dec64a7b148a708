package function

import (
	"bytes"
	"math"
	"strconv"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/javatext"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/hash"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// formatStringFunctions returns format_string, which formats like java.util.Formatter with Spark's internal values: a date is
// its number of days, and a decimal is not a number.
func formatStringFunctions() []*expr.Function {
	return []*expr.Function{{
		Name: "format_string", Aliases: []string{"printf"}, Group: "string_funcs", Usage: "format_string(strfmt, obj, ...)",
		Doc: "The format string with %d, %s and so on replaced by the values.", Example: "format_string('Hello World %d %s', 100, 'days')",
		Result: "Hello World 100 days", MinArgs: 1, MaxArgs: -1, Operands: seesNulls, Resolve: resolveFormatString, Compile: eachRow(formatString),
	}}
}

func resolveFormatString(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.String, coerce.Any); err != nil {
		return err
	}
	if f := call.Args[0]; f.Kind == expr.Literal && !f.IsNullLit() && bytes.Contains(f.Value.Bytes(0), []byte("%0$")) {
		return sparkerr.New("INVALID_PARAMETER_VALUE.ZERO_INDEX", "parameter", "`strfmt`", "functionName", "`format_string`")
	}
	call.Type, call.Nullable = types.String, call.Args[0].Nullable
	return checkObjects(call)
}

// checkObjects refuses to print values for which Spark prints a memory address or Java's representation: binary data, and the
// arrays, maps and structs that generated code creates.
func checkObjects(call *expr.Expr) error {
	for k, conversion := range shownArguments(call) {
		arg := call.Args[k]
		nested := arg.Type.Elem != nil || arg.Type.Kind == types.KindStruct
		if holds(arg.Type, types.KindBinary) || nested && (conversion == 'h' || !isGeneric(arg)) {
			return sparkerr.Plain("%s of %s is not in the embedded engine: Spark prints Java's in-memory representation of such values.", call.CallName(), arg.SQL()).
				WithHint("cast it to STRING, or --master runs the job on Apache Spark")
		}
	}
	return nil
}

// isGeneric reports whether generated code, too, represents the value as a generic object.
func isGeneric(e *expr.Expr) bool {
	switch {
	case e.Type.Elem == nil && e.Type.Kind != types.KindStruct, e.Foldable(), e.Is("split"):
		return true
	case !e.Is("struct") && !e.Is("named_struct") && !(e.Is("array") && e.Type.Elem.IsText()):
		return false
	}
	for _, a := range e.Args {
		if !isGeneric(a) {
			return false
		}
	}
	return true
}

// shownArguments returns the conversion, s or h, for each argument that a format shows as text or hash: all arguments if the
// format is not constant, none if it fails.
func shownArguments(call *expr.Expr) map[int]byte {
	shown := map[int]byte{}
	v, err := fold(call.Args[0])
	switch {
	case err != nil || v != nil && v.IsNull(0):
		return nil
	case v == nil:
		for k := range call.Args[1:] {
			shown[k+1] = 's'
		}
		return shown
	}
	for k, c := range javatext.Shown(v.Bytes(0)) {
		if (c == 's' || c == 'h') && k >= 1 && k < len(call.Args) {
			shown[k] = max(c, shown[k])
		}
	}
	return shown
}

func formatString(r *row) error {
	if r.isNull(0) {
		r.setNull()
		return nil
	}
	start := len(r.out.Data)
	dst, err := javatext.Format(r.out.Data, r.text(0), formatArguments{r})
	if err != nil {
		return err
	}
	r.out.Data = dst
	r.out.CloseBytes(r.i, start)
	return nil
}

// formatArguments are the arguments of a row as the objects with which Spark represents them.
type formatArguments struct{ r *row }

func (a formatArguments) Count() int { return len(a.r.args) - 1 }

func (a formatArguments) Argument(k int) javatext.Argument {
	v, i := a.r.args[k], a.r.i
	if v.IsNull(i) || v.Type.Kind == types.KindVoid {
		return javatext.Argument{Null: true}
	}
	arg := javatext.Argument{Class: javaClass(v.Type)}
	arg.Integer, arg.Bits = integerOf(v, i)
	switch v.Type.Kind {
	case types.KindBoolean:
		arg.False = !v.Bool[v.At(i)]
	case types.KindFloat:
		arg.Floating, arg.Float = true, float64(v.F32[v.At(i)])
	case types.KindDouble:
		arg.Floating, arg.Float = true, v.F64[v.At(i)]
	}
	return arg
}

func (a formatArguments) Text(k int) string {
	return string(javaText(&a.r.Steps, appendRaw(nil, a.r.args[k], a.r.i)))
}

func (a formatArguments) Hash(k int) uint32 { return javaHash(a.r.args[k], a.r.i) }

func (a formatArguments) Upper(s string) string {
	return string(appendUpper(&a.r.Steps, nil, []byte(s)))
}

func (a formatArguments) Reserve(dst []byte, k, n int) {
	if k > 0 {
		n += a.r.args[k].TextBytes(a.r.i)
	}
	a.r.fits(dst, n)
}

// integerOf returns the integer with which Spark represents a value, and its width; 0 bits if there is none.
func integerOf(v *vector.Vector, i int) (value int64, bits int) {
	switch at := v.At(i); v.Type.Kind {
	case types.KindByte:
		return int64(v.I8[at]), 8
	case types.KindShort:
		return int64(v.I16[at]), 16
	case types.KindInt, types.KindDate, types.KindYearMonth:
		return int64(v.I32[at]), 32
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		return v.I64[at], 64
	}
	return 0, 0
}

// appendRaw appends the text of Spark's internal value.
func appendRaw(dst []byte, v *vector.Vector, i int) []byte {
	if v.IsNull(i) {
		return append(dst, "null"...)
	}
	if n, bits := integerOf(v, i); bits > 0 {
		return strconv.AppendInt(dst, n, 10)
	}
	switch v.Type.Kind {
	case types.KindDecimal:
		return decimal.AppendScientific(dst, v.Dec[v.At(i)], v.Type.Scale)
	case types.KindArray:
		return appendRawList(dst, v.Children[0], v.Views[v.At(i)])
	case types.KindMap:
		dst = appendRawList(append(dst, "keys: "...), v.Children[0], v.Views[v.At(i)])
		return appendRawList(append(dst, ", values: "...), v.Children[1], v.Views[v.At(i)])
	case types.KindStruct:
		dst = append(dst, '[')
		for k, c := range v.Children {
			if k > 0 {
				dst = append(dst, ',')
			}
			dst = appendRaw(dst, c, v.At(i))
		}
		return append(dst, ']')
	}
	return valuetext.AppendValue(dst, v, i, valuetext.Options{})
}

func appendRawList(dst []byte, items *vector.Vector, w vector.View) []byte {
	dst = append(dst, '[')
	for j := range int(w.Len) {
		if j > 0 {
			dst = append(dst, ',')
		}
		dst = appendRaw(dst, items, int(w.Off)+j)
	}
	return append(dst, ']')
}

// javaHash returns the hash code of the object with which Spark represents a value.
func javaHash(v *vector.Vector, i int) uint32 {
	at := v.At(i)
	fold := func(x uint64) uint32 { return uint32(x ^ x>>32) }
	switch v.Type.Kind {
	case types.KindBoolean:
		if v.Bool[at] {
			return 1231
		}
		return 1237
	case types.KindFloat:
		return math.Float32bits(v.F32[at])
	case types.KindDouble:
		return fold(math.Float64bits(v.F64[at]))
	}
	if n, bits := integerOf(v, i); bits > 32 {
		return fold(uint64(n))
	} else if bits > 0 {
		return uint32(n)
	}
	return hash.Murmur3Bytes(appendRaw(nil, v, i), hash.Seed)
}

// javaClass returns the class of the objects with which Spark represents values of a type.
func javaClass(t *types.Type) string {
	switch t.Kind.Storage() {
	case types.KindBoolean:
		return "java.lang.Boolean"
	case types.KindByte:
		return "java.lang.Byte"
	case types.KindShort:
		return "java.lang.Short"
	case types.KindInt:
		return "java.lang.Integer"
	case types.KindLong:
		return "java.lang.Long"
	case types.KindFloat:
		return "java.lang.Float"
	case types.KindDouble:
		return "java.lang.Double"
	case types.KindDecimal:
		return "org.apache.spark.sql.types.Decimal"
	case types.KindString, types.KindChar, types.KindVarchar:
		return "org.apache.spark.unsafe.types.UTF8String"
	case types.KindBinary:
		return "[B"
	case types.KindArray:
		return "org.apache.spark.sql.catalyst.util.GenericArrayData"
	case types.KindMap:
		return "org.apache.spark.sql.catalyst.util.ArrayBasedMapData"
	case types.KindInterval:
		return "org.apache.spark.unsafe.types.CalendarInterval"
	}
	return "org.apache.spark.sql.catalyst.expressions.GenericInternalRow"
}
