package accumulate

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Tuple returns the aggregation of tuple_sketch_agg_*: a sketch with 1<<lgK nominal entries of the different values of type t, which is as for Theta,
// with a summary of the numbers in the second argument. (Spark: TupleSketchAggBase.)
func Tuple[T sketch.TupleNumber](t *types.Type, lgK int, mode sketch.SummaryMode, number func(v *vector.Vector, i int) T) expr.Aggregator {
	keys := sketchKeys{t: t}
	return &sketches[*tupleValues[T]]{
		empty: func() *tupleValues[T] {
			return &tupleValues[T]{lgK: lgK, mode: mode, values: sketch.NewTupleUpdate[T](lgK, mode)}
		},
		add: func(g *tupleValues[T], args []*vector.Vector, i int) error {
			g.values.Add(keys.bytes(args[0], i), number(args[1], args[1].At(i)))
			return nil
		},
		finish: setSketch[*tupleValues[T]],
	}
}

// tupleValues counts values, or unites states from the first merge on.
type tupleValues[T sketch.TupleNumber] struct {
	lgK    int
	mode   sketch.SummaryMode
	values *sketch.TupleUpdate[T] // nil: union
	union  *sketch.TupleUnion[T]
}

func (g *tupleValues[T]) Bytes() int {
	if g.values != nil {
		return g.values.Bytes()
	}
	return g.union.Bytes()
}

func (g *tupleValues[T]) Append(dst []byte) []byte {
	if g.values != nil {
		return g.values.Compact().Append(dst)
	}
	return g.union.Result().Append(dst)
}

func (g *tupleValues[T]) Merge(b []byte) error {
	if g.values != nil {
		g.union = sketch.NewTupleUnion[T](g.lgK, g.mode)
		if err := g.union.Add(g.values.Compact()); err != nil {
			return err
		}
		g.values = nil
	}
	return mergeTuple(g.union, b)
}

// A tupleSet is an operation on tuple sketches.
type tupleSet[T sketch.TupleNumber] interface {
	Add(t *sketch.Tuple[T]) error
}

func mergeTuple[T sketch.TupleNumber](to tupleSet[T], b []byte) error {
	t, err := sketch.ReadTuple[T](b)
	if err != nil {
		return err
	}
	return to.Add(t)
}

// TupleUnion returns the aggregation of tuple_union_agg_*: the union of sketches, with 1<<lgK nominal entries. function is the name in errors.
// (Spark: TupleUnionAggBase.)
func TupleUnion[T sketch.TupleNumber](function string, lgK int, mode sketch.SummaryMode) expr.Aggregator {
	return &sketches[tupleUnion[T]]{
		empty: func() tupleUnion[T] { return tupleUnion[T]{sketch.NewTupleUnion[T](lgK, mode)} },
		add: func(u tupleUnion[T], args []*vector.Vector, i int) error {
			return AddTuple(function, u, args[0].Bytes(i))
		},
		finish: setSketch[tupleUnion[T]],
	}
}

type tupleUnion[T sketch.TupleNumber] struct{ *sketch.TupleUnion[T] }

func (u tupleUnion[T]) Append(dst []byte) []byte { return u.Result().Append(dst) }

func (u tupleUnion[T]) Merge(b []byte) error { return mergeTuple(u, b) }

// TupleIntersection returns the aggregation of tuple_intersection_agg_*: the intersection of sketches; of none, an empty sketch. function is the name
// in errors. (Spark: TupleIntersectionAggBase.)
func TupleIntersection[T sketch.TupleNumber](function string, mode sketch.SummaryMode) expr.Aggregator {
	return &sketches[tupleIntersection[T]]{
		empty: func() tupleIntersection[T] { return tupleIntersection[T]{sketch.NewTupleIntersection[T](mode)} },
		add: func(x tupleIntersection[T], args []*vector.Vector, i int) error {
			return AddTuple(function, x, args[0].Bytes(i))
		},
		finish: func(x tupleIntersection[T], out *vector.Vector, g int) { setSketch(tupleResult[T]{x}, out, g) },
	}
}

type tupleIntersection[T sketch.TupleNumber] struct{ *sketch.TupleIntersection[T] }

// Append appends nothing before there is a sketch.
func (x tupleIntersection[T]) Append(dst []byte) []byte {
	if !x.HasResult() {
		return dst
	}
	return x.Result().Append(dst)
}

func (x tupleIntersection[T]) Merge(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	return mergeTuple(x, b)
}

// tupleResult is an intersection whose bytes are a sketch even if there was none.
type tupleResult[T sketch.TupleNumber] struct{ tupleIntersection[T] }

func (x tupleResult[T]) Append(dst []byte) []byte { return x.Result().Append(dst) }

// AddTuple adds the bytes of a sketch to a set operation. function is the name in errors.
func AddTuple[T sketch.TupleNumber](function string, to tupleSet[T], b []byte) error {
	t, err := ReadTuple[T](function, b)
	if err != nil {
		return err
	}
	if err := to.Add(t); err != nil {
		return TupleRefused(function, err)
	}
	return nil
}

// ReadTuple reads a sketch that is an argument of a function.
func ReadTuple[T sketch.TupleNumber](function string, b []byte) (*sketch.Tuple[T], error) {
	t, err := sketch.ReadTuple[T](b)
	switch family := sketch.Family(b); {
	case err == nil:
		return t, nil
	case family != "" && family != "TUPLE":
		return nil, sparkerr.New("TUPLE_INVALID_INPUT_SKETCH_BUFFER_FAMILY", "function", "`"+function+"`", "expectedFamily", "TUPLE", "actualFamily", family)
	}
	return nil, sparkerr.New("TUPLE_INVALID_INPUT_SKETCH_BUFFER", "function", "`"+function+"`")
}

// TupleRefused returns the error of a function for bytes that look like a sketch, but cannot be used. Spark's is one of Apache DataSketches.
func TupleRefused(function string, reason error) error {
	return sparkerr.Plain("%s needs a tuple sketch such as tuple_sketch_agg_double makes: %s", function, reason)
}
