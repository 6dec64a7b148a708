package accumulate

import (
	"math"
	"math/bits"
	"strconv"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/hash"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Each register of a HyperLogLog has 6 bits, enough to count the zeros of a 64-bit hash. A word has whole registers only.
const (
	registerBits  = 6
	registerMask  = 1<<registerBits - 1
	registersWord = 64 / registerBits
	hashSeed      = 42
)

// Bounds of the precision: the number of bits that choose a register.
const (
	leastPrecision = 4
	mostPrecision  = 22
)

// Precision returns the precision for a relative standard deviation. ok is false if it is not in the range from 4 to 22: Spark refuses
// one below, and a state of more than 2^22 registers per group is of no use.
func Precision(deviation float64) (p int, ok bool) {
	x := math.Ceil(2 * math.Log(1.106/deviation) / math.Log(2))
	return int(x), x >= leastPrecision && x <= mostPrecision
}

// CountDistinct estimates the number of distinct values with HyperLogLog++, after Heule, Nunkesser and Hall, "HyperLogLog in practice:
// algorithmic engineering of a state of the art cardinality estimation algorithm" (2013). (Spark: HyperLogLogPlusPlusHelper.)
func CountDistinct(precision int) expr.Aggregator {
	return &distinctCounts{precision: precision, width: 1<<precision/registersWord + 1}
}

// distinctCounts has width words per group.
type distinctCounts struct {
	precision, width int
	words            []uint64
}

func (d *distinctCounts) of(g int32) []uint64 { return d.words[int(g)*d.width : int(g+1)*d.width] }

func (d *distinctCounts) Grow(n int) { d.words = grown(d.words, n*d.width) }

func (d *distinctCounts) Bytes() int { return 8 * cap(d.words) }

func (d *distinctCounts) Reset() { d.words = d.words[:0] }

func (d *distinctCounts) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	var steps halt.Steps
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		d.add(d.of(groups[i]), hash.XXHash64.Value(&steps, args[0], i, hashSeed))
	}
	return nil
}

// add raises a register to the number of leading zeros of the rest of the hash, plus 1.
func (d *distinctCounts) add(words []uint64, hash uint64) {
	at := hash >> (64 - d.precision)
	zeros := uint64(bits.LeadingZeros64(hash<<d.precision|1<<(d.precision-1))) + 1
	word, shift := &words[at/registersWord], at%registersWord*registerBits
	if zeros > *word>>shift&registerMask {
		*word = *word&^(registerMask<<shift) | zeros<<shift
	}
}

func (d *distinctCounts) State() []types.Field {
	names := make([]string, d.width)
	for k := range names {
		names[k] = "MS[" + strconv.Itoa(k) + "]"
	}
	return fields(types.Long, names...)
}

func (d *distinctCounts) Save(from, to int, state []*vector.Vector) {
	for i, x := range d.words[from*d.width : to*d.width] {
		state[i%d.width].I64[i/d.width] = int64(x)
	}
}

func (d *distinctCounts) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		words := d.of(g)
		for k := range words {
			words[k] = greatestRegisters(words[k], uint64(state[k].I64[i]))
		}
		words[d.width-1] &= 1<<(1<<d.precision%registersWord*registerBits) - 1
	}
	return nil
}

// greatestRegisters returns the word with the greater of each pair of registers. Words of small sketches are mostly zero.
func greatestRegisters(a, b uint64) uint64 {
	const registers = 1<<(registersWord*registerBits) - 1
	if a == 0 || b == 0 {
		return (a | b) & registers
	}
	return greatestLanes(a, b) | greatestLanes(a>>registerBits, b>>registerBits)<<registerBits
}

// greatestLanes does so for every second register. The bit above each of them remains after a subtraction if a has the greater one.
func greatestLanes(a, b uint64) uint64 {
	const (
		lanes = 0x03F_03F_03F_03F_03F
		above = 0x040_040_040_040_040
	)
	a, b = a&lanes, b&lanes
	greater := ((a | above) - b) & above
	greater -= greater >> registerBits
	return a&greater | b&^greater&lanes
}

func (d *distinctCounts) Finish(from, to int, out *vector.Vector) error {
	for g := from; g < to; g++ {
		out.I64[g-from] = d.estimate(d.of(int32(g)))
	}
	return nil
}

// inversePowers are those of 2, by what a register may hold.
var inversePowers = func() (powers [1 << registerBits]float64) {
	for i := range powers {
		powers[i] = 1 / float64(uint64(1)<<i)
	}
	return powers
}()

// estimate returns the estimated number of distinct values, rounded.
func (d *distinctCounts) estimate(words []uint64) int64 {
	registers := 1 << d.precision
	m, inverse, zeros := float64(registers), 0.0, 0.0
	for at := range registers {
		x := words[at/registersWord] >> (at % registersWord * registerBits) & registerMask
		inverse += inversePowers[x]
		if x == 0 {
			zeros++
		}
	}
	estimate := d.scale() / inverse
	tabulated := d.precision-leastPrecision < len(linearLimits)
	if zeros > 0 {
		linear := m * math.Log(m/zeros)
		if tabulated && linear <= linearLimits[d.precision-leastPrecision] || estimate <= 2.5*m {
			return int64(math.Floor(linear + 0.5))
		}
	}
	if tabulated && estimate < 5*m {
		estimate -= bias(d.precision, estimate)
	}
	return int64(math.Floor(estimate + 0.5))
}

// scale returns α·m², where α corrects the harmonic mean of m registers.
func (d *distinctCounts) scale() float64 {
	m := float64(int(1) << d.precision)
	switch d.precision {
	case 4:
		return 0.673 * m * m
	case 5:
		return 0.697 * m * m
	case 6:
		return 0.709 * m * m
	}
	return 0.7213 / (1 + 1.079/m) * m * m
}
