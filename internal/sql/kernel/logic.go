package kernel

import (
	"math/bits"
	"unsafe"
)

// And writes a AND b, eight rows at a time.
func And(out, a, b []bool) {
	x, y, z := words(out), words(a[:len(out)]), words(b[:len(out)])
	for i := range x {
		x[i] = y[i] & z[i]
	}
	for i := 8 * len(x); i < len(out); i++ {
		out[i] = a[i] && b[i]
	}
}

// Or writes a OR b, eight rows at a time.
func Or(out, a, b []bool) {
	x, y, z := words(out), words(a[:len(out)]), words(b[:len(out)])
	for i := range x {
		x[i] = y[i] | z[i]
	}
	for i := 8 * len(x); i < len(out); i++ {
		out[i] = a[i] || b[i]
	}
}

// CountTrue counts the rows that are true.
func CountTrue(b []bool) int {
	count := 0
	w := words(b)
	for _, x := range w {
		count += bits.OnesCount64(x)
	}
	for _, x := range b[8*len(w):] {
		count += btoi(x)
	}
	return count
}

// words returns the memory of b, one byte of 0 or 1 per row, as words. It omits the last rows that do not fill a word.
func words(b []bool) []uint64 {
	if len(b) < 8 { // not even a pointer may reach beyond the allocation
		return nil
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/8)
}
