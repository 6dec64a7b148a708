package group

import (
	"math"
	"math/bits"
	"unsafe"

	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	chunkRows  = 1024    // few enough for the buffers of a chunk to stay in the caches of a core
	chunkBytes = 1 << 20 // of encoded keys, after which a chunk ends early
)

// A chunk is some rows that are looked up together, with their keys in the form in which a table stores them.
type chunk struct {
	rows    []int32  // their positions in the columns
	words   []uint64 // layout.words per row; may be memory of a column
	nulls   []uint32 // nil: no NULLs
	spans   []span   // what each key has in bytes
	bytes   []byte   // may be memory of a column
	hashes  []uint64
	slots   []uint64 // the contents of the home slots
	groups  []int32
	missing []int32 // the rows to look up one by one

	order, zeros []int32
	ownWords     []uint64
	ownNulls     []uint32
	ownBytes     []byte
	warmed       byte // what Table.warm has read
	long         bool // there is a string whose words do not identify it
}

// A span is a range of bytes.
type span struct{ from, to int }

// text returns the bytes of the key in row k of the chunk.
func (c *chunk) text(k int) []byte { return c.bytes[c.spans[k].from:c.spans[k].to] }

// reserve makes room for n rows, at most chunkRows. A query that sees few rows at a time is spared the buffers for many.
func (c *chunk) reserve(l *layout, n int) {
	if n <= cap(c.hashes) {
		return
	}
	rows := min(max(64, 1<<bits.Len(uint(n-1))), chunkRows)
	c.ownWords, c.ownNulls = make([]uint64, rows*l.words), make([]uint32, rows)
	c.hashes, c.slots = make([]uint64, rows), make([]uint64, rows)
	c.groups, c.missing = make([]int32, rows), make([]int32, rows)
	c.order, c.zeros = make([]int32, rows), make([]int32, rows)
	if l.varies() {
		c.spans = make([]span, rows)
	}
}

// size returns the memory of the buffers in bytes.
func (c *chunk) size() int {
	return 8*cap(c.ownWords) + 4*cap(c.ownNulls) + 32*cap(c.hashes) + 16*cap(c.spans) + cap(c.ownBytes)
}

// load makes the chunk one of the n rows from a position on, or of the rows of sel if it is not nil; or of the first of them, if
// their keys take many bytes.
func (c *chunk) load(l *layout, from, n int, sel vector.Selection) {
	c.nulls = nil
	c.reserve(l, n)
	if sel == nil && c.borrow(l, from, n) {
		c.resize(n)
		return
	}
	if c.rows = sel; sel == nil {
		c.rows = c.order[:n]
		for k := range c.rows {
			c.rows[k] = int32(from + k)
		}
	}
	if l.varies() {
		c.rows = c.rows[:c.loadBytes(l)]
	}
	n = len(c.rows)
	c.resize(n)
	c.words = c.ownWords[:n*l.words]
	for i := range l.parts {
		c.loadPart(l, &l.parts[i])
	}
	for i := range l.parts {
		if p := &l.parts[i]; p.valid != nil || p.kind == types.KindVoid {
			c.loadNulls(l, p)
		}
	}
}

// resize makes the buffers those of n rows.
func (c *chunk) resize(n int) {
	c.groups, c.hashes, c.slots = c.groups[:n], c.hashes[:n], c.slots[:n]
}

// borrow uses the only column itself, if possible.
func (c *chunk) borrow(l *layout, from, n int) bool {
	if !l.single() {
		return false
	}
	v := l.parts[0].v
	if v.IsConst() || v.I64 == nil || l.parts[0].valid != nil {
		return false
	}
	c.words = unsafe.Slice((*uint64)(unsafe.Pointer(&v.I64[from])), n)
	return true
}

// loadBytes loads the bytes of the keys and returns how many rows it has loaded.
func (c *chunk) loadBytes(l *layout) int {
	if l.text >= 0 {
		return len(c.rows) // see loadText
	}
	b := c.ownBytes[:0]
	n := 0
	for ; n < len(c.rows) && len(b) < chunkBytes; n++ {
		from := len(b)
		for _, col := range l.lists {
			b = kernel.AppendKey(b, l.cols[col], int(c.rows[n]))
		}
		c.spans[n] = span{from, len(b)}
	}
	c.bytes, c.ownBytes = b, b
	return n
}

// positions returns the positions of the rows in the vector of a part.
func (c *chunk) positions(l *layout, p *part) []int32 {
	if p.v.IsConst() || l.cols[p.path[0]].IsConst() {
		return c.zeros[:len(c.rows)]
	}
	return c.rows
}

// loadPart loads the words of a part, which are undefined for NULLs.
func (c *chunk) loadPart(l *layout, p *part) {
	switch {
	case p.from == p.to || p.kind == types.KindStruct:
		return
	case isText(p.v.Type):
		c.loadText(l, p)
		return
	}
	at, dst, w, v := c.positions(l, p), c.words[p.from:], l.words, p.v
	switch p.kind {
	case types.KindBoolean:
		for k, i := range at {
			dst[k*w] = 0
			if v.Bool[i] {
				dst[k*w] = 1
			}
		}
	case types.KindByte:
		loadIntegers(dst, w, v.I8, at)
	case types.KindShort:
		loadIntegers(dst, w, v.I16, at)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		loadIntegers(dst, w, v.I32, at)
	case types.KindFloat:
		for k, i := range at {
			dst[k*w] = uint64(math.Float32bits(kernel.Canonical(v.F32[i])))
		}
	case types.KindDouble:
		for k, i := range at {
			dst[k*w] = math.Float64bits(kernel.Canonical(v.F64[i]))
		}
	case types.KindDecimal:
		for k, i := range at {
			dst[k*w], dst[k*w+1] = v.Dec[i].Lo, uint64(v.Dec[i].Hi)
		}
	case types.KindInterval:
		for k, i := range at {
			x := &v.Cal[i]
			dst[k*w], dst[k*w+1] = uint64(x.Micros), uint64(uint32(x.Months))<<32|uint64(uint32(x.Days))
		}
	default:
		loadIntegers(dst, w, v.I64, at)
	}
}

func loadIntegers[T int8 | int16 | int32 | int64](dst []uint64, w int, src []T, at []int32) {
	for k, i := range at {
		dst[k*w] = uint64(src[i])
	}
}

// loadNulls marks the NULLs of a part and clears their words.
func (c *chunk) loadNulls(l *layout, p *part) {
	c.needNulls()
	for k, i := range c.positions(l, p) {
		if p.kind == types.KindVoid || p.v.IsNull(int(i)) {
			c.nulls[k] |= p.nulls
			clear(c.words[k*l.words+p.from : k*l.words+p.to])
		}
	}
}

// needNulls makes nulls not nil.
func (c *chunk) needNulls() {
	if c.nulls == nil {
		c.nulls = c.ownNulls[:len(c.groups)]
		clear(c.nulls)
	}
}
