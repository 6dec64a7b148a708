package accumulate

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A frequentItem describes the items of a sketch of frequent values. An item is a value as bytes: text as it is, a decimal as two big-endian words,
// any other value as a little-endian word. Equal values have equal bytes: as in Java, all NaN are one value, and 0.0 and -0.0 are two.
type frequentItem struct{ t *types.Type }

// intDigits is the most digits of a decimal that Spark stores as an int.
const intDigits = 9

// Types of numbers in a sketch. (Apache DataSketches: ArrayOfNumbersSerDe.)
const (
	byteItem  = 2
	shortItem = 3
	floatItem = 6
	intItem   = 9
)

// appendKey appends value i of a flat vector.
func (f frequentItem) appendKey(dst []byte, v *vector.Vector, i int) []byte {
	word := func(x uint64) []byte { return binary.LittleEndian.AppendUint64(dst, x) }
	switch f.t.Kind.Storage() {
	case types.KindBoolean:
		if v.Bool[i] {
			return word(1)
		}
		return word(0)
	case types.KindByte:
		return word(uint64(v.I8[i]))
	case types.KindShort:
		return word(uint64(v.I16[i]))
	case types.KindInt:
		return word(uint64(v.I32[i]))
	case types.KindLong:
		return word(uint64(v.I64[i]))
	case types.KindFloat:
		return word(uint64(floatBits(v.F32[i])))
	case types.KindDouble:
		return word(doubleBits(v.F64[i]))
	case types.KindDecimal:
		return appendDecimal(dst, v.Dec[i])
	}
	return append(dst, v.Bytes(i)...)
}

func appendDecimal(dst []byte, d decimal.Int128) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, uint64(d.Hi)), d.Lo)
}

func floatBits(x float32) uint32 {
	if x != x {
		return 0x7fc00000
	}
	return math.Float32bits(x)
}

func doubleBits(x float64) uint64 {
	if x != x {
		return 0x7ff8000000000000
	}
	return math.Float64bits(x)
}

func decimalOf(item []byte) decimal.Int128 {
	return decimal.Int128{Hi: int64(binary.BigEndian.Uint64(item)), Lo: binary.BigEndian.Uint64(item[8:])}
}

// set makes an item the value at a position of a vector.
func (f frequentItem) set(v *vector.Vector, at int, text string) {
	item := []byte(text)
	switch f.t.Kind.Storage() {
	case types.KindBoolean:
		v.Bool[at] = item[0] == 1
	case types.KindByte:
		v.I8[at] = int8(item[0])
	case types.KindShort:
		v.I16[at] = int16(binary.LittleEndian.Uint16(item))
	case types.KindInt:
		v.I32[at] = int32(binary.LittleEndian.Uint32(item))
	case types.KindLong:
		v.I64[at] = int64(binary.LittleEndian.Uint64(item))
	case types.KindFloat:
		v.F32[at] = math.Float32frombits(binary.LittleEndian.Uint32(item))
	case types.KindDouble:
		v.F64[at] = math.Float64frombits(binary.LittleEndian.Uint64(item))
	case types.KindDecimal:
		v.Dec[at] = decimalOf(item)
	default:
		v.SetBytes(at, item)
	}
}

// hash is Java's hashCode of an item.
func (f frequentItem) hash(item []byte) int32 {
	switch f.t.Kind.Storage() {
	case types.KindBoolean:
		if item[0] == 1 {
			return 1231
		}
		return 1237
	case types.KindLong, types.KindDouble:
		x := binary.LittleEndian.Uint64(item)
		return int32(x ^ x>>32)
	case types.KindDecimal:
		return decimalHash(decimalOf(item), f.t.Scale)
	case types.KindByte, types.KindShort, types.KindInt, types.KindFloat:
		return int32(binary.LittleEndian.Uint32(item))
	}
	return textHash(item)
}

// textHash is Java's String.hashCode. Bytes that are not UTF-8 count as U+FFFD.
func textHash(text []byte) int32 {
	h := int32(0)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		if first, second := utf16.EncodeRune(r); first != utf8.RuneError {
			h, r = 31*h+first, second
		}
		h = 31*h + r
	}
	return h
}

// decimalHash is the hash of a decimal of Spark. (Scala: BigDecimal.hashCode.)
func decimalHash(d decimal.Int128, scale int) int32 {
	digits := new(big.Int).SetBytes(appendDecimal(nil, d.Abs()))
	if d.Sign() < 0 {
		digits.Neg(digits)
	}
	ten, rest := big.NewInt(10), new(big.Int)
	for scale > 0 || digits.Sign() != 0 { // without zeros at the end
		quotient := new(big.Int)
		if quotient.QuoRem(digits, ten, rest); rest.Sign() != 0 || digits.Sign() == 0 {
			break
		}
		if scale <= 0 {
			break
		}
		digits, scale = quotient, scale-1
	}
	if scale <= 0 || digits.Sign() == 0 {
		return bigHash(digits)
	}
	text := digits.String() + "e-" + strconv.Itoa(scale)
	x, _ := strconv.ParseFloat(text, 64)
	if exact(x, digits, scale) {
		return doubleHash(x)
	}
	return mixLast(javaBigHash(digits), int32(scale))
}

// exact reports whether the shortest digits of a double are those of a decimal without zeros at the end.
func exact(x float64, digits *big.Int, scale int) bool {
	mantissa, exponent, _ := cutExponent(strconv.FormatFloat(x, 'e', -1, 64))
	return mantissa == digits.String() && exponent == -scale
}

// cutExponent splits -1.5e+03 into -15 and 2.
func cutExponent(text string) (digits string, exponent int, ok bool) {
	for i := range text {
		switch text[i] {
		case 'e':
			e, err := strconv.Atoi(text[i+1:])
			point := 0
			for k := range i {
				if text[k] == '.' {
					point = i - k - 1
					continue
				}
				digits += text[k : k+1]
			}
			return digits, e - point, err == nil
		}
	}
	return text, 0, false
}

// bigHash is the hash of a whole number. (Scala: BigInt.hashCode.)
func bigHash(x *big.Int) int32 {
	if !x.IsInt64() {
		return javaBigHash(x)
	}
	n := x.Int64()
	if int64(int32(n)) == n {
		return int32(n)
	}
	return int32(uint64(n) ^ uint64(n)>>32)
}

// javaBigHash is Java's BigInteger.hashCode.
func javaBigHash(x *big.Int) int32 {
	b := x.Bytes()
	if r := len(b) % 4; r != 0 {
		b = append(make([]byte, 4-r), b...)
	}
	h := uint32(0)
	for ; len(b) > 0; b = b[4:] {
		h = 31*h + binary.BigEndian.Uint32(b)
	}
	return int32(h) * int32(x.Sign())
}

// doubleHash is the hash of a number with a fraction. (Scala: Statics.doubleHash.)
func doubleHash(x float64) int32 {
	if f := float32(x); float64(f) == x {
		return int32(math.Float32bits(f))
	}
	b := math.Float64bits(x)
	return int32(b ^ b>>32)
}

// mixLast is the last step of Scala's MurmurHash3.
func mixLast(hash, data int32) int32 {
	k := bits.RotateLeft32(uint32(data)*0xcc9e2d51, 15) * 0x1b873593
	return int32(uint32(hash) ^ k)
}
