package sketch

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// The layout of a sketch in bytes. (PreambleUtil of Apache DataSketches.)
const (
	hllVersion       = 1
	hllFamily        = 7
	hllListStart     = 8
	hllTableStart    = 12
	hllArrayStart    = 40
	hllFlagEmpty     = 4
	hllFlagCompact   = 8
	hllFlagMerged    = 16
	hllFlagStale     = 32
	hllByteRegisters = 2 // the type of the registers: 0 is four bits, 1 is six
)

// Append appends the sketch in the updatable format of Apache DataSketches.
func (h *HLL) Append(dst []byte) []byte {
	le := binary.LittleEndian
	mode := hllByteRegisters<<2 | byte(h.mode)
	flags := byte(0)
	if h.Empty() {
		flags = hllFlagEmpty
	}
	lgSize := byte(bits.Len(uint(len(h.coupons))) - 1)
	switch h.mode {
	case hllList:
		dst = append(dst, hllListStart/4, hllVersion, hllFamily, byte(h.lgK), lgSize, flags, byte(h.count), mode)
	case hllTable:
		dst = append(dst, hllTableStart/4, hllVersion, hllFamily, byte(h.lgK), lgSize, flags, 0, mode)
		dst = le.AppendUint32(dst, uint32(h.count))
	default:
		return h.appendRegisters(dst, mode)
	}
	for _, c := range h.coupons {
		dst = le.AppendUint32(dst, uint32(c))
	}
	return dst
}

func (h *HLL) appendRegisters(dst []byte, mode byte) []byte {
	le := binary.LittleEndian
	h.Settle()
	flags := byte(0)
	if h.outOfOrder {
		flags = hllFlagMerged
	}
	dst = append(dst, hllArrayStart/4, hllVersion, hllFamily, byte(h.lgK), 0, flags, byte(h.least), mode)
	for _, x := range []float64{h.hip, h.kxq0, h.kxq1} {
		dst = le.AppendUint64(dst, math.Float64bits(x))
	}
	dst = le.AppendUint32(le.AppendUint32(dst, uint32(h.atLeast)), 0)
	return append(dst, h.values...)
}

var errHLL = errors.New("it is not an HLL sketch")

// ReadHLL reads a sketch, also one with registers of four or six bits. It retains nothing of b.
func ReadHLL(b []byte) (*HLL, error) {
	if len(b) < 8 || b[1] != hllVersion || b[2] != hllFamily || int(b[3]) < LeastHLL || int(b[3]) > MostHLL {
		return nil, errHLL
	}
	h := &HLL{lgK: int(b[3]), mode: hllMode(b[7] & 3)}
	heads := [...]byte{hllListStart / 4, hllTableStart / 4, hllArrayStart / 4}
	if int(h.mode) >= len(heads) || b[0]&0x3f != heads[h.mode] || len(b) < 4*int(heads[h.mode]) || b[7]>>2&3 > hllByteRegisters {
		return nil, errHLL
	}
	switch h.mode {
	case hllList:
		return h, h.readList(b)
	case hllTable:
		return h, h.readTable(b)
	}
	return h, h.readRegisters(b)
}

func (h *HLL) readList(b []byte) error {
	h.coupons, h.count = make([]int32, 1<<lgListSize), int(b[6])
	if h.count >= len(h.coupons) || len(b) < hllListStart+4*h.count {
		return errHLL
	}
	readCoupons(h.coupons[:h.count], b[hllListStart:])
	return nil
}

func readCoupons(to []int32, b []byte) {
	for i := range to {
		to[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
}

func (h *HLL) readTable(b []byte) error {
	n, lgSize, compact := int(binary.LittleEndian.Uint32(b[8:])), int(b[4]), b[5]&hllFlagCompact != 0
	if lgSize < lgTableSize || compact {
		lgSize = max(lgTableSize, bits.Len(uint(max(n, 1)-1)))
		if 4*n > 3<<lgSize {
			lgSize++
		}
	}
	if b = b[hllTableStart:]; h.lgK < tableFromLgK || lgSize > h.lgK-3 || 4*n > 3<<lgSize {
		return errHLL
	}
	list := make([]int32, 1<<lgSize)
	if compact {
		list = list[:n]
	}
	if len(b) < 4*len(list) {
		return errHLL
	}
	readCoupons(list, b)
	if h.coupons, h.count = list, n; compact {
		h.coupons, h.count = make([]int32, 1<<lgTableSize), 0
		h.addCoupons(list)
	}
	return nil
}

func (h *HLL) readRegisters(b []byte) error {
	word := func(at int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[at:])) }
	flags := b[5]
	h.hllRegisters = hllRegisters{
		values: make([]byte, 1<<h.lgK), outOfOrder: flags&hllFlagMerged != 0, stale: flags&hllFlagStale != 0,
		least: int(b[6]), atLeast: int(binary.LittleEndian.Uint32(b[32:])), hip: word(8), kxq0: word(16), kxq1: word(24),
	}
	packed := b[hllArrayStart:]
	switch b[7] >> 2 & 3 {
	case hllByteRegisters:
		if len(packed) < len(h.values) {
			return errHLL
		}
		copy(h.values, packed)
		return nil
	case 1:
		h.narrow = true
		return readSixBits(h.values, packed)
	}
	h.narrow = true
	return h.readFourBits(packed, int(binary.LittleEndian.Uint32(b[36:])), int(b[4]), flags&hllFlagCompact != 0)
}

func readSixBits(to, packed []byte) error {
	if len(packed) < len(to)*6/8+1 {
		return errHLL
	}
	for i := range to {
		to[i] = byte(binary.LittleEndian.Uint16(packed[i*6/8:])>>(i*6%8)) & registerMask
	}
	return nil
}

// readFourBits reads registers as what they exceed the least one by. Values that do not fit are in a list of coupons after them.
func (h *HLL) readFourBits(packed []byte, large, lgSize int, compact bool) error {
	const tooLarge = 15
	half := len(h.values) / 2
	if len(packed) < half || lgSize > MostHLL {
		return errHLL
	}
	for i := range h.values {
		if v := packed[i/2] >> (4 * (i % 2)) & 0xf; v < tooLarge {
			h.values[i] = byte(h.least) + v
		}
	}
	if large == 0 {
		return nil
	}
	if !compact {
		large = 1 << lgSize
	}
	if packed = packed[half:]; len(packed)/4 < large {
		return errHLL
	}
	list := make([]int32, large)
	readCoupons(list, packed)
	for _, c := range list {
		if c != 0 {
			h.values[int(c)&(len(h.values)-1)] = byte(uint32(c) >> couponBits)
		}
	}
	return nil
}
