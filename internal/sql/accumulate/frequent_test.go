package accumulate

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// partial returns the saved state of one group of values.
func partial(t *testing.T, k, tracked int, v *vector.Vector) []*vector.Vector {
	t.Helper()
	a := MostFrequent(v.Type, k, tracked)
	a.Grow(1)
	if err := a.Update(v.Len(), nil, make([]int32, v.Len()), []*vector.Vector{v}); err != nil {
		t.Fatal(err)
	}
	return save(a)
}

func save(a expr.Aggregator) []*vector.Vector {
	state := []*vector.Vector{vector.New(types.Binary, 1)}
	a.Save(0, 1, state)
	return state
}

// topOf merges saved states and returns the result as text.
func topOf(t *testing.T, typ *types.Type, k, tracked int, states ...[]*vector.Vector) string {
	t.Helper()
	a := MostFrequent(typ, k, tracked)
	a.Grow(1)
	for _, s := range states {
		if err := a.Merge([]int32{0}, s); err != nil {
			t.Fatal(err)
		}
	}
	row := types.StructOf(types.Field{Name: "item", Type: typ, Nullable: true}, types.Field{Name: "count", Type: types.Long})
	out := vector.New(types.ArrayOf(row, false), 1)
	if err := a.Finish(0, 1, out); err != nil {
		t.Fatal(err)
	}
	var texts []string
	list := out.Children[0]
	for i := range list.Len() {
		text := "NULL"
		if item := list.Children[0]; !item.IsNull(i) {
			if item.Type.Kind == types.KindInt {
				text = fmt.Sprint(item.I32[i])
			} else {
				text = string(item.Bytes(i))
			}
		}
		texts = append(texts, fmt.Sprintf("%s:%d", text, list.Children[1].I64[i]))
	}
	return strings.Join(texts, " ")
}

func textVector(texts ...string) *vector.Vector {
	v := vector.New(types.String, len(texts))
	for i, s := range texts {
		if v.SetString(i, s); s == "" {
			v.SetNull(i)
		}
	}
	return v
}

// TestMostFrequentIsWhatSparkReturns has results and states of Spark 4.3.0, whose batch queries merge the state of one partition once.
func TestMostFrequentIsWhatSparkReturns(t *testing.T) {
	letters := textVector("b", "a", "c", "a", "", "d")
	if got := topOf(t, types.String, 5, 10000, partial(t, 5, 10000, letters)); got != "a:2 c:1 d:1 b:1 NULL:1" {
		t.Error(got)
	}
	few := partial(t, 5, 10000, textVector("b", "a", "c", "a", ""))
	want := "04010a0e0300000003000000000000000400000000000000000000000000000001000000000000000100000000000000020000000000000001000000630100000062" +
		"01000000610000000000000001"
	if got := hex.EncodeToString(few[0].Bytes(0)); got != want {
		t.Errorf("state %s", got)
	}
	longs := vector.New(types.Long, 3)
	copy(longs.I64, []int64{1, 2, 2})
	want = "04010a040300000002000000000000000300000000000000000000000000000001000000000000000200000000000000010000000000000002000000000000000000000000000000"
	if got := hex.EncodeToString(partial(t, 5, 10, longs)[0].Bytes(0)); got != want {
		t.Errorf("state %s", got)
	}
	squares := vector.New(types.Int, 200)
	for i := range squares.I32 {
		squares.I32[i] = int32((i + 1) * (i + 1) * 7 % 23)
	}
	if got := topOf(t, types.Int, 5, 7, partial(t, 5, 7, squares)); got != "19:18 11:18 15:18 21:18 10:18" {
		t.Error(got)
	}
	many := vector.New(types.String, 3000)
	for i := range 3000 {
		many.SetString(i, fmt.Sprint((i+1)*(i+1)*7%101))
	}
	if got := topOf(t, types.String, 5, 7, partial(t, 5, 7, many)); got != "" {
		t.Error(got)
	}
}

func TestMostFrequentReadsWhatItSaves(t *testing.T) {
	wide, short, mid := types.DecimalOf(30, 2), types.DecimalOf(5, 1), types.DecimalOf(15, 3)
	for _, typ := range []*types.Type{types.Boolean, types.Byte, types.Short, types.Int, types.Long, types.Float, types.Double, types.Date, types.String, wide, short, mid} {
		v := vector.New(typ, 40)
		for i := range v.Len() {
			n := int64(i%7 - 3)
			switch typ.Kind.Storage() {
			case types.KindBoolean:
				v.Bool[i] = n > 0
			case types.KindByte:
				v.I8[i] = int8(n)
			case types.KindShort:
				v.I16[i] = int16(n * 300)
			case types.KindInt:
				v.I32[i] = int32(n * 70000)
			case types.KindLong:
				v.I64[i] = n << 40
			case types.KindFloat:
				v.F32[i] = float32(n) / 3
			case types.KindDouble:
				v.F64[i] = float64(n) / 3
			case types.KindDecimal:
				v.Dec[i] = decimal.FromInt64(n * 1234)
			default:
				v.SetString(i, strings.Repeat("ä", i%7))
			}
		}
		state := partial(t, 5, 100, v)
		a := MostFrequent(typ, 5, 100)
		a.Grow(1)
		if err := a.Merge([]int32{0}, state); err != nil {
			t.Errorf("%s: %v", typ.SQL(), err)
			continue
		}
		b := MostFrequent(typ, 5, 100)
		b.Grow(1)
		if err := b.Merge([]int32{0}, save(a)); err != nil {
			t.Errorf("%s: %v", typ.SQL(), err)
		}
		if typ.Kind == types.KindString || typ.Kind == types.KindInt {
			if x, y := topOf(t, typ, 9, 100, state), topOf(t, typ, 9, 100, save(b)); x != y || strings.Count(x, " ") != 6 {
				t.Errorf("%s: %s, %s", typ.SQL(), x, y)
			}
		}
		damage := state[0].Bytes(0)
		for i := range damage {
			for _, cut := range []bool{false, true} {
				d := vector.New(types.Binary, 1)
				d.SetBytes(0, damage[:i])
				if !cut {
					changed := append([]byte(nil), damage...)
					changed[i] ^= 0x55
					d.SetBytes(0, changed)
				}
				c := MostFrequent(typ, 5, 100)
				c.Grow(1)
				_ = c.Merge([]int32{0}, []*vector.Vector{d}) // must not panic
			}
		}
	}
}

// TestDecimalHashIsThatOfScala has values of scala.math.BigDecimal.hashCode.
func TestDecimalHashIsThatOfScala(t *testing.T) {
	for _, c := range []struct {
		unscaled string
		scale    int
		want     int32
	}{
		{"150", 2, 1069547520}, {"100", 2, 1}, {"0", 2, 0}, {"-5", 0, -5}, {"30000000000", 1, -1294967296}, {"1", 1, -1507852285}, {"10", 1, 1},
		{"123456789012345678901234567890", 4, -1426470111}, {"1000000000000000000000000000000", 3, 1667765888}, {"-7", 3, -1906686607},
		{"33333333333333333333333333333333333", 20, 302782}, {"-123456789012345678", 9, -2032151592}, {"1234567", 3, -617174768},
	} {
		d, _, err := decimal.Parse([]byte(c.unscaled))
		if err != nil {
			t.Fatal(err)
		}
		if got := decimalHash(d, c.scale); got != c.want {
			t.Errorf("%s, scale %d: %d, want %d", c.unscaled, c.scale, got, c.want)
		}
	}
}
