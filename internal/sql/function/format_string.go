package function

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/streamctl/streamctl/internal/decimal"
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
		Result: "Hello World 100 days", MinArgs: 1, MaxArgs: -1, SeesNulls: true, Resolve: resolveFormatString, Compile: eachRow(formatString),
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
	var f formatter
	for format := v.Bytes(0); ; {
		at := bytes.IndexByte(format, '%')
		if at < 0 {
			return shown
		}
		s, size, ok := readSpecifier(format[at:])
		if !ok {
			return shown
		}
		format = format[at+size:]
		if s.conversion == '%' || s.conversion == 'n' {
			continue
		}
		k := f.argument(s)
		if c := s.conversion | 0x20; (c == 's' || c == 'h') && k >= 1 && k < len(call.Args) {
			shown[k] = max(c, shown[k])
		}
	}
}

func formatString(r *row) error {
	if r.isNull(0) {
		r.setNull()
		return nil
	}
	start := len(r.out.Data)
	f := formatter{r: r, dst: r.out.Data}
	if err := f.run(r.text(0)); err != nil {
		return err
	}
	r.out.Data = f.dst
	r.out.CloseBytes(r.i, start)
	return nil
}

// A formatter applies one format.
type formatter struct {
	r    *row
	dst  []byte
	next int // argument for the next specifier without an index
	last int // argument of the previous specifier, for %<s
}

// A specifier is %[index$][flags][width][.precision]conversion.
type specifier struct {
	text             string
	index            int // 0: the next argument, -1: the last one
	flags            string
	width, precision int // -1: none
	conversion       byte
}

func (f *formatter) run(format []byte) error {
	for len(format) > 0 {
		at := bytes.IndexByte(format, '%')
		if at < 0 {
			at = len(format)
		}
		f.dst = append(f.dst, format[:at]...)
		if format = format[at:]; len(format) == 0 {
			break
		}
		s, size, ok := readSpecifier(format)
		if !ok {
			return unknownConversion(format)
		}
		if err := f.specifier(s); err != nil {
			return err
		}
		format = format[size:]
	}
	return nil
}

func unknownConversion(format []byte) error {
	for _, c := range format[1:] {
		if !strings.ContainsRune("-#+ 0,(<.$", rune(c)) && (c < '0' || c > '9') {
			return sparkerr.Plain("Conversion = '%c'", c)
		}
	}
	return sparkerr.Plain("Conversion = '%%'")
}

func readSpecifier(s []byte) (spec specifier, size int, ok bool) {
	spec = specifier{width: -1, precision: -1}
	i := 1
	number := func() (n int, found bool) {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(string(s[start:i]))
		return n, err == nil
	}
	if n, found := number(); found && i < len(s) && s[i] == '$' {
		spec.index = n
		i++
	} else {
		i = 1
	}
	start := i
	for i < len(s) && strings.IndexByte("-#+ 0,(<", s[i]) >= 0 {
		if s[i] == '<' {
			spec.index = -1
		}
		i++
	}
	spec.flags = string(s[start:i])
	if n, found := number(); found {
		spec.width = n
	}
	if i < len(s) && s[i] == '.' {
		i++
		n, found := number()
		if !found {
			return spec, 0, false
		}
		spec.precision = n
	}
	if i == len(s) || strings.IndexByte("bBhHsScCdoxXeEfgGaA%n", s[i]) < 0 {
		return spec, 0, false
	}
	spec.conversion, spec.text = s[i], string(s[:i+1])
	return spec, i + 1, true
}

func (s specifier) has(flag byte) bool { return strings.IndexByte(s.flags, flag) >= 0 }

func (f *formatter) specifier(s specifier) error {
	switch {
	case (s.has('-') || s.has('0')) && s.width < 0:
		return sparkerr.Plain("%s", s.text)
	case s.conversion == '%':
		f.pad(s, "%")
		return nil
	case s.conversion == 'n':
		f.dst = append(f.dst, '\n')
		return nil
	}
	f.r.fits(f.dst, max(s.width, s.precision))
	arg := f.argument(s)
	if arg < 1 || arg >= len(f.r.args) {
		return sparkerr.Plain("Format specifier '%s'", s.text)
	}
	f.r.fits(f.dst, f.r.args[arg].TextBytes(f.r.i))
	text, err := f.convert(s, f.r.args[arg])
	if err != nil {
		return err
	}
	if unicode.IsUpper(rune(s.conversion)) {
		text = string(appendUpper(&f.r.Steps, nil, []byte(text)))
	}
	f.pad(s, text)
	return nil
}

// argument returns the number of the argument that a specifier shows.
func (f *formatter) argument(s specifier) int {
	switch s.index {
	case 0:
		f.next++
		f.last = f.next
	case -1:
	default:
		f.last = s.index
	}
	return f.last
}

// pad appends text padded to the width; zeros have been added before.
func (f *formatter) pad(s specifier, text string) {
	fill := 0
	if s.width > 0 {
		fill = s.width - javaLength(text)
	}
	if s.has('-') {
		f.dst = append(f.dst, text...)
	}
	for ; fill > 0; fill-- {
		f.dst = append(f.dst, ' ')
	}
	if !s.has('-') {
		f.dst = append(f.dst, text...)
	}
}

func (f *formatter) convert(s specifier, v *vector.Vector) (string, error) {
	null := v.IsNull(f.r.i) || v.Type.Kind == types.KindVoid
	kind := v.Type.Kind
	conversion := s.conversion | 0x20
	switch {
	case conversion == 'b':
		return cut(strconv.FormatBool(!null && (kind != types.KindBoolean || v.Bool[v.At(f.r.i)])), s.precision), nil
	case null:
		return cut("null", s.precision), nil
	case conversion == 's':
		return cut(string(javaText(&f.r.Steps, appendRaw(nil, v, f.r.i))), s.precision), nil
	case conversion == 'h':
		return cut(strconv.FormatUint(uint64(javaHash(v, f.r.i)), 16), s.precision), nil
	}
	integer, bits := integerOf(v, f.r.i)
	switch {
	case conversion == 'c' && bits > 0 && bits <= 32:
		return string(rune(integer)), nil
	case conversion == 'd' && bits > 0:
		if s.precision >= 0 {
			return "", sparkerr.Plain("%d", s.precision)
		}
		return s.number(integer < 0, strconv.FormatUint(magnitudeOf(integer), 10)), nil
	case (conversion == 'o' || conversion == 'x') && bits > 0:
		return s.unsigned(uint64(integer)&(1<<(bits-1)<<1-1), conversion), nil
	case strings.IndexByte("efga", conversion) >= 0 && kind == types.KindDouble:
		return s.float(v.F64[v.At(f.r.i)], conversion), nil
	case strings.IndexByte("efga", conversion) >= 0 && kind == types.KindFloat:
		return s.float(float64(v.F32[v.At(f.r.i)]), conversion), nil
	}
	return "", sparkerr.Plain("%c != %s", s.conversion, javaClass(v.Type))
}

// cut truncates s to n UTF-16 units.
func cut(s string, n int) string {
	if n < 0 {
		return s
	}
	for i, c := range s {
		if n -= max(utf16.RuneLen(c), 1); n < 0 {
			return s[:i]
		}
	}
	return s
}

// javaLength returns the length in UTF-16 units, as in Java.
func javaLength(s string) (n int) {
	for _, c := range s {
		n += max(utf16.RuneLen(c), 1)
	}
	return n
}

func magnitudeOf(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// number adds sign, grouping and leading zeros to the digits of a number.
func (s specifier) number(negative bool, digits string) string {
	whole, fraction, point := strings.Cut(digits, ".")
	exponent := ""
	if at := strings.IndexByte(whole, 'e'); at >= 0 {
		whole, exponent = whole[:at], whole[at:]
	}
	if s.has(',') {
		whole = string(group(nil, whole, 3))
	}
	digits = whole + exponent
	if point {
		digits += "." + fraction
	}
	before, after := "", ""
	switch {
	case negative && s.has('('):
		before, after = "(", ")"
	case negative:
		before = "-"
	case s.has('+'):
		before = "+"
	case s.has(' '):
		before = " "
	}
	if missing := s.width - len(before+digits+after); s.has('0') && missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return before + digits + after
}

// group appends the digits with a comma between groups of the given size.
func group(dst []byte, digits string, size int) []byte {
	for i, c := range []byte(digits) {
		if i > 0 && size > 0 && (len(digits)-i)%size == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c)
	}
	return dst
}

func (s specifier) unsigned(v uint64, conversion byte) string {
	digits, prefix := strconv.FormatUint(v, 16), "0x"
	if conversion == 'o' {
		digits, prefix = strconv.FormatUint(v, 8), "0"
	}
	if !s.has('#') {
		prefix = ""
	}
	if missing := s.width - len(prefix+digits); s.has('0') && missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return prefix + digits
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
	switch t.Kind {
	case types.KindBoolean:
		return "java.lang.Boolean"
	case types.KindByte:
		return "java.lang.Byte"
	case types.KindShort:
		return "java.lang.Short"
	case types.KindInt, types.KindDate, types.KindYearMonth:
		return "java.lang.Integer"
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
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
