package accumulate

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Theta returns the aggregation of theta_sketch_agg: a sketch with 1<<lgK nominal entries of the different values of type t, which is INT, BIGINT,
// FLOAT, DOUBLE, text, BINARY or an array of INT or BIGINT. (Spark: ThetaSketchAgg.)
func Theta(t *types.Type, lgK int) expr.Aggregator {
	keys := sketchKeys{t: t}
	return &sketches[*thetaValues]{
		empty: func() *thetaValues { return &thetaValues{lgK: lgK, values: sketch.NewThetaUpdate(lgK)} },
		add: func(g *thetaValues, args []*vector.Vector, i int) error {
			g.values.Add(keys.bytes(args[0], i))
			return nil
		},
		finish: setSketch[*thetaValues],
	}
}

// sketchKeys are values of a type as sketches hash them.
type sketchKeys struct {
	t       *types.Type
	scratch []byte
}

// bytes returns value i. The bytes are valid until the next call.
func (k *sketchKeys) bytes(v *vector.Vector, i int) []byte {
	at := v.At(i)
	k.scratch = k.scratch[:0]
	switch k.t.Kind {
	case types.KindInt:
		k.long(int64(v.I32[at]))
	case types.KindLong:
		k.long(v.I64[at])
	case types.KindFloat:
		k.double(float64(v.F32[at]))
	case types.KindDouble:
		k.double(v.F64[at])
	case types.KindArray:
		k.items(v.Children[0], v.Views[at])
	default:
		return v.Bytes(i)
	}
	return k.scratch
}

func (k *sketchKeys) long(x int64) {
	k.scratch = binary.LittleEndian.AppendUint64(k.scratch, uint64(x))
}

// double appends the bits of a number, the same for both zeros and for all values that are not a number. (Java: doubleToLongBits.)
func (k *sketchKeys) double(x float64) {
	switch {
	case x == 0:
		k.long(0)
	case x != x:
		k.long(0x7ff8000000000000)
	default:
		k.long(int64(math.Float64bits(x)))
	}
}

// items appends the integers of an array, NULLs as 0.
func (k *sketchKeys) items(items *vector.Vector, part vector.View) {
	for i := int(part.Off); i < int(part.Off+part.Len); i++ {
		null := items.IsNull(i)
		switch {
		case items.Type.Kind == types.KindInt && null:
			k.scratch = binary.LittleEndian.AppendUint32(k.scratch, 0)
		case items.Type.Kind == types.KindInt:
			k.scratch = binary.LittleEndian.AppendUint32(k.scratch, uint32(items.I32[i]))
		case null:
			k.long(0)
		default:
			k.long(items.I64[i])
		}
	}
}

// thetaValues counts values, or unites states from the first merge on.
type thetaValues struct {
	lgK    int
	values *sketch.ThetaUpdate // nil: union
	union  *sketch.ThetaUnion
}

func (g *thetaValues) Bytes() int {
	if g.values != nil {
		return g.values.Bytes()
	}
	return g.union.Bytes()
}

func (g *thetaValues) Append(dst []byte) []byte {
	if g.values != nil {
		return g.values.Compact(true).Append(dst)
	}
	return g.union.Result().Append(dst)
}

func (g *thetaValues) Merge(b []byte) error {
	if g.values != nil {
		g.union = sketch.NewThetaUnion(g.lgK)
		if err := g.union.Add(g.values.Compact(false)); err != nil {
			return err
		}
		g.values = nil
	}
	return mergeTheta(g.union, b)
}

// A thetaSet is an operation on Theta sketches.
type thetaSet interface{ Add(t *sketch.Theta) error }

func mergeTheta(to thetaSet, b []byte) error {
	t, err := sketch.ReadTheta(b)
	if err != nil {
		return err
	}
	return to.Add(t)
}

// ThetaUnion returns the aggregation of theta_union_agg: the union of sketches, with 1<<lgK nominal entries. function is the name in errors.
// (Spark: ThetaUnionAgg.)
func ThetaUnion(function string, lgK int) expr.Aggregator {
	return &sketches[thetaUnion]{
		empty:  func() thetaUnion { return thetaUnion{sketch.NewThetaUnion(lgK)} },
		add:    func(u thetaUnion, args []*vector.Vector, i int) error { return AddTheta(function, u, args[0].Bytes(i)) },
		finish: setSketch[thetaUnion],
	}
}

type thetaUnion struct{ *sketch.ThetaUnion }

func (u thetaUnion) Append(dst []byte) []byte { return u.Result().Append(dst) }

func (u thetaUnion) Merge(b []byte) error { return mergeTheta(u, b) }

// ThetaIntersection returns the aggregation of theta_intersection_agg: the intersection of sketches; of none, an empty sketch. function is the name in
// errors. (Spark: ThetaIntersectionAgg.)
func ThetaIntersection(function string) expr.Aggregator {
	return &sketches[thetaIntersection]{
		empty: func() thetaIntersection { return thetaIntersection{sketch.NewThetaIntersection()} },
		add: func(x thetaIntersection, args []*vector.Vector, i int) error {
			return AddTheta(function, x, args[0].Bytes(i))
		},
		finish: func(x thetaIntersection, out *vector.Vector, g int) { setSketch(thetaResult{x}, out, g) },
	}
}

type thetaIntersection struct{ *sketch.ThetaIntersection }

// Append appends nothing before there is a sketch.
func (x thetaIntersection) Append(dst []byte) []byte {
	if !x.HasResult() {
		return dst
	}
	return x.Result().Append(dst)
}

func (x thetaIntersection) Merge(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	return mergeTheta(x, b)
}

// thetaResult is an intersection whose bytes are a sketch even if there was none.
type thetaResult struct{ thetaIntersection }

func (x thetaResult) Append(dst []byte) []byte { return x.Result().Append(dst) }

// AddTheta adds the bytes of a sketch to a set operation. function is the name in errors.
func AddTheta(function string, to thetaSet, b []byte) error {
	t, err := ReadTheta(function, b)
	if err != nil {
		return err
	}
	if err := to.Add(t); err != nil {
		return ThetaRefused(function, err)
	}
	return nil
}

// ReadTheta reads a sketch that is an argument of a function.
func ReadTheta(function string, b []byte) (*sketch.Theta, error) {
	t, err := sketch.ReadTheta(b)
	switch family := sketch.Family(b); {
	case err == nil:
		return t, nil
	case family != "" && family != "COMPACT":
		return nil, sparkerr.New("THETA_INVALID_INPUT_SKETCH_BUFFER_FAMILY", "function", "`"+function+"`", "expectedFamily", "COMPACT", "actualFamily", family)
	case errors.Is(err, sketch.ErrTheta):
		return nil, sparkerr.New("THETA_INVALID_INPUT_SKETCH_BUFFER", "function", "`"+function+"`")
	}
	return nil, ThetaRefused(function, err)
}

// ThetaRefused returns the error of a function for bytes that look like a sketch, but cannot be used. Spark's is one of Apache DataSketches.
func ThetaRefused(function string, reason error) error {
	return sparkerr.Plain("%s needs a Theta sketch such as theta_sketch_agg makes: %s", function, reason)
}
