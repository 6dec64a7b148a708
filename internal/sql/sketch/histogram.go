package sketch

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"

	"github.com/streamctl/streamctl/internal/sql/kernel"
)

// A Histogram keeps at most limit bins of numbers: a new number becomes a separate bin, and then the two nearest bins are
// merged. After Ben-Haim and Tom-Tov, "A streaming parallel decision tree algorithm" (2010). Among equally near pairs a
// random one is merged; like Spark, it uses Java's random numbers for a fixed seed.
type Histogram struct {
	limit  int
	bins   []Bin
	random Random
}

// A Bin has its centre at X and contains Y numbers.
type Bin struct{ X, Y float64 }

// seed is the seed of Spark's NumericHistogram.
const seed = 31183

// NewHistogram returns an empty histogram of at most limit bins; limit must be at least 2.
func NewHistogram(limit int) *Histogram {
	return &Histogram{limit: limit, random: NewRandom(seed)}
}

// Bins returns the bins in ascending order. They belong to the histogram.
func (h *Histogram) Bins() []Bin { return h.bins }

// Add adds a number.
func (h *Histogram) Add(x float64) {
	at := 0
	for low, high := 0, len(h.bins); low < high; {
		at = (low + high) / 2
		if h.bins[at].X > x {
			high = at
			continue
		}
		if !(h.bins[at].X < x) {
			break
		}
		at++
		low = at
	}
	if at < len(h.bins) && h.bins[at].X == x {
		h.bins[at].Y++
		return
	}
	h.bins = slices.Insert(h.bins, at, Bin{x, 1})
	h.trim()
}

func (h *Histogram) trim() {
	for len(h.bins) > h.limit {
		nearest, at, ties := h.bins[1].X-h.bins[0].X, 0, 1
		for i := 1; i < len(h.bins)-1; i++ {
			switch d := h.bins[i+1].X - h.bins[i].X; {
			case d < nearest:
				nearest, at, ties = d, i, 1
			case d == nearest:
				ties++
				if h.random.Float64() <= 1/float64(ties) {
					at = i
				}
			}
		}
		a, b := h.bins[at], h.bins[at+1]
		y := a.Y + b.Y
		x := float64(a.X * (a.Y / y))
		h.bins[at] = Bin{x + float64(b.X/y*b.Y), y}
		h.bins = slices.Delete(h.bins, at+1, at+2)
	}
}

// Bytes returns the memory of the histogram.
func (h *Histogram) Bytes() int { return int(unsafe.Sizeof(*h)) + 16*cap(h.bins) }

// Append appends the histogram to dst in the form that Merge reads: its limit, its number of bins, and the bins, all big-endian. (Spark:
// NumericHistogramSerializer.)
func (h *Histogram) Append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(h.limit))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(h.bins)))
	for _, b := range h.bins {
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(b.X))
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(b.Y))
	}
	return dst
}

// Merge adds the bins of another histogram, as written by Append. An empty histogram takes its limit, too. The error says that the
// bytes are not those of a histogram.
func (h *Histogram) Merge(b []byte) error {
	if len(b) < 8 {
		return errBytes
	}
	limit, n := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if b = b[8:]; len(b)%16 != 0 || uint64(n) != uint64(len(b)/16) || n > limit || limit < 2 || limit > math.MaxInt32 {
		return errBytes
	}
	empty := len(h.bins) == 0
	for ; len(b) > 0; b = b[16:] {
		h.bins = append(h.bins, Bin{math.Float64frombits(binary.BigEndian.Uint64(b)), math.Float64frombits(binary.BigEndian.Uint64(b[8:]))})
	}
	if empty {
		h.limit = int(limit)
		return nil
	}
	slices.SortStableFunc(h.bins, func(a, b Bin) int { return kernel.CompareFloat(a.X, b.X) })
	h.trim()
	return nil
}
