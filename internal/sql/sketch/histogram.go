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
	random javaRandom
}

// A Bin has its centre at X and contains Y numbers.
type Bin struct{ X, Y float64 }

// seed is the seed of Spark's NumericHistogram.
const seed = 31183

// NewHistogram returns an empty histogram of at most limit bins; limit must be at least 2.
func NewHistogram(limit int) *Histogram {
	return &Histogram{limit: limit, random: newJavaRandom(seed)}
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
				if h.random.double() <= 1/float64(ties) {
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

// Append appends the bins to dst in the form that Merge reads.
func (h *Histogram) Append(dst []byte) []byte {
	for _, b := range h.bins {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(b.X))
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(b.Y))
	}
	return dst
}

// Merge adds the bins of another histogram with the same limit, as written by Append.
func (h *Histogram) Merge(b []byte) {
	empty := len(h.bins) == 0
	for ; len(b) >= 16; b = b[16:] {
		h.bins = append(h.bins, Bin{math.Float64frombits(binary.LittleEndian.Uint64(b)), math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))})
	}
	if empty {
		return
	}
	slices.SortStableFunc(h.bins, func(a, b Bin) int { return kernel.CompareFloat(a.X, b.X) })
	h.trim()
}

// javaRandom is java.util.Random: a 48-bit linear congruential generator.
type javaRandom struct{ state uint64 }

const (
	javaMultiplier = 0x5DEECE66D
	javaMask       = 1<<48 - 1
)

func newJavaRandom(seed int64) javaRandom {
	return javaRandom{(uint64(seed) ^ javaMultiplier) & javaMask}
}

func (r *javaRandom) next(bits int) uint64 {
	r.state = (r.state*javaMultiplier + 0xB) & javaMask
	return r.state >> (48 - bits)
}

// double returns a number in [0, 1).
func (r *javaRandom) double() float64 {
	high := r.next(26)
	return float64(high<<27+r.next(27)) * (1.0 / (1 << 53))
}
