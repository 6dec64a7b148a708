package sketch

import (
	"cmp"
	"math"
	"slices"
)

// A KLLItem is a type of values of which a KLL summarizes the distribution.
type KLLItem interface{ int64 | float32 | float64 }

// A KLL summarizes the distribution of values, as KllLongsSketch, KllFloatsSketch and KllDoublesSketch of Apache DataSketches do. Up to k values
// are kept as they are. Then, levels that are full are halved: every other value moves up one level, where it counts twice. Which half moves is
// random in Apache DataSketches, and depends on the values here, so that equal input yields equal sketches.
type KLL[T KLLItem] struct {
	k, leastK int // leastK is the least k of the sketches that were merged
	n         int64
	low, high T
	sorted    bool  // level 0 is sorted
	levels    []int // where each level begins, and where the last one ends: the capacity
	items     []T   // the last ones of the capacity; the levels are at its end
}

// The range of k, and its default.
const (
	LeastKLL   = 8
	MostKLL    = 65535
	DefaultKLL = 200
)

// leastLevel is the least capacity of a level. (KllSketch.DEFAULT_M.)
const leastLevel = 8

// NewKLL returns an empty sketch.
func NewKLL[T KLLItem](k int) *KLL[T] {
	return &KLL[T]{k: k, leastK: k, levels: []int{k, k}}
}

// K returns the parameter of the sketch.
func (s *KLL[T]) K() int { return s.k }

// N returns the number of values.
func (s *KLL[T]) N() int64 { return s.n }

// Bytes returns the size of the sketch in memory.
func (s *KLL[T]) Bytes() int { return 8 * (cap(s.items) + cap(s.levels)) }

func (s *KLL[T]) top() int { return len(s.levels) - 1 }

func (s *KLL[T]) capacity() int { return s.levels[s.top()] }

func (s *KLL[T]) retained() int { return s.capacity() - s.levels[0] }

// level returns the values of a level.
func (s *KLL[T]) level(i int) []T {
	if i >= s.top() {
		return nil
	}
	base := s.capacity() - len(s.items)
	return s.items[s.levels[i]-base : s.levels[i+1]-base]
}

// Add adds a value. NaN is ignored.
func (s *KLL[T]) Add(x T) {
	if x != x {
		return
	}
	if s.n == 0 || s.low != s.low {
		s.low, s.high = x, x
	} else {
		s.low, s.high = min(s.low, x), max(s.high, x)
	}
	s.push(x)
}

func (s *KLL[T]) push(x T) {
	if s.levels[0] == 0 {
		s.compact()
	}
	s.n++
	s.sorted = false
	s.levels[0]--
	if s.retained() > len(s.items) {
		s.grow(min(max(2*len(s.items), 4), s.capacity()))
	}
	s.items[s.levels[0]-(s.capacity()-len(s.items))] = x
}

// grow makes room for n items below those there are.
func (s *KLL[T]) grow(n int) {
	items := make([]T, n)
	copy(items[n-len(s.items):], s.items)
	s.items = items
}

// levelCapacity returns the capacity of a level in a sketch of n levels.
func levelCapacity(k, n, level int) int {
	depth := n - level - 1
	if depth <= 30 {
		return max(leastLevel, thirds(k, depth))
	}
	return max(leastLevel, thirds(thirds(k, depth/2), depth-depth/2))
}

// thirds returns k times (2/3)^depth, rounded.
func thirds(k, depth int) int {
	power := int64(1)
	for range depth {
		power *= 3
	}
	return int(((int64(2*k)<<depth)/power + 1) >> 1)
}

func totalCapacity(k, n int) (total int) {
	for level := range n {
		total += levelCapacity(k, n, level)
	}
	return total
}

// compact makes room at level 0. All of the capacity must be used. (KllLongsHelper.compressWhileUpdatingSketch.)
func (s *KLL[T]) compact() {
	level := 0
	for len(s.level(level)) < levelCapacity(s.k, s.top(), level) {
		level++
	}
	if level == s.top()-1 {
		s.addLevel()
	}
	begin, end := s.levels[level], s.levels[level+1]
	odd := (end - begin) % 2
	half := (end - begin - odd) / 2
	s.halve(s.items[begin+odd:end], level, s.items[end:s.levels[level+2]])
	s.levels[level+1] -= half
	s.levels[level] = s.levels[level+1] - odd
	if odd > 0 {
		s.items[s.levels[level]] = s.items[begin]
	}
	if level > 0 {
		copy(s.items[s.levels[0]+half:], s.items[s.levels[0]:begin])
	}
	for i := range level {
		s.levels[i] += half
	}
}

// addLevel adds an empty level at the top, and room below level 0.
func (s *KLL[T]) addLevel() {
	n := s.top()
	more := levelCapacity(s.k, n+1, 0)
	for i := range s.levels {
		s.levels[i] += more
	}
	s.levels = append(s.levels, s.capacity())
	s.grow(s.capacity())
}

// halve moves every other one of an even number of values to their upper half, and merges them with the level above, which follows them.
func (s *KLL[T]) halve(values []T, level int, above []T) {
	if level == 0 && !s.sorted {
		sortItems(values)
	}
	offset := coin(s.n, level, values)
	half := len(values) / 2
	if len(above) == 0 {
		for i := half - 1; i >= 0; i-- {
			values[half+i] = values[2*i+1-offset]
		}
		return
	}
	for i := range half {
		values[i] = values[2*i+offset]
	}
	mergeItems(values[half:half+half+len(above)], slices.Clone(values[:half]), above)
}

// coin returns 0 or 1, like tossing a coin, but the same for the same values.
func coin[T KLLItem](n int64, level int, values []T) int {
	if len(values) == 0 {
		return 0
	}
	h := mix64(math.Float64bits(float64(values[0])) ^ bitsOfLast(values))
	return int(mix64(h+uint64(n)<<6+uint64(level)) & 1)
}

func bitsOfLast[T KLLItem](values []T) uint64 {
	return mix64(math.Float64bits(float64(values[len(values)-1])))
}

// sortItems sorts as Java does: -0.0 comes before 0.0.
func sortItems[T KLLItem](items []T) {
	slices.SortFunc(items, func(a, b T) int {
		if a == b {
			return cmp.Compare(signOf(a), signOf(b))
		}
		return cmp.Compare(a, b)
	})
}

func signOf[T KLLItem](x T) int {
	if x == 0 && math.Signbit(float64(x)) {
		return -1
	}
	return 0
}

// mergeItems merges sorted values into to, the end of which may hold b. Of equal ones, those of b come first.
func mergeItems[T KLLItem](to, a, b []T) {
	for i := range to {
		if len(b) == 0 || len(a) > 0 && a[0] < b[0] {
			to[i], a = a[0], a[1:]
		} else {
			to[i], b = b[0], b[1:]
		}
	}
}

// Merge adds the values of another sketch, which stays unchanged. (KllLongsHelper.mergeLongsImpl.)
func (s *KLL[T]) Merge(o *KLL[T]) {
	if o.n == 0 {
		return
	}
	low, high, n := o.low, o.high, s.n+o.n
	if s.n > 0 && s.low == s.low {
		low, high = min(s.low, low), max(s.high, high)
	}
	for _, x := range o.level(0) {
		s.push(x)
	}
	if o.top() > 1 {
		s.mergeLevels(o)
		s.leastK = min(s.leastK, o.leastK)
	}
	s.n, s.low, s.high = n, low, high
}

// mergeLevels merges the levels above level 0, and halves those that are too full then. (generalLongsCompress.)
func (s *KLL[T]) mergeLevels(o *KLL[T]) {
	levels := [][]T{slices.Clone(s.level(0))}
	for i := 1; i < max(s.top(), o.top()); i++ {
		a, b := s.level(i), o.level(i)
		merged := make([]T, len(a)+len(b))
		mergeItems(merged, a, b)
		levels = append(levels, merged)
	}
	count := 0
	for _, values := range levels {
		count += len(values)
	}
	target := totalCapacity(s.k, len(levels))
	for i := 0; i < len(levels); i++ {
		values := levels[i]
		if count < target || len(values) < levelCapacity(s.k, len(levels), i) {
			continue
		}
		if i == len(levels)-1 {
			levels = append(levels, nil)
			target += levelCapacity(s.k, len(levels), 0)
		}
		count -= len(values) / 2
		levels[i], levels[i+1] = s.halved(values, i, levels[i+1])
	}
	s.setLevels(levels, target)
}

// halved returns what is left of a level that is too full, and the level above.
func (s *KLL[T]) halved(values []T, level int, above []T) (rest, merged []T) {
	odd := len(values) % 2
	work := append(slices.Clone(values[odd:]), above...)
	half := (len(values) - odd) / 2
	s.halve(work[:2*half], level, work[2*half:])
	return values[:odd], work[half:]
}

func (s *KLL[T]) setLevels(levels [][]T, capacity int) {
	s.items, s.levels = make([]T, 0, capacity), make([]int, len(levels)+1)
	for i, values := range levels {
		s.levels[i] = len(s.items)
		s.items = append(s.items, values...)
	}
	s.levels[len(levels)] = len(s.items)
	free := capacity - len(s.items)
	for i := range s.levels {
		s.levels[i] += free
	}
}
