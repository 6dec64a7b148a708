package javatext

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/streamctl/streamctl/internal/decimal"
)

// javaDigits returns the digits and the exponent of 0.d1d2… for a positive number as java.text formats it. That algorithm is
// older than Double.toString's: its result is sometimes one digit too long and not the nearest. (Java:
// jdk.internal.math.FloatingDecimal.)
func javaDigits(x float64) (digits []byte, exponent int) {
	const fraction = 52 // bits after the leading one of a mantissa
	mantissa, binary := math.Float64bits(x)&(1<<fraction-1), int(math.Float64bits(x)>>fraction)
	significant := fraction + 1
	if binary == 0 {
		significant = bits.Len64(mantissa)
		binary = 1 - (fraction + 1 - significant)
		mantissa <<= fraction + 1 - significant
	} else {
		mantissa |= 1 << fraction
	}
	binary -= 1023
	n := fraction + 1 - bits.TrailingZeros64(mantissa) // significant bits of the mantissa
	tiny := max(0, n-binary-1)                         // how many of them are after the point
	if tiny == 0 && binary <= 62 && binary >= -21 && n < 64 {
		return wholeDigits(mantissa, binary, fraction, significant)
	}
	mantissa >>= fraction + 1 - n
	return dividedDigits(mantissa, binary, n, tiny, significant, estimateExponent(mantissa, n, binary))
}

// wholeDigits returns the digits of an integer without those beyond the precision of its mantissa.
func wholeDigits(mantissa uint64, binary, fraction, significant int) (digits []byte, exponent int) {
	if binary >= fraction {
		mantissa <<= binary - fraction
	} else {
		mantissa >>= fraction - binary
	}
	unknown := 0
	if p := binary - significant - 1; binary > significant && p > 1 {
		unknown = int(float64(p) * math.Log10(2))
	}
	if unknown > 0 {
		unit := uint64(1)
		for range unknown {
			unit *= 10
		}
		residue := mantissa % unit
		mantissa /= unit
		if residue >= unit>>1 {
			mantissa++
		}
	}
	digits = strconv.AppendUint(nil, mantissa, 10)
	exponent = len(digits) + unknown
	for len(digits) > 1 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return digits, exponent
}

// estimateExponent returns the decimal exponent of the first digit, or one more.
func estimateExponent(mantissa uint64, n, binary int) int {
	d := math.Ldexp(float64(mantissa), 1-n)
	return int(math.Floor((d-1.5)*0.289529654 + 0.176091259 + float64(binary)*0.301029995663981))
}

// dividedDigits divides b by s digit by digit until the rest is within m, half the distance to the next number.
func dividedDigits(mantissa uint64, binary, n, tiny, significant, exponent int) ([]byte, int) {
	b5 := max(0, -exponent)
	b2 := b5 + tiny + binary
	s5 := max(0, exponent)
	s2 := s5 + tiny
	m5, m2 := b5, b2-significant
	b2 -= n - 1
	common := min(b2, s2)
	b2, s2, m2 = b2-common, s2-common, m2-common
	if n == 1 { // below a power of two, the next number is only half as far away
		m2--
	}
	if m2 < 0 {
		b2, s2, m2 = b2-m2, s2-m2, 0
	}
	scaled := func(x uint64, five, two int) *big.Int {
		v := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(five)), nil)
		return v.Lsh(v.Mul(v, new(big.Int).SetUint64(x)), uint(two))
	}
	b, s, m, ten := scaled(mantissa, b5, b2), scaled(1, s5, s2), scaled(1, m5, m2), big.NewInt(10)
	tens := new(big.Int).Mul(s, ten)
	// Small numbers are compared by another method than large ones; the methods differ for equal operands.
	least := 0
	if n+b2+bitsOfPowerOf5(b5) < 64 && s2+1+bitsOfPowerOf5(s5+1) < 64 {
		least = 1
	}
	var digits []byte
	var low, high bool
	next := func() byte {
		q, rest := new(big.Int).QuoRem(b, s, new(big.Int))
		b.Mul(rest, ten)
		m.Mul(m, ten)
		low = b.Cmp(m) < 0
		high = new(big.Int).Add(b, m).Cmp(tens) >= least
		return '0' + byte(q.Int64())
	}
	if q := next(); q == '0' && !high {
		exponent--
	} else {
		digits = append(digits, q)
	}
	if exponent < -3 || exponent >= 8 { // in exponent form there are at least two digits
		low, high = false, false
	}
	for !low && !high {
		digits = append(digits, next())
	}
	if !high {
		return digits, exponent + 1
	}
	if low {
		over := b.Lsh(b, 1).Cmp(tens)
		if over < 0 || over == 0 && digits[len(digits)-1]&1 == 0 {
			return digits, exponent + 1
		}
	}
	n = len(digits)
	if digits = decimal.Increment(digits, 0); len(digits) > n {
		digits, exponent = digits[:n], exponent+1
	}
	return digits, exponent + 1
}

// bitsOfPowerOf5 returns the bit length of 5 to the power of n, approximately for large n.
func bitsOfPowerOf5(n int) int {
	switch {
	case n == 0:
		return 0
	case n > 27:
		return 3 * n
	}
	return int(float64(n)*math.Log2(5)) + 1
}
