package sketch

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// kllView is the sorted values of a KLL, each with how many values up to it there are.
type kllView[T KLLItem] struct {
	items   []T
	weights []int64
	n       int64
}

// view returns the sorted values. The sketch must not be empty. (KllLongsSketch.CreateSortedView, IncludeMinMax.)
func (s *KLL[T]) view() kllView[T] {
	v := kllView[T]{n: s.n}
	for i := range s.top() {
		values := append([]T(nil), s.level(i)...)
		if i == 0 && !s.sorted {
			sortItems(values)
		}
		v.merge(values, 1<<i)
	}
	total := int64(0)
	for i, w := range v.weights {
		total += w
		v.weights[i] = total
	}
	v.includeEnds(s.low, s.high)
	return v
}

// merge adds the values of a level above those there are. Of equal values, those of the level come first.
func (v *kllView[T]) merge(values []T, weight int64) {
	items, weights := make([]T, 0, len(v.items)+len(values)), make([]int64, 0, len(v.items)+len(values))
	old := v.items
	for len(old)+len(values) > 0 {
		if len(values) == 0 || len(old) > 0 && old[0] < values[0] {
			items, weights = append(items, old[0]), append(weights, v.weights[len(v.items)-len(old)])
			old = old[1:]
		} else {
			items, weights = append(items, values[0]), append(weights, weight)
			values = values[1:]
		}
	}
	v.items, v.weights = items, weights
}

// includeEnds adds the least and the greatest value if halving has dropped them.
func (v *kllView[T]) includeEnds(low, high T) {
	if len(v.items) == 0 {
		return
	}
	if v.items[0] != low {
		v.items, v.weights = append([]T{low}, v.items...), append([]int64{1}, v.weights...)
	}
	if last := len(v.items) - 1; v.items[last] != high {
		total := v.weights[last]
		v.weights[last]--
		v.items, v.weights = append(v.items, high), append(v.weights, total)
	}
}

// Quantiles returns a function from ranks, from 0 to 1, to values. The sketch must not be empty. (LongsSketchSortedView.getQuantile.)
func (s *KLL[T]) Quantiles() func(rank float64) T {
	v := s.view()
	return func(rank float64) T {
		natural := naturalRank(rank, v.n)
		at := sort.Search(len(v.weights), func(i int) bool { return v.weights[i] >= natural })
		return v.items[min(at, len(v.items)-1)]
	}
}

// naturalRank returns how many of n values a rank includes.
func naturalRank(rank float64, n int64) int64 {
	const rounding = 1e7
	natural := rank * float64(n)
	if float64(n) <= rounding {
		natural = math.Floor(natural*rounding+0.5) / rounding
	}
	if natural != natural {
		return 0
	}
	return int64(math.Ceil(natural))
}

// Ranks returns a function from values to the share of the values that are at most as large. The sketch must not be empty.
// (LongsSketchSortedView.getRank.)
func (s *KLL[T]) Ranks() func(x T) float64 {
	v := s.view()
	return func(x T) float64 {
		at := sort.Search(len(v.items), func(i int) bool { return v.items[i] > x })
		if at == 0 {
			return 0
		}
		return float64(v.weights[at-1]) / float64(v.n)
	}
}

// Summary returns the text of toString in Apache DataSketches. text prints a value.
func (s *KLL[T]) Summary(text func(T) string) string {
	name := map[int]string{8: "Doubles", 4: "Floats"}[itemSize[T]()]
	if _, ok := any(s).(*KLL[int64]); ok {
		name = "Longs"
	}
	size, low, high := itemSize[T](), "NaN", "NaN"
	if s.n > 0 {
		low, high = text(s.low), text(s.high)
	}
	var b strings.Builder
	line := func(name string, value any) { fmt.Fprintf(&b, "   %-23s: %v\n", name, value) }
	fmt.Fprintf(&b, "\n### KllKll%sSketch Summary:\n", name)
	line("K", s.k)
	line("Dynamic min K", s.leastK)
	line("M", leastLevel)
	line("N", s.n)
	line("Epsilon", percent(2.296/math.Pow(float64(s.leastK), 0.9723)))
	line("Epsilon PMF", percent(2.446/math.Pow(float64(s.leastK), 0.9433)))
	line("Empty", s.n == 0)
	line("Estimation Mode", s.top() > 1)
	line("Levels", s.top())
	line("Level 0 Sorted", s.sorted)
	line("Capacity Items", s.capacity())
	line("Retained Items", s.retained())
	line("Free Space", s.levels[0])
	line("ReadOnly", false)
	line("Updatable Storage Bytes", kllLevelsStart+4*len(s.levels)+size*(2+s.capacity()))
	line("Compact Storage Bytes", len(s.Append(nil)))
	line("Min Item", low)
	line("Max Item", high)
	b.WriteString("### End sketch summary\n")
	return b.String()
}

func percent(share float64) string { return fmt.Sprintf("%.3f%%", share*100) }
