package function

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// kllFunctions summarize the distribution of numbers in sketches that can be stored and merged later.
func kllFunctions() []*expr.Function {
	longs := kllKind[int64]{
		suffix: "bigint", t: types.Long, param: coerce.Long, inputs: coerce.OneOf(coerce.Byte, coerce.Int, coerce.Long, coerce.Short), aggregate: accumulate.KLLLongs,
		get: func(v *vector.Vector, i int) int64 { return v.I64[i] }, set: func(v *vector.Vector, i int, x int64) { v.I64[i] = x },
		text: func(x int64) string { return strconv.FormatInt(x, 10) }, example: "5", one: "X'02020F04C80008000500000000000000'", value: "5",
	}
	floats := kllKind[float32]{
		suffix: "float", t: types.Float, param: coerce.Float, inputs: coerce.Float, aggregate: accumulate.KLLFloats,
		get: func(v *vector.Vector, i int) float32 { return v.F32[i] }, set: func(v *vector.Vector, i int, x float32) { v.F32[i] = x },
		text: func(x float32) string { return string(valuetext.AppendFloat(nil, x)) }, example: "5F", one: "X'02020F04C80008000000A040'", value: "5.0",
	}
	doubles := kllKind[float64]{
		suffix: "double", t: types.Double, param: coerce.Double, inputs: coerce.OneOf(coerce.Float, coerce.Double), aggregate: accumulate.KLLDoubles,
		get: func(v *vector.Vector, i int) float64 { return v.F64[i] }, set: func(v *vector.Vector, i int, x float64) { v.F64[i] = x },
		text: func(x float64) string { return string(valuetext.AppendDouble(nil, x)) }, example: "5D", one: "X'02020F04C80008000000000000001440'", value: "5.0",
	}
	return append(append(longs.functions(), floats.functions()...), doubles.functions()...)
}

// A kllKind is what the KLL functions for a type of values differ in.
type kllKind[T sketch.KLLItem] struct {
	suffix    string
	t         *types.Type
	param     coerce.Param
	inputs    coerce.Param // of the aggregation
	aggregate func(k int) expr.Aggregator
	get       func(v *vector.Vector, i int) T
	set       func(v *vector.Vector, i int, x T)
	text      func(T) string

	example, one, value string // a value as a literal, a sketch of it, and as it is printed
}

func (k kllKind[T]) functions() []*expr.Function {
	return append([]*expr.Function{
		{
			Name: "kll_sketch_agg_" + k.suffix, Group: "agg_funcs", Usage: "kll_sketch_agg_" + k.suffix + "(expr[, k])",
			Doc:     "A KLL sketch of the distribution of the values; k, by default 200, sets its size and accuracy.",
			Example: "kll_sketch_get_n_" + k.suffix + "(kll_sketch_agg_" + k.suffix + "(" + k.example + "))", Result: "1", MinArgs: 1, MaxArgs: 2, Aggregate: true,
			Resolve: never(resolveKLL(k.inputs)), Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				return k.aggregate(kllParameter(call, sketch.DefaultKLL)), nil
			},
		},
		{
			Name: "kll_merge_agg_" + k.suffix, Group: "agg_funcs", Usage: "kll_merge_agg_" + k.suffix + "(expr[, k])",
			Doc:     "One KLL sketch of all that the given sketches summarize; k is by default that of the first one.",
			Example: "kll_sketch_get_n_" + k.suffix + "(kll_merge_agg_" + k.suffix + "(" + k.one + "))", Result: "1", MinArgs: 1, MaxArgs: 2, Aggregate: true,
			Resolve: never(resolveKLL(coerce.Binary)), Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				return accumulate.KLLMerge[T](call.CallName(), kllParameter(call, 0)), nil
			},
		},
		{
			Name: "kll_sketch_merge_" + k.suffix, Group: "sketch_funcs", Usage: "kll_sketch_merge_" + k.suffix + "(left, right)", Doc: "One KLL sketch of all that two sketches summarize.",
			Example: "kll_sketch_get_n_" + k.suffix + "(kll_sketch_merge_" + k.suffix + "(" + k.one + ", " + k.one + "))", Result: "2", MinArgs: 2, MaxArgs: 2,
			Resolve: returns(types.Binary, coerce.Binary), Compile: eachRow(k.merge),
		},
	}, k.readers()...)
}

// readers returns the functions that read one sketch.
func (k kllKind[T]) readers() []*expr.Function {
	quantile, rank := "kll_sketch_get_quantile_"+k.suffix, "kll_sketch_get_rank_"+k.suffix
	return []*expr.Function{
		{
			Name: "kll_sketch_get_n_" + k.suffix, Group: "sketch_funcs", Usage: "kll_sketch_get_n_" + k.suffix + "(expr)", Doc: "How many values a KLL sketch summarizes.",
			Example: "kll_sketch_get_n_" + k.suffix + "(" + k.one + ")", Result: "1", MinArgs: 1, MaxArgs: 1, Resolve: returns(types.Long, coerce.Binary),
			Compile: k.reads(func(r *row, s *sketch.KLL[T]) error {
				r.setLong(s.N())
				return nil
			}),
		},
		{
			Name: "kll_sketch_to_string_" + k.suffix, Group: "sketch_funcs", Usage: "kll_sketch_to_string_" + k.suffix + "(expr)", Doc: "A summary of a KLL sketch for people.",
			Example: "regexp_extract(kll_sketch_to_string_" + k.suffix + "(" + k.one + "), 'Max Item +: (.*)')", Result: k.value, MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.String, coerce.Binary), Compile: k.reads(func(r *row, s *sketch.KLL[T]) error {
				r.setString(s.Summary(k.text))
				return nil
			}),
		},
		{
			Name: quantile, Group: "sketch_funcs", Usage: quantile + "(left, right)", Doc: "The value at a rank from 0 to 1 of the sorted values of a KLL sketch, or the values at an array of ranks.",
			Example: quantile + "(" + k.one + ", 0.5)", Result: k.value, MinArgs: 2, MaxArgs: 2, Resolve: kllResolver("rank", coerce.Double, k.t), Compile: k.reads(k.quantiles),
		},
		{
			Name: rank, Group: "sketch_funcs", Usage: rank + "(left, right)", Doc: "The share of the values of a KLL sketch that are at most as large as a value, or the shares for an array of values.",
			Example: rank + "(" + k.one + ", " + k.example + ")", Result: "1.0", MinArgs: 2, MaxArgs: 2, Resolve: kllResolver("quantile", k.param, types.Double), Compile: k.reads(k.ranks),
		},
	}
}

// resolveKLL resolves an aggregation with the constant argument k.
func resolveKLL(inputs coerce.Param) resolver {
	return func(call *expr.Expr) error {
		if err := expects(types.Binary, inputs, coerce.Int)(call); err != nil || len(call.Args) < 2 {
			return err
		}
		v, err := constantArg(call, 1)
		switch {
		case err != nil:
			return err
		case v == nil:
			return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "k", "inputType", "int", "inputExpr", call.Args[1].SQL())
		case v.IsNull(0):
			return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "k")
		}
		k := int(v.I32[0])
		if k < sketch.LeastKLL || k > sketch.MostKLL {
			return sizeMismatch(call, sparkerr.New("KLL_SKETCH_K_OUT_OF_RANGE", "functionName", "`"+call.CallName()+"`", "k", strconv.Itoa(k)))
		}
		call.Data = k
		return nil
	}
}

// sizeMismatch returns the error of the analyzer for an argument whose value another error is about.
func sizeMismatch(call *expr.Expr, cause *sparkerr.Error) error {
	return coerce.Mismatch(call, "TYPE_CHECK_FAILURE_WITH_HINT", "msg", cause.Error(), "hint", "")
}

func kllParameter(call *expr.Expr, fallback int) int {
	if k, ok := call.Data.(int); ok {
		return k
	}
	return fallback
}

// kllResolver resolves a query of a sketch with a constant, or an array of constants, of one type; results have another.
func kllResolver(name string, param coerce.Param, result *types.Type) resolver {
	return func(call *expr.Expr) error {
		either := coerce.OneOf(param, coerce.ArrayOf(param))
		if t := call.Args[1].Type; t.Kind == types.KindArray && t.ContainsNull && t.Elem.Kind != types.KindVoid && !either.Accepts(t) {
			return coerce.UnexpectedInput(call, 1, either.Text())
		}
		if err := coerce.Params(call, coerce.Binary, either); err != nil {
			return err
		}
		if !call.Args[1].Constant() {
			return notConstant(call, 1, "`"+name+"`")
		}
		t := result
		if call.Args[1].Type.Kind == types.KindArray {
			t = types.ArrayOf(result, false)
		}
		coerce.Returns(call, t)
		return nil
	}
}

// reads compiles a function that reads the sketch of its first argument.
func (k kllKind[T]) reads(f func(r *row, s *sketch.KLL[T]) error) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		return rowKernel(func(r *row) error {
			s, err := sketch.ReadKLL[T](r.text(0))
			if err != nil {
				return accumulate.KLLBuffer(call.CallName())
			}
			return f(r, s)
		}), nil
	}
}

func (k kllKind[T]) merge(r *row) error {
	a, err := sketch.ReadKLL[T](r.text(0))
	if err != nil {
		return accumulate.KLLBuffer("kll_sketch_merge_" + k.suffix)
	}
	b, err := sketch.ReadKLL[T](r.text(1))
	if err != nil {
		return accumulate.KLLBuffer("kll_sketch_merge_" + k.suffix)
	}
	a.Merge(b)
	r.setBytes(a.Append(nil))
	return nil
}

func (k kllKind[T]) quantiles(r *row, s *sketch.KLL[T]) error {
	name := "kll_sketch_get_quantile_" + k.suffix
	if s.N() == 0 {
		return accumulate.KLLBuffer(name)
	}
	quantile := s.Quantiles()
	return r.eachOperand(func(v *vector.Vector, i int, out *vector.Vector, to int) error {
		rank := 0.0 // of NULL in an array, as in Spark
		if !v.IsNull(i) {
			rank = v.F64[i]
		}
		if rank < 0 || rank > 1 {
			return sparkerr.New("KLL_SKETCH_INVALID_QUANTILE_RANGE", "functionName", "`"+name+"`")
		}
		k.set(out, to, quantile(rank))
		return nil
	})
}

func (k kllKind[T]) ranks(r *row, s *sketch.KLL[T]) error {
	invalid := accumulate.KLLBuffer("kll_sketch_get_rank_" + k.suffix)
	if s.N() == 0 {
		return invalid
	}
	rank := s.Ranks()
	return r.eachOperand(func(v *vector.Vector, i int, out *vector.Vector, to int) error {
		var x T // of NULL in an array, as in Spark
		if !v.IsNull(i) {
			x = k.get(v, i)
		}
		if x != x {
			return invalid
		}
		out.F64[to] = rank(x)
		return nil
	})
}

// eachOperand calls f for the second argument, or for the elements of it if it is an array, and the place of the result.
func (r *row) eachOperand(f func(v *vector.Vector, i int, out *vector.Vector, to int) error) error {
	v := r.args[1]
	at := v.At(r.i)
	if v.Type.Kind != types.KindArray {
		return f(v, at, r.out, r.out.At(r.i))
	}
	list := r.out.Children[0]
	from, view := list.Len(), v.Views[at]
	list.Extend(from + int(view.Len))
	for k := range int(view.Len) {
		if err := f(v.Children[0], int(view.Off)+k, list, from+k); err != nil {
			return err
		}
	}
	r.out.Views[r.out.At(r.i)] = vector.View{Off: uint32(from), Len: view.Len}
	return nil
}
