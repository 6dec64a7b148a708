package kernel

import (
	"bytes"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Relation is a comparison operator.
type Relation uint8

// The relations.
const (
	EQ Relation = iota
	LT
	LE
	GT
	GE
)

// Flip returns the relation that holds for (b, a) whenever r holds for (a, b).
func (r Relation) Flip() Relation {
	switch r {
	case LT:
		return GT
	case LE:
		return GE
	case GT:
		return LT
	case GE:
		return LE
	}
	return r
}

// Holds reports whether the relation holds for operands whose Compare result is c.
func (r Relation) Holds(c int) bool {
	switch r {
	case EQ:
		return c == 0
	case LT:
		return c < 0
	case LE:
		return c <= 0
	case GT:
		return c > 0
	}
	return c >= 0
}

// Relate writes to out, for the rows of sel (nil: n rows), whether r holds for a and b, which have one type and are not NULL.
func Relate(r Relation, n int, sel vector.Selection, a, b *vector.Vector, out []bool) {
	if a.IsConst() {
		a, b, r = b, a, r.Flip()
	}
	if dense(n, sel) && !a.IsConst() && relateDense(r, n, a, b, out) {
		return
	}
	if a.Type.IsText() || a.Type.Kind == types.KindBinary {
		relateBytes(r, n, sel, a, b, out)
		return
	}
	for k := range Count(n, sel) {
		i := Row(sel, k)
		out[i] = r.Holds(Compare(a, i, b, i))
	}
}

// relateDense compares all rows for the most frequent fixed-width types. It returns false for other types.
func relateDense(r Relation, n int, a, b *vector.Vector, out []bool) bool {
	switch a.Type.Kind.Storage() {
	case types.KindByte:
		relateInts(r, n, a.I8, b.I8, b.IsConst(), out)
	case types.KindShort:
		relateInts(r, n, a.I16, b.I16, b.IsConst(), out)
	case types.KindInt:
		relateInts(r, n, a.I32, b.I32, b.IsConst(), out)
	case types.KindLong:
		relateInts(r, n, a.I64, b.I64, b.IsConst(), out)
	case types.KindFloat:
		relateFloats(r, n, a.F32, b.F32, b.IsConst(), out)
	case types.KindDouble:
		relateFloats(r, n, a.F64, b.F64, b.IsConst(), out)
	default:
		return false
	}
	return true
}

func relateInts[T Integer](r Relation, n int, a, b []T, constant bool, out []bool) {
	if constant {
		relateIntsConst(r, a[:n], b[0], out[:n])
		return
	}
	if r == GT || r == GE {
		a, b, r = b, a, r.Flip()
	}
	a, b, out = a[:n], b[:n], out[:n]
	switch r {
	case EQ:
		for i := range out {
			out[i] = a[i] == b[i]
		}
	case LT:
		for i := range out {
			out[i] = a[i] < b[i]
		}
	case LE:
		for i := range out {
			out[i] = a[i] <= b[i]
		}
	}
}

func relateIntsConst[T Integer](r Relation, a []T, c T, out []bool) {
	switch r {
	case EQ:
		for i, x := range a {
			out[i] = x == c
		}
	case LT:
		for i, x := range a {
			out[i] = x < c
		}
	case LE:
		for i, x := range a {
			out[i] = x <= c
		}
	case GT:
		for i, x := range a {
			out[i] = x > c
		}
	case GE:
		for i, x := range a {
			out[i] = x >= c
		}
	}
}

// relateFloats treats NaN as equal to itself and greater than everything else.
func relateFloats[T Float](r Relation, n int, a, b []T, constant bool, out []bool) {
	if constant {
		relateFloatsConst(r, a[:n], b[0], out[:n])
		return
	}
	if r == GT || r == GE {
		a, b, r = b, a, r.Flip()
	}
	a, b, out = a[:n], b[:n], out[:n]
	switch r {
	case EQ:
		for i := range out {
			out[i] = a[i] == b[i] || a[i] != a[i] && b[i] != b[i]
		}
	case LT:
		for i := range out {
			out[i] = a[i] < b[i] || b[i] != b[i] && a[i] == a[i]
		}
	case LE:
		for i := range out {
			out[i] = a[i] <= b[i] || b[i] != b[i]
		}
	}
}

func relateFloatsConst[T Float](r Relation, a []T, c T, out []bool) {
	if c != c {
		for i, x := range a {
			out[i] = r.Holds(CompareFloat(float64(x), float64(c)))
		}
		return
	}
	switch r {
	case EQ:
		for i, x := range a {
			out[i] = x == c
		}
	case LT:
		for i, x := range a {
			out[i] = x < c
		}
	case LE:
		for i, x := range a {
			out[i] = x <= c
		}
	case GT:
		for i, x := range a {
			out[i] = !(x <= c)
		}
	case GE:
		for i, x := range a {
			out[i] = !(x < c)
		}
	}
}

func relateBytes(r Relation, n int, sel vector.Selection, a, b *vector.Vector, out []bool) {
	if r == EQ && b.IsConst() {
		equalBytes(n, sel, a, b.Bytes(0), out)
		return
	}
	if r == EQ {
		for k := range Count(n, sel) {
			i := Row(sel, k)
			out[i] = bytes.Equal(a.Bytes(i), b.Bytes(i))
		}
		return
	}
	for k := range Count(n, sel) {
		i := Row(sel, k)
		out[i] = r.Holds(bytes.Compare(a.Bytes(i), b.Bytes(i)))
	}
}

// equalBytes compares with a constant, lengths first.
func equalBytes(n int, sel vector.Selection, a *vector.Vector, c []byte, out []bool) {
	mask := a.At(-1)
	for k := range Count(n, sel) {
		i := Row(sel, k)
		w := a.Views[i&mask]
		out[i] = int(w.Len) == len(c) && string(a.Data[w.Off:w.Off+w.Len]) == string(c)
	}
}
