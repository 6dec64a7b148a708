package kernel

import "github.com/streamctl/streamctl/internal/vector"

// Identity returns the rows 0 … n-1, reusing dst.
func Identity(dst vector.Selection, n int) vector.Selection {
	dst = growRows(dst, n)
	for i := range dst {
		dst[i] = int32(i)
	}
	return dst
}

// Split divides the rows of sel (nil: n rows) into those where the boolean v is true and the rest, false or NULL.
// The results reuse yes and no and are never nil.
func Split(v *vector.Vector, n int, sel, yes, no vector.Selection) (vector.Selection, vector.Selection) {
	m := Count(n, sel)
	yes, no = growRows(yes, m), growRows(no, m)
	y := 0
	switch {
	case v.Valid != nil || v.IsConst():
		for k := range m {
			i := Row(sel, k)
			yes[y], no[k-y] = int32(i), int32(i)
			y += btoi(v.Bool[v.At(i)] && !v.IsNull(i))
		}
	case sel == nil:
		for k, ok := range v.Bool[:n] {
			yes[y], no[k-y] = int32(k), int32(k)
			y += btoi(ok)
		}
	default:
		for k, i := range sel {
			yes[y], no[k-y] = i, i
			y += btoi(v.Bool[i])
		}
	}
	return yes[:y], no[:m-y]
}

// True returns the rows of sel (nil: n rows) where the boolean v is true. dst may be sel itself; the result is never nil.
func True(v *vector.Vector, n int, sel, dst vector.Selection) vector.Selection {
	m := Count(n, sel)
	dst = growRows(dst, m)
	out := 0
	switch {
	case v.IsConst():
		if v.IsNull(0) || !v.Bool[0] {
			return dst[:0]
		}
		return Rows(dst, n, sel)
	case sel == nil && v.Valid == nil:
		for i, ok := range v.Bool[:n] {
			dst[out] = int32(i)
			out += btoi(ok)
		}
	default:
		for k := range m {
			i := Row(sel, k)
			dst[out] = int32(i)
			out += btoi(v.Bool[i] && !v.IsNull(i))
		}
	}
	return dst[:out]
}

// NotNull returns the rows of sel (nil: n rows) that are set in valid. dst may be sel itself; the result is never nil.
func NotNull(valid vector.Bitmap, n int, sel, dst vector.Selection) vector.Selection {
	m := Count(n, sel)
	dst = growRows(dst, m)
	out := 0
	for k := range m {
		i := Row(sel, k)
		dst[out] = int32(i)
		out += int(valid[i>>6] >> (uint(i) & 63) & 1)
	}
	return dst[:out]
}

// Count returns the number of rows in sel (nil: n).
func Count(n int, sel vector.Selection) int {
	if sel == nil {
		return n
	}
	return len(sel)
}

// Row returns the k-th row of sel (nil: k).
func Row(sel vector.Selection, k int) int {
	if sel == nil {
		return k
	}
	return int(sel[k])
}

// dense reports whether a loop over all n rows is cheaper than one over sel.
func dense(n int, sel vector.Selection) bool { return sel == nil || len(sel) > n/4 }

// growRows makes room for n rows. It never returns nil, which would mean all rows.
func growRows(s vector.Selection, n int) vector.Selection {
	if cap(s) < n || s == nil {
		return make(vector.Selection, n, n+n/4+1)
	}
	return s[:n]
}

// AndValid writes the conjunction of two validity bitmaps of n rows to dst, which it may reuse; b may be nil.
func AndValid(dst, a, b vector.Bitmap, n int) vector.Bitmap {
	words := (n + 63) / 64
	if cap(dst) < words {
		dst = make(vector.Bitmap, words)
	}
	dst = dst[:words]
	if b == nil {
		copy(dst, a)
		return dst
	}
	for i := range dst {
		dst[i] = a[i] & b[i]
	}
	return dst
}

// AllSet reports whether the first n bits are set.
func AllSet(b vector.Bitmap, n int) bool {
	for _, w := range b[:n>>6] {
		if w != ^uint64(0) {
			return false
		}
	}
	r := uint(n) & 63
	return r == 0 || ^b[n>>6]&(1<<r-1) == 0
}

// SplitNull splits the rows of sel (nil: n rows) into those where v has a value and those where it is NULL. The results reuse
// some and null and are never nil.
func SplitNull(v *vector.Vector, n int, sel, some, null vector.Selection) (vector.Selection, vector.Selection) {
	m := Count(n, sel)
	some, null = growRows(some, m), growRows(null, m)
	if v.Valid == nil {
		return Rows(some, n, sel), null[:0]
	}
	s, mask := 0, v.At(-1)
	for k := range m {
		i := Row(sel, k)
		some[s], null[k-s] = int32(i), int32(i)
		s += int(v.Valid[(i&mask)>>6] >> (uint(i&mask) & 63) & 1)
	}
	return some[:s], null[:m-s]
}

// Rows returns the rows of sel (nil: n rows) explicitly, reusing dst.
func Rows(dst vector.Selection, n int, sel vector.Selection) vector.Selection {
	if sel == nil {
		return Identity(dst, n)
	}
	return append(dst[:0], sel...)
}

// NotEqualBool returns the rows of sel (nil: n rows) where the boolean v is NULL or not b, reusing dst; the result is never
// nil.
func NotEqualBool(v *vector.Vector, b bool, n int, sel, dst vector.Selection) vector.Selection {
	m := Count(n, sel)
	dst = growRows(dst, m)
	out := 0
	if sel == nil && v.Valid == nil && !v.IsConst() {
		for i, x := range v.Bool[:n] {
			dst[out] = int32(i)
			out += btoi(x != b)
		}
		return dst[:out]
	}
	for k := range m {
		i := Row(sel, k)
		dst[out] = int32(i)
		out += btoi(v.Bool[v.At(i)] != b || v.IsNull(i))
	}
	return dst[:out]
}

// Fill sets every element.
func Fill[T any](s []T, x T) {
	for i := range s {
		s[i] = x
	}
}
