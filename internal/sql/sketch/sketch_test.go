package sketch_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/sketch"
)

// shuffled returns the numbers from 1 to n in a random order, which is the same in each run.
func shuffled(n int) []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	list := make([]float64, n)
	for i, k := range r.Perm(n) {
		list[i] = float64(k + 1)
	}
	return list
}

func summary(bound float64, numbers []float64) *sketch.Quantiles {
	q := sketch.NewQuantiles(bound)
	for _, x := range numbers {
		q.Add(x)
	}
	return q
}

func TestRankOfAQuantileIsWithinTheBound(t *testing.T) {
	for _, n := range []int{1, 10, 1000, 120_000} { // more than the numbers that are sorted at a time
		for _, bound := range []float64{0.1, 0.01, 0.0001} {
			numbers := shuffled(n)
			merged := sketch.NewQuantiles(bound)
			for part := range slices.Chunk(numbers, n/3+1) {
				if err := merged.Merge(summary(bound, part).Append(nil)); err != nil {
					t.Fatal(err)
				}
			}
			for name, q := range map[string]*sketch.Quantiles{"whole": summary(bound, numbers), "merged": merged} {
				for _, share := range []float64{0, 0.01, 0.25, 0.5, 0.99, 1} {
					rank := math.Max(1, math.Ceil(share*float64(n)))
					slack := bound*float64(n) + 1
					if name == "merged" {
						slack *= 2 // merging adds the errors of both summaries
					}
					if got := q.Query(share); math.Abs(got-rank) > slack {
						t.Errorf("%s, %d numbers, bound %v: quantile %v is %v, want %v ± %v", name, n, bound, share, got, rank, slack)
					}
				}
			}
		}
	}
}

func TestQuantilesOfFewNumbersAreExact(t *testing.T) {
	q := summary(0.0001, []float64{5, 1, 4, 2, 3})
	for share, want := range map[float64]float64{0: 1, 0.2: 1, 0.21: 2, 0.5: 3, 0.8: 4, 0.81: 5, 1: 5} {
		if got := q.Query(share); got != want {
			t.Errorf("quantile %v is %v, want %v", share, got, want)
		}
	}
}

func TestASummaryIsEmptyUntilANumberIsAdded(t *testing.T) {
	q := sketch.NewQuantiles(0.01)
	if !q.Empty() {
		t.Error("a new summary is not empty")
	}
	if err := q.Merge(sketch.NewQuantiles(0.01).Append(nil)); err != nil {
		t.Fatal(err)
	}
	if !q.Empty() {
		t.Error("a summary is not empty after an empty one was merged")
	}
	q.Add(1)
	if q.Empty() {
		t.Error("a summary with a number is empty")
	}
}

func histogram(limit int, numbers ...float64) *sketch.Histogram {
	h := sketch.NewHistogram(limit)
	for _, x := range numbers {
		h.Add(x)
	}
	return h
}

func TestTheNearestBinsAreMerged(t *testing.T) {
	for _, c := range []struct {
		limit   int
		numbers []float64
		want    []sketch.Bin
	}{
		{3, nil, nil},
		{3, []float64{2, 1, 2}, []sketch.Bin{{X: 1, Y: 1}, {X: 2, Y: 2}}},
		{3, []float64{10, 1, 2, 30}, []sketch.Bin{{X: 1.5, Y: 2}, {X: 10, Y: 1}, {X: 30, Y: 1}}},
		{2, []float64{1, 2, 10, 1.5}, []sketch.Bin{{X: 1.5, Y: 3}, {X: 10, Y: 1}}},
	} {
		if got := histogram(c.limit, c.numbers...).Bins(); !slices.Equal(got, c.want) {
			t.Errorf("%d bins of %v: %v, want %v", c.limit, c.numbers, got, c.want)
		}
	}
}

func TestAHistogramKeepsTheNumberAndTheMean(t *testing.T) {
	const n = 10_000
	numbers := shuffled(n)
	merged := histogram(20)
	for part := range slices.Chunk(numbers, n/4) {
		if err := merged.Merge(histogram(20, part...).Append(nil)); err != nil {
			t.Fatal(err)
		}
	}
	for name, h := range map[string]*sketch.Histogram{"whole": histogram(20, numbers...), "merged": merged} {
		count, sum := 0.0, 0.0
		bins := h.Bins()
		for _, b := range bins {
			count += b.Y
			sum += b.X * b.Y
		}
		if len(bins) != 20 || count != n || math.Abs(sum/n-(n+1)/2.0) > 1e-6 {
			t.Errorf("%s: %d bins of %v numbers with mean %v", name, len(bins), count, sum/n)
		}
		if !slices.IsSortedFunc(bins, func(a, b sketch.Bin) int { return int(a.X - b.X) }) {
			t.Errorf("%s: the bins are not in order: %v", name, bins)
		}
	}
}

// The bins are those that Spark 4.3.0 returns for histogram_numeric(id, 4) over range(12), which merges equally near bins at random.
func TestTiesAreBrokenLikeSpark(t *testing.T) {
	numbers := make([]float64, 12)
	for i := range numbers {
		numbers[i] = float64(i)
	}
	want := []sketch.Bin{{X: 1, Y: 3}, {X: 4.5, Y: 4}, {X: 8.5, Y: 4}, {X: 11, Y: 1}}
	if got := histogram(4, numbers...).Bins(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
