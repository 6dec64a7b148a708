package transform

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// generateOp is explode, posexplode and their outer forms: a row per item of an array or entry of a map. The input columns are
// gathered into vectors of its own.
type generateOp struct {
	arg      *eval.Projection
	position bool
	outer    bool
	rows     vector.Selection // input row of each output row
	items    vector.Selection // row of the array's children; -1: NULL (outer)
	places   []int32          // position within the array; -1: NULL
	cols     []*vector.Vector
	out      vector.Batch
}

// generators lists the functions that generateOp runs.
var generators = map[string]struct{ position, outer bool }{
	"explode":          {false, false},
	"explode_outer":    {false, true},
	"posexplode":       {true, false},
	"posexplode_outer": {true, true},
}

// generatedFields are the columns that a generator makes, with Spark's default names; nil when it is not built.
func generatedFields(gen *expr.Expr) ([]types.Field, error) {
	g, ok := generators[gen.Fn.Name]
	if !ok {
		return nil, sparkerr.Plain("%s is not in the embedded engine yet; use --master", gen.Fn.Name)
	}
	var f []types.Field
	if g.position {
		f = append(f, types.Field{Name: "pos", Type: types.Int, Nullable: g.outer})
	}
	switch t := gen.Args[0].Type; t.Kind {
	case types.KindMap:
		return append(f, types.Field{Name: "key", Type: t.Key, Nullable: g.outer},
			types.Field{Name: "value", Type: t.Elem, Nullable: g.outer || t.ContainsNull}), nil
	default:
		return append(f, types.Field{Name: "col", Type: t.Elem, Nullable: g.outer || t.ContainsNull}), nil
	}
}

func newGenerateOp(g *generate, input []*expr.Expr) (operator, error) {
	arg, err := eval.Compile(g.gen.Args[:1], input)
	kind := generators[g.gen.Fn.Name]
	return &generateOp{arg: arg, position: kind.position, outer: kind.outer}, err
}

func (g *generateOp) apply(ctx *expr.Context, b *vector.Batch) (*vector.Batch, error) {
	args, err := g.arg.Eval(ctx, b, b.Sel)
	if err != nil {
		return nil, err
	}
	list := args[0]
	g.rows, g.items, g.places = g.rows[:0], g.items[:0], g.places[:0]
	if b.Sel == nil {
		for i := range b.N {
			g.expand(list, i)
		}
	} else {
		for _, i := range b.Sel {
			g.expand(list, int(i))
		}
	}
	return g.gather(b, list), nil
}

// expand notes the output rows of input row i.
func (g *generateOp) expand(list *vector.Vector, i int) {
	n := 0
	if !list.IsNull(i) {
		n = int(list.Views[list.At(i)].Len)
	}
	if n == 0 {
		if g.outer {
			g.rows, g.items, g.places = append(g.rows, int32(i)), append(g.items, -1), append(g.places, -1)
		}
		return
	}
	off := list.Views[list.At(i)].Off
	for k := range n {
		g.rows = append(g.rows, int32(i))
		g.items = append(g.items, int32(off)+int32(k))
		g.places = append(g.places, int32(k))
	}
}

// gather builds the output: the input columns repeated, then the generated ones.
func (g *generateOp) gather(b *vector.Batch, list *vector.Vector) *vector.Batch {
	k := 0
	next := func() *vector.Vector {
		if k == len(g.cols) {
			g.cols = append(g.cols, &vector.Vector{})
		}
		k++
		return g.cols[k-1]
	}
	for _, c := range b.Cols {
		kernel.Gather(next(), c, g.rows)
	}
	if g.position {
		g.positions(next())
	}
	for _, c := range list.Children {
		kernel.Gather(next(), c, g.items)
	}
	g.out = vector.Batch{N: len(g.rows), Cols: g.cols[:k]}
	return &g.out
}

func (g *generateOp) positions(v *vector.Vector) {
	v.Reset(types.Int, len(g.places))
	for i, p := range g.places {
		v.I32[i] = p
		if p < 0 {
			v.SetNull(i)
		}
	}
}
