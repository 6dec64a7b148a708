package parquet

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/parquet-go/bitpack"
)

var errShortPage = errors.New("a page of the Parquet file is damaged")

// padding is the number of bytes that must follow packed data, because unpacking reads past the end.
const padding = bitpack.PaddingInt32

// A hybrid decodes the RLE and bit-packed runs of levels and dictionary indexes. Its input needs padding bytes of spare
// capacity. The library decodes whole pages; a hybrid knows the number of values, so that damaged runs cannot make it
// allocate too much.
type hybrid struct {
	src     []byte
	width   uint
	scratch []int32
}

// run reads the head of a run of count values, either all equal to value, or bit-packed in packed.
func (h *hybrid) run() (count int, value uint32, packed []byte, err error) {
	head, n := binary.Uvarint(h.src)
	if n <= 0 || head>>1 > 1<<31 {
		return 0, 0, nil, errShortPage
	}
	h.src = h.src[n:]
	if head&1 == 0 {
		size := int(h.width+7) / 8
		if len(h.src) < size {
			return 0, 0, nil, errShortPage
		}
		for i := range size {
			value |= uint32(h.src[i]) << (8 * i)
		}
		h.src = h.src[size:]
		return int(head >> 1), value, nil, nil
	}
	groups := int(head >> 1)
	size := min(groups*int(h.width), len(h.src)) // the last run may be truncated
	packed = h.src[:size]
	h.src = h.src[size:]
	if h.width == 0 {
		return groups * 8, 0, nil, nil
	}
	return size * 8 / int(h.width), 0, packed, nil
}

// levels decodes len(dst) levels into dst.
func (h *hybrid) levels(dst []uint8) error {
	for len(dst) > 0 {
		count, value, packed, err := h.run()
		if err != nil {
			return err
		}
		if count == 0 {
			return errShortPage
		}
		count = min(count, len(dst))
		out := dst[:count]
		switch {
		case packed == nil:
			for i := range out {
				out[i] = uint8(value)
			}
		case h.width == 1:
			for i := range out {
				out[i] = packed[i>>3] >> (i & 7) & 1
			}
		default:
			h.scratch = grow(h.scratch, count)
			bitpack.Unpack(h.scratch, packed[:len(packed)+padding], h.width)
			for i, v := range h.scratch {
				out[i] = uint8(v)
			}
		}
		dst = dst[count:]
	}
	return nil
}

// indexes decodes len(dst) numbers below limit into dst.
func (h *hybrid) indexes(dst []int32, limit int) error {
	all := dst
	for len(dst) > 0 {
		count, value, packed, err := h.run()
		if err != nil {
			return err
		}
		if count == 0 {
			return errShortPage
		}
		count = min(count, len(dst))
		if packed == nil {
			for i := range count {
				dst[i] = int32(value)
			}
		} else {
			bitpack.Unpack(dst[:count], packed[:len(packed)+padding], h.width)
		}
		dst = dst[count:]
	}
	highest := uint32(0)
	for _, x := range all {
		highest = max(highest, uint32(x))
	}
	if len(all) > 0 && highest >= uint32(limit) {
		return errShortPage
	}
	return nil
}

// levelWidth returns the bits per level for levels up to highest.
func levelWidth(highest uint8) uint { return uint(bits.Len8(highest)) }

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
