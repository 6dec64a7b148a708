package accumulate

import (
	_ "embed"
	"encoding/binary"
	"slices"
	"sync"
)

// linearLimits are, for each precision from 4 on, the estimates up to which counting empty registers is more exact.
var linearLimits = []float64{10, 20, 40, 80, 220, 400, 900, 1800, 3100, 6500, 15500, 20000, 50000, 120000, 350000}

// biasTable is the appendix to "HyperLogLog in practice": for each precision from 4 on, the number of estimates, the estimates, and the
// bias of each. The numbers have four decimals; they are stored as the differences of ten thousandths, as varints.
//
//go:embed hyperloglog.bin
var biasTable []byte

// biases are the estimates of a precision, which are almost in order, and their biases.
type biases struct{ estimates, biases []float64 }

var readBiases = sync.OnceValue(func() []biases {
	tables := make([]biases, len(linearLimits))
	rest := biasTable
	numbers := func(n uint64) []float64 {
		list, sum := make([]float64, n), int64(0)
		for i := range list {
			x, size := binary.Varint(rest)
			rest, sum = rest[size:], sum+x
			list[i] = float64(sum) / 10_000
		}
		return list
	}
	for p := range tables {
		n, size := binary.Varint(rest)
		rest = rest[size:]
		tables[p] = biases{estimates: numbers(uint64(n)), biases: numbers(uint64(n))}
	}
	return tables
})

// neighbors is the number of nearest estimates whose biases are averaged.
const neighbors = 6

// bias returns the mean bias of the estimates nearest to an estimate.
func bias(precision int, estimate float64) float64 {
	t := readBiases()[precision-leastPrecision]
	distance := func(i int) float64 { return (estimate - t.estimates[i]) * (estimate - t.estimates[i]) }
	nearest, _ := slices.BinarySearch(t.estimates, estimate)
	low := max(nearest-neighbors+1, 0)
	high := min(low+neighbors, len(t.estimates))
	for high < len(t.estimates) && distance(high) < distance(low) {
		low++
		high++
	}
	sum := 0.0
	for _, b := range t.biases[low:high] {
		sum += b
	}
	return sum / float64(high-low)
}
