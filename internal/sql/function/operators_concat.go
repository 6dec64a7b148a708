package function

import (
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// concatFunctions is concat, which || is another way to write.
func concatFunctions() []*expr.Function {
	return []*expr.Function{{
		Name: "concat", Group: "collection_funcs", Usage: "concat(col1, col2, ..., colN), or col1 || col2",
		Doc: "The texts, binary values or arrays one after the other.", Example: "concat('Spark', 'SQL')", Result: "SparkSQL",
		MinArgs: 0, MaxArgs: -1, Resolve: coerce.Concat, Compile: compileConcat, Nulls: expr.NullsInterpret,
	}}
}

func compileConcat(call *expr.Expr) (expr.Kernel, error) {
	if call.Type.Kind == types.KindArray {
		return concatArrays, nil
	}
	return concatBytes, nil
}

func concatBytes(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		at := len(out.Data)
		for _, a := range args {
			out.Data = append(out.Data, a.Bytes(i)...)
		}
		out.CloseBytes(i, at)
	}
	return nil
}

func concatArrays(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	items := out.Children[0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		at := items.Len()
		for _, a := range args {
			view := a.Views[a.At(i)]
			kernel.AppendRange(items, a.Children[0], int(view.Off), int(view.Len))
		}
		out.Views[out.At(i)] = vector.View{Off: uint32(at), Len: uint32(items.Len() - at)}
	}
	return nil
}
