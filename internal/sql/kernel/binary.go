package kernel

import "github.com/streamctl/streamctl/internal/vector"

// Binary computes op for the rows of sel (nil: n rows). The masks say whether a and b hold one value per row (-1) or a
// constant (0); see vector.At. It calls missing for each of those rows that has no result, until missing returns false.
func Binary[T any](op Op[T], n int, sel vector.Selection, a []T, maskA int, b []T, maskB int, out []T, missing func(row int) bool) {
	if dense(n, sel) && n > 0 {
		if done, suspect := binaryDense(op, n, a, maskA, b, maskB, out); done {
			if suspect {
				findMissing(op, n, sel, a, maskA, b, maskB, missing)
			}
			return
		}
	}
	for k := range Count(n, sel) {
		i := Row(sel, k)
		r, ok := op.One(a[i&maskA], b[i&maskB])
		out[i] = r
		if !ok && !missing(i) {
			return
		}
	}
}

func binaryDense[T any](op Op[T], n int, a []T, maskA int, b []T, maskB int, out []T) (done, suspect bool) {
	switch {
	case maskA != 0 && maskB != 0 && op.Flat != nil:
		return true, op.Flat(out[:n], a, b)
	case maskA != 0 && maskB == 0 && op.Const != nil:
		return true, op.Const(out[:n], a, b[0])
	case maskA == 0 && maskB != 0 && op.Const != nil && op.Commutes:
		return true, op.Const(out[:n], b, a[0])
	}
	return false, false
}

func findMissing[T any](op Op[T], n int, sel vector.Selection, a []T, maskA int, b []T, maskB int, missing func(int) bool) {
	for k := range Count(n, sel) {
		i := Row(sel, k)
		if _, ok := op.One(a[i&maskA], b[i&maskB]); !ok && !missing(i) {
			return
		}
	}
}
