package accumulate

import (
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// picked holds the values of the rows that an accumulator is updated with, and their groups, so that each accumulator needs one
// loop only.
type picked[T any] struct {
	values []T
	groups []int32
}

// pick returns the groups and the values of the rows of sel (nil: all n). slice are the values of v.
func (p *picked[T]) pick(n int, sel vector.Selection, groups []int32, v *vector.Vector, slice []T) ([]int32, []T) {
	if sel == nil && !v.IsConst() {
		return groups[:n], slice[:n]
	}
	rows := kernel.Count(n, sel)
	p.values, p.groups = grown(p.values, rows), grown(p.groups, rows)
	for k := range rows {
		i := kernel.Row(sel, k)
		p.values[k], p.groups[k] = slice[v.At(i)], groups[i]
	}
	return p.groups[:rows], p.values[:rows]
}

func addIntegers[T int32 | int64](sums []T, marks []uint8, groups []int32, values []T) int {
	values = values[:len(groups)]
	for k, g := range groups {
		if marks[g] == sumLost {
			continue
		}
		a, b := sums[g], values[k]
		sum := a + b
		if (a^sum)&(b^sum) < 0 {
			return k
		}
		sums[g], marks[g] = sum, sumKnown
	}
	return -1
}

func addDoubles(sums []float64, marks []uint8, groups []int32, values []float64) int {
	values = values[:len(groups)]
	for k, g := range groups {
		sums[g] += values[k]
		marks[g] = sumKnown
	}
	return -1
}

func addDecimals(sums []decimal.Int128, marks []uint8, groups []int32, values []decimal.Int128) int {
	const far = 1 << 60 // sums of less than 2^124 have at most 38 digits
	values = values[:len(groups)]
	for k, g := range groups {
		if marks[g] == sumLost {
			continue
		}
		sum := sums[g].Add(values[k])
		if uint64(sum.Hi+far) > 2*far && !fitsSum(sums[g], values[k]) {
			return k
		}
		sums[g], marks[g] = sum, sumKnown
	}
	return -1
}

func fitsSum(a, b decimal.Int128) bool {
	sum, ok := a.AddChecked(b)
	return ok && decimal.Fits(sum, decimal.MaxPrecision)
}

func keepGreatest[T int8 | int16 | int32 | int64](kept []T, known []bool, groups []int32, values []T) {
	values = values[:len(groups)]
	for k, g := range groups { // without a branch: that would often be mispredicted while the load is still under way
		kept[g] = max(kept[g], values[k])
		known[g] = true
	}
}

func keepLeast[T int8 | int16 | int32 | int64](kept []T, known []bool, groups []int32, values []T) {
	values = values[:len(groups)]
	for k, g := range groups {
		kept[g] = min(kept[g], values[k])
		known[g] = true
	}
}

// keepGreatestFloat orders NaN above all other values, as Spark does.
func keepGreatestFloat[T float32 | float64](kept []T, known []bool, groups []int32, values []T) {
	values = values[:len(groups)]
	for k, g := range groups {
		if x := values[k]; x > kept[g] || x != x && kept[g] == kept[g] {
			kept[g] = x
		}
		known[g] = true
	}
}

// keepLeastFloat orders NaN above all other values, as Spark does.
func keepLeastFloat[T float32 | float64](kept []T, known []bool, groups []int32, values []T) {
	values = values[:len(groups)]
	for k, g := range groups {
		if x := values[k]; x < kept[g] || kept[g] != kept[g] && x == x {
			kept[g] = x
		}
		known[g] = true
	}
}

func keepGreatestDecimal(kept []decimal.Int128, known []bool, groups []int32, values []decimal.Int128) {
	values = values[:len(groups)]
	for k, g := range groups {
		if x := values[k]; x.Cmp(kept[g]) > 0 {
			kept[g] = x
		}
		known[g] = true
	}
}

func keepLeastDecimal(kept []decimal.Int128, known []bool, groups []int32, values []decimal.Int128) {
	values = values[:len(groups)]
	for k, g := range groups {
		if x := values[k]; x.Cmp(kept[g]) < 0 {
			kept[g] = x
		}
		known[g] = true
	}
}
