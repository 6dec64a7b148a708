package sketch

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// An HLL counts different values approximately, as HllSketch of Apache DataSketches with a byte per register does. Few values are kept as
// coupons, hashes of 32 bits: up to seven in a list, then in a hash table of growing size, and at last only as registers.
type HLL struct {
	lgK     int
	mode    hllMode
	coupons []int32 // of a list or a table
	count   int     // of coupons
	hllRegisters
}

type hllMode byte

const (
	hllList hllMode = iota
	hllTable
	hllArray
)

// hllRegisters is the state of a sketch that has registers.
type hllRegisters struct {
	values     []byte
	outOfOrder bool // registers have been merged, so that hip is unknown
	narrow     bool // the sketch has been read from registers of less than a byte
	stale      bool // least, atLeast, kxq0 and kxq1 have to be computed anew
	least      int  // the least value, if merged since; else 0
	atLeast    int  // how many registers have it
	hip        float64
	kxq0, kxq1 float64 // the sum of the inverse powers of two of values below 32, and of the others
}

// The range of the binary logarithm of the number of registers, and its default.
const (
	LeastHLL   = 4
	MostHLL    = 21
	DefaultHLL = 12
)

const (
	couponBits   = 26 // of the register; the value is above it
	couponMask   = 1<<couponBits - 1
	lgListSize   = 3
	lgTableSize  = 5
	tableFromLgK = 8
	registerMask = 1<<6 - 1
)

// NewHLL returns an empty sketch with 1<<lgK registers.
func NewHLL(lgK int) *HLL { return &HLL{lgK: lgK, coupons: make([]int32, 1<<lgListSize)} }

// LgK returns the binary logarithm of the number of registers.
func (h *HLL) LgK() int { return h.lgK }

// Bytes returns the size of the sketch in memory.
func (h *HLL) Bytes() int { return 4*len(h.coupons) + len(h.values) }

// Empty reports whether the sketch has no value.
func (h *HLL) Empty() bool { return h.mode != hllArray && h.count == 0 }

// AddInt adds a number.
func (h *HLL) AddInt(x int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(x))
	h.Add(b[:])
}

// Add adds a value by its bytes. Empty ones are ignored.
func (h *HLL) Add(b []byte) {
	if len(b) == 0 {
		return
	}
	h1, h2 := murmur3(b, updateSeed)
	value := min(bits.LeadingZeros64(h2), registerMask-1) + 1
	h.addCoupon(int32(uint32(value)<<couponBits | uint32(h1&couponMask)))
}

func (h *HLL) addCoupon(c int32) {
	switch h.mode {
	case hllList:
		h.addToList(c)
	case hllTable:
		h.addToTable(c)
	default:
		h.raise(int(c)&(1<<h.lgK-1), int(uint32(c)>>couponBits))
	}
}

func (h *HLL) addToList(c int32) {
	for i, x := range h.coupons {
		if x == c {
			return
		}
		if x != 0 {
			continue
		}
		h.coupons[i] = c
		if h.count++; h.count == len(h.coupons) {
			h.leaveList()
		}
		return
	}
}

// leaveList makes a table, or registers, of a full list.
func (h *HLL) leaveList() {
	if h.lgK < tableFromLgK {
		h.toRegisters()
		return
	}
	list := h.coupons
	h.mode, h.count, h.coupons = hllTable, 0, make([]int32, 1<<lgTableSize)
	for _, c := range list {
		h.addToTable(c)
	}
}

func (h *HLL) addToTable(c int32) {
	at := findCoupon(h.coupons, c)
	if h.coupons[at] == c {
		return
	}
	h.coupons[at] = c
	h.count++
	if 4*h.count <= 3*len(h.coupons) {
		return
	}
	if len(h.coupons) == 1<<(h.lgK-3) {
		h.toRegisters()
		return
	}
	old := h.coupons
	h.coupons = make([]int32, 2*len(old))
	for _, c := range old {
		if c != 0 {
			h.coupons[findCoupon(h.coupons, c)] = c
		}
	}
}

// findCoupon returns the slot of a coupon, or the empty one where it belongs. The table must not be full.
func findCoupon(table []int32, c int32) int {
	mask := len(table) - 1
	at := int(c) & mask
	stride := int(c&couponMask)>>bits.Len(uint(mask)) | 1
	for table[at] != 0 && table[at] != c {
		at = (at + stride) & mask
	}
	return at
}

func (h *HLL) toRegisters() {
	coupons, estimate := h.coupons, h.Estimate()
	h.mode, h.coupons, h.count = hllArray, nil, 0
	h.hllRegisters = newRegisters(h.lgK)
	for _, c := range coupons {
		if c != 0 {
			h.addCoupon(c)
		}
	}
	h.hip = estimate
}

func newRegisters(lgK int) hllRegisters {
	k := 1 << lgK
	return hllRegisters{values: make([]byte, k), atLeast: k, kxq0: float64(k)}
}

// raise sets a register to a value above its own.
func (r *hllRegisters) raise(at, value int) {
	old := int(r.values[at] & registerMask)
	if value <= old {
		return
	}
	r.values[at] = byte(value)
	r.hip += float64(len(r.values)) / (r.kxq0 + r.kxq1)
	r.addPower(old, -1)
	r.addPower(value, 1)
	if old == 0 {
		r.atLeast--
	}
}

func (r *hllRegisters) addPower(value int, sign float64) {
	p := sign * math.Ldexp(1, -value)
	if value < 32 {
		r.kxq0 += p
	} else {
		r.kxq1 += p
	}
}

// Settle computes what merging registers has left out. It changes later results, so it has to run where Spark does so.
// (Union.checkRebuildCurMinNumKxQ.)
func (r *hllRegisters) Settle() {
	if !r.stale {
		return
	}
	r.stale, r.least, r.atLeast = false, registerMask+1, 0
	r.kxq0, r.kxq1 = float64(len(r.values)), 0
	for _, b := range r.values {
		v := int(b & registerMask)
		switch p := math.Ldexp(1, -v) - 1; {
		case v >= 32:
			r.kxq1 += p
		case v > 0:
			r.kxq0 += p
		}
		if v < r.least {
			r.least, r.atLeast = v, 0
		}
		if v == r.least {
			r.atLeast++
		}
	}
}

func (h *HLL) clone() *HLL {
	c := *h
	c.coupons, c.values = slices.Clone(h.coupons), slices.Clone(h.values)
	if h.narrow { // Spark converts it to bytes
		c.reduce(h.lgK)
	}
	return &c
}

// Merge adds the values of a sketch, which stays unchanged. If it has registers, and fewer of them, h gets as few. copied says that h, if empty, may
// take over a table of the other as it is; otherwise the coupons are added one by one. (Union.update: a sketch on the heap is copied, one in
// wrapped memory is not.)
func (h *HLL) Merge(o *HLL, copied bool) {
	switch {
	case o.Empty():
	case o.mode == hllTable && copied && h.Empty() && h.lgK == o.lgK:
		*h = *o.clone()
	case o.mode != hllArray:
		h.addCoupons(o.coupons)
	case h.mode != hllArray:
		lgMost, coupons := h.lgK, h.coupons
		if *h = *o.clone(); h.lgK > lgMost {
			h.reduce(lgMost)
		}
		h.addCoupons(coupons)
	default:
		if o.lgK < h.lgK {
			h.reduce(o.lgK)
		}
		for i, v := range o.values {
			to := &h.values[i&(len(h.values)-1)]
			*to = max(*to, v)
		}
		h.outOfOrder, h.hip, h.stale = true, 0, true
	}
}

func (h *HLL) addCoupons(coupons []int32) {
	for _, c := range coupons {
		if c != 0 {
			h.addCoupon(c)
		}
	}
}

// reduce folds the registers into fewer. (Union.downsample.)
func (h *HLL) reduce(lgK int) {
	old := h.hllRegisters
	h.lgK, h.hllRegisters = lgK, newRegisters(lgK)
	for i, v := range old.values {
		if v &= registerMask; v != 0 {
			h.raise(i&(1<<lgK-1), int(v))
		}
	}
	h.hip, h.outOfOrder = old.hip, old.outOfOrder
}
