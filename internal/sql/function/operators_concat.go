package function

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// concatFunctions returns concat, which is also written as ||.
func concatFunctions() []*expr.Function {
	return []*expr.Function{{
		Name: "concat", Group: "collection_funcs", Usage: "concat(col1, col2, ..., colN), or col1 || col2",
		Doc: "The concatenated strings, binary values or arrays.", Example: "concat('Spark', 'SQL')", Result: "SparkSQL",
		MinArgs: 0, MaxArgs: -1, Resolve: coerce.Concat, Compile: compileConcat, Operands: expr.Operands{Nulls: expr.NullsInterpret},
	}}
}

func compileConcat(call *expr.Expr) (expr.Kernel, error) {
	if call.Type.Kind == types.KindArray {
		return concatArrays, nil
	}
	return concatBytes, nil
}

func concatBytes(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	rows := kernel.Count(n, sel)
	at := len(out.Data)
	total := textBytes(args, n, sel)
	if total > expr.MaxText || total > out.Most() {
		checkConcat(n, sel, args, out, total)
	}
	data := roomFor(out.Data, total)
	for k := range rows {
		i := kernel.Row(sel, k)
		from := at
		for _, a := range args {
			w := a.Views[a.At(i)]
			vector.CopyText(data, at, a.Data, int(w.Off), int(w.Len))
			at += int(w.Len)
		}
		out.Views[out.At(i)] = vector.View{Off: uint32(from), Len: uint32(at - from)}
	}
	out.Data = data[:at]
	return nil
}

// checkConcat rejects strings that are too long, alone or together.
func checkConcat(n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector, total int) {
	r := row{args: args, out: out}
	for k := range kernel.Count(n, sel) {
		r.i = kernel.Row(sel, k)
		size := 0
		for _, a := range args {
			size += int(a.Views[a.At(r.i)].Len)
		}
		r.fits(nil, size)
	}
	r.from = total // not a single string: all strings together
	r.fits(nil, total)
}

// textBytes returns the total length of all strings in the rows.
func textBytes(args []*vector.Vector, n int, sel vector.Selection) int {
	rows, total := kernel.Count(n, sel), 0
	for _, a := range args {
		switch {
		case a.IsConst():
			total += rows * int(a.Views[0].Len)
		case sel == nil:
			for _, w := range a.Views[:n] {
				total += int(w.Len)
			}
		default:
			for _, i := range sel {
				total += int(a.Views[i].Len)
			}
		}
	}
	return total
}

// roomFor extends data to its capacity, which it first grows so that n bytes can be appended by whole words.
func roomFor(data []byte, n int) []byte {
	data = slices.Grow(data, n+vector.TextSlack)
	return data[:cap(data)]
}

func concatArrays(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	items := out.Children[0]
	r := row{ctx: ctx, args: args, out: out}
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		at, total := items.Len(), int64(0)
		for _, a := range args {
			total += int64(a.Views[a.At(i)].Len)
		}
		if err := r.checkLength("FUNCTION", "concat", total); err != nil {
			return expr.AtRow(i, err)
		}
		if err := ctx.Stop.Err(); err != nil {
			return err
		}
		for _, a := range args {
			view := a.Views[a.At(i)]
			kernel.AppendRange(items, a.Children[0], int(view.Off), int(view.Len))
		}
		out.Views[out.At(i)] = vector.View{Off: uint32(at), Len: uint32(items.Len() - at)}
	}
	return nil
}
