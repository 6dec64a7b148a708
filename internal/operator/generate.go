package operator

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// generate is explode and the like: a row per item of an array or entry of a map, some thousand of them at a time. It gathers the input
// columns into vectors that it owns.
type generate struct {
	stateless
	in       *vector.Batch
	list     *vector.Vector
	k, item  int // the next row of in, counted among the selected ones, and the next item of its list
	arg      *eval.Projection
	fields   bool // the items are structs, of which each field is a column
	position bool
	outer    bool
	rows     vector.Selection // input row of each output row
	items    vector.Selection // row of the array's children; -1: NULL (outer)
	places   []int32          // position within the array; -1: NULL
	cols     []*vector.Vector
	out      vector.Batch
}

// NewGenerate returns an operator that yields, for each row, one row per result of a call of a generator function, with the generated columns
// after those of the input. explode and inline run on their argument; other generators compute an array of structs.
func NewGenerate(call *expr.Expr, input []*expr.Expr) (Operator, error) {
	name, outer := strings.CutSuffix(call.Fn.Name, "_outer")
	op := &generate{outer: outer, position: name == "posexplode"}
	source := call.Args[:1]
	switch name {
	case "explode", "posexplode":
	case "inline":
		op.fields = true
	default:
		op.fields, source = true, []*expr.Expr{call}
	}
	var err error
	op.arg, err = eval.Compile(source, input)
	return op, err
}

func (g *generate) Process(ctx *expr.Context, _ int, b *vector.Batch, out Emit) error {
	args, err := g.arg.Eval(ctx, b, b.Sel)
	if err != nil {
		return err
	}
	g.in, g.list, g.k, g.item = b, args[0], 0, 0
	for next := g.more(); next != nil; next = g.more() {
		if err := ctx.Stop.Err(); err != nil {
			return err
		}
		if err := out(next); err != nil {
			return err
		}
	}
	return nil
}

// generatedRows is about how many rows a batch of generated rows has.
const generatedRows = 2 * vector.BatchRows

// more makes the next batch of generated rows; nil when there are none left.
func (g *generate) more() *vector.Batch {
	g.rows, g.items, g.places = g.rows[:0], g.items[:0], g.places[:0]
	for g.k < g.in.Rows() && len(g.rows) < generatedRows {
		if g.expand(g.list, kernel.Row(g.in.Sel, g.k)) {
			g.k, g.item = g.k+1, 0
		}
	}
	if len(g.rows) == 0 {
		return nil
	}
	return g.gather(g.in, g.list)
}

// expand notes output rows of input row i from g.item on; false when there are more than one batch takes.
func (g *generate) expand(list *vector.Vector, i int) bool {
	n := 0
	if !list.IsNull(i) {
		n = int(list.Views[list.At(i)].Len)
	}
	if n == 0 {
		if g.outer {
			g.rows, g.items, g.places = append(g.rows, int32(i)), append(g.items, -1), append(g.places, -1)
		}
		return true
	}
	off := list.Views[list.At(i)].Off
	for ; g.item < n; g.item++ {
		if len(g.rows) >= generatedRows {
			return false
		}
		k := g.item
		item := int32(off) + int32(k)
		if g.fields && list.Children[0].IsNull(int(item)) {
			item = -1
		}
		g.rows = append(g.rows, int32(i))
		g.items = append(g.items, item)
		g.places = append(g.places, int32(k))
	}
	return true
}

// gather builds the output: the input columns repeated, then the generated ones.
func (g *generate) gather(b *vector.Batch, list *vector.Vector) *vector.Batch {
	k := 0
	next := func() *vector.Vector {
		if k == len(g.cols) {
			g.cols = append(g.cols, &vector.Vector{})
		}
		k++
		return g.cols[k-1]
	}
	for _, c := range b.Cols {
		kernel.GatherShared(next(), c, g.rows)
	}
	if g.position {
		g.positions(next())
	}
	children := list.Children
	if g.fields {
		children = children[0].Children
	}
	for _, c := range children {
		kernel.GatherShared(next(), c, g.items)
	}
	g.out = vector.Batch{N: len(g.rows), Cols: g.cols[:k], Origin: b.Origin.Made(g.rows)}
	return &g.out
}

func (g *generate) positions(v *vector.Vector) {
	v.Reset(types.Int, len(g.places))
	for i, p := range g.places {
		v.I32[i] = p
		if p < 0 {
			v.SetNull(i)
		}
	}
}
