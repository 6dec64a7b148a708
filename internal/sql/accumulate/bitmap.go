package accumulate

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// bitmaps holds a bitmap of BitmapBits bits per group.
type bitmaps struct {
	fill byte // of an empty group
	add  func(bits []byte, v *vector.Vector, i int) error
	data []byte
}

// BitmapBits is the number of bits of the bitmaps that Spark's bitmap functions use.
const BitmapBits = 8 * bitmapBytes

const bitmapBytes = 4096

// SetBits returns the aggregation of bitmap_construct_agg: a bitmap with the bits at the positions set that the argument, a BIGINT,
// names. A position outside the bitmap is an error.
func SetBits() expr.Aggregator { return &bitmaps{add: setBit} }

// OrBitmaps returns the bitwise OR of bitmaps. Longer bitmaps are cut.
func OrBitmaps() expr.Aggregator { return &bitmaps{add: orBits} }

// AndBitmaps returns the bitwise AND of bitmaps. Shorter bitmaps are padded with zeros.
func AndBitmaps() expr.Aggregator { return &bitmaps{add: andBits, fill: 0xFF} }

func setBit(bits []byte, v *vector.Vector, i int) error {
	at := v.I64[v.At(i)]
	if at < 0 || at >= BitmapBits {
		return sparkerr.New("INVALID_BITMAP_POSITION", "bitPosition", strconv.FormatInt(at, 10),
			"bitmapNumBytes", strconv.Itoa(bitmapBytes), "bitmapNumBits", strconv.Itoa(BitmapBits))
	}
	bits[at/8] |= 1 << (at % 8)
	return nil
}

func orBits(bits []byte, v *vector.Vector, i int) error {
	for k, b := range v.Bytes(i) {
		if k < len(bits) {
			bits[k] |= b
		}
	}
	return nil
}

// andBits pads a short bitmap with zeros.
func andBits(bits []byte, v *vector.Vector, i int) error {
	b := v.Bytes(i)
	for k := range bits {
		if k < len(b) {
			bits[k] &= b[k]
		} else {
			bits[k] = 0
		}
	}
	return nil
}

func (b *bitmaps) of(g int) []byte { return b.data[g*bitmapBytes : (g+1)*bitmapBytes] }

func (b *bitmaps) Grow(n int) {
	old := len(b.data)
	b.data = grown(b.data, n*bitmapBytes)
	for k := old; k < len(b.data) && b.fill != 0; k++ {
		b.data[k] = b.fill
	}
}

func (b *bitmaps) Bytes() int { return cap(b.data) }

func (b *bitmaps) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if err := b.add(b.of(int(groups[i])), args[0], i); err != nil {
			return expr.AtRow(i, err)
		}
	}
	return nil
}

func (b *bitmaps) Reset() { b.data = b.data[:0] }

func (b *bitmaps) State() []types.Field { return fields(types.Binary, "bitmap") }

func (b *bitmaps) Save(from, to int, state []*vector.Vector) { _ = b.Finish(from, to, state[0]) }

func (b *bitmaps) Merge(groups []int32, state []*vector.Vector) error {
	merge := orBits
	if b.fill != 0 {
		merge = andBits
	}
	for i, g := range groups {
		if err := merge(b.of(int(g)), state[0], i); err != nil {
			return err
		}
	}
	return nil
}

func (b *bitmaps) Finish(from, to int, out *vector.Vector) error {
	for g := from; g < to; g++ {
		out.SetBytes(g-from, b.of(g))
	}
	return nil
}
