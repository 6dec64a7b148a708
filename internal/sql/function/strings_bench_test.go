package function

import (
	"fmt"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func BenchmarkText(b *testing.B) {
	v := vector.New(types.String, vector.BatchRows)
	for i := range vector.BatchRows {
		v.SetString(i, fmt.Sprintf("Customer Name %d", i*7))
	}
	column := &expr.Expr{Kind: expr.Column, Type: types.String}
	for _, c := range []struct {
		name string
		args []*expr.Expr
	}{
		{"upper", []*expr.Expr{column}},
		{"concat", []*expr.Expr{column, expr.Str("-"), column}},
		{"length", []*expr.Expr{column}},
		{"substring", []*expr.Expr{column, expr.Int(3), expr.Int(5)}},
		{"replace", []*expr.Expr{column, expr.Str("Name"), expr.Str("x")}},
		{"regexp_replace", []*expr.Expr{column, expr.Str("[0-9]+"), expr.Str("x")}},
		{"split", []*expr.Expr{column, expr.Str(" ")}},
	} {
		b.Run(c.name, func(b *testing.B) {
			call, err := Call(nil, c.name, c.args...)
			if err != nil {
				b.Fatal(err)
			}
			k, err := call.Fn.Compile(call)
			if err != nil {
				b.Fatal(err)
			}
			var args []*vector.Vector
			for _, a := range call.Args {
				if a.Kind == expr.Column {
					args = append(args, v)
				} else {
					args = append(args, a.Value)
				}
			}
			var out vector.Vector
			b.SetBytes(int64(len(v.Data)))
			b.ReportAllocs()
			for b.Loop() {
				out.Reset(call.Type, vector.BatchRows)
				if err := k(&expr.Context{}, vector.BatchRows, nil, args, &out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
