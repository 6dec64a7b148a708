package accumulate

import (
	"math"

	"github.com/streamctl/streamctl/internal/sql/expr"
)

// Statistics of one number per row. A result is NULL if there are too few rows, or if the divisor is zero.
var (
	VarSamp    = moments(3, func(s []float64) (float64, bool) { return s[2] / (s[0] - 1), s[0] > 1 })
	VarPop     = moments(3, func(s []float64) (float64, bool) { return s[2] / s[0], s[0] > 0 })
	StddevSamp = moments(3, func(s []float64) (float64, bool) { return math.Sqrt(s[2] / (s[0] - 1)), s[0] > 1 })
	StddevPop  = moments(3, func(s []float64) (float64, bool) { return math.Sqrt(s[2] / s[0]), s[0] > 0 })
	Skewness   = moments(4, func(s []float64) (float64, bool) {
		return float64(math.Sqrt(s[0])*s[3]) / math.Sqrt(s[2]*s[2]*s[2]), s[0] > 0 && s[2] != 0
	})
	Kurtosis = moments(5, func(s []float64) (float64, bool) {
		return float64(s[0]*s[4])/float64(s[2]*s[2]) - 3, s[0] > 0 && s[2] != 0
	})
)

// Statistics of two numbers x and y per row.
var (
	CovarPop  = covariance(func(s []float64) (float64, bool) { return s[3] / s[0], s[0] > 0 })
	CovarSamp = covariance(func(s []float64) (float64, bool) { return s[3] / (s[0] - 1), s[0] > 1 })
	Corr      = correlation(func(s []float64) (float64, bool) {
		d := math.Sqrt(s[4] * s[5])
		return s[3] / d, s[0] > 1 && s[4] != 0 && s[5] != 0 && d != 0
	})
)

// Statistics of the regression line of y, the first argument, on x, the second.
var (
	RegrR2    = correlation(determination)
	RegrSXY   = covariance(func(s []float64) (float64, bool) { return s[3], s[0] > 0 })
	RegrSXX   = swapped(RegrSYY)
	RegrSYY   = moments(3, func(s []float64) (float64, bool) { return s[2], s[0] > 0 })
	RegrSlope = regression(func(s []float64) (float64, bool) { return s[3] / s[6], s[6] != 0 })

	RegrIntercept = regression(func(s []float64) (float64, bool) {
		slope := s[3] / s[6]
		return s[2] - float64(slope*s[1]), s[6] != 0
	})
)

// New returns the aggregation that computes the statistic.
func (s Statistic) New() expr.Aggregator { return &statistics{Statistic: s} }
