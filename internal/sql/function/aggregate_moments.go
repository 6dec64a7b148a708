package function

import (
	"math"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A statistic is kept as a few doubles per group, updated and merged one step at a time by Welford's formulas. The last
// digits depend on the order of operations, which follows Spark's CentralMomentAgg, Covariance and PearsonCorrelation.
// Products are converted to float64 to keep compilers from fusing them with an addition.

// A statistic describes how the doubles of a group change. x and y are the first two arguments; with one argument, y is x.
type statistic struct {
	width  int
	update func(s []float64, x, y float64)
	merge  func(s, t []float64)
	result func(s []float64) (value float64, known bool)
}

// statisticFunctions describe the distribution of numbers and of pairs of numbers.
func statisticFunctions() []*expr.Function {
	return []*expr.Function{
		moment("var_samp", "The variance of a sample.", "NULL", 3, func(s []float64) (float64, bool) { return s[2] / (s[0] - 1), s[0] > 1 }, "variance"),
		moment("var_pop", "The variance of a population.", "0.0", 3, func(s []float64) (float64, bool) { return s[2] / s[0], s[0] > 0 }),
		moment("stddev_samp", "The standard deviation of a sample.", "NULL", 3,
			func(s []float64) (float64, bool) { return math.Sqrt(s[2] / (s[0] - 1)), s[0] > 1 }, "stddev", "std"),
		moment("stddev_pop", "The standard deviation of a population.", "0.0", 3,
			func(s []float64) (float64, bool) { return math.Sqrt(s[2] / s[0]), s[0] > 0 }),
		moment("skewness", "The skewness of the distribution.", "NULL", 4, func(s []float64) (float64, bool) {
			return float64(math.Sqrt(s[0])*s[3]) / math.Sqrt(s[2]*s[2]*s[2]), s[0] > 0 && s[2] != 0
		}),
		moment("kurtosis", "The excess kurtosis of the distribution, 0 for a normal distribution.", "NULL", 5, func(s []float64) (float64, bool) {
			return float64(s[0]*s[4])/float64(s[2]*s[2]) - 3, s[0] > 0 && s[2] != 0
		}),
		pairs("covar_pop", "x, y", "The covariance of a population of pairs.", "0.0", covariance(func(s []float64) (float64, bool) { return s[3] / s[0], s[0] > 0 })),
		pairs("covar_samp", "x, y", "The covariance of a sample of pairs.", "NULL",
			covariance(func(s []float64) (float64, bool) { return s[3] / (s[0] - 1), s[0] > 1 })),
		pairs("corr", "x, y", "The correlation of pairs, from -1 to 1.", "NULL", correlation(func(s []float64) (float64, bool) {
			d := math.Sqrt(s[4] * s[5])
			return s[3] / d, s[0] > 1 && d != 0
		})),
		pairs("regr_r2", "y, x", "The coefficient of determination of the regression line of y on x.", "NULL", correlation(determination)),
		pairs("regr_sxy", "y, x", "The sum of the products of the deviations of both.", "0.0",
			covariance(func(s []float64) (float64, bool) { return s[3], s[0] > 0 })),
		pairs("regr_sxx", "y, x", "The sum of the squared deviations of x.", "0.0", swapped(deviations)),
		pairs("regr_syy", "y, x", "The sum of the squared deviations of y.", "0.0", deviations),
		pairs("regr_slope", "y, x", "The slope of the regression line of y on x.", "NULL",
			regression(func(s []float64) (float64, bool) { return s[3] / s[6], s[4] >= 2 && s[6] != 0 })),
		pairs("regr_intercept", "y, x", "The intercept of the regression line of y on x.", "NULL", regression(func(s []float64) (float64, bool) {
			slope := s[3] / s[6]
			return s[2] - float64(slope*s[1]), s[4] >= 2 && s[6] != 0
		})),
	}
}

func moment(name, doc, result string, width int, value func([]float64) (float64, bool), aliases ...string) *expr.Function {
	return &expr.Function{
		Name: name, Aliases: aliases, Group: "agg_funcs", Usage: name + "(expr)", Doc: doc, Example: name + "(5)", Result: result, MinArgs: 1, MaxArgs: 1,
		Aggregate: true, Resolve: nullable(returns(types.Double, coerce.Double)),
		Accumulate: accumulateStatistic(moments(width, value)),
	}
}

func pairs(name, args, doc, result string, s statistic) *expr.Function {
	return &expr.Function{
		Name: name, Group: "agg_funcs", Usage: name + "(" + args + ")", Doc: doc, Example: name + "(1, 2)", Result: result, MinArgs: 2, MaxArgs: 2,
		Aggregate: true, Resolve: nullable(returns(types.Double, coerce.Double)), Accumulate: accumulateStatistic(s),
	}
}

func accumulateStatistic(s statistic) accumulator {
	return func(*expr.Expr) (expr.Aggregator, error) { return &statistics{statistic: s}, nil }
}

// moments keeps width doubles: the number of values, their mean, and sums of powers of the deviations from the mean.
func moments(width int, result func([]float64) (float64, bool)) statistic {
	return statistic{width: width, update: func(s []float64, x, _ float64) { addMoment(s, x) }, merge: mergeMoments, result: result}
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
	delta := t[1] - s[1]
	deltaN := 0.0
	if n != 0 {
		deltaN = delta / n
	}
	m2, m3 := s[2], 0.0
	s[0] = n
	s[1] += float64(deltaN * n2)
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

// deviations is the second central moment of the first argument.
var deviations = moments(3, func(s []float64) (float64, bool) { return s[2], s[0] > 0 })

// swapped exchanges the two arguments.
func swapped(s statistic) statistic {
	update := s.update
	s.update = func(s []float64, x, y float64) { update(s, y, x) }
	return s
}

// covariance keeps the number of pairs, both means, and the sum of the products of the deviations.
func covariance(result func([]float64) (float64, bool)) statistic {
	return statistic{width: 4, update: addPair, merge: mergePairs, result: result}
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
	n := n1 + n2
	dx, dy := t[1]-s[1], t[2]-s[2]
	dxN, dyN := 0.0, 0.0
	if n != 0 {
		dxN, dyN = dx/n, dy/n
	}
	s[0] = n
	s[1] += float64(dxN * n2)
	s[2] += float64(dyN * n2)
	s[3] = s[3] + t[3] + float64(dx*dyN*n1*n2)
	if len(s) > 4 { // the statistic is a correlation
		s[4] = s[4] + t[4] + float64(dx*dxN*n1*n2)
		s[5] = s[5] + t[5] + float64(dy*dyN*n1*n2)
	}
}

// correlation extends covariance by the sums of both squared deviations.
func correlation(result func([]float64) (float64, bool)) statistic {
	return statistic{width: 6, update: addCorrelation, merge: mergePairs, result: result}
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
func regression(result func([]float64) (float64, bool)) statistic {
	return statistic{
		width: 7,
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

// statistics is the state of a statistic, with the groups stored contiguously.
type statistics struct {
	statistic
	groups []float64
}

func (s *statistics) of(g int32) []float64 {
	at := int(g) * s.width
	return s.groups[at : at+s.width : at+s.width]
}

func (s *statistics) Grow(n int) { s.groups = grown(s.groups, n*s.width) }

func (s *statistics) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	x, y := args[0], args[len(args)-1]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		s.update(s.of(groups[i]), x.F64[x.At(i)], y.F64[y.At(i)])
	}
	return nil
}

func (s *statistics) State() []*types.Type {
	return slices.Repeat([]*types.Type{types.Double}, s.width)
}

func (s *statistics) Save(state []*vector.Vector) {
	for i, x := range s.groups {
		state[i%s.width].F64[i/s.width] = x
	}
}

func (s *statistics) Merge(groups []int32, state []*vector.Vector) error {
	other := make([]float64, s.width)
	for i, g := range groups {
		for k := range other {
			other[k] = state[k].F64[i]
		}
		s.merge(s.of(g), other)
	}
	return nil
}

func (s *statistics) Finish(out *vector.Vector) error {
	for g := range len(s.groups) / s.width {
		value, known := s.result(s.of(int32(g)))
		out.F64[g] = value
		if !known {
			out.SetNull(g)
		}
	}
	return nil
}
