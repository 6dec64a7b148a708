package group_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sql/group"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// An oracle numbers keys with a map.
type oracle struct {
	index map[string]int32
	keys  []string
}

func (o *oracle) number(cols []*vector.Vector, i int) int32 {
	key := string(encoded(cols, i))
	g, known := o.index[key]
	if !known {
		g = int32(len(o.keys))
		o.index[key], o.keys = g, append(o.keys, key)
	}
	return g
}

func encoded(cols []*vector.Vector, i int) (key []byte) {
	for _, v := range cols {
		key = kernel.AppendKey(key, v, i)
	}
	return key
}

func newOracle() *oracle { return &oracle{index: map[string]int32{}} }

// check assigns a batch and compares with the oracle.
func (o *oracle) check(t *testing.T, table *group.Table, n int, sel vector.Selection, cols []*vector.Vector) {
	t.Helper()
	groups := make([]int32, n)
	if err := table.Assign(nil, n, sel, cols, groups); err != nil {
		t.Fatal(err)
	}
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if want := o.number(cols, i); groups[i] != want {
			t.Fatalf("row %d, key %x: group %d, want %d", i, encoded(cols, i), groups[i], want)
		}
	}
}

// checkKeys compares the keys of a table, read in ranges.
func (o *oracle) checkKeys(t *testing.T, table *group.Table) {
	t.Helper()
	if table.Len() != len(o.keys) {
		t.Fatalf("%d keys, want %d", table.Len(), len(o.keys))
	}
	if cols := table.Keys(0, 0); cols[0].Len() != 0 {
		t.Fatal("an empty range has keys")
	}
	const step = 777
	for from := 0; from < table.Len(); from += step {
		cols := table.Keys(from, min(from+step, table.Len()))
		for i := range cols[0].Len() {
			if got := string(encoded(cols, i)); got != o.keys[from+i] {
				t.Fatalf("key %d is %x, want %x", from+i, got, o.keys[from+i])
			}
		}
	}
}

var (
	window  = types.StructOf(types.Field{Name: "start", Type: types.Timestamp}, types.Field{Name: "end", Type: types.Timestamp})
	pair    = types.StructOf(types.Field{Name: "a", Type: types.Int, Nullable: true}, types.Field{Name: "b", Type: types.String, Nullable: true})
	nesting = types.StructOf(types.Field{Name: "w", Type: window, Nullable: true}, types.Field{Name: "d", Type: types.DecimalOf(20, 2), Nullable: true})
)

// keyTypes are lists of types that differ in how keys are stored.
var keyTypes = map[string][]*types.Type{
	"boolean": {types.Boolean}, "tinyint": {types.Byte}, "smallint": {types.Short}, "int": {types.Int}, "bigint": {types.Long}, "date": {types.Date},
	"timestamp": {types.Timestamp}, "time": {types.TimeOf(6)}, "float": {types.Float}, "double": {types.Double}, "decimal": {types.DecimalOf(38, 3)},
	"interval": {types.Interval}, "year-month": {types.YearMonthOf(0, 1)}, "void": {types.Void}, "string": {types.String}, "binary": {types.Binary},
	"bigint, bigint": {types.Long, types.Long}, "int, double, decimal": {types.Int, types.Double, types.DecimalOf(9, 0)},
	"string, bigint": {types.String, types.Long}, "string, string": {types.String, types.String}, "void, string": {types.Void, types.String},
	"window": {window}, "window, string": {window, types.String}, "struct with string": {pair, types.Int}, "nested structs": {nesting, types.Boolean},
	"array": {types.ArrayOf(types.Double, true)}, "map": {types.MapOf(types.String, types.Int, true)},
	"array of structs, string": {types.ArrayOf(pair, true), types.String},
	"too many columns":         slices.Repeat([]*types.Type{types.Int}, 40),
	"many columns and text":    append(slices.Repeat([]*types.Type{types.Byte}, 32), types.String),
}

// fill sets row i to one of few values, NULL among them.
func fill(r *rand.Rand, v *vector.Vector, i, different int) {
	x := r.IntN(different)
	if r.IntN(12) == 0 {
		v.SetNull(i)
		x = math.MaxInt // what a NULL has as its value does not matter
	}
	switch v.Type.Kind {
	case types.KindVoid:
		v.SetNull(i)
	case types.KindBoolean:
		v.Bool[i] = x%2 == 0
	case types.KindByte:
		v.I8[i] = int8(x)
	case types.KindShort:
		v.I16[i] = int16(x)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		v.I32[i] = int32(x) - 3
	case types.KindFloat:
		v.F32[i] = float32(oddFloat(r, x))
	case types.KindDouble:
		v.F64[i] = oddFloat(r, x)
	case types.KindDecimal:
		v.Dec[i] = decimal.Int128{Hi: int64(x % 3), Lo: uint64(x)}
	case types.KindInterval:
		v.Cal[i] = vector.CalendarInterval{Months: int32(x % 3), Days: -int32(x % 5), Micros: int64(x)}
	case types.KindString, types.KindBinary:
		v.SetString(i, "text that differs only at its end: "[x%36:]+string(rune('a'+x%500)))
	case types.KindArray, types.KindMap:
		from, n := v.Children[0].Len(), x%3
		v.Views[i] = vector.View{Off: uint32(from), Len: uint32(n)}
		for _, c := range v.Children {
			c.Extend(from + n)
			for k := range n {
				fill(r, c, from+k, 3)
			}
		}
	case types.KindStruct:
		for _, c := range v.Children {
			fill(r, c, i, different)
		}
	default:
		v.I64[i] = int64(x)<<40 - 5
	}
}

// oddFloat returns zeros and NaNs of both signs among other values.
func oddFloat(r *rand.Rand, x int) float64 {
	switch x % 10 {
	case 0:
		return math.Copysign(0, float64(r.IntN(2))-0.5)
	case 1:
		return math.Copysign(math.NaN(), float64(r.IntN(2))-0.5)
	}
	return float64(x)
}

// columns returns n random rows; some columns may be constant.
func columns(r *rand.Rand, list []*types.Type, n, different int) []*vector.Vector {
	var cols []*vector.Vector
	for _, typ := range list {
		if r.IntN(5) == 0 {
			v := vector.NewConst(typ)
			fill(r, v, 0, different)
			cols = append(cols, v)
			continue
		}
		v := vector.New(typ, n)
		for i := range n {
			fill(r, v, i, different)
		}
		cols = append(cols, v)
	}
	return cols
}

func selection(r *rand.Rand, n int) vector.Selection {
	if r.IntN(3) == 0 {
		return nil
	}
	sel := vector.Selection{}
	for i := range n {
		if r.IntN(3) > 0 {
			sel = append(sel, int32(i))
		}
	}
	return sel
}

func TestKeysAreNumberedInOrderOfFirstOccurrence(t *testing.T) {
	for name, list := range keyTypes {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(4) {
				r := rand.New(rand.NewPCG(seed, 1))
				table, want := group.New(list...), newOracle()
				want.checkKeys(t, table)
				for range 8 {
					n := 1 + r.IntN(3000)
					want.check(t, table, n, selection(r, n), columns(r, list, n, 1+r.IntN(4000)))
				}
				want.checkKeys(t, table)
			}
		})
	}
}

func TestATableThatIsResetStartsAnew(t *testing.T) {
	for name, list := range keyTypes {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(8, 1))
			table := group.New(list...)
			for range 12 {
				want := newOracle()
				for range 1 + r.IntN(3) {
					n := 1 + r.IntN(1<<r.IntN(13))
					want.check(t, table, n, selection(r, n), columns(r, list, n, 1+r.IntN(4000)))
				}
				want.checkKeys(t, table)
				table.Reset()
				newOracle().checkKeys(t, table)
			}
		})
	}
}

func TestMergedTablesHaveTheKeysOfBoth(t *testing.T) {
	for name, list := range keyTypes {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			merged, want := group.New(list...), newOracle()
			for range 3 {
				part := group.New(list...)
				newOracle().check(t, part, 2000, nil, columns(r, list, 2000, 800))
				want.check(t, merged, part.Len(), nil, part.Keys(0, part.Len()))
			}
			want.checkKeys(t, merged)
		})
	}
}

func TestKeysThatAreCloseTogetherMayBeJoinedByOthers(t *testing.T) {
	for _, typ := range []*types.Type{types.Long, types.Date, types.Short, types.Double} {
		r := rand.New(rand.NewPCG(9, uint64(typ.Kind)))
		table, want := group.New(typ), newOracle()
		for batch := range 40 {
			v := vector.New(typ, 1+r.IntN(3000))
			for i := range v.Len() {
				x := r.IntN(20_000) - 10_000
				if r.IntN(100) < batch { // at last, most of the keys are far away
					x = (x + 20_000) * 100_003
				}
				switch typ.Kind {
				case types.KindLong:
					v.I64[i] = int64(x)
				case types.KindDate:
					v.I32[i] = int32(x)
				case types.KindShort:
					v.I16[i] = int16(x)
				case types.KindDouble:
					v.F64[i] = float64(x)
				}
			}
			for range r.IntN(3) {
				v.SetNull(r.IntN(v.Len()))
			}
			want.check(t, table, v.Len(), selection(r, v.Len()), []*vector.Vector{v})
		}
		want.checkKeys(t, table)
	}
}

// 600,000 keys have some 40 pairs with equal tags, which only their keys tell apart.
func TestKeysWithEqualTagsAreDifferent(t *testing.T) {
	table, want := group.New(types.Long), newOracle()
	for from := 0; from < 600_000; from += 50_000 {
		v := vector.New(types.Long, 50_000)
		for i := range v.I64 {
			v.I64[i] = int64(from+i) * 3
		}
		want.check(t, table, v.Len(), nil, []*vector.Vector{v})
	}
	want.checkKeys(t, table)
}

func TestRegularKeysDoNotCluster(t *testing.T) {
	for _, step := range []int64{1, 2, 10, 1 << 10, 1_000_000, 60_000_000, 1 << 32, 1<<43 + 1} {
		v := vector.New(types.Long, 100_000)
		for i := range v.I64 {
			v.I64[i] = int64(i) * step
		}
		table := group.New(types.Long)
		if err := table.Assign(nil, v.Len(), nil, []*vector.Vector{v}, make([]int32, v.Len())); err != nil {
			t.Fatal(err)
		}
		if mean := table.MeanProbes(); mean > 1.7 { // random hashes: up to 1.5
			t.Errorf("multiples of %d: %.2f slots are read for a key", step, mean)
		}
	}
}

func TestWithoutColumnsThereIsOneKey(t *testing.T) {
	table, groups := group.New(), []int32{7, 7, 7}
	if err := table.Assign(nil, 3, nil, nil, groups); err != nil {
		t.Fatal(err)
	}
	if table.Len() != 1 || !slices.Equal(groups, []int32{0, 0, 0}) || len(table.Keys(0, 1)) != 0 {
		t.Errorf("%d keys, groups %v", table.Len(), groups)
	}
}

func TestATableStaysWithinTheMemoryLimit(t *testing.T) {
	memory.Limit(1 << 20)
	defer memory.Limit(0)
	for name, list := range map[string][]*types.Type{"bigint": {types.Long}, "string": {types.String}, "array": {types.ArrayOf(types.Double, true)}} {
		table, r := group.New(list...), rand.New(rand.NewPCG(1, 2))
		var err error
		for i := 0; i < 100 && err == nil; i++ {
			cols := []*vector.Vector{vector.New(list[0], 2000)}
			for k := range 2000 {
				fill(r, cols[0], k, 1<<40)
				if list[0].Kind == types.KindString {
					cols[0].SetString(k, string(rune(i*2000+k))+"some text")
				}
			}
			err = table.Assign(nil, 2000, nil, cols, make([]int32, 2000))
		}
		var exceeded *memory.Exceeded
		if name != "array" && !errors.As(err, &exceeded) {
			t.Errorf("%s: %v after %d keys", name, err, table.Len())
		}
		table.Release()
		if room := (&memory.Holding{}).Room(); room != 1<<20 {
			t.Errorf("%s: %d bytes of room afterwards", name, room)
		}
	}
}

func TestAssignStops(t *testing.T) {
	for after := range 40 {
		looks := 0
		stop := halt.When(func() error {
			if looks++; looks > after {
				return context.Canceled
			}
			return nil
		})
		v := longs(200_000, 100_000)
		err := group.New(types.Long).Assign(stop, v.Len(), nil, []*vector.Vector{v}, make([]int32, v.Len()))
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("after %d looks: %v", after, err)
		}
	}
}

func FuzzTable(f *testing.F) {
	names := make([]string, 0, len(keyTypes))
	for name := range keyTypes {
		names = append(names, name)
	}
	slices.Sort(names)
	f.Add(uint64(1), uint8(0), uint16(10), uint16(3))
	f.Add(uint64(2), uint8(7), uint16(3000), uint16(2000))
	f.Fuzz(func(t *testing.T, seed uint64, kind uint8, rows, different uint16) {
		r := rand.New(rand.NewPCG(seed, 5))
		list := slices.Concat(keyTypes[names[int(kind)%len(names)]], keyTypes[names[r.IntN(len(names))]])
		table, want := group.New(list...), newOracle()
		for range 1 + r.IntN(4) {
			n := 1 + int(rows)%5000
			want.check(t, table, n, selection(r, n), columns(r, list, n, 1+int(different)))
			if r.IntN(4) == 0 {
				table.Reset()
				want = newOracle()
			}
		}
		want.checkKeys(t, table)
	})
}
