package vector

import "math/bits"

// A Bitmap has one bit per row. As a validity bitmap, a set bit means that the row is not NULL.
type Bitmap []uint64

// NewBitmap returns a bitmap of n bits, all set or all clear.
func NewBitmap(n int, set bool) Bitmap {
	b := make(Bitmap, (n+63)/64)
	if set {
		b.SetAll()
	}
	return b
}

// Get reports whether bit i is set.
func (b Bitmap) Get(i int) bool { return b[i>>6]>>(uint(i)&63)&1 != 0 }

// Set sets bit i.
func (b Bitmap) Set(i int) { b[i>>6] |= 1 << (uint(i) & 63) }

// Clear clears bit i.
func (b Bitmap) Clear(i int) { b[i>>6] &^= 1 << (uint(i) & 63) }

// SetAll sets every bit.
func (b Bitmap) SetAll() {
	for i := range b {
		b[i] = ^uint64(0)
	}
}

// CountNulls counts the clear bits among the first n.
func (b Bitmap) CountNulls(n int) int {
	if b == nil {
		return 0
	}
	set := 0
	for i := 0; i < n>>6; i++ {
		set += bits.OnesCount64(b[i])
	}
	if r := uint(n) & 63; r != 0 {
		set += bits.OnesCount64(b[n>>6] & (1<<r - 1))
	}
	return n - set
}
