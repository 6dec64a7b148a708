package valuetext

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/decimal"
)

// pairs holds the numbers below 100 as two digits each.
const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869" +
	"707172737475767778798081828384858687888990919293949596979899"

// AppendInt appends v in decimal like strconv.AppendInt, but eight digits at a time.
func AppendInt(dst []byte, v int64) []byte {
	u := uint64(v)
	if u < 100 {
		if u < 10 {
			return append(dst, '0'+byte(u))
		}
		return append(dst, pairs[2*u], pairs[2*u+1])
	}
	if v < 0 {
		dst = append(dst, '-')
		u = -u
	}
	if u < 1e8 {
		return appendSmall(dst, u)
	}
	high := u / 1e8
	if high < 1e8 {
		dst = appendSmall(dst, high)
	} else {
		dst = appendSmall(dst, high/1e8)
		dst = binary.LittleEndian.AppendUint64(dst, digitWord(high%1e8)|zeros)
	}
	return binary.LittleEndian.AppendUint64(dst, digitWord(u%1e8)|zeros)
}

// appendSmall appends a number below 10^8.
func appendSmall(dst []byte, u uint64) []byte {
	digits := digitWord(u)
	leading := min(bits.TrailingZeros64(digits)>>3, 7)
	dst = binary.LittleEndian.AppendUint64(dst, (digits|zeros)>>(8*leading))
	return dst[:len(dst)-leading]
}

// digitWord packs the eight digits of a number below 10^8 into the bytes of a word, the first one in the lowest byte.
func digitWord(u uint64) uint64 {
	fours := u/1e4 | u%1e4<<32
	hundreds := fours * 10486 >> 20 & (0x7F<<32 | 0x7F)
	twos := hundreds | (fours-100*hundreds)<<16
	tens := twos * 103 >> 10 & (0xF<<48 | 0xF<<32 | 0xF<<16 | 0xF)
	return tens | (twos-10*tens)<<8
}

// ParseInteger casts text to an integer of the given number of bits. It ignores blanks and control characters around an
// optional sign and ASCII digits, and accepts nothing else.
func ParseInteger(b []byte, bits int) (int64, bool) {
	if len(b) >= 8 {
		sign := 0 // computed without a branch, which would be mispredicted if half of the numbers are negative
		if b[0] == '-' {
			sign = 1
		}
		if v, ok := mediumInteger(b[sign:]); ok {
			if v = v ^ -int64(sign) + int64(sign); v>>(bits-1) == v>>63 {
				return v, true
			}
		}
	}
	return parseInteger(trimControls(b), bits, false)
}

// ParseIntegerStrict parses an integer as the CSV reader does: it ignores nothing and accepts digits of any script. (Java:
// Integer.parseInt.)
func ParseIntegerStrict(b []byte, bits int) (int64, bool) { return parseInteger(b, bits, true) }

func parseInteger(b []byte, bits int, anyScript bool) (int64, bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	limit := uint64(1) << (bits - 1) // magnitude of the smallest value
	if !negative {
		limit--
	}
	v, ok := magnitude(b, limit)
	if !ok && anyScript {
		v, ok = magnitude(ASCIIDigits(b), limit)
	}
	if negative {
		return -int64(v), ok
	}
	return int64(v), ok
}

// magnitude parses one or more ASCII digits, as a number of at most limit.
func magnitude(b []byte, limit uint64) (v uint64, ok bool) {
	if len(b) == 0 {
		return 0, false
	}
	if len(b) < 19 { // cannot overflow
		for digits := b; len(digits) >= 8; digits = digits[8:] {
			d, ok := decimal.EightDigits(binary.LittleEndian.Uint64(digits))
			if !ok {
				return 0, false
			}
			v, b = v*1e8+d, digits[8:]
		}
		for _, c := range b {
			d := uint64(c - '0')
			if d > 9 {
				return 0, false
			}
			v = v*10 + d
		}
		return v, v <= limit
	}
	for _, c := range b {
		d := uint64(c - '0')
		if d > 9 || v > (limit-d)/10 {
			return 0, false
		}
		v = v*10 + d
	}
	return v, true
}

// mediumInteger parses 8 to 16 digits. If ok is false, b may still be a valid integer.
func mediumInteger(digits []byte) (v int64, ok bool) {
	rest := len(digits) - 8
	if rest < 0 || rest > 8 {
		return 0, false
	}
	high, ok1 := decimal.EightDigits(binary.LittleEndian.Uint64(digits))
	if rest <= 2 {
		for _, c := range digits[8:] {
			d := uint64(c - '0')
			high, ok1 = high*10+d, ok1 && d <= 9
		}
		return int64(high), ok1
	}
	// The last eight characters overlap the first eight; the overlap is replaced by zeros.
	read := uint64(1)<<(64-8*rest) - 1
	low, ok2 := decimal.EightDigits(binary.LittleEndian.Uint64(digits[rest:])&^read | zeros&read)
	return int64(high*uintPow10[rest] + low), ok1 && ok2
}

var uintPow10 = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

const zeros = '0' * 0x0101010101010101 // eight digits

// ASCIIDigits replaces digits of any script by ASCII digits. It returns nil if there is nothing to replace or if b contains
// anything else.
func ASCIIDigits(b []byte) (digits []byte) {
	if !bytes.ContainsFunc(b, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return nil
	}
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		d, ok := decimal.DigitValue(r)
		if !ok {
			return nil
		}
		digits = append(digits, '0'+byte(d))
		b = b[size:]
	}
	return digits
}

// ParseDecimal casts text to DECIMAL(precision, scale), ignoring blanks and control characters around it. See decimal.ParseAs
// for the results.
func ParseDecimal(b []byte, precision, scale int) (v decimal.Int128, ok, overflow bool) {
	return decimal.ParseAs(TrimBlanks(b), precision, scale)
}

// ParseBool casts text to a boolean: t, true, y, yes, 1 and f, false, n, no, 0 in any case. It ignores blanks and control
// characters around the word.
func ParseBool(b []byte) (value, ok bool) {
	b = trimControls(b)
	if len(b) == 0 || len(b) > 5 {
		return false, false
	}
	var lower [5]byte
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	switch string(lower[:len(b)]) {
	case "t", "true", "y", "yes", "1":
		return true, true
	case "f", "false", "n", "no", "0":
		return false, true
	}
	return false, false
}

// trimControls trims blanks and ASCII control characters, including DEL, from both ends. (Spark: UTF8String.trimAll.)
func trimControls(b []byte) []byte {
	for len(b) > 0 && isControl(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isControl(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isControl(c byte) bool { return c <= ' ' || c == 0x7f }

// TrimBlanks trims characters up to U+0020 from both ends. (Java: String.trim.)
func TrimBlanks(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}
