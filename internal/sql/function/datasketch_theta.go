package function

import (
	"math"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
)

// Sketches of the BIGINT 5 and of 6.
const (
	thetaOfFive = "X'01030300003ACC93BD3273724691CC14'"
	thetaOfSix  = "X'01030300003ACC93FE162113FB98BC10'"
)

// sketchKeys are the types of values that Theta and tuple sketches count.
var sketchKeys = coerce.OneOf(coerce.ArrayOf(coerce.Int), coerce.ArrayOf(coerce.Long), coerce.Binary, coerce.Double, coerce.Float, coerce.Int,
	coerce.Long, coerce.String)

// thetaFunctions count different values approximately, in sketches of which there are unions, intersections and differences.
func thetaFunctions() []*expr.Function {
	entries := expr.Int(sketch.DefaultLgEntries)
	return []*expr.Function{
		{
			Name: "theta_sketch_agg", Group: "agg_funcs", Usage: "theta_sketch_agg(expr[, lgNomEntries])",
			Doc: "A Theta sketch of the different values, a number, text, binary, or an array of integers. It is exact for up to 1 << lgNomEntries values, " +
				"by default 4,096.",
			Example: "theta_sketch_estimate(theta_sketch_agg(5))", Result: "1", MinArgs: 1, MaxArgs: 2, Aggregate: true,
			Resolve: never(defaults(expects(types.Binary, sketchKeys, coerce.Int), 1, entries)),
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				lgK, err := constantEntries(call)
				if err != nil {
					return nil, err
				}
				return accumulate.Theta(call.Args[0].Type, lgK), nil
			},
		},
		{
			Name: "theta_union_agg", Group: "agg_funcs", Usage: "theta_union_agg(expr[, lgNomEntries])",
			Doc:     "The union of Theta sketches, with 1 << lgNomEntries nominal entries, by default 4,096.",
			Example: "theta_sketch_estimate(theta_union_agg(" + thetaOfFive + "))", Result: "1", MinArgs: 1, MaxArgs: 2, Aggregate: true,
			Resolve: never(defaults(expects(types.Binary, coerce.Binary, coerce.Int), 1, entries)),
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				lgK, err := constantEntries(call)
				if err != nil {
					return nil, err
				}
				return accumulate.ThetaUnion(call.CallName(), lgK), nil
			},
		},
		{
			Name: "theta_intersection_agg", Group: "agg_funcs", Usage: "theta_intersection_agg(expr)", Doc: "The intersection of Theta sketches.",
			Example: "theta_sketch_estimate(theta_intersection_agg(" + thetaOfFive + "))", Result: "1", MinArgs: 1, MaxArgs: 1, Aggregate: true,
			Resolve: never(expects(types.Binary, coerce.Binary)),
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				return accumulate.ThetaIntersection(call.CallName()), nil
			},
		},
		{
			Name: "theta_sketch_estimate", Group: "sketch_funcs", Usage: "theta_sketch_estimate(expr)", Doc: "The approximate number of different values in a Theta sketch.",
			Example: "theta_sketch_estimate(" + thetaOfFive + ")", Result: "1", MinArgs: 1, MaxArgs: 1, Resolve: expects(types.Long, coerce.Binary),
			Compile: eachRow(func(r *row) error {
				t, err := accumulate.ReadTheta("theta_sketch_estimate", r.text(0))
				if err != nil {
					return err
				}
				r.setLong(roundHalfUp(t.Estimate()))
				return nil
			}),
		},
		{
			Name: "theta_union", Group: "sketch_funcs", Usage: "theta_union(first, second[, lgNomEntries])",
			Doc:     "The union of two Theta sketches, with 1 << lgNomEntries nominal entries, by default 4,096.",
			Example: "theta_sketch_estimate(theta_union(" + thetaOfFive + ", " + thetaOfSix + "))", Result: "2", MinArgs: 2, MaxArgs: 3,
			Resolve: defaults(expects(types.Binary, coerce.Binary, coerce.Binary, coerce.Int), 2, entries), Compile: eachRow(uniteThetas),
		},
		{
			Name: "theta_intersection", Group: "sketch_funcs", Usage: "theta_intersection(first, second)", Doc: "The intersection of two Theta sketches.",
			Example: "theta_sketch_estimate(theta_intersection(" + thetaOfFive + ", " + thetaOfSix + "))", Result: "0", MinArgs: 2, MaxArgs: 2,
			Resolve: expects(types.Binary, coerce.Binary, coerce.Binary), Compile: eachRow(intersectThetas),
		},
		{
			Name: "theta_difference", Group: "sketch_funcs", Usage: "theta_difference(first, second)",
			Doc:     "A Theta sketch of the values in the first Theta sketch that are not in the second.",
			Example: "theta_sketch_estimate(theta_difference(" + thetaOfFive + ", " + thetaOfSix + "))", Result: "1", MinArgs: 2, MaxArgs: 2,
			Resolve: expects(types.Binary, coerce.Binary, coerce.Binary), Compile: eachRow(subtractThetas),
		},
	}
}

// constantEntries returns the constant argument lgNomEntries of a call. Spark checks it when it makes the first buffer.
func constantEntries(call *expr.Expr) (int, error) {
	v, err := constantArg(call, 1)
	if err == nil && v == nil {
		err = sparkerr.New("THETA_LG_NOM_ENTRIES_MUST_BE_CONSTANT", "function", "`"+call.CallName()+"`")
	}
	if err != nil {
		return 0, atCall(call, err)
	}
	lgK := intOrZero(v)
	return lgK, atCall(call, checkEntries(call.CallName(), lgK))
}

func checkEntries(function string, lgK int) error {
	if lgK >= sketch.LeastLgEntries && lgK <= sketch.MostLgEntries {
		return nil
	}
	return sparkerr.New("SKETCH_INVALID_LG_NOM_ENTRIES", "function", "`"+function+"`",
		"min", strconv.Itoa(sketch.LeastLgEntries), "max", strconv.Itoa(sketch.MostLgEntries), "value", strconv.Itoa(lgK))
}

// roundHalfUp returns the nearest integer, of two the greater. (Java: Math.round.)
func roundHalfUp(x float64) int64 {
	floor := math.Floor(x)
	if x-floor >= 0.5 {
		floor++
	}
	return saturate(floor)
}

// thetaArgs reads the two sketches of a call.
func thetaArgs(r *row, function string) (a, b *sketch.Theta, err error) {
	if a, err = accumulate.ReadTheta(function, r.text(0)); err != nil {
		return nil, nil, err
	}
	b, err = accumulate.ReadTheta(function, r.text(1))
	return a, b, err
}

func uniteThetas(r *row) error {
	const name = "theta_union"
	lgK := r.int(2)
	if err := checkEntries(name, lgK); err != nil {
		return err
	}
	a, b, err := thetaArgs(r, name)
	if err != nil {
		return err
	}
	u := sketch.NewThetaUnion(lgK)
	for _, t := range []*sketch.Theta{a, b} {
		if err := u.Add(t); err != nil {
			return accumulate.ThetaRefused(name, err)
		}
	}
	r.setBytes(u.Result().Append(nil))
	return nil
}

func intersectThetas(r *row) error {
	const name = "theta_intersection"
	a, b, err := thetaArgs(r, name)
	if err != nil {
		return err
	}
	x := sketch.NewThetaIntersection()
	for _, t := range []*sketch.Theta{a, b} {
		if err := x.Add(t); err != nil {
			return accumulate.ThetaRefused(name, err)
		}
	}
	r.setBytes(x.Result().Append(nil))
	return nil
}

func subtractThetas(r *row) error {
	const name = "theta_difference"
	a, b, err := thetaArgs(r, name)
	if err != nil {
		return err
	}
	d, err := sketch.ThetaDifference(a, b)
	if err != nil {
		return accumulate.ThetaRefused(name, err)
	}
	r.setBytes(d.Append(nil))
	return nil
}
