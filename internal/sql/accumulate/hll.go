package accumulate

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// HLL returns the aggregation of hll_sketch_agg: a sketch with 1<<lgK registers of the different values of type t, an integer, text or BINARY.
// (Spark: HllSketchAgg.)
func HLL(t *types.Type, lgK int) expr.Aggregator {
	add := func(h hllState, args []*vector.Vector, i int) error {
		h.Add(args[0].Bytes(i))
		return nil
	}
	if t.IsIntegral() {
		add = func(h hllState, args []*vector.Vector, i int) error {
			h.AddInt(kernel.Int64At(args[0], args[0].At(i)))
			return nil
		}
	}
	return &sketches[hllState]{
		empty:  func() hllState { return hllState{sketch.NewHLL(lgK)} },
		add:    add,
		finish: setSketch[hllState],
	}
}

// setSketch makes the bytes of a sketch the result of a group.
func setSketch[S summary](s S, out *vector.Vector, g int) {
	at := len(out.Data)
	out.Data = s.Append(out.Data)
	out.CloseBytes(g, at)
}

type hllState struct{ *sketch.HLL }

func (h hllState) Merge(b []byte) error {
	o, err := sketch.ReadHLL(b)
	if err != nil {
		return err
	}
	h.HLL.Merge(o, true)
	h.Settle()
	return nil
}

// HLLUnion returns the aggregation of hll_union_agg: the union of sketches, which must have equally many registers unless mixed is set. NULLs are
// ignored. function is the name in errors. (Spark: HllUnionAgg.)
func HLLUnion(function string, mixed bool) expr.Aggregator {
	return &sketches[*hllUnion]{
		empty: func() *hllUnion { return &hllUnion{function: function, mixed: mixed} },
		add: func(u *hllUnion, args []*vector.Vector, i int) error {
			if args[0].IsNull(i) {
				return nil
			}
			return u.add(args[0].Bytes(i))
		},
		finish: func(u *hllUnion, out *vector.Vector, g int) { setSketch(u.result(), out, g) },
	}
}

type hllUnion struct {
	function string
	mixed    bool
	sketch   *sketch.HLL // nil: no sketch yet
}

func (u *hllUnion) Bytes() int {
	if u.sketch == nil {
		return 0
	}
	return u.sketch.Bytes()
}

// Append appends nothing before there is a sketch.
func (u *hllUnion) Append(dst []byte) []byte {
	if u.sketch == nil {
		return dst
	}
	return u.sketch.Append(dst)
}

func (u *hllUnion) Merge(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	o, err := sketch.ReadHLL(b)
	if err != nil {
		return err
	}
	o.Settle()
	if u.sketch == nil {
		u.sketch = o
		return nil
	}
	return u.unite(o, true)
}

func (u *hllUnion) add(b []byte) error {
	o, err := sketch.ReadHLL(b)
	if err != nil {
		return HLLBuffer(u.function)
	}
	return u.unite(o, false)
}

// unite adds a sketch. An empty union takes any number of registers.
func (u *hllUnion) unite(o *sketch.HLL, copied bool) error {
	if u.sketch == nil || u.sketch.Empty() && !o.Empty() {
		u.sketch = sketch.NewHLL(o.LgK())
	}
	if !o.Empty() {
		if err := HLLsMatch(u.function, u.mixed, u.sketch, o); err != nil {
			return err
		}
	}
	u.sketch.Merge(o, copied)
	return nil
}

func (u *hllUnion) result() hllState {
	if u.sketch == nil {
		return hllState{sketch.NewHLL(sketch.DefaultHLL)}
	}
	return hllState{u.sketch}
}

// HLLBuffer returns the error of a function for bytes that are not an HLL sketch.
func HLLBuffer(function string) error {
	return sparkerr.New("HLL_INVALID_INPUT_SKETCH_BUFFER", "function", "`"+function+"`")
}

// HLLsMatch fails if two sketches have different numbers of registers, unless mixed is set.
func HLLsMatch(function string, mixed bool, a, b *sketch.HLL) error {
	if mixed || a.LgK() == b.LgK() {
		return nil
	}
	return sparkerr.New("HLL_UNION_DIFFERENT_LG_K", "left", strconv.Itoa(a.LgK()), "right", strconv.Itoa(b.LgK()), "function", "`"+function+"`")
}
