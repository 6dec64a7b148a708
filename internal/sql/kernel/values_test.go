package kernel

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// ascending lists vectors of every kind of type whose rows are in ascending order, after a NULL in row 0.
func ascending() []*vector.Vector {
	ints := func(t *types.Type, fill func(v *vector.Vector, i int, x int64), values ...int64) *vector.Vector {
		v := vector.New(t, len(values)+1)
		for i, x := range values {
			fill(v, i+1, x)
		}
		v.SetNull(0)
		return v
	}
	i8 := func(v *vector.Vector, i int, x int64) { v.I8[i] = int8(x) }
	i16 := func(v *vector.Vector, i int, x int64) { v.I16[i] = int16(x) }
	i32 := func(v *vector.Vector, i int, x int64) { v.I32[i] = int32(x) }
	i64 := func(v *vector.Vector, i int, x int64) { v.I64[i] = x }
	text := func(v *vector.Vector, i int, x int64) {
		v.SetString(i, []string{"", "a", "aa", "b", "longer than eight", "\xff"}[x])
	}
	vs := []*vector.Vector{
		ints(types.Boolean, func(v *vector.Vector, i int, x int64) { v.Bool[i] = x != 0 }, 0, 1),
		ints(types.Byte, i8, math.MinInt8, -1, 0, 1, math.MaxInt8), ints(types.Short, i16, math.MinInt16, -1, 0, 300),
		ints(types.Float, func(v *vector.Vector, i int, x int64) { v.F32[i] = float32(floats[x]) }, 0, 1, 2, 3, 4),
		ints(types.Double, func(v *vector.Vector, i int, x int64) { v.F64[i] = floats[x] }, 0, 1, 2, 3, 4),
		ints(types.DecimalOf(38, 2), func(v *vector.Vector, i int, x int64) { v.Dec[i] = decimal.Int128{Hi: x / 2, Lo: uint64(x % 2)} }, -4, 0, 1, 2, 3),
		ints(types.Interval, func(v *vector.Vector, i int, x int64) {
			v.Cal[i] = vector.CalendarInterval{Months: int32(x / 4), Days: int32(x / 2 % 2), Micros: x % 2}
		}, 0, 1, 2, 3, 4, 7),
		ints(types.String, text, 0, 1, 2, 3, 4, 5), ints(types.Binary, text, 0, 1, 2, 3, 4, 5),
	}
	for _, t := range []*types.Type{types.Int, types.Date, types.YearMonthOf(types.Year, types.Month)} {
		vs = append(vs, ints(t, i32, math.MinInt32, -1, 0, 70000))
	}
	for _, t := range []*types.Type{types.Long, types.Timestamp, types.TimestampNTZ, types.DayTimeOf(types.Day, types.Second), types.TimeOf(6)} {
		vs = append(vs, ints(t, i64, math.MinInt64, -1, 0, 1<<40))
	}
	return append(vs, lists(nil, []any{}, []any{nil}, []any{1}, []any{1, 1}, []any{7}, []any{"a"}, []any{"b"}), structs(), maps())
}

var floats = []float64{math.Inf(-1), -1.5, 0, 1e30, math.NaN()}

func structs() *vector.Vector {
	v := vector.New(types.StructOf(types.Field{Name: "n", Type: types.Int, Nullable: true}, types.Field{Name: "s", Type: types.String, Nullable: true}), 5)
	for i, n := range []int32{0, 0, 1, 1, 2} {
		v.Children[0].I32[i] = n
		v.Children[1].SetString(i, []string{"", "", "a", "b", ""}[i])
	}
	v.Children[0].SetNull(1)
	v.SetNull(0)
	return v
}

func maps() *vector.Vector {
	v := vector.New(types.MapOf(types.String, types.Int, true), 4)
	for _, c := range v.Children {
		c.Extend(3)
	}
	for i, k := range []string{"a", "a", "b"} {
		v.Children[0].SetString(i, k)
		v.Children[1].I32[i] = int32(i)
	}
	v.Views = []vector.View{{}, {}, {Off: 0, Len: 1}, {Off: 1, Len: 2}}
	v.SetNull(0)
	return v
}

func sign(i, j int) int { return btoi(i > j) - btoi(i < j) }

func TestCompareOrdersEveryType(t *testing.T) {
	for _, v := range ascending() {
		for i := range v.Len() {
			for j := range v.Len() {
				if got := Compare(v, i, v, j); got != sign(i, j) {
					t.Errorf("%s: Compare(%d, %d) = %d, want %d", v.Type, i, j, got, sign(i, j))
				}
			}
		}
	}
}

// constant returns a constant vector with row j of v.
func constant(v *vector.Vector, j int) *vector.Vector {
	c := vector.NewConst(v.Type)
	Copy(c, 0, v, j)
	return c
}

func TestRelationsHoldAsCompareSays(t *testing.T) {
	for _, v := range ascending() {
		n := v.Len()
		values := Identity(nil, n)[1:] // without the NULL
		for j := 1; j < n; j++ {
			shifted := make([]int32, n)
			for i := range n {
				shifted[i] = int32(max(1, (i+j)%n))
			}
			var flat, from vector.Vector
			Gather(&flat, v, shifted)
			Gather(&from, v, slices.Concat([]int32{1}, values)) // no NULL, so that all rows may be selected
			for _, r := range []Relation{EQ, LT, LE, GT, GE} {
				for name, c := range map[string]struct {
					a, b *vector.Vector
					sel  vector.Selection
				}{
					"flat": {&from, &flat, nil}, "sparse": {&from, &flat, vector.Selection{1}},
					"constant right": {&from, constant(v, j), nil}, "constant left": {constant(v, j), &from, nil},
					"constant, sparse": {&from, constant(v, j), vector.Selection{int32(n) - 1}},
				} {
					out := make([]bool, n)
					Relate(r, n, c.sel, c.a, c.b, out)
					for k := range Count(n, c.sel) {
						i := Row(c.sel, k)
						if want := r.Holds(Compare(c.a, i, c.b, i)); out[i] != want {
							t.Errorf("%s, relation %d, %s, row %d: %v, want %v", v.Type, r, name, i, out[i], want)
						}
					}
				}
			}
		}
	}
}

func TestRelationsHoldForComparisonResults(t *testing.T) {
	for r, want := range map[Relation][3]bool{EQ: {false, true, false}, LT: {true, false, false}, LE: {true, true, false}, GT: {false, false, true}, GE: {false, true, true}} {
		for c := -1; c <= 1; c++ {
			if r.Holds(c) != want[c+1] || r.Flip().Holds(-c) != want[c+1] {
				t.Errorf("relation %d of %d is %v, flipped %v, want %v", r, c, r.Holds(c), r.Flip().Holds(-c), want[c+1])
			}
		}
	}
}

func TestKeysAreEqualOnlyForEqualValuesAndCanBeReadBack(t *testing.T) {
	for _, v := range ascending() {
		n := v.Len()
		keys, back := make([][]byte, n), vector.New(v.Type, n)
		for i := range n {
			keys[i] = AppendKey(nil, v, i)
			if rest := ReadKey(back, i, append(slices.Clone(keys[i]), "rest"...)); string(rest) != "rest" {
				t.Errorf("%s: %q remains after the key of row %d", v.Type, rest, i)
			}
			if Compare(back, i, v, i) != 0 {
				t.Errorf("%s: row %d is read back as another value", v.Type, i)
			}
			for j := range i {
				if bytes.Equal(keys[i], keys[j]) || bytes.HasPrefix(keys[i], keys[j]) {
					t.Errorf("%s: the key of row %d begins with that of row %d", v.Type, i, j)
				}
			}
		}
	}
}

func TestZerosAndNaNsHaveOneKey(t *testing.T) {
	v := vector.New(types.Double, 4)
	v.F64 = []float64{0, math.Copysign(0, -1), math.NaN(), math.Float64frombits(0xFFF8 << 48)}
	w := vector.New(types.Float, 4)
	for i, x := range v.F64 {
		w.F32[i] = float32(x)
	}
	for _, x := range []*vector.Vector{v, w} {
		if !bytes.Equal(AppendKey(nil, x, 0), AppendKey(nil, x, 1)) || !bytes.Equal(AppendKey(nil, x, 2), AppendKey(nil, x, 3)) {
			t.Errorf("equal values of %s have different keys", x.Type)
		}
	}
}

// copiers are the ways to make a vector of the given rows of src, which contain no NULL if the way ignores NULLs.
var copiers = map[string]func(dst, src *vector.Vector, rows []int32){
	"Gather":       func(dst, src *vector.Vector, rows []int32) { Gather(dst, src, rows) },
	"GatherShared": func(dst, src *vector.Vector, rows []int32) { GatherShared(dst, src, rows) },
	"Append": func(dst, src *vector.Vector, rows []int32) {
		dst.Reset(src.Type, 0)
		for _, r := range rows {
			Append(dst, src, int(r))
		}
	},
	"AppendRows": func(dst, src *vector.Vector, rows []int32) {
		dst.Reset(src.Type, 0)
		AppendRows(dst, src, rows)
	},
	"AppendRepeated": func(dst, src *vector.Vector, rows []int32) {
		dst.Reset(src.Type, 0)
		for i := 0; i < len(rows); {
			n := 1
			for i+n < len(rows) && rows[i+n] == rows[i] {
				n++
			}
			AppendRepeated(dst, src, int(rows[i]), n)
			i += n
		}
	},
	"AppendRange": func(dst, src *vector.Vector, rows []int32) {
		dst.Reset(src.Type, 0)
		for _, r := range rows {
			AppendRange(dst, src, int(r), 1)
		}
	},
	"Replace": func(dst, src *vector.Vector, rows []int32) {
		dst.Reset(src.Type, len(rows))
		for i := range rows {
			dst.SetNull(i)
		}
		for i, r := range rows {
			Replace(dst, i, src, int(r))
		}
	},
}

func TestEveryCopyHoldsTheSameValues(t *testing.T) {
	for _, v := range ascending() {
		rows := []int32{1, 1, 0, 0, 2, 1, int32(v.Len() - 1)}
		for name, copyTo := range copiers {
			var dst vector.Vector
			copyTo(&dst, v, rows)
			if dst.Len() != len(rows) {
				t.Errorf("%s of %s makes %d rows", name, v.Type, dst.Len())
				continue
			}
			for i, r := range rows {
				if Compare(&dst, i, v, int(r)) != 0 {
					t.Errorf("%s of %s: row %d differs from row %d of the source", name, v.Type, i, r)
				}
			}
		}
	}
}

func TestGatheringNegativeRowsMakesNulls(t *testing.T) {
	for _, v := range ascending() {
		var a, b vector.Vector
		Gather(&a, v, []int32{-1, 1})
		GatherShared(&b, v, []int32{-1, 1})
		if !a.IsNull(0) || !b.IsNull(0) || a.IsNull(1) || b.IsNull(1) {
			t.Errorf("%s: NULLs are in the wrong rows", v.Type)
		}
	}
}

func TestRowsAreCopiedToTheSamePositions(t *testing.T) {
	for _, v := range ascending() {
		n := v.Len()
		var whole vector.Vector
		Gather(&whole, v, slices.Concat([]int32{1}, Identity(nil, n)[1:]))
		for name, src := range map[string]*vector.Vector{"with NULLs": v, "without": &whole, "constant": constant(v, n-1)} {
			for _, sel := range []vector.Selection{nil, {}, {1}, Identity(nil, n)} {
				dst := vector.New(v.Type, n)
				CopyRows(dst, src, n, sel)
				for k := range Count(n, sel) {
					if i := Row(sel, k); Compare(dst, i, src, i) != 0 {
						t.Errorf("%s %s, selection %v: row %d differs", v.Type, name, sel, i)
					}
				}
			}
		}
	}
}

// A list that array_repeat made shares its items; a copy must not multiply them.
func TestCopiesOfRepeatedListsShareItems(t *testing.T) {
	items := vector.New(types.ArrayOf(types.Int, true), 0)
	AppendRepeated(items, sliceOfInts(1000), 0, 100)
	outer := vector.New(types.ArrayOf(items.Type, true), 1)
	outer.Children[0] = items
	outer.Views[0] = vector.View{Len: 100}
	dst := vector.New(outer.Type, 0)
	Append(dst, outer, 0)
	if Compare(dst, 0, outer, 0) != 0 {
		t.Error("the copy differs")
	}
	if got := dst.Children[0].Children[0].Len(); got != 1000 {
		t.Errorf("the copy holds %d items, want 1000", got)
	}
}

func sliceOfInts(n int) *vector.Vector {
	v := vector.New(types.ArrayOf(types.Int, true), 1)
	v.Children[0].Extend(n)
	for i := range n {
		v.Children[0].I32[i] = int32(i)
	}
	v.Views[0] = vector.View{Len: uint32(n)}
	return v
}

// booleans returns vectors of n rows: with and without NULLs, and constants.
func booleans(n int) []*vector.Vector {
	flat, nulls, yes, no := vector.New(types.Boolean, n), vector.New(types.Boolean, n), vector.NewConst(types.Boolean), vector.NewConst(types.Boolean)
	for i := range n {
		flat.Bool[i], nulls.Bool[i] = i%3 == 0, i%3 == 0
		if i%5 == 0 {
			nulls.SetNull(i)
		}
	}
	yes.Bool[0], no.Bool[0] = true, false
	return []*vector.Vector{flat, nulls, yes, no, vector.NewNull(types.Boolean)}
}

func TestSelectionsHoldTheRightRows(t *testing.T) {
	const n = 130
	for x, v := range booleans(n) {
		truth := func(i int) bool { return !v.IsNull(i) && v.Bool[v.At(i)] }
		for _, sel := range []vector.Selection{nil, {}, {0, 3, 5, 6, 129}} {
			pick := func(f func(i int) bool) vector.Selection {
				rows := vector.Selection{}
				for k := range Count(n, sel) {
					if i := Row(sel, k); f(i) {
						rows = append(rows, int32(i))
					}
				}
				return rows
			}
			yes, no := Split(v, n, sel, nil, nil)
			some, null := SplitNull(v, n, sel, nil, nil)
			for name, c := range map[string]struct {
				got  vector.Selection
				want func(i int) bool
			}{
				"Split yes": {yes, truth}, "Split no": {no, func(i int) bool { return !truth(i) }},
				"SplitNull some": {some, func(i int) bool { return !v.IsNull(i) }}, "SplitNull null": {null, v.IsNull},
				"True":      {True(v, n, sel, nil), truth},
				"not true":  {NotEqualBool(v, true, n, sel, nil), func(i int) bool { return !truth(i) }},
				"not false": {NotEqualBool(v, false, n, sel, nil), func(i int) bool { return v.IsNull(i) || v.Bool[v.At(i)] }},
				"Rows":      {Rows(nil, n, sel), func(int) bool { return true }},
			} {
				if want := pick(c.want); !slices.Equal(c.got, want) || c.got == nil && name != "Rows" {
					t.Errorf("vector %d, selection %v: %s = %v, want %v", x, sel, name, c.got, want)
				}
			}
		}
	}
}

func TestValidityOfTwoOperandsIsTheConjunction(t *testing.T) {
	const n = 100
	a, b := vector.NewBitmap(n, true), vector.NewBitmap(n, true)
	a.Clear(3)
	b.Clear(70)
	for _, c := range []struct {
		dst, b vector.Bitmap
		nulls  int
	}{{nil, b, 2}, {vector.NewBitmap(200, true), b, 2}, {nil, nil, 1}} {
		got := AndValid(c.dst, a, c.b, n)
		if got.CountNulls(n) != c.nulls || got.Get(3) || got.Get(70) == (c.b != nil) {
			t.Errorf("%d NULLs, want %d", got.CountNulls(n), c.nulls)
		}
	}
}

func TestIntegersAndFloatsAreReadByPosition(t *testing.T) {
	for _, v := range ascending() {
		switch v.Type.Kind {
		case types.KindByte, types.KindShort, types.KindInt, types.KindLong:
			if got := []int64{Int64At(v, 2), Int64At(v, 3)}; fmt.Sprint(got) != "[-1 0]" {
				t.Errorf("%s: %d, want [-1 0]", v.Type, got)
			}
		}
	}
	v := vector.New(types.ArrayOf(types.Float, true), 2)
	v.Children[0].Extend(4)
	copy(v.Children[0].F32, []float32{1, 2, 3, 4})
	v.Children[0].SetNull(3)
	v.Views = []vector.View{{Off: 1, Len: 2}, {Off: 2, Len: 2}}
	if items, whole := Floats(v, 0); !slices.Equal(items, []float32{2, 3}) || !whole {
		t.Errorf("items %v, whole %v", items, whole)
	}
	if _, whole := Floats(v, 1); whole {
		t.Error("a list with a NULL counts as whole")
	}
}
