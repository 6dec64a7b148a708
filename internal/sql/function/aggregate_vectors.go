package function

import (
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// vectorTotalFunctions add up ARRAY<FLOAT> values element by element. (Spark: VectorSum, VectorAvg.)
func vectorTotalFunctions() []*expr.Function {
	return []*expr.Function{
		vectorTotal("vector_sum", "The sum of the vectors, element by element.", accumulate.VectorSum),
		vectorTotal("vector_avg", "The mean of the vectors, element by element.", accumulate.VectorAvg),
	}
}

func vectorTotal(name, doc string, state func(function string) expr.Aggregator) *expr.Function {
	return &expr.Function{
		Name: name, Group: "vector_funcs", Usage: name + "(array)", Doc: doc, Example: name + "(array(1F, 2F))", Result: "[1.0, 2.0]",
		MinArgs: 1, MaxArgs: 1, Aggregate: true, Resolve: resolveVectors(types.ArrayOf(types.Float, false)),
		Accumulate: accumulates(func() expr.Aggregator { return state(name) }),
	}
}
