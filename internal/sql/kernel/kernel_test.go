package kernel

import (
	"math"
	"testing"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// lists returns a vector of array<struct<n: int, s: string>>; nil is a NULL array, a nil member a NULL struct.
func lists(rows ...[]any) *vector.Vector {
	elem := types.StructOf(types.Field{Name: "n", Type: types.Int, Nullable: true}, types.Field{Name: "s", Type: types.String, Nullable: true})
	v := vector.New(types.ArrayOf(elem, true), len(rows))
	items := v.Children[0]
	for i, row := range rows {
		if row == nil {
			v.SetNull(i)
			continue
		}
		at := items.Len()
		items.Extend(at + len(row))
		for k, x := range row {
			switch x := x.(type) {
			case nil:
				items.SetNull(at + k)
			case int:
				items.Children[0].I32[at+k] = int32(x)
				items.Children[1].SetNull(at + k)
			case string:
				items.Children[0].I32[at+k] = 7
				items.Children[1].SetString(at+k, x)
			}
		}
		v.Views[i] = vector.View{Off: uint32(at), Len: uint32(len(row))}
	}
	return v
}

func TestCompareOrdersNestedValues(t *testing.T) {
	// In ascending order: NULL first, element by element, shorter lists first.
	v := lists(nil, []any{}, []any{nil}, []any{1}, []any{1, 1}, []any{7}, []any{"a"}, []any{"b"})
	for i := range v.Len() {
		for j := range v.Len() {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := Compare(v, i, v, j); got != want {
				t.Errorf("Compare(%d, %d) = %d, want %d", i, j, got, want)
			}
		}
	}
}

func TestCompareFloatOrdersNaNLast(t *testing.T) {
	nan, negZero := math.NaN(), math.Copysign(0, -1)
	for _, c := range []struct {
		a, b float64
		want int
	}{{nan, nan, 0}, {nan, math.Inf(1), 1}, {1, nan, -1}, {0, negZero, 0}, {-1, 1, -1}} {
		if got := CompareFloat(c.a, c.b); got != c.want {
			t.Errorf("CompareFloat(%v, %v) = %d", c.a, c.b, got)
		}
	}
}

func TestCopiesAreEqualAndIndependent(t *testing.T) {
	v := lists([]any{1, "x"}, nil, []any{}, []any{"yy", nil, 3}, []any{nil})
	rows := []int32{3, 0, 0, 1, 4, 2}
	var out vector.Vector
	Gather(&out, v, rows)
	for i, r := range rows {
		if Compare(&out, i, v, int(r)) != 0 {
			t.Errorf("row %d differs from row %d", i, r)
		}
	}
	merged := vector.New(v.Type, v.Len())
	CopyRows(merged, v, v.Len(), vector.Selection{0, 3})
	CopyRows(merged, v, v.Len(), vector.Selection{1, 2, 4})
	for i := range v.Len() {
		if Compare(merged, i, v, i) != 0 {
			t.Errorf("merged row %d differs", i)
		}
	}
}

func TestConstantTextIsCopiedOnce(t *testing.T) {
	c := vector.NewConst(types.String)
	c.SetString(0, "abc")
	out := vector.New(types.String, 10)
	CopyRows(out, c, 10, vector.Selection{1, 5, 9})
	if string(out.Bytes(5)) != "abc" || len(out.Data) != 3 {
		t.Errorf("%q in %d bytes", out.Bytes(5), len(out.Data))
	}
}

func TestSelections(t *testing.T) {
	const n = 130
	v := vector.New(types.Boolean, n)
	for i := range n {
		v.Bool[i] = i%3 == 0
		if i%5 == 0 {
			v.SetNull(i)
		}
	}
	for _, sel := range []vector.Selection{nil, {}, {0, 3, 5, 6, 129}} {
		yes, no := Split(v, n, sel, nil, nil)
		some, null := SplitNull(v, n, sel, nil, nil)
		trues := True(v, n, sel, nil)
		values := NotNull(v.Valid, n, sel, nil)
		if yes == nil || no == nil || trues == nil || some == nil || null == nil || values == nil {
			t.Fatal("an empty selection must not be nil, which means all rows")
		}
		if len(yes)+len(no) != Count(n, sel) || len(some)+len(null) != Count(n, sel) || len(trues) != len(yes) || len(values) != len(some) {
			t.Errorf("parts of %v do not add up", sel)
		}
		for _, i := range yes {
			if i%3 != 0 || i%5 == 0 {
				t.Errorf("row %d is not true", i)
			}
		}
	}
}

func TestAllSetChecksOnlyTheFirstBits(t *testing.T) {
	b := vector.NewBitmap(130, true)
	b.Clear(129)
	for n, want := range map[int]bool{0: true, 64: true, 129: true, 130: false} {
		if AllSet(b, n) != want {
			t.Errorf("AllSet of %d is %v", n, !want)
		}
	}
}
