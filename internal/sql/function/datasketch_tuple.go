package function

import (
	"errors"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// tupleFunctions count different values approximately, with a summary of numbers for each, in sketches of which there are unions, intersections and
// differences.
func tupleFunctions() []*expr.Function {
	doubles := tupleKind[float64]{
		suffix: "double", number: coerce.Double, sum: types.Double, at: func(v *vector.Vector, i int) float64 { return v.F64[i] },
		setSum: func(r *row, t *sketch.Tuple[float64], mode sketch.SummaryMode) {
			r.setDouble(sketch.Summarize[float64](t, mode))
		},
		example: "3D", one: "X'01030901000ACC93BD3273724691CC14000000000000084000'", three: "3.0",
	}
	integers := tupleKind[int32]{
		suffix: "integer", number: coerce.Int, sum: types.Long, at: func(v *vector.Vector, i int) int32 { return v.I32[i] },
		setSum: func(r *row, t *sketch.Tuple[int32], mode sketch.SummaryMode) {
			r.setLong(sketch.Summarize[int64](t, mode))
		},
		example: "3", one: "X'01030901000ACC93BD3273724691CC140300000000'", three: "3",
	}
	return append(doubles.functions(), integers.functions()...)
}

// A tupleKind is what the functions for a type of summaries differ in.
type tupleKind[T sketch.TupleNumber] struct {
	suffix string
	number coerce.Param
	sum    *types.Type // of a summary of summaries
	at     func(v *vector.Vector, i int) T
	setSum func(r *row, t *sketch.Tuple[T], mode sketch.SummaryMode)

	example, one, three string // a number as a literal, a sketch of the BIGINT 5 with it, and as it is printed
}

func (k tupleKind[T]) functions() []*expr.Function {
	return append(append(k.aggregates(), k.readers()...), append(k.operations(false), k.operations(true)...)...)
}

var (
	tupleEntries = expr.Param{Name: "lgNomEntries", Default: expr.Int(sketch.DefaultLgEntries)}
	tupleMode    = expr.Param{Name: "mode", Default: expr.Str(summaryModes[sketch.SumMode])}
)

// summaryModes are the modes as arguments.
var summaryModes = [...]string{sketch.SumMode: "sum", sketch.MinMode: "min", sketch.MaxMode: "max", sketch.OneMode: "alwaysone"}

// aMode describes the argument mode.
const aMode = "mode, which is sum (the default), min, max or alwaysone, says how summaries become one."

func (k tupleKind[T]) aggregates() []*expr.Function {
	estimate, summary := "tuple_sketch_estimate_"+k.suffix, "tuple_sketch_summary_"+k.suffix
	agg, union, both := "tuple_sketch_agg_"+k.suffix, "tuple_union_agg_"+k.suffix, "tuple_intersection_agg_"+k.suffix
	return []*expr.Function{
		{
			Name: agg, Group: "agg_funcs", Usage: agg + "(key, summary[, lgNomEntries[, mode]])",
			Doc: "A tuple sketch of the different keys, a number, text, binary, or an array of integers, with a summary of numbers for each. It is exact for up to " +
				"1 << lgNomEntries keys, by default 4,096. " + aMode,
			Example: estimate + "(" + agg + "(5, " + k.example + "))", Result: "1.0", MinArgs: 2, MaxArgs: 4, Aggregate: true,
			Params:  []expr.Param{{Name: "key"}, {Name: "summary"}, tupleEntries, tupleMode},
			Resolve: never(tupleSized(coerce.Params, 2, types.Binary, sketchKeys, k.number)),
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				size, _ := call.Data.(tupleSize)
				return accumulate.Tuple(call.Args[0].Type, size.lgK, size.mode, k.at), nil
			},
		},
		{
			Name: union, Group: "agg_funcs", Usage: union + "(child[, lgNomEntries[, mode]])",
			Doc:     "The union of tuple sketches, with 1 << lgNomEntries nominal entries, by default 4,096. " + aMode,
			Example: summary + "(" + union + "(" + k.one + "))", Result: k.three, MinArgs: 1, MaxArgs: 3, Aggregate: true,
			Params:  []expr.Param{{Name: "child"}, tupleEntries, tupleMode},
			Resolve: never(tupleSized(coerce.Params, 1, types.Binary, coerce.Binary)),
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				size, _ := call.Data.(tupleSize)
				return accumulate.TupleUnion[T](call.CallName(), size.lgK, size.mode), nil
			},
		},
		{
			Name: both, Group: "agg_funcs", Usage: both + "(child[, mode])", Doc: "The intersection of tuple sketches. " + aMode,
			Example: summary + "(" + both + "(" + k.one + "))", Result: k.three, MinArgs: 1, MaxArgs: 2, Aggregate: true,
			Resolve: never(tupleModal(coerce.Params, 1, types.Binary, coerce.Binary)),
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				size, _ := call.Data.(tupleSize)
				return accumulate.TupleIntersection[T](call.CallName(), size.mode), nil
			},
		},
	}
}

// readers returns the functions that read one sketch.
func (k tupleKind[T]) readers() []*expr.Function {
	estimate, theta, summary := "tuple_sketch_estimate_"+k.suffix, "tuple_sketch_theta_"+k.suffix, "tuple_sketch_summary_"+k.suffix
	return []*expr.Function{
		{
			Name: estimate, Group: "sketch_funcs", Usage: estimate + "(child)", Doc: "The approximate number of different keys in a tuple sketch.",
			Example: estimate + "(" + k.one + ")", Result: "1.0", MinArgs: 1, MaxArgs: 1, Resolve: expects(types.Double, coerce.Binary),
			Compile: k.reads(func(r *row, t *sketch.Tuple[T], _ sketch.SummaryMode) { r.setDouble(t.Estimate()) }),
		},
		{
			Name: theta, Group: "sketch_funcs", Usage: theta + "(child)", Doc: "The share of the different keys that a tuple sketch has kept.",
			Example: theta + "(" + k.one + ")", Result: "1.0", MinArgs: 1, MaxArgs: 1, Resolve: expects(types.Double, coerce.Binary),
			Compile: k.reads(func(r *row, t *sketch.Tuple[T], _ sketch.SummaryMode) { r.setDouble(t.Theta()) }),
		},
		{
			Name: summary, Group: "sketch_funcs", Usage: summary + "(child[, mode])", Doc: "The summary of all summaries in a tuple sketch. " + aMode,
			Example: summary + "(" + k.one + ")", Result: k.three, MinArgs: 1, MaxArgs: 2, Resolve: tupleModal(coerce.Expects, 1, k.sum, coerce.Binary),
			Compile: k.reads(k.setSum),
		},
	}
}

// operations returns the set operations on two tuple sketches, or on a tuple sketch and a Theta sketch, whose keys have the summary of no number.
func (k tupleKind[T]) operations(theta bool) []*expr.Function {
	estimate := "tuple_sketch_estimate_" + k.suffix
	suffix, second, both, same, other, united, common := k.suffix, "tuple", "two tuple sketches", k.one, k.one, "1.0", "1.0"
	if theta {
		suffix, second, both = "theta_"+k.suffix, "Theta", "a tuple sketch and a Theta sketch, whose keys have the summary of no number"
		same, other, united, common = thetaOfFive, thetaOfSix, "2.0", "0.0"
	}
	union, intersection, difference := "tuple_union_"+suffix, "tuple_intersection_"+suffix, "tuple_difference_"+suffix
	args := "(" + k.one + ", " + other + "))"
	return []*expr.Function{
		{
			Name: union, Group: "sketch_funcs", Usage: union + "(first, second[, lgNomEntries[, mode]])",
			Doc:     "The union of " + both + ", with 1 << lgNomEntries nominal entries, by default 4,096. " + aMode,
			Example: estimate + "(" + union + args, Result: united, MinArgs: 2, MaxArgs: 4,
			Params:  []expr.Param{{Name: "first"}, {Name: "second"}, tupleEntries, tupleMode},
			Resolve: tupleSized(coerce.Expects, 2, types.Binary, coerce.Binary, coerce.Binary),
			Compile: k.combines(theta, func(size tupleSize, a *sketch.Tuple[T], b *sketch.Tuple[T], t *sketch.Theta) (*sketch.Tuple[T], error) {
				u := sketch.NewTupleUnion[T](size.lgK, size.mode)
				err := u.Add(a)
				switch {
				case err != nil:
				case theta:
					err = u.AddTheta(t, sketch.NewSummary[T](size.mode))
				default:
					err = u.Add(b)
				}
				return u.Result(), err
			}),
		},
		{
			Name: intersection, Group: "sketch_funcs", Usage: intersection + "(first, second[, mode])",
			Doc:     "The intersection of " + both + ". " + aMode,
			Example: estimate + "(" + intersection + args, Result: common, MinArgs: 2, MaxArgs: 3,
			Resolve: tupleModal(coerce.Expects, 2, types.Binary, coerce.Binary, coerce.Binary),
			Compile: k.combines(theta, func(size tupleSize, a *sketch.Tuple[T], b *sketch.Tuple[T], t *sketch.Theta) (*sketch.Tuple[T], error) {
				x := sketch.NewTupleIntersection[T](size.mode)
				err := x.Add(a)
				switch {
				case err != nil:
				case theta:
					err = x.AddTheta(t, sketch.NewSummary[T](size.mode))
				default:
					err = x.Add(b)
				}
				return x.Result(), err
			}),
		},
		{
			Name: difference, Group: "sketch_funcs", Usage: difference + "(first, second)",
			Doc:     "A tuple sketch of the keys in the first sketch that are not in the second, which is a " + second + " sketch.",
			Example: estimate + "(" + difference + "(" + k.one + ", " + same + "))", Result: "0.0", MinArgs: 2, MaxArgs: 2,
			Resolve: expects(types.Binary, coerce.Binary, coerce.Binary),
			Compile: k.combines(theta, func(_ tupleSize, a *sketch.Tuple[T], b *sketch.Tuple[T], t *sketch.Theta) (*sketch.Tuple[T], error) {
				if theta {
					return sketch.TupleThetaDifference(a, t)
				}
				return sketch.TupleDifference(a, b)
			}),
		},
	}
}

// reads compiles a function that reads the sketch of its first argument.
func (k tupleKind[T]) reads(f func(r *row, t *sketch.Tuple[T], mode sketch.SummaryMode)) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		size, _ := call.Data.(tupleSize)
		return rowKernel(func(r *row) error {
			t, err := accumulate.ReadTuple[T](call.CallName(), r.text(0))
			if err != nil {
				return err
			}
			f(r, t, size.mode)
			return nil
		}), nil
	}
}

// combines compiles a set operation on two tuple sketches, or on a tuple sketch and a Theta sketch.
func (k tupleKind[T]) combines(theta bool, f func(size tupleSize, a, b *sketch.Tuple[T], t *sketch.Theta) (*sketch.Tuple[T], error)) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		name := call.CallName()
		size, _ := call.Data.(tupleSize)
		return rowKernel(func(r *row) error {
			a, err := accumulate.ReadTuple[T](name, r.text(0))
			if err != nil {
				return err
			}
			var b *sketch.Tuple[T]
			var t *sketch.Theta
			if theta {
				t, err = accumulate.ReadTheta(name, r.text(1))
			} else {
				b, err = accumulate.ReadTuple[T](name, r.text(1))
			}
			if err != nil {
				return err
			}
			result, err := f(size, a, b, t)
			if err != nil {
				return accumulate.TupleRefused(name, err)
			}
			r.setBytes(result.Append(nil))
			return nil
		}), nil
	}
}

// A tupleSize is the Data of a call: its constant arguments.
type tupleSize struct {
	lgK  int
	mode sketch.SummaryMode
}

// converts is how the arguments of a call are made to fit its parameters.
type converts func(call *expr.Expr, params ...coerce.Param) error

// tupleSized resolves a call that returns t, whose arguments number first and first+1 are lgNomEntries and mode.
func tupleSized(convert converts, first int, t *types.Type, params ...coerce.Param) resolver {
	return defaults(func(call *expr.Expr) error {
		if err := convert(call, append(params, coerce.Int, coerce.String)...); err != nil {
			return err
		}
		coerce.Returns(call, t)
		lgK, err := tupleEntriesOf(call, first)
		if err != nil {
			return err
		}
		mode, err := tupleModeOf(call, first+1)
		call.Data = tupleSize{lgK, mode}
		return err
	}, first, tupleEntries.Default, tupleMode.Default)
}

// tupleModal resolves a call that returns t, whose argument number first is mode.
func tupleModal(convert converts, first int, t *types.Type, params ...coerce.Param) resolver {
	return defaults(func(call *expr.Expr) error {
		if err := convert(call, append(params, coerce.String)...); err != nil {
			return err
		}
		coerce.Returns(call, t)
		mode, err := tupleModeOf(call, first)
		call.Data = tupleSize{mode: mode}
		return err
	}, first, tupleMode.Default)
}

// tupleConstant returns an argument that must be constant, and not NULL.
func tupleConstant(call *expr.Expr, i int, name, t string) (*vector.Vector, error) {
	v, err := constantArg(call, i)
	switch {
	case err != nil:
		return nil, err
	case v == nil:
		return nil, coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", name, "inputType", t, "inputExpr", call.Args[i].SQL())
	case v.IsNull(0):
		return nil, coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", name)
	}
	return v, nil
}

func tupleEntriesOf(call *expr.Expr, i int) (int, error) {
	v, err := tupleConstant(call, i, tupleEntries.Name, "int")
	if err != nil {
		return 0, err
	}
	lgK := int(v.I32[0])
	if cause := (*sparkerr.Error)(nil); errors.As(checkEntries(call.CallName(), lgK), &cause) {
		return 0, sizeMismatch(call, cause)
	}
	return lgK, nil
}

func tupleModeOf(call *expr.Expr, i int) (sketch.SummaryMode, error) {
	v, err := tupleConstant(call, i, tupleMode.Name, "string")
	if err != nil {
		return 0, err
	}
	mode := slices.Index(summaryModes[:], strings.ToLower(string(v.Bytes(0))))
	if mode < 0 {
		return 0, sizeMismatch(call, sparkerr.New("TUPLE_INVALID_SKETCH_MODE", "function", "`"+call.CallName()+"`", "mode", string(v.Bytes(0)),
			"validModes", strings.Join(summaryModes[:], ", ")))
	}
	return sketch.SummaryMode(mode), nil
}
