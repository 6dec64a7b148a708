package javatext

import (
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/decimal"
)

// float formats like %e, %f, %g and %a: the shortest digits of the number are rounded half up. The digits of a FLOAT are
// those of its value as a DOUBLE. (Java: Formatter.)
func (s specifier) float(x float64, conversion byte) string {
	negative := math.Signbit(x) && !math.IsNaN(x)
	switch x = math.Abs(x); {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 0):
		plain := s
		plain.flags = strings.ReplaceAll(s.flags, "0", "")
		return plain.number(negative, "Infinity")
	case conversion == 'a':
		return s.number(negative, hexFloat(x))
	}
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	switch conversion {
	case 'f':
		return s.number(negative, fixedDigits(x, precision))
	case 'e':
		return s.number(negative, scientificDigits(x, precision))
	}
	precision = max(precision, 1)
	rounded, _ := strconv.ParseFloat(scientificDigits(x, precision-1), 64)
	if x == 0 || rounded >= 1e-4 && rounded < math.Pow10(precision) {
		exponent := 0
		if x != 0 {
			exponent = int(math.Floor(math.Log10(rounded)))
		}
		return s.number(negative, fixedDigits(x, max(precision-exponent-1, 0)))
	}
	return s.number(negative, scientificDigits(x, precision-1))
}

// roundedDigits returns the shortest digits of x, rounded half up to keep(exponent) digits. The number is 0.d1d2d3… times 10
// to the power of exponent + 1.
func roundedDigits(x float64, keep func(exponent int) int) (digits []byte, exponent int) {
	if x == 0 {
		return []byte{'0'}, 0
	}
	digits, exponent = decimal.SplitExponent(strconv.AppendFloat(nil, x, 'e', -1, 64))
	if len(digits) == 1 { // Java takes the nearest two digits
		two := strconv.AppendFloat(nil, x, 'e', 1, 64)
		if y, _ := strconv.ParseFloat(string(two), 64); y == x {
			digits, exponent = decimal.SplitExponent(two)
		}
	}
	n := keep(exponent)
	drop := len(digits) - n
	switch {
	case drop <= 0:
		return digits, exponent
	case n < 0 || n == 0 && digits[0] < '5':
		return []byte{'0'}, 0
	case !decimal.RoundsAway(digits, drop, decimal.HalfUp):
		return digits[:n], exponent
	}
	up := decimal.Increment(digits, drop)
	if len(up) > n {
		exponent++
	}
	return up, exponent
}

func fixedDigits(x float64, places int) string {
	digits, exponent := roundedDigits(x, func(e int) int { return e + 1 + places })
	var b []byte
	for place := max(exponent, 0); place >= -places; place-- {
		if place == -1 {
			b = append(b, '.')
		}
		b = append(b, digitOf(digits, exponent-place))
	}
	return string(b)
}

// digitOf returns the i-th digit, or 0 if i is out of range.
func digitOf(digits []byte, i int) byte {
	if i < 0 || i >= len(digits) {
		return '0'
	}
	return digits[i]
}

func scientificDigits(x float64, places int) string {
	digits, exponent := roundedDigits(x, func(int) int { return 1 + places })
	b := []byte{digits[0]}
	for i := 1; i <= places; i++ {
		if i == 1 {
			b = append(b, '.')
		}
		b = append(b, digitOf(digits, i))
	}
	sign := byte('+')
	if exponent < 0 {
		sign, exponent = '-', -exponent
	}
	b = append(b, 'e', sign)
	if exponent < 10 {
		b = append(b, '0')
	}
	return string(strconv.AppendInt(b, int64(exponent), 10))
}

func hexFloat(x float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'x', -1, 64), "p")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	n, _ := strconv.Atoi(exponent)
	return mantissa + "p" + strconv.Itoa(n)
}
