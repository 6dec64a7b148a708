package kernel

import (
	"math"
	"math/bits"
)

// Integer lists the representations of integral types and of the intervals and instants counted in them.
type Integer interface {
	~int8 | ~int16 | ~int32 | ~int64
}

// An Op computes a binary operation that has no result for some pairs of operands.
type Op[T any] struct {
	// One computes a single row; it returns false if there is no result.
	One func(a, b T) (T, bool)
	// Flat and Const compute all rows (Const: with one right operand) and report whether a row may lack a result. If they are
	// nil, One is used.
	Flat  func(out, a, b []T) bool
	Const func(out, a []T, b T) bool
	// Commutes is set if Const also serves a constant left operand.
	Commutes bool
}

// AddInt returns a + b on tinyint, smallint and int; on overflow there is no result.
func AddInt[T Integer]() Op[T] {
	return Op[T]{One: addOne[T], Flat: addFlat[T], Const: addConst[T], Commutes: true}
}

// SubInt returns a - b.
func SubInt[T Integer]() Op[T] { return Op[T]{One: subOne[T], Flat: subFlat[T], Const: subConst[T]} }

// MulInt returns a * b on types narrower than int64.
func MulInt[T Integer]() Op[T] {
	return Op[T]{One: mulOne[T], Flat: mulFlat[T], Const: mulConst[T], Commutes: true}
}

// MulInt64 returns a * b on int64.
func MulInt64() Op[int64] { return Op[int64]{One: mulOne64, Flat: mulFlat64, Commutes: true} }

// Float lists the floating-point types.
type Float interface{ float32 | float64 }

// AddFloat returns a + b.
func AddFloat[T Float]() Op[T] {
	return Op[T]{
		One: func(a, b T) (T, bool) { return a + b, true },
		Flat: func(out, a, b []T) bool {
			a, b = a[:len(out)], b[:len(out)]
			for i := range out {
				out[i] = a[i] + b[i]
			}
			return false
		},
		Const: func(out, a []T, b T) bool {
			a = a[:len(out)]
			for i := range out {
				out[i] = a[i] + b
			}
			return false
		},
		Commutes: true,
	}
}

// SubFloat returns a - b.
func SubFloat[T Float]() Op[T] {
	return Op[T]{
		One: func(a, b T) (T, bool) { return a - b, true },
		Flat: func(out, a, b []T) bool {
			a, b = a[:len(out)], b[:len(out)]
			for i := range out {
				out[i] = a[i] - b[i]
			}
			return false
		},
		Const: func(out, a []T, b T) bool {
			a = a[:len(out)]
			for i := range out {
				out[i] = a[i] - b
			}
			return false
		},
	}
}

// MulFloat returns a * b.
func MulFloat[T Float]() Op[T] {
	return Op[T]{
		One: func(a, b T) (T, bool) { return a * b, true },
		Flat: func(out, a, b []T) bool {
			a, b = a[:len(out)], b[:len(out)]
			for i := range out {
				out[i] = a[i] * b[i]
			}
			return false
		},
		Const: func(out, a []T, b T) bool {
			a = a[:len(out)]
			for i := range out {
				out[i] = a[i] * b
			}
			return false
		},
		Commutes: true,
	}
}

// DivFloat returns a / b; a zero divisor has no result.
func DivFloat() Op[float64] {
	return Op[float64]{
		One: func(a, b float64) (float64, bool) { return a / b, b != 0 },
		Flat: func(out, a, b []float64) bool {
			a, b = a[:len(out)], b[:len(out)]
			zero := false
			for i := range out {
				zero = zero || b[i] == 0
				out[i] = a[i] / b[i]
			}
			return zero
		},
		Const: func(out, a []float64, b float64) bool {
			a = a[:len(out)]
			for i := range out {
				out[i] = a[i] / b
			}
			return b == 0
		},
	}
}

// RemInt returns a % b with the sign of a; a zero divisor has no result.
func RemInt[T Integer]() Op[T] {
	return Op[T]{
		One: func(a, b T) (T, bool) {
			if b == 0 {
				return 0, false
			}
			return a % b, true
		},
		Const: func(out, a []T, b T) bool {
			if b == 0 {
				clear(out)
				return true
			}
			a = a[:len(out)]
			for i := range out {
				out[i] = a[i] % b
			}
			return false
		},
	}
}

// RemFloat returns a % b with the sign of a; a zero divisor has no result.
func RemFloat[T Float]() Op[T] {
	return Op[T]{One: func(a, b T) (T, bool) { return T(math.Mod(float64(a), float64(b))), b != 0 }}
}

// PosModInt returns the remainder of a / b made positive; a zero divisor has no result.
func PosModInt[T Integer]() Op[T] {
	return Op[T]{One: posMod[T], Const: func(out, a []T, b T) bool {
		a = a[:len(out)]
		switch {
		case b > 0 && b&(b-1) == 0: // as for most numbers of tasks, of which an exchange asks for one per row
			for i := range out {
				out[i] = a[i] & (b - 1)
			}
		case b > 0:
			for i := range out {
				r := a[i] % b
				if r < 0 {
					r += b
				}
				out[i] = r
			}
		default:
			for i := range out {
				out[i], _ = posMod(a[i], b)
			}
		}
		return b == 0
	}}
}

func posMod[T Integer](a, b T) (T, bool) {
	if b == 0 {
		return 0, false
	}
	r := a % b
	if r < 0 {
		sum := int64(r) + int64(b)
		if _, isInt := any(r).(int32); isInt { // the sum of two INT wraps; sums of smaller types are INT
			sum = int64(int32(sum))
		}
		r = T(sum % int64(b))
	}
	return r, true
}

// PosModFloat returns the remainder of a / b made positive; a zero divisor has no result.
func PosModFloat[T Float]() Op[T] {
	return Op[T]{One: func(a, b T) (T, bool) {
		r := math.Mod(float64(a), float64(b))
		if r < 0 {
			r = math.Mod(float64(T(r)+b), float64(b))
		}
		return T(r), b != 0
	}}
}

// QuoInt returns a / b rounded towards zero; a zero divisor and the overflow of the smallest value have no result.
func QuoInt[T Integer]() Op[T] {
	quo := func(a, b T) (T, bool) {
		if b == 0 || b == -1 && a == -a && a != 0 {
			return 0, false
		}
		return a / b, true
	}
	return Op[T]{One: quo, Const: func(out, a []T, b T) (suspect bool) {
		a = a[:len(out)]
		if b == 0 || b == -1 {
			for i := range out {
				out[i], _ = quo(a[i], b)
			}
			return true
		}
		for i := range out {
			out[i] = a[i] / b
		}
		return false
	}}
}

func addOne[T Integer](a, b T) (T, bool) {
	s := a + b
	return s, (s^a)&(s^b) >= 0
}

func addFlat[T Integer](out, a, b []T) bool {
	a, b = a[:len(out)], b[:len(out)]
	var signs T
	for i := range out {
		s := a[i] + b[i]
		signs |= (s ^ a[i]) & (s ^ b[i])
		out[i] = s
	}
	return signs < 0
}

func addConst[T Integer](out, a []T, b T) bool {
	a = a[:len(out)]
	var signs T
	for i := range out {
		s := a[i] + b
		signs |= (s ^ a[i]) & (s ^ b)
		out[i] = s
	}
	return signs < 0
}

func subOne[T Integer](a, b T) (T, bool) {
	d := a - b
	return d, (a^b)&(a^d) >= 0
}

func subFlat[T Integer](out, a, b []T) bool {
	a, b = a[:len(out)], b[:len(out)]
	var signs T
	for i := range out {
		d := a[i] - b[i]
		signs |= (a[i] ^ b[i]) & (a[i] ^ d)
		out[i] = d
	}
	return signs < 0
}

func subConst[T Integer](out, a []T, b T) bool {
	a = a[:len(out)]
	var signs T
	for i := range out {
		d := a[i] - b
		signs |= (a[i] ^ b) & (a[i] ^ d)
		out[i] = d
	}
	return signs < 0
}

func mulOne[T Integer](a, b T) (T, bool) {
	p := int64(a) * int64(b)
	return T(p), int64(T(p)) == p
}

func mulFlat[T Integer](out, a, b []T) bool {
	a, b = a[:len(out)], b[:len(out)]
	var lost int64
	for i := range out {
		p := int64(a[i]) * int64(b[i])
		lost |= int64(T(p)) ^ p
		out[i] = T(p)
	}
	return lost != 0
}

func mulConst[T Integer](out, a []T, b T) bool {
	a = a[:len(out)]
	var lost int64
	for i := range out {
		p := int64(a[i]) * int64(b)
		lost |= int64(T(p)) ^ p
		out[i] = T(p)
	}
	return lost != 0
}

func mulOne64(a, b int64) (int64, bool) {
	p, lost := mul64(a, b)
	return p, lost == 0
}

func mulFlat64(out, a, b []int64) bool {
	a, b = a[:len(out)], b[:len(out)]
	var lost int64
	for i := range out {
		p, l := mul64(a[i], b[i])
		lost |= l
		out[i] = p
	}
	return lost != 0
}

// mul64 returns the low half of a * b, and how the high half differs from the sign extension of the low half.
func mul64(a, b int64) (p, lost int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	high := int64(hi) - a>>63&b - b>>63&a
	return int64(lo), high ^ int64(lo)>>63
}
