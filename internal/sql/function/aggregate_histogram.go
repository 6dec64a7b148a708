package function

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/kernel"
)

// A histogram keeps at most limit bins of numbers: a new number becomes a separate bin, and then the two nearest bins are
// merged. After Ben-Haim and Tom-Tov, "A streaming parallel decision tree algorithm" (2010). Among equally near pairs a
// random one is merged; like Spark, it uses Java's random numbers for a fixed seed.
type histogram struct {
	limit  int
	bins   []bin
	random *javaRandom
}

// A bin has its centre at x and contains y numbers.
type bin struct{ x, y float64 }

func (h *histogram) add(x float64) {
	at := 0
	for low, high := 0, len(h.bins); low < high; {
		at = (low + high) / 2
		if h.bins[at].x > x {
			high = at
			continue
		}
		if !(h.bins[at].x < x) {
			break
		}
		at++
		low = at
	}
	if at < len(h.bins) && h.bins[at].x == x {
		h.bins[at].y++
		return
	}
	h.bins = slices.Insert(h.bins, at, bin{x, 1})
	h.trim()
}

func (h *histogram) trim() {
	for len(h.bins) > h.limit {
		nearest, at, ties := h.bins[1].x-h.bins[0].x, 0, 1
		for i := 1; i < len(h.bins)-1; i++ {
			switch d := h.bins[i+1].x - h.bins[i].x; {
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
		y := a.y + b.y
		x := float64(a.x * (a.y / y))
		h.bins[at] = bin{x + float64(b.x/y*b.y), y}
		h.bins = slices.Delete(h.bins, at+1, at+2)
	}
}

func (h *histogram) append(dst []byte) []byte {
	for _, b := range h.bins {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(b.x))
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(b.y))
	}
	return dst
}

func (h *histogram) merge(b []byte) {
	empty := len(h.bins) == 0
	for ; len(b) >= 16; b = b[16:] {
		h.bins = append(h.bins, bin{math.Float64frombits(binary.LittleEndian.Uint64(b)), math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))})
	}
	if empty {
		return
	}
	slices.SortStableFunc(h.bins, func(a, b bin) int { return kernel.CompareFloat(a.x, b.x) })
	h.trim()
}

// javaRandom is java.util.Random: a 48-bit linear congruential generator.
type javaRandom struct{ state uint64 }

const (
	javaMultiplier = 0x5DEECE66D
	javaMask       = 1<<48 - 1
)

func newJavaRandom(seed int64) *javaRandom {
	return &javaRandom{(uint64(seed) ^ javaMultiplier) & javaMask}
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
