package cast

import (
	"encoding/json"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// toVariant writes values as the JSON text that variants are held in.
func toVariant(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		at := len(out.Data)
		out.Data = appendVariant(out.Data, args[0], i, valuetext.Options{Zone: zone(ctx)})
		out.CloseBytes(i, at)
	}
	return nil
}

func appendVariant(dst []byte, v *vector.Vector, i int, o valuetext.Options) []byte {
	if v.IsNull(i) {
		return append(dst, "null"...)
	}
	switch {
	case v.Type.Kind == types.KindBoolean || v.Type.IsNumeric():
		return valuetext.AppendValue(dst, v, i, o)
	case v.Type.Kind == types.KindArray:
		view := v.Views[v.At(i)]
		dst = append(dst, '[')
		for e := range int(view.Len) {
			if e > 0 {
				dst = append(dst, ',')
			}
			dst = appendVariant(dst, v.Children[0], int(view.Off)+e, o)
		}
		return append(dst, ']')
	}
	text, _ := json.Marshal(string(valuetext.AppendValue(nil, v, i, o)))
	return append(dst, text...)
}

// fromVariant converts JSON scalars by their text.
func fromVariant(to *types.Type) conversion {
	parse := fromText(types.String, to)
	text := vector.New(types.String, 1)
	return conversion{
		one: func(ctx *expr.Context, v *vector.Vector, i int, out *vector.Vector, k int) bool {
			scalar := v.Bytes(i)
			if string(scalar) == "null" {
				out.SetNull(k)
				return true
			}
			var s string
			if json.Unmarshal(scalar, &s) == nil {
				scalar = []byte(s)
			}
			text.Reset(types.String, 1)
			text.SetBytes(0, scalar)
			return parse.one(ctx, text, 0, out, k)
		},
		fail: func(_ *expr.Context, v *vector.Vector, i int) error {
			return sparkerr.New("INVALID_VARIANT_CAST", "value", string(v.Bytes(i)), "dataType", quote(to))
		},
	}
}
