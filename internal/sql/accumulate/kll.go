package accumulate

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// KLLLongs returns the aggregation of kll_sketch_agg_bigint: a sketch of the distribution of integers. (Spark: KllSketchAggBigint.)
func KLLLongs(k int) expr.Aggregator {
	return kll(k, func(v *vector.Vector, i int) int64 { return kernel.Int64At(v, i) })
}

// KLLFloats returns the aggregation of kll_sketch_agg_float.
func KLLFloats(k int) expr.Aggregator {
	return kll(k, func(v *vector.Vector, i int) float32 { return v.F32[i] })
}

// KLLDoubles returns the aggregation of kll_sketch_agg_double. Its argument is a FLOAT or a DOUBLE.
func KLLDoubles(k int) expr.Aggregator {
	return kll(k, func(v *vector.Vector, i int) float64 {
		if v.Type.Kind == types.KindFloat {
			return float64(v.F32[i])
		}
		return v.F64[i]
	})
}

func kll[T sketch.KLLItem](k int, value func(v *vector.Vector, i int) T) expr.Aggregator {
	return &sketches[kllState[T]]{
		empty: func() kllState[T] { return kllState[T]{sketch.NewKLL[T](k)} },
		add: func(s kllState[T], args []*vector.Vector, i int) error {
			s.Add(value(args[0], args[0].At(i)))
			return nil
		},
		finish: setSketch[kllState[T]],
	}
}

type kllState[T sketch.KLLItem] struct{ *sketch.KLL[T] }

func (s kllState[T]) Merge(b []byte) error {
	o, err := sketch.ReadKLL[T](b)
	if err == nil {
		s.KLL.Merge(o)
	}
	return err
}

// KLLMerge returns the aggregation of kll_merge_agg_*: one sketch of all that the given sketches summarize. k is its parameter; 0: that of the
// first sketch. function is the name in errors. (Spark: KllMergeAggBase.)
func KLLMerge[T sketch.KLLItem](function string, k int) expr.Aggregator {
	return &sketches[*kllMerged[T]]{
		empty: func() *kllMerged[T] {
			if k == 0 {
				return &kllMerged[T]{}
			}
			return &kllMerged[T]{sketch.NewKLL[T](k)}
		},
		add: func(s *kllMerged[T], args []*vector.Vector, i int) error {
			o, err := sketch.ReadKLL[T](args[0].Bytes(i))
			if err != nil {
				return KLLBuffer(function)
			}
			if s.sketch == nil {
				s.sketch = sketch.NewKLL[T](o.K())
			}
			s.sketch.Merge(o)
			return nil
		},
		finish: setSketch[*kllMerged[T]],
	}
}

type kllMerged[T sketch.KLLItem] struct {
	sketch *sketch.KLL[T] // nil: no sketch yet
}

func (s *kllMerged[T]) Bytes() int {
	if s.sketch == nil {
		return 0
	}
	return s.sketch.Bytes()
}

// Append appends an empty sketch if there is none, as Spark does.
func (s *kllMerged[T]) Append(dst []byte) []byte {
	if s.sketch == nil {
		return sketch.NewKLL[T](sketch.DefaultKLL).Append(dst)
	}
	return s.sketch.Append(dst)
}

func (s *kllMerged[T]) Merge(b []byte) error {
	o, err := sketch.ReadKLL[T](b)
	switch {
	case err != nil:
		return err
	case s.sketch == nil:
		s.sketch = o
	default:
		s.sketch.Merge(o)
	}
	return nil
}

// KLLBuffer returns the error of a function for bytes that are not a KLL sketch.
func KLLBuffer(function string) error {
	return sparkerr.New("KLL_INVALID_INPUT_SKETCH_BUFFER", "function", "`"+function+"`")
}
