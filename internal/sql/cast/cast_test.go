package cast

import (
	"errors"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

var ctx = &expr.Context{Zone: datetime.UTC}

// textLists returns an array<string> vector with the rows [1, 2], [], [x], [NULL, 3].
func textLists() *vector.Vector {
	v := vector.New(types.ArrayOf(types.String, true), 4)
	items := v.Children[0]
	items.Extend(5)
	for i, s := range []string{"1", "2", "x", "", "3"} {
		items.SetString(i, s)
	}
	items.SetNull(3)
	v.Views = []vector.View{{Off: 0, Len: 2}, {Off: 2, Len: 0}, {Off: 2, Len: 1}, {Off: 3, Len: 2}}
	return v
}

func TestElementsAreCast(t *testing.T) {
	to := types.ArrayOf(types.Int, true)
	for _, c := range []struct {
		try  bool
		sel  vector.Selection
		want []string
		fail int
	}{
		{try: true, want: []string{"[1, 2]", "[]", "[NULL]", "[NULL, 3]"}, fail: -1},
		{sel: vector.Selection{0, 1, 3}, want: []string{"[1, 2]", "[]", "", "[NULL, 3]"}, fail: -1},
		{fail: 2},
	} {
		k, err := Compile(types.ArrayOf(types.String, true), to, c.try)
		if err != nil {
			t.Fatal(err)
		}
		out := vector.New(to, 4)
		err = k(ctx, 4, c.sel, []*vector.Vector{textLists()}, out)
		var at *expr.RowError
		if c.fail >= 0 {
			if !errors.As(err, &at) || at.Row != c.fail {
				t.Errorf("got %v, want an error of row %d", err, c.fail)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			if want == "" {
				continue
			}
			if got := string(valuetext.AppendValue(nil, out, i, valuetext.Options{Show: true})); got != want {
				t.Errorf("row %d is %s, want %s", i, got, want)
			}
		}
	}
}

func TestErrorsQuoteTheValueAsALiteral(t *testing.T) {
	for _, c := range []struct {
		set       func(v *vector.Vector)
		from, to  *types.Type
		condition string
		param     string
		want      string
	}{
		{func(v *vector.Vector) { v.I64[0] = 1 << 40 }, types.Long, types.Int, "CAST_OVERFLOW", "value", "1099511627776L"},
		{func(v *vector.Vector) { v.F64[0] = 1e300 }, types.Double, types.Long, "CAST_OVERFLOW", "value", "1.0E300D"},
		{func(v *vector.Vector) { v.SetString(0, `it's\`) }, types.String, types.Int, "CAST_INVALID_INPUT", "expression", `'it\'s\\'`},
		{func(v *vector.Vector) { v.SetString(0, "12345.678") }, types.String, types.DecimalOf(5, 1), "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "value", "12345.678"},
		{func(v *vector.Vector) { v.I64[0] = 4e15 }, types.Timestamp, types.Byte, "CAST_OVERFLOW", "value", "TIMESTAMP '2096-10-02 07:06:40'"},
	} {
		v := vector.New(c.from, 1)
		c.set(v)
		k, err := Compile(c.from, c.to, false)
		if err != nil {
			t.Fatal(err)
		}
		err = k(ctx, 1, nil, []*vector.Vector{v}, vector.New(c.to, 1))
		var e *sparkerr.Error
		if !errors.As(err, &e) || e.Condition != c.condition || e.Params[c.param] != c.want {
			t.Errorf("%s to %s: got %v, want %s of %s", c.from, c.to, err, c.condition, c.want)
		}
	}
}

func TestSameValuesNeedNoKernel(t *testing.T) {
	for _, c := range [][2]*types.Type{
		{types.String, {Kind: types.KindVarchar, Precision: 3}},
		{types.ArrayOf(types.Int, false), types.ArrayOf(types.Int, true)},
		{types.StructOf(types.Field{Name: "a", Type: types.Int}), types.StructOf(types.Field{Name: "b", Type: types.Int})},
	} {
		if k, err := Compile(c[0], c[1], false); k != nil || err != nil {
			t.Errorf("%s to %s is computed", c[0], c[1])
		}
	}
}
