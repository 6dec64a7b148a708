// Package valuetext converts values to text, and text to numbers and booleans, by Spark's rules: the text of CAST(x AS
// STRING) and of a cell of Dataset.show, the casts from STRING, and the stricter forms that the CSV reader takes from the
// JDK.
package valuetext

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
)

// Numbers with a magnitude in [plainMin, plainMax) are written without an exponent. (Java: Double.toString.)
const (
	plainMin = 1e-3
	plainMax = 1e7
)

// AppendDouble appends a double as Java prints it: 1.0, 1.0E-4, NaN, -Infinity; with the fewest digits that read back as f.
func AppendDouble(dst []byte, f float64) []byte { return appendFloat(dst, f, 64) }

// AppendFloat is AppendDouble for a float: the fewest digits that read back as the float.
func AppendFloat(dst []byte, f float32) []byte { return appendFloat(dst, float64(f), 32) }

func appendFloat(dst []byte, f float64, bits int) []byte {
	abs := math.Abs(f)
	switch {
	case f != f:
		return append(dst, "NaN"...)
	case f > math.MaxFloat64:
		return append(dst, "Infinity"...)
	case f < -math.MaxFloat64:
		return append(dst, "-Infinity"...)
	case abs >= plainMin && abs < plainMax:
		if i := int64(f); float64(i) == f {
			return append(AppendInt(dst, i), ".0"...)
		}
		if micros := math.Round(f * 1e6); bits == 64 && micros/1e6 == f {
			return appendMicros(dst, int64(micros))
		}
		return strconv.AppendFloat(dst, f, 'f', -1, bits) // not integral, so the text has a point
	case f == 0:
		if math.Signbit(f) {
			dst = append(dst, '-')
		}
		return append(dst, "0.0"...)
	}
	return appendScientific(dst, f, bits)
}

// appendMicros appends v / 10^6, which must not be integral, without trailing zeros. For doubles below 10^9 the text is
// exact, and it is the shortest one, because different numbers of at most 15 digits are different doubles.
func appendMicros(dst []byte, v int64) []byte {
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	dst = appendSmall(dst, uint64(v)/1e6)
	fraction := digitWord(uint64(v)%1e6) &^ 0xFFFF // two zeros, six digits
	needless := bits.LeadingZeros64(fraction) >> 3
	dst = binary.LittleEndian.AppendUint64(dst, (fraction|zeros)>>8&^0xFF|'.')
	return dst[:len(dst)-1-needless]
}

// appendScientific converts Go's 1.5e-07 to Java's 1.5E-7, with at least one digit after the point.
func appendScientific(dst []byte, f float64, bits int) []byte {
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], f, 'e', -1, bits)
	e := bytes.IndexByte(text, 'e')
	if e == 1 || e == 2 && text[0] == '-' {
		// For a single digit Java prints the nearest number of two digits, which for the smallest doubles is not digit.0:
		// 4.9E-324.
		text = strconv.AppendFloat(buf[:0], f, 'e', 1, bits)
		e = bytes.IndexByte(text, 'e')
	}
	dst = append(dst, text[:e]...)
	dst = append(dst, 'E')
	if text[e+1] == '-' {
		dst = append(dst, '-')
	}
	exponent := text[e+2:]
	if exponent[0] == '0' {
		exponent = exponent[1:]
	}
	return append(dst, exponent...)
}

const upperHex = "0123456789ABCDEF"

// AppendHexBytes appends bytes as show prints them: [61 62].
func AppendHexBytes(dst, b []byte) []byte {
	dst = append(dst, '[')
	for i, c := range b {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, upperHex[c>>4], upperHex[c&15])
	}
	return append(dst, ']')
}
