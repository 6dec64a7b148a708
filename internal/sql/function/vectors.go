package function

import (
	"math"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// vectorFunctions treat ARRAY<FLOAT> values as vectors. They cast nothing, return NULL for an array with a NULL, and
// accumulate in DOUBLE. (Spark: VectorInnerProduct and similar.)
func vectorFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "vector_inner_product", Group: "vector_funcs", Usage: "vector_inner_product(array1, array2)",
			Doc: "The inner product of two vectors.", Example: "vector_inner_product(array(1F, 2F, 3F), array(4F, 5F, 6F))", Result: "32.0",
			MinArgs: 2, MaxArgs: 2, Resolve: resolveVectors(types.Float), Compile: ofTwoVectors(innerProduct),
		},
		{
			Name: "vector_l2_distance", Group: "vector_funcs", Usage: "vector_l2_distance(array1, array2)",
			Doc: "The Euclidean distance of two vectors.", Example: "vector_l2_distance(array(1F, 2F, 3F), array(4F, 5F, 6F))", Result: "5.196152",
			MinArgs: 2, MaxArgs: 2, Resolve: resolveVectors(types.Float), Compile: ofTwoVectors(distance),
		},
		{
			Name: "vector_cosine_similarity", Group: "vector_funcs", Usage: "vector_cosine_similarity(array1, array2)",
			Doc:     "The cosine of the angle between two vectors; NULL if the length of either is zero.",
			Example: "vector_cosine_similarity(array(1F, 2F, 3F), array(4F, 5F, 6F))", Result: "0.97463185",
			MinArgs: 2, MaxArgs: 2, Resolve: resolveVectors(types.Float), Compile: ofTwoVectors(cosine),
		},
		{
			Name: "vector_norm", Group: "vector_funcs", Usage: "vector_norm(vector[, degree])",
			Doc:     "The norm of a vector of degree 1, 2 (the default) or float('inf').",
			Example: "vector_norm(array(3F, 4F), 2F)", Result: "5.0",
			MinArgs: 1, MaxArgs: 2, Resolve: defaults(resolveNorm(types.Float), 1, float(2)), Compile: eachRow(vectorNorm),
		},
		{
			Name: "vector_normalize", Group: "vector_funcs", Usage: "vector_normalize(vector[, degree])",
			Doc:     "The vector divided by its norm of degree 1, 2 (the default) or float('inf'); NULL if the norm is 0.",
			Example: "vector_normalize(array(3F, 4F), 2F)", Result: "[0.6, 0.8]",
			MinArgs: 1, MaxArgs: 2, Resolve: defaults(resolveNorm(types.ArrayOf(types.Float, false)), 1, float(2)), Compile: eachRow(vectorNormalize),
		},
	}
}

func float(f float32) *expr.Expr {
	v := vector.NewConst(types.Float)
	v.F32[0] = f
	return expr.Lit(v)
}

// resolveVectors checks that every argument is an ARRAY<FLOAT>.
func resolveVectors(result *types.Type) resolver {
	return func(call *expr.Expr) error {
		for i, a := range call.Args {
			if !isVector(a.Type) {
				return coerce.UnexpectedInput(call, i, `"ARRAY<FLOAT>"`)
			}
		}
		call.Type, call.Nullable = result, true
		return nil
	}
}

func isVector(t *types.Type) bool { return t.Kind == types.KindArray && t.Elem.Kind == types.KindFloat }

// resolveNorm checks a vector and a degree.
func resolveNorm(result *types.Type) resolver {
	return func(call *expr.Expr) error {
		switch {
		case !isVector(call.Args[0].Type):
			return coerce.UnexpectedInput(call, 0, `"ARRAY<FLOAT>"`)
		case call.Args[1].Type.Kind != types.KindFloat:
			return coerce.UnexpectedInput(call, 1, `"FLOAT"`)
		}
		call.Type, call.Nullable = result, true
		return nil
	}
}

// vector returns the vector of argument k; whole is false if it contains a NULL.
func (r *row) vector(k int) (items []float32, whole bool) { return kernel.Floats(r.args[k], r.i) }

// ofTwoVectors compiles a function of two vectors of the same dimension.
func ofTwoVectors(f func(a, b []float32) (result float64, ok bool)) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		return rowKernel(func(r *row) error {
			_, _, m := r.list(0)
			_, _, n := r.list(1)
			if m != n {
				return sparkerr.New("VECTOR_DIMENSION_MISMATCH", "functionName", types.Quote(call.Fn.Name),
					"leftDim", strconv.Itoa(m), "rightDim", strconv.Itoa(n))
			}
			a, whole := r.vector(0)
			b, whole2 := r.vector(1)
			if whole && whole2 {
				if x, ok := f(a, b); ok {
					r.out.F32[r.out.At(r.i)] = float32(x)
					return nil
				}
			}
			r.setNull()
			return nil
		}), nil
	}
}

func innerProduct(a, b []float32) (float64, bool) {
	var sum float64
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum, true
}

func distance(a, b []float32) (float64, bool) {
	var sum float64
	for i, x := range a {
		d := float64(x) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum), true
}

func cosine(a, b []float32) (float64, bool) {
	product, _ := innerProduct(a, b)
	square, _ := innerProduct(a, a)
	other, _ := innerProduct(b, b)
	lengths := math.Sqrt(square * other)
	return product / lengths, lengths != 0
}

// norm returns the norm of the vector in argument 0, with the degree in argument 1.
func (r *row) norm(name string) (items []float32, norm float64, whole bool, err error) {
	degree := r.args[1].F32[r.args[1].At(r.i)]
	if degree != 1 && degree != 2 && !math.IsInf(float64(degree), 1) {
		return nil, 0, false, sparkerr.New("INVALID_VECTOR_NORM_DEGREE", "functionName", types.Quote(name),
			"degree", string(valuetext.AppendFloat(nil, degree)))
	}
	items, whole = r.vector(0)
	switch degree {
	case 1:
		for _, x := range items {
			norm += math.Abs(float64(x))
		}
	case 2:
		square, _ := innerProduct(items, items)
		norm = math.Sqrt(square)
	default:
		for _, x := range items {
			norm = math.Max(norm, math.Abs(float64(x)))
		}
	}
	return items, norm, whole, nil
}

func vectorNorm(r *row) error {
	_, norm, whole, err := r.norm("vector_norm")
	if err != nil || !whole {
		r.setNull()
		return err
	}
	r.out.F32[r.out.At(r.i)] = float32(norm)
	return nil
}

func vectorNormalize(r *row) error {
	items, norm, whole, err := r.norm("vector_normalize")
	if err != nil || !whole || norm == 0 && len(items) > 0 {
		r.setNull()
		return err
	}
	from, list := r.listStart(), r.out.Children[0]
	list.Extend(from + len(items))
	for i, x := range items {
		list.F32[from+i] = float32(float64(x) / norm)
	}
	r.listEnd(from)
	return nil
}
