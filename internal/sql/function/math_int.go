package function

import (
	"bytes"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// integerFunctions compute with integers, their digits and their bits.
func integerFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "factorial", Group: "math_funcs", Usage: "factorial(expr)", Doc: "The factorial of expr; NULL outside of 0 to 20.",
			Example: "factorial(5)", Result: "120", MinArgs: 1, MaxArgs: 1, Resolve: nullable(returns(types.Long, coerce.Int)), Compile: eachRow(factorial),
		},
		{
			Name: "bin", Group: "math_funcs", Usage: "bin(expr)", Doc: "The binary digits of an integer; 64 bits if negative.",
			Example: "bin(13)", Result: "1101", MinArgs: 1, MaxArgs: 1, Resolve: returns(types.String, coerce.Long),
			Compile: eachText(func(r *row, dst []byte) []byte { return strconv.AppendUint(dst, uint64(r.long(0)), 2) }),
		},
		{
			Name: "hex", Group: "math_funcs", Usage: "hex(expr)", Doc: "The hexadecimal digits of an integer, a string or binary data.",
			Example: "hex(17)", Result: "11", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.String, coerce.OneOf(coerce.Long, coerce.Binary, coerce.String)), Compile: compileHex,
		},
		{
			Name: "unhex", Group: "math_funcs", Usage: "unhex(expr)", Doc: "The bytes of a hexadecimal string; NULL if it contains other characters.",
			Example: "decode(unhex('537061726B2053514C'), 'UTF-8')", Result: "Spark SQL", MinArgs: 1, MaxArgs: 1,
			Resolve: nullable(returns(types.Binary, coerce.String)), Compile: eachRow(unhexOrNull),
		},
		{
			Name: "conv", Group: "math_funcs", Usage: "conv(num, from_base, to_base)",
			Doc:     "The number converted to another base, up to the first character that is not a digit; a negative base yields signed results.",
			Example: "conv('100', 2, 10)", Result: "4", MinArgs: 3, MaxArgs: 3,
			Resolve: nullable(returns(types.String, coerce.String, coerce.Int)), Compile: eachRow(conv),
		},
		{
			Name: "width_bucket", Group: "math_funcs", Usage: "width_bucket(value, min_value, max_value, num_bucket)",
			Doc:     "The number of the bucket, counted from 1, if the range is divided into equal parts; 0 or num_bucket + 1 if the value is out of range.",
			Example: "width_bucket(5.3, 0.2, 10.6, 5)", Result: "3", MinArgs: 4, MaxArgs: 4,
			Resolve: nullable(resolveWidthBucket), Compile: eachRow(widthBucket),
		},
		{
			Name: "bit_count", Group: "bitwise_funcs", Usage: "bit_count(expr)", Doc: "The number of bits set in an integer, as 64 bits, or a boolean.",
			Example: "bit_count(7)", Result: "3", MinArgs: 1, MaxArgs: 1, Resolve: resolveBitCount, Compile: compileBitCount,
		},
		{
			Name: "bit_get", Aliases: []string{"getbit"}, Group: "bitwise_funcs", Usage: "bit_get(expr, pos)", Doc: "The bit at a position, counted from 0 for the lowest bit.",
			Example: "bit_get(11, 2)", Result: "0", MinArgs: 2, MaxArgs: 2, Resolve: returns(types.Byte, coerce.Integral, coerce.Int), Compile: compileBitGet,
		},
	}
}

func factorial(r *row) error {
	n := r.int(0)
	if n < 0 || n > 20 {
		r.setNull()
		return nil
	}
	product := int64(1)
	for k := int64(2); k <= int64(n); k++ {
		product *= k
	}
	r.setLong(product)
	return nil
}

const upperHex = "0123456789ABCDEF"

func compileHex(call *expr.Expr) (expr.Kernel, error) {
	if call.Args[0].Type.Kind == types.KindLong {
		return eachText(func(r *row, dst []byte) []byte {
			v := uint64(r.long(0))
			for shift := max(bits.Len64(v)-1, 0) / 4 * 4; shift >= 0; shift -= 4 {
				dst = append(dst, upperHex[v>>shift&15])
			}
			return dst
		})(call)
	}
	return eachText(func(r *row, dst []byte) []byte { return appendHex(&r.Steps, dst, r.text(0)) })(call)
}

func appendHex(steps *halt.Steps, dst, s []byte) []byte {
	for piece := range steps.Chunks(s, 1) {
		for _, c := range piece {
			dst = append(dst, upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

func unhexOrNull(r *row) error {
	from := len(r.out.Data)
	dst, ok := appendUnhex(&r.Steps, r.out.Data, r.text(0))
	if !ok {
		r.setNull()
		return nil
	}
	r.out.Data = dst
	r.out.CloseBytes(r.i, from)
	return nil
}

// appendUnhex decodes pairs of digits; with an odd number of digits, the first one is a byte by itself. It returns false if
// there is another character.
func appendUnhex(steps *halt.Steps, dst, s []byte) ([]byte, bool) {
	if len(s)%2 == 1 {
		d := digitValue(s[0])
		if d > 15 {
			return dst, false
		}
		dst, s = append(dst, byte(d)), s[1:]
	}
	for ; len(s) > 0; s = s[2:] {
		steps.Take(1)
		high, low := digitValue(s[0]), digitValue(s[1])
		if high > 15 || low > 15 {
			return dst, false
		}
		dst = append(dst, byte(high<<4|low))
	}
	return dst, true
}

func conv(r *row) error {
	s, from, to := bytes.Trim(r.text(0), " "), r.int(1), r.int(2)
	if len(s) == 0 || from < 2 || from > 36 || max(to, -to) < 2 || max(to, -to) > 36 {
		r.setNull()
		return nil
	}
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}
	v, ok := leadingDigits(s, from)
	if !ok {
		return sparkerr.New("ARITHMETIC_OVERFLOW", "message", "Overflow in function conv()", "alternative", "", "config", ansiConfig)
	}
	if negative && to > 0 {
		if v = -v; int64(-v) < 0 { // beyond the signed range
			v = math.MaxUint64
		}
	}
	if to < 0 && int64(v) < 0 {
		v, negative = -v, true
	}
	start := len(r.out.Data)
	if negative && to < 0 {
		r.out.Data = append(r.out.Data, '-')
	}
	r.out.Data = append(r.out.Data, strings.ToUpper(strconv.FormatUint(v, max(to, -to)))...)
	r.out.CloseBytes(r.i, start)
	return nil
}

// leadingDigits parses the digits of a base at the start of s. It returns false if they exceed 64 bits.
func leadingDigits(s []byte, base int) (v uint64, ok bool) {
	for _, c := range s {
		d := digitValue(c)
		if d >= base {
			break
		}
		hi, lo := bits.Mul64(v, uint64(base))
		sum, carry := bits.Add64(lo, uint64(d), 0)
		if hi|carry != 0 {
			return 0, false
		}
		v = sum
	}
	return v, true
}

// digitValue returns the value of a digit or letter in bases up to 36, or 36.
func digitValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return int(c|0x20-'a') + 10
	}
	return 36
}

func resolveWidthBucket(call *expr.Expr) error {
	value := coerce.OneOf(coerce.Double, coerce.YearMonth, coerce.DayTime)
	if err := coerce.Params(call, value, value, value, coerce.Long); err != nil {
		return err
	}
	for _, a := range call.Args[1:3] {
		if a.Type.Kind != call.Args[0].Type.Kind {
			return coerce.DifferentTypes(call, "width_bucket", call.Args[:3])
		}
	}
	coerce.Returns(call, types.Long)
	return nil
}

func widthBucket(r *row) error {
	value, low, high, buckets := r.number(0), r.number(1), r.number(2), r.long(3)
	if buckets <= 0 || buckets == math.MaxInt64 || math.IsNaN(value) || low == high || isNoNumber(low) || isNoNumber(high) {
		r.setNull()
		return nil
	}
	from, upTo := value-low, high-low
	if low > high {
		from, upTo = low-value, low-high
	}
	switch {
	case from < 0:
		r.setLong(0)
	case low < high && value >= high || low > high && value <= high:
		r.setLong(buckets + 1)
	default:
		r.setLong(int64(float64(buckets)*from/upTo) + 1)
	}
	return nil
}

func isNoNumber(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

// number returns a DOUBLE argument, or the length of an interval.
func (r *row) number(k int) float64 {
	switch r.args[k].Type.Kind {
	case types.KindYearMonth:
		return float64(r.int(k))
	case types.KindDayTime:
		return float64(r.long(k))
	}
	return r.double(k)
}

// integral returns an argument of any integral type or boolean.
func (r *row) integral(k int) int64 {
	v := r.args[k]
	switch at := v.At(r.i); v.Type.Kind {
	case types.KindBoolean:
		if v.Bool[at] {
			return 1
		}
		return 0
	case types.KindByte:
		return int64(v.I8[at])
	case types.KindShort:
		return int64(v.I16[at])
	case types.KindInt:
		return int64(v.I32[at])
	default:
		return v.I64[at]
	}
}

func resolveBitCount(call *expr.Expr) error {
	if err := coerce.Expects(call, coerce.OneOf(coerce.Integral, coerce.Boolean)); err != nil {
		return err
	}
	coerce.Returns(call, types.Int)
	return nil
}

func compileBitCount(call *expr.Expr) (expr.Kernel, error) {
	return eachInt(func(r *row) int { return bits.OnesCount64(uint64(r.integral(0))) })(call)
}

func compileBitGet(call *expr.Expr) (expr.Kernel, error) {
	size := map[types.Kind]int{types.KindByte: 8, types.KindShort: 16, types.KindInt: 32, types.KindLong: 64}[call.Args[0].Type.Kind]
	name := call.CallName()
	return rowKernel(func(r *row) error {
		pos := r.int(1)
		if pos < 0 || pos >= size {
			return sparkerr.New("INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE", "parameter", "`pos`", "functionName", "`"+name+"`",
				"upper", strconv.Itoa(size), "invalidValue", strconv.Itoa(pos))
		}
		r.out.I8[r.out.At(r.i)] = int8(r.integral(0) >> pos & 1)
		return nil
	}), nil
}
