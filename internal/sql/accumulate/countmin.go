package accumulate

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/hash"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A CountMin describes a count-min sketch: depth rows of width counts, of which each item increases one per row. (Spark:
// CountMinSketchImpl.)
type CountMin struct {
	depth, width int
	factors      []int64 // of the hash of each row
}

// mostCounts limits the size of a count-min sketch.
const mostCounts = 1 << 26

// NewCountMin returns the sketch whose counts are too great by at most the total number times eps, with the given probability. It returns
// nil if that takes too much memory. eps and confidence must be positive, and confidence at most 1.
func NewCountMin(eps, confidence float64, seed int64) *CountMin {
	width, depth := math.Ceil(2/eps), math.Ceil(-math.Log1p(-confidence)/math.Log(2))
	if !(width*depth <= mostCounts) {
		return nil
	}
	c := &CountMin{depth: int(depth), width: int(width)}
	random := sketch.NewRandom(seed)
	for range c.depth {
		c.factors = append(c.factors, random.Int31())
	}
	return c
}

// New returns the aggregation. Its argument is an integer, a string or binary data; its result is the sketch as bytes.
func (c *CountMin) New() expr.Aggregator { return &countMins{CountMin: c} }

type countMins struct {
	*CountMin
	totals []int64
	counts []int64 // depth × width per group
}

func (c *countMins) of(g int) []int64 { n := c.depth * c.width; return c.counts[g*n : (g+1)*n] }

func (c *countMins) Grow(n int) {
	c.totals, c.counts = grown(c.totals, n), grown(c.counts, n*c.depth*c.width)
}

func (c *countMins) Bytes() int { return 8 * (cap(c.totals) + cap(c.counts)) }

func (c *countMins) Reset() { c.totals, c.counts = c.totals[:0], c.counts[:0] }

func (c *countMins) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	v := args[0]
	integers := v.Type.IsIntegral()
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		g := int(groups[i])
		c.totals[g]++
		if counts := c.of(g); integers {
			c.addLong(counts, kernel.Int64At(v, v.At(i)))
		} else {
			c.addBytes(counts, v.Bytes(i))
		}
	}
	return nil
}

func (c *CountMin) addLong(counts []int64, x int64) {
	for row, factor := range c.factors {
		h := factor * x
		h = (h + h>>32) & math.MaxInt32
		counts[row*c.width+int(h)%c.width]++
	}
}

func (c *CountMin) addBytes(counts []int64, b []byte) {
	first := hash.Murmur3Bytes(b, 0)
	second := hash.Murmur3Bytes(b, first)
	for row := range c.depth {
		at := int(int32(first+uint32(row)*second)) % c.width
		counts[row*c.width+max(at, -at)]++
	}
}

func (c *countMins) State() []types.Field { return fields(types.Binary, "buf") }

func (c *countMins) Save(from, to int, state []*vector.Vector) { _ = c.Finish(from, to, state[0]) }

// countMinVersion is the version of the format of the bytes.
const countMinVersion = 1

// Finish writes, big-endian, the version, the total, depth and width, the factors and the counts.
func (c *countMins) Finish(from, to int, out *vector.Vector) error {
	for g := range to - from {
		at := len(out.Data)
		b := binary.BigEndian.AppendUint32(out.Data, countMinVersion)
		b = binary.BigEndian.AppendUint64(b, uint64(c.totals[from+g]))
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, uint32(c.depth)), uint32(c.width))
		for _, list := range [][]int64{c.factors, c.of(from + g)} {
			for _, x := range list {
				b = binary.BigEndian.AppendUint64(b, uint64(x))
			}
		}
		out.Data = b
		out.CloseBytes(g, at)
	}
	return nil
}

var errOtherSketch = errors.New("it is that of a count_min_sketch with other arguments")

func (c *countMins) Merge(groups []int32, state []*vector.Vector) error {
	const head = 20
	for i, g := range groups {
		b := state[0].Bytes(i)
		if len(b) < head {
			return damaged(errShort)
		}
		if binary.BigEndian.Uint32(b[12:]) != uint32(c.depth) || binary.BigEndian.Uint32(b[16:]) != uint32(c.width) {
			return damaged(errOtherSketch)
		}
		counts := c.of(int(g))
		if len(b) != head+8*(c.depth+len(counts)) {
			return damaged(errShort)
		}
		c.totals[g] += int64(binary.BigEndian.Uint64(b[4:]))
		b = b[head:]
		for _, factor := range c.factors {
			if binary.BigEndian.Uint64(b) != uint64(factor) {
				return damaged(errOtherSketch)
			}
			b = b[8:]
		}
		for k := range counts {
			counts[k] += int64(binary.BigEndian.Uint64(b[8*k:]))
		}
	}
	return nil
}
