package accumulate

import (
	"math"

	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Statistic is a number that describes a distribution. It is kept as a few doubles per group, updated and merged one step at a time
// by Welford's formulas. The last digits depend on the order of operations, which follows Spark's CentralMomentAgg, Covariance and
// PearsonCorrelation. Products are converted to float64 to keep compilers from fusing them with an addition.
//
// x and y are the first two arguments, both DOUBLE; with one argument, y is x.
type Statistic struct {
	columns []string // of the state
	update  func(s []float64, x, y float64)
	merge   func(s, t []float64)
	result  func(s []float64) (value float64, known bool)
}

// The columns of the states.
var (
	momentColumns      = []string{"n", "avg", "m2", "m3", "m4"}
	covarianceColumns  = []string{"n", "xAvg", "yAvg", "ck"}
	correlationColumns = []string{"n", "xAvg", "yAvg", "ck", "xMk", "yMk"}
	regressionColumns  = []string{"n", "xAvg", "yAvg", "ck", "n", "avg", "m2"}
)

// moments keeps width doubles: the number of values, their mean, and sums of powers of the deviations from the mean.
func moments(width int, result func([]float64) (float64, bool)) Statistic {
	return Statistic{columns: momentColumns[:width], update: func(s []float64, x, _ float64) { addMoment(s, x) }, merge: mergeMoments, result: result}
}

func addMoment(s []float64, x float64) {
	n := s[0] + 1
	delta := x - s[1]
	deltaN := delta / n
	s[0] = n
	s[1] += deltaN
	m2 := s[2] + float64(delta*(delta-deltaN))
	s[2] = m2
	if len(s) < 4 {
		return
	}
	delta2, deltaN2 := float64(delta*delta), float64(deltaN*deltaN)
	m3 := s[3] - float64(3*deltaN*m2) + float64(delta*(delta2-deltaN2))
	s[3] = m3
	if len(s) < 5 {
		return
	}
	s[4] = s[4] - float64(4*deltaN*m3) - float64(6*deltaN2*m2) + float64(delta*(float64(delta*delta2)-float64(deltaN*deltaN2)))
}

func mergeMoments(s, t []float64) {
	n1, n2 := s[0], t[0]
	n := n1 + n2
	avg, delta, deltaN := mergeMeans(n1, n2, s[1], t[1])
	m2, m3 := s[2], 0.0
	s[0], s[1] = n, avg
	s[2] = m2 + t[2] + float64(delta*deltaN*n1*n2)
	if len(s) < 4 {
		return
	}
	m3 = s[3]
	s[3] = m3 + t[3] + float64(deltaN*deltaN*delta*n1*n2*(n1-n2)) + float64(3*deltaN*(float64(n1*t[2])-float64(n2*m2)))
	if len(s) < 5 {
		return
	}
	s[4] = s[4] + t[4] + float64(deltaN*deltaN*deltaN*delta*n1*n2*(float64(n1*n1)-float64(n1*n2)+float64(n2*n2))) +
		float64(6*deltaN*deltaN*(float64(n1*n1*t[2])+float64(n2*n2*m2))) + float64(4*deltaN*(float64(n1*t[3])-float64(n2*m3)))
}

// mergeMeans returns the mean of n1 values with the mean a and n2 with the mean b, the difference of both means, and its share per value. If
// either are missing, the others keep their mean to the last digit.
func mergeMeans(n1, n2, a, b float64) (mean, delta, deltaN float64) {
	switch {
	case n1 == 0:
		return b, 0, 0
	case n2 == 0:
		return a, 0, 0
	}
	delta = b - a
	deltaN = delta / (n1 + n2)
	return a + float64(deltaN*n2), delta, deltaN
}

// swapped exchanges the two arguments.
func swapped(s Statistic) Statistic {
	update := s.update
	s.update = func(s []float64, x, y float64) { update(s, y, x) }
	return s
}

// covariance keeps the number of pairs, both means, and the sum of the products of the deviations.
func covariance(result func([]float64) (float64, bool)) Statistic {
	return Statistic{columns: covarianceColumns, update: addPair, merge: mergePairs, result: result}
}

func addPair(s []float64, x, y float64) {
	n := s[0] + 1
	dx, dy := x-s[1], y-s[2]
	s[0] = n
	s[1] += dx / n
	s[2] += dy / n
	s[3] += float64(dx * (y - s[2]))
}

func mergePairs(s, t []float64) {
	n1, n2 := s[0], t[0]
	xAvg, dx, dxN := mergeMeans(n1, n2, s[1], t[1])
	yAvg, dy, dyN := mergeMeans(n1, n2, s[2], t[2])
	s[0], s[1], s[2] = n1+n2, xAvg, yAvg
	s[3] = s[3] + t[3] + float64(dx*dyN*n1*n2)
	if len(s) > 4 { // the statistic is a correlation
		s[4] = s[4] + t[4] + float64(dx*dxN*n1*n2)
		s[5] = s[5] + t[5] + float64(dy*dyN*n1*n2)
	}
}

// correlation extends covariance by the sums of both squared deviations.
func correlation(result func([]float64) (float64, bool)) Statistic {
	return Statistic{columns: correlationColumns, update: addCorrelation, merge: mergePairs, result: result}
}

func addCorrelation(s []float64, x, y float64) {
	dx, dy := x-s[1], y-s[2]
	addPair(s, x, y)
	s[4] += float64(dx * (x - s[1]))
	s[5] += float64(dy * (y - s[2]))
}

// determination returns the squared correlation: 1 if y is constant, unknown if x, the second argument, is constant.
func determination(s []float64) (float64, bool) {
	switch {
	case s[0] == 0 || s[5] == 0:
		return 0, false
	case s[4] == 0:
		return 1, true
	}
	r := s[3] / math.Sqrt(s[4]*s[5])
	return float64(r * r), true
}

// regression keeps the covariance of x and y followed by the moments of x; the first argument is y.
func regression(result func([]float64) (float64, bool)) Statistic {
	return Statistic{
		columns: regressionColumns,
		update: func(s []float64, y, x float64) {
			addPair(s[:4], x, y)
			addMoment(s[4:], x)
		},
		merge: func(s, t []float64) {
			mergePairs(s[:4], t[:4])
			mergeMoments(s[4:], t[4:])
		},
		result: result,
	}
}

// statistics is the state of a Statistic, with the groups stored contiguously.
type statistics struct {
	Statistic
	groups []float64
}

func (s *statistics) of(g int32) []float64 {
	w := len(s.columns)
	at := int(g) * w
	return s.groups[at : at+w : at+w]
}

func (s *statistics) Grow(n int) { s.groups = grown(s.groups, n*len(s.columns)) }

func (s *statistics) Bytes() int { return 8 * cap(s.groups) }

func (s *statistics) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	x, y := args[0], args[len(args)-1]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		s.update(s.of(groups[i]), x.F64[x.At(i)], y.F64[y.At(i)])
	}
	return nil
}

func (s *statistics) Reset() { s.groups = s.groups[:0] }

func (s *statistics) State() []types.Field { return fields(types.Double, s.columns...) }

func (s *statistics) Save(from, to int, state []*vector.Vector) {
	w := len(s.columns)
	for i, x := range s.groups[from*w : to*w] {
		state[i%w].F64[i/w] = x
	}
}

func (s *statistics) Merge(groups []int32, state []*vector.Vector) error {
	other := make([]float64, len(s.columns))
	for i, g := range groups {
		for k := range other {
			other[k] = state[k].F64[i]
		}
		s.merge(s.of(g), other)
	}
	return nil
}

func (s *statistics) Finish(from, to int, out *vector.Vector) error {
	for g := from; g < to; g++ {
		value, known := s.result(s.of(int32(g)))
		out.F64[g-from] = value
		if !known {
			out.SetNull(g - from)
		}
	}
	return nil
}
