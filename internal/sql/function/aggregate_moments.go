package function

import (
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// statisticFunctions describe the distribution of numbers and of pairs of numbers.
func statisticFunctions() []*expr.Function {
	return []*expr.Function{
		moment("var_samp", "The variance of a sample.", "NULL", accumulate.VarSamp, "variance"),
		moment("var_pop", "The variance of a population.", "0.0", accumulate.VarPop),
		moment("stddev_samp", "The standard deviation of a sample.", "NULL", accumulate.StddevSamp, "stddev", "std"),
		moment("stddev_pop", "The standard deviation of a population.", "0.0", accumulate.StddevPop),
		moment("skewness", "The skewness of the distribution.", "NULL", accumulate.Skewness),
		moment("kurtosis", "The excess kurtosis of the distribution, 0 for a normal distribution.", "NULL", accumulate.Kurtosis),
		pairs("covar_pop", "x, y", "The covariance of a population of pairs.", "0.0", accumulate.CovarPop),
		pairs("covar_samp", "x, y", "The covariance of a sample of pairs.", "NULL", accumulate.CovarSamp),
		pairs("corr", "x, y", "The correlation of pairs, from -1 to 1.", "NULL", accumulate.Corr),
		pairs("regr_r2", "y, x", "The coefficient of determination of the regression line of y on x.", "NULL", accumulate.RegrR2),
		pairs("regr_sxy", "y, x", "The sum of the products of the deviations of both.", "0.0", accumulate.RegrSXY),
		pairs("regr_sxx", "y, x", "The sum of the squared deviations of x.", "0.0", accumulate.RegrSXX),
		pairs("regr_syy", "y, x", "The sum of the squared deviations of y.", "0.0", accumulate.RegrSYY),
		pairs("regr_slope", "y, x", "The slope of the regression line of y on x.", "NULL", accumulate.RegrSlope),
		pairs("regr_intercept", "y, x", "The intercept of the regression line of y on x.", "NULL", accumulate.RegrIntercept),
	}
}

func moment(name, doc, result string, s accumulate.Statistic, aliases ...string) *expr.Function {
	return &expr.Function{
		Name: name, Aliases: aliases, Group: "agg_funcs", Usage: name + "(expr)", Doc: doc, Example: name + "(5)", Result: result, MinArgs: 1, MaxArgs: 1,
		Aggregate: true, Resolve: nullable(returns(types.Double, coerce.Double)),
		Accumulate: accumulates(s.New),
	}
}

func pairs(name, args, doc, result string, s accumulate.Statistic) *expr.Function {
	return &expr.Function{
		Name: name, Group: "agg_funcs", Usage: name + "(" + args + ")", Doc: doc, Example: name + "(1, 2)", Result: result, MinArgs: 2, MaxArgs: 2,
		Aggregate: true, Resolve: nullable(returns(types.Double, coerce.Double)), Accumulate: accumulates(s.New),
	}
}
