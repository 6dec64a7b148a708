package cast

import (
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

// A day is a date, an instant a timestamp and a wallClock a timestamp without time zone in a variant.
type (
	day       int32
	instant   int64
	wallClock int64
	object    map[string]any
)

// build appends a Go value to a variant.
func build(t *testing.T, b *variant.Builder, x any) {
	t.Helper()
	switch x := x.(type) {
	case nil:
		b.Null()
	case bool:
		b.Bool(x)
	case int:
		b.Int(int64(x))
	case float32:
		b.Float(x)
	case float64:
		b.Double(x)
	case decimal.Int128:
		b.Decimal(x, 2)
	case []byte:
		b.Binary(x)
	case string:
		b.Text([]byte(x))
	case day:
		b.Date(int32(x))
	case instant:
		b.Timestamp(int64(x))
	case wallClock:
		b.TimestampNTZ(int64(x))
	case []any:
		o := b.Open()
		for _, item := range x {
			b.Item(o)
			build(t, b, item)
		}
		b.CloseArray(o)
	case object:
		o := b.Open()
		for k, member := range x {
			b.Key(o, []byte(k))
			build(t, b, member)
		}
		if err := b.CloseObject(o); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf("%T is not a value of a variant", x)
	}
}

// variants returns a vector with the same variant in n rows.
func variants(t *testing.T, x any, n int) *vector.Vector {
	t.Helper()
	var b variant.Builder
	v := vector.New(types.Variant, n)
	for i := range n {
		b.Reset()
		build(t, &b, x)
		if err := SetVariant(&b, v, i); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func TestVariantsAreCastToTypes(t *testing.T) {
	const invalid = "!INVALID_VARIANT_CAST"
	for _, c := range []struct {
		value    any
		to, want string
	}{
		{nil, "int", "NULL"},
		{nil, "array<int>", "NULL"},
		{nil, "variant", "null"},
		{true, "boolean", "true"},
		{true, "int", "1"},
		{true, "date", invalid},
		{300, "tinyint", invalid},
		{300, "bigint", "300"},
		{300, "string", "300"},
		{5, "timestamp", "1970-01-01 00:00:05"},
		{1 << 62, "timestamp", invalid},
		{5, "interval day", "INTERVAL '5' DAY"},
		{float32(1.5), "double", "1.5"},
		{1.5, "int", "1"},
		{1.5, "decimal(4,2)", "1.50"},
		{1e300, "decimal(4,2)", invalid},
		{decimal.FromInt64(1250), "string", "12.5"},
		{decimal.FromInt64(1250), "decimal(3,1)", "12.5"},
		{decimal.FromInt64(1250), "int", "12"},
		{decimal.FromInt64(150), "timestamp", "1970-01-01 00:00:01.5"},
		{"12", "int", "12"},
		{"x", "int", invalid},
		{"2024-02-29", "date", "2024-02-29"},
		{[]byte("AB"), "binary", "[41 42]"},
		{[]byte("AB"), "string", "AB"},
		{day(1), "timestamp", "1970-01-02 00:00:00"},
		{day(1), "int", invalid},
		{instant(1_500_000), "date", "1970-01-01"},
		{instant(1_500_000), "timestamp_ntz", "1970-01-01 00:00:01.5"},
		{wallClock(1_500_000), "string", "1970-01-01 00:00:01.5"},
		{[]any{1, nil, "3"}, "array<int>", "[1, NULL, 3]"},
		{[]any{1, "x"}, "array<int>", invalid},
		{[]any{1, "x"}, "string", `[1,"x"]`},
		{[]any{1}, "int", invalid},
		{[]any{1}, "struct<a: int>", invalid},
		{object{"a": 1}, "array<int>", invalid},
		{object{"a": 1, "b": nil}, "map<string, int>", "{a -> 1, b -> NULL}"},
		{1, "map<string, int>", invalid},
		{object{"a": 1, "c": "x"}, "struct<a: bigint, b: int>", "{1, NULL}"},
		{object{"a": "x"}, "struct<a: int>", invalid},
		{object{"a": []any{1}}, "variant", `{"a":[1]}`},
		{object{"a": 1}, "string", `{"a":1}`},
	} {
		to := parseType(t, c.to)
		for _, sel := range []vector.Selection{nil, {1}} {
			k, err := FromVariant(to, false)
			if err != nil {
				t.Fatal(err)
			}
			row := 0
			if sel != nil {
				row = int(sel[0])
			}
			out := vector.New(to, 2)
			err = k(pairContext, 2, sel, []*vector.Vector{variants(t, c.value, 2)}, out)
			if got := result(t, err, out, row, row); got != c.want {
				t.Errorf("%v to %s = %s, want %s", c.value, c.to, got, c.want)
			}
		}
	}
}

func TestTryCastNullsOnlyThePartOfAVariantThatFails(t *testing.T) {
	for _, c := range []struct {
		value    any
		to, want string
	}{
		{"x", "int", "NULL"},
		{[]any{1, "x", 3}, "array<int>", "[1, NULL, 3]"},
		{object{"a": "x", "b": 2}, "struct<a: int, b: int>", "{NULL, 2}"},
		{object{"a": "x", "b": 2}, "map<string, int>", "{a -> NULL, b -> 2}"},
		{5, "array<int>", "NULL"},
	} {
		to := parseType(t, c.to)
		k, err := FromVariant(to, true)
		if err != nil {
			t.Fatal(err)
		}
		out := vector.New(to, 1)
		err = k(pairContext, 1, nil, []*vector.Vector{variants(t, c.value, 1)}, out)
		if got := result(t, err, out, 0, 0); got != c.want {
			t.Errorf("%v to %s = %s, want %s", c.value, c.to, got, c.want)
		}
	}
}

// Values of every type survive the way into a variant and back.
func TestVariantsHoldEveryType(t *testing.T) {
	for _, c := range []struct{ typ, value, printed string }{
		{"boolean", "true", "true"}, {"tinyint", "-7", "-7"}, {"smallint", "300", "300"}, {"int", "70000", "70000"},
		{"bigint", "3000000000", "3000000000"}, {"float", "1.5", "1.5"}, {"double", "-2.5", "-2.5"}, {"decimal(5,2)", "1.25", "1.25"},
		{"date", "2024-02-29", "2024-02-29"}, {"timestamp", "2024-02-29 12:34:56", "2024-02-29 12:34:56"},
		{"timestamp_ntz", "2024-02-29 12:34:56", "2024-02-29 12:34:56"}, {"binary", "AB", "[41 42]"}, {"string", "é", "é"},
	} {
		typ := parseType(t, c.typ)
		for _, whole := range []*types.Type{typ, types.ArrayOf(typ, true), types.StructOf(types.Field{Name: "a", Type: typ, Nullable: true}), types.MapOf(types.String, typ, true)} {
			in, want := wrapped(whole, textValues(t, typ, c.value, 3), c.printed)
			stored, out := vector.New(types.Variant, 3), vector.New(whole, 3)
			if err := ToVariant()(pairContext, 3, nil, []*vector.Vector{in}, stored); err != nil {
				t.Fatal(err)
			}
			k, err := FromVariant(whole, false)
			if err != nil {
				t.Fatal(err)
			}
			err = k(pairContext, 3, nil, []*vector.Vector{stored}, out)
			if got := result(t, err, out, 2, 2); got != want {
				t.Errorf("%s comes back as %s, want %s", whole, got, want)
			}
		}
	}
}

// wrapped puts each value of items into a value of type whole, and its text into the text of that.
func wrapped(whole *types.Type, items *vector.Vector, text string) (*vector.Vector, string) {
	var v vector.Vector
	n := items.Len()
	switch whole.Kind {
	case types.KindArray:
		v.Assemble(whole, n, items)
		text = "[" + text + "]"
	case types.KindMap:
		keys := vector.New(types.String, n)
		for i := range n {
			keys.SetString(i, "k")
		}
		v.Assemble(whole, n, keys, items)
		text = "{k -> " + text + "}"
	case types.KindStruct:
		v.Assemble(whole, n, items)
		return &v, "{" + text + "}"
	default:
		return items, text
	}
	for i := range n {
		v.Views[i] = vector.View{Off: uint32(i), Len: 1}
	}
	return &v, text
}

func TestVariantsRefuseDuplicateKeys(t *testing.T) {
	maps := types.MapOf(types.String, types.Int, true)
	v := vector.New(maps, 2)
	for _, c := range v.Children {
		c.Extend(3)
	}
	for i, k := range []string{"a", "b", "b"} {
		v.Children[0].SetString(i, k)
		v.Children[1].I32[i] = int32(i)
	}
	v.Views = []vector.View{{Off: 0, Len: 2}, {Off: 1, Len: 2}}
	err := ToVariant()(pairContext, 2, nil, []*vector.Vector{v}, vector.New(types.Variant, 2))
	if got := result(t, err, nil, 1, 1); got != "!VARIANT_DUPLICATE_KEY" {
		t.Errorf("got %s", got)
	}
}

func TestMalformedTextInVariantsIsRepaired(t *testing.T) {
	v, out := vector.New(types.String, 1), vector.New(types.Variant, 1)
	v.SetString(0, "a\xffb")
	if err := ToVariant()(pairContext, 1, nil, []*vector.Vector{v}, out); err != nil {
		t.Fatal(err)
	}
	if got := variant.Of(out.Bytes(0)).Text(); !slices.Equal(got, []byte("a\uFFFDb")) {
		t.Errorf("got %q", got)
	}
}

func TestSpecialWordsAreDatesOnlyInConstants(t *testing.T) {
	for _, c := range []struct{ word, to, want string }{
		{"epoch", "date", "1970-01-01"}, {"today", "date", "2024-03-01"}, {"yesterday", "timestamp", "2024-02-29 00:00:00"},
		{"tomorrow", "timestamp_ntz", "2024-03-02 00:00:00"}, {"now", "timestamp", "2024-03-01 12:00:00"},
		{"2024-02-29", "date", "2024-02-29"}, {"someday", "date", "!CAST_INVALID_INPUT"}, {"today", "int", "!CAST_INVALID_INPUT"},
	} {
		to := parseType(t, c.to)
		k, err := CompileConstant(types.String, to, false)
		if err != nil {
			t.Fatal(err)
		}
		out := vector.New(to, 1)
		err = k(pairContext, 1, nil, []*vector.Vector{textValues(t, types.String, c.word, 0)}, out)
		if got := result(t, err, out, 0, 0); got != c.want {
			t.Errorf("%s as %s = %s, want %s", c.word, c.to, got, c.want)
		}
	}
}

func TestPartsOfStructsAndMapsAreCast(t *testing.T) {
	texts := func() *vector.Vector {
		v := vector.New(types.String, 3)
		for i, s := range []string{"1", "", "x"} {
			v.SetString(i, s)
		}
		v.SetNull(1)
		return v
	}
	for _, c := range []struct {
		whole func(*types.Type) *types.Type
		want  string
	}{
		{func(t *types.Type) *types.Type {
			return types.StructOf(types.Field{Name: "a", Type: t, Nullable: true})
		}, "{1} {NULL} {NULL}"},
		{func(t *types.Type) *types.Type { return types.MapOf(types.String, t, true) }, "{k -> 1} {k -> NULL} {k -> NULL}"},
	} {
		for _, try := range []bool{true, false} {
			in, _ := wrapped(c.whole(types.String), texts(), "")
			k, err := Compile(c.whole(types.String), c.whole(types.Int), try)
			if err != nil {
				t.Fatal(err)
			}
			out := vector.New(c.whole(types.Int), 3)
			err = k(pairContext, 3, nil, []*vector.Vector{in}, out)
			if !try {
				if got := result(t, err, out, 2, 2); got != "!CAST_INVALID_INPUT" {
					t.Errorf("got %s", got)
				}
				continue
			}
			got := result(t, err, out, 0, 0) + " " + result(t, err, out, 1, 1) + " " + result(t, err, out, 2, 2)
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		}
	}
}

func TestTimestampsDependOnTheZone(t *testing.T) {
	zone, err := datetime.LoadZone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	local := &expr.Context{Zone: zone, BatchTime: pairContext.BatchTime, Now: pairContext.Now}
	for _, c := range []struct{ from, value, to, want string }{
		{"timestamp", "2024-07-01 02:00:00", "date", "2024-06-30"},
		{"timestamp", "2024-07-01 02:00:00", "timestamp_ntz", "2024-06-30 22:00:00"},
		{"timestamp", "2024-07-01 02:00:00", "string", "2024-06-30 22:00:00"},
		{"timestamp_ntz", "2024-07-01 02:00:00", "timestamp", "2024-07-01 06:00:00"},
		{"date", "2024-01-01", "timestamp", "2024-01-01 05:00:00"},
		{"string", "2024-01-01 12:00:00", "timestamp", "2024-01-01 17:00:00"},
		{"time(0)", "01:00:00", "timestamp", "2024-03-01 06:00:00"},
	} {
		from, to := parseType(t, c.from), parseType(t, c.to)
		k, err := Compile(from, to, false)
		if err != nil {
			t.Fatal(err)
		}
		out := vector.New(to, 1)
		err = k(local, 1, nil, []*vector.Vector{textValues(t, from, c.value, 1)}, out)
		if got := result(t, err, out, 0, 0); got != c.want {
			t.Errorf("%s %s to %s = %s, want %s (UTC)", c.from, c.value, c.to, got, c.want)
		}
	}
}

func TestDatesBeyondTimestampsFail(t *testing.T) {
	v := vector.New(types.Date, 2)
	v.I32[0], v.I32[1] = 0, 1<<30
	for _, to := range []*types.Type{types.Timestamp, types.TimestampNTZ} {
		k, err := Compile(types.Date, to, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := result(t, k(pairContext, 2, nil, []*vector.Vector{v}, vector.New(to, 2)), nil, 1, 1); got != "!" {
			t.Errorf("to %s: got %s, want an error without a condition", to, got)
		}
	}
}
