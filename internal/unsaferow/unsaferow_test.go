package unsaferow_test

import (
	"encoding/hex"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// TestBytesAreSparks compares with rows that Spark 4.3.0 made of the expressions in the comments.
func TestBytesAreSparks(t *testing.T) {
	for _, c := range []struct{ name, ddl, row string }{
		{"array(1, NULL)", "array<decimal(38,0)>", "0000000000000000280000001000000002000000000000000200000000000000010000002000000000000000000000000100000000000000"},
		{"array(make_interval(0,1,0,2), NULL)", "array<interval>", "00000000000000003000000010000000020000000000000002000000000000001000000020000000000000000000000001000000020000000000000000000000"},
		{"NULL", "interval", "0100000000000000100000001000000000000000000000000000000000000000"},
		{"NULL", "decimal(30,2)", "0100000000000000000000001000000000000000000000000000000000000000"},
		{"-1", "decimal(30,2)", "000000000000000001000000100000009c000000000000000000000000000000"},
		{"array(NULL, NULL)", "array<void>", "000000000000000020000000100000000200000000000000030000000000000000000000000000000000000000000000"},
		{"array(true, NULL, false)", "array<boolean>", "00000000000000001800000010000000030000000000000002000000000000000100000000000000"},
		{"array(1S, NULL, 3S)", "array<smallint>", "00000000000000001800000010000000030000000000000002000000000000000100000003000000"},
		{"map(1, 'a', 2, NULL)", "map<int,string>", "00000000000000004800000010000000180000000000000002000000000000000000000000000000010000000200000002000000000000000200000000000000010000002000000000000000000000006100000000000000"},
		{`parse_json('{"a":1}')`, "variant", "000000000000000010000000100000000700000002010000020c010101000161"},
		{"array('abc', NULL, '')", "array<string>", "00000000000000003000000010000000030000000000000002000000000000000300000028000000000000000000000000000000300000006162630000000000"},
		{"named_struct('a', 0, 'b', NULL)", "struct<a:bigint,b:decimal(38,0)>", "0000000000000000280000001000000002000000000000000000000000000000000000001800000000000000000000000000000000000000"},
		{"array(named_struct('a', 1))", "array<struct<a:int>>", "0000000000000000280000001000000001000000000000000000000000000000100000001800000000000000000000000100000000000000"},
		{"array(1.5, NULL)", "array<decimal(5,2)>", "000000000000000020000000100000000200000000000000020000000000000096000000000000000000000000000000"},
		{"array(DATE'2020-01-01')", "array<date>", "00000000000000001800000010000000010000000000000000000000000000005647000000000000"},
	} {
		typ, err := types.ParseType(c.ddl)
		if err != nil {
			t.Fatal(err)
		}
		row, _ := hex.DecodeString(c.row)
		d := unsaferow.NewDecoder([]*types.Type{typ})
		cols := d.Columns()
		if err := d.Append(row, cols); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := hex.EncodeToString(unsaferow.NewEncoder([]*types.Type{typ}).Append(nil, cols, 0)); got != c.row {
			t.Errorf("%s as %s:\n got %s\nwant %s", c.name, c.ddl, got, c.row)
		}
	}
}

// TestKeysAreNormalized checks that equal keys have equal bytes, in nested values too, and that values keep their bits.
func TestKeysAreNormalized(t *testing.T) {
	nan := math.Float64frombits(0x7ff8000000000001)
	list := vector.New(types.ArrayOf(types.Double, true), 2)
	list.Children[0].Extend(4)
	copy(list.Children[0].F64, []float64{0, math.NaN(), math.Copysign(0, -1), nan})
	list.Views[0], list.Views[1] = vector.View{Off: 0, Len: 2}, vector.View{Off: 2, Len: 2}
	single := vector.New(types.Float, 2)
	single.F32[0], single.F32[1] = 0, float32(math.Copysign(0, -1))
	ts, cols := []*types.Type{list.Type, types.Float}, []*vector.Vector{list, single}
	key, value := unsaferow.NewKeyEncoder(ts), unsaferow.NewEncoder(ts)
	if a, b := key.Append(nil, cols, 0), key.Append(nil, cols, 1); string(a) != string(b) {
		t.Errorf("equal keys have different bytes:\n%x\n%x", a, b)
	}
	if a, b := value.Append(nil, cols, 0), value.Append(nil, cols, 1); string(a) == string(b) {
		t.Error("-0.0 and another NaN were changed in a value")
	}
}

// TestRandomRows encodes, decodes and encodes again.
func TestRandomRows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		ts := make([]*types.Type, random.IntN(5))
		if random.IntN(50) == 0 {
			ts = make([]*types.Type, 60+random.IntN(80))
		}
		cols, back := make([]*vector.Vector, len(ts)), make([]*vector.Vector, len(ts))
		const rows = 3
		for i := range ts {
			ts[i] = randomType(random, 3)
			cols[i], back[i] = vector.New(ts[i], rows), vector.New(ts[i], 0)
			for r := range rows {
				setRandom(random, cols[i], r, 4)
			}
		}
		e, d := unsaferow.NewEncoder(ts), unsaferow.NewDecoder(ts)
		var encoded [rows]string
		for r := range rows {
			row := e.Append([]byte("before"), cols, r)[len("before"):]
			encoded[r] = string(row)
			if err := d.Append(row, back); err != nil {
				t.Fatalf("%v: %v", ts, err)
			}
		}
		for r := range rows {
			if got := e.Append(nil, back, r); string(got) != encoded[r] {
				t.Fatalf("%v: row %d is\n%x, decoded and encoded again\n%x", ts, r, encoded[r], got)
			}
		}
	}
}

// TestExtendedRows checks that a row with one more column has the bytes of one that was encoded with it, and that it can be removed.
func TestExtendedRows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	for range 2000 {
		ts := make([]*types.Type, random.IntN(5))
		if random.IntN(20) == 0 {
			ts = make([]*types.Type, 60+random.IntN(10))
		}
		cols := make([]*vector.Vector, len(ts))
		for i := range ts {
			ts[i] = randomType(random, 2)
			cols[i] = vector.New(ts[i], 1)
			setRandom(random, cols[i], 0, 4)
		}
		last := vector.New(types.Long, 1)
		last.I64[0] = random.Int64()
		row := unsaferow.NewEncoder(ts).Append(nil, cols, 0)
		want := unsaferow.NewEncoder(append(ts[:len(ts):len(ts)], types.Long)).Append(nil, append(cols[:len(ts):len(ts)], last), 0)
		x := unsaferow.NewExtender(ts)
		longer := x.Append([]byte("before"), row, last.I64[0])[len("before"):]
		if string(longer) != string(want) {
			t.Fatalf("%v: the extended row is\n%x, want\n%x", ts, longer, want)
		}
		if back := x.Strip([]byte("before"), longer)[len("before"):]; string(back) != string(row) {
			t.Fatalf("%v: without the column it is\n%x, want\n%x", ts, back, row)
		}
	}
}

var scalars = []*types.Type{
	types.Void, types.Boolean, types.Byte, types.Short, types.Int, types.Long, types.Float, types.Double, types.String, types.Binary, types.Date,
	types.Timestamp, types.TimestampNTZ, types.Interval, types.DecimalOf(7, 2), types.DecimalOf(18, 0), types.DecimalOf(19, 4), types.DecimalOf(38, 10),
	types.TimeOf(6), types.YearMonthOf(types.Year, types.Month), types.DayTimeOf(types.Day, types.Second),
}

func randomType(random *rand.Rand, depth int) *types.Type {
	if depth == 0 || random.IntN(2) == 0 {
		return scalars[random.IntN(len(scalars))]
	}
	switch random.IntN(3) {
	case 0:
		return types.ArrayOf(randomType(random, depth-1), true)
	case 1:
		return types.MapOf(randomType(random, depth-1), randomType(random, depth-1), true)
	}
	fields := make([]types.Field, random.IntN(4))
	for i := range fields {
		fields[i] = types.Field{Name: string(rune('a' + i)), Type: randomType(random, depth-1), Nullable: true}
	}
	return types.StructOf(fields...)
}

func setRandom(random *rand.Rand, v *vector.Vector, i, nulls int) {
	if v.Type.Kind == types.KindVoid || random.IntN(nulls) == 0 {
		v.SetNull(i)
		return
	}
	switch bits := random.Uint64() >> random.IntN(64); v.Type.Kind.Storage() {
	case types.KindBoolean:
		v.Bool[i] = bits&1 != 0
	case types.KindByte:
		v.I8[i] = int8(bits)
	case types.KindShort:
		v.I16[i] = int16(bits)
	case types.KindInt:
		v.I32[i] = int32(bits)
	case types.KindLong:
		v.I64[i] = int64(bits)
	case types.KindFloat:
		v.F32[i] = math.Float32frombits(uint32(bits))
	case types.KindDouble:
		v.F64[i] = math.Float64frombits(bits)
	case types.KindDecimal:
		v.Dec[i] = randomDecimal(random, v.Type.Precision)
	case types.KindInterval:
		v.Cal[i] = vector.CalendarInterval{Months: int32(bits), Days: int32(random.Uint32()), Micros: int64(random.Uint64())}
	case types.KindString, types.KindBinary:
		text := make([]byte, random.IntN(20))
		for k := range text {
			text[k] = byte(random.Uint32())
		}
		v.SetBytes(i, text)
	case types.KindStruct:
		for _, c := range v.Children {
			setRandom(random, c, i, nulls)
		}
	case types.KindArray, types.KindMap:
		from, n := v.Children[0].Len(), random.IntN(4)
		if random.IntN(20) == 0 {
			n = 60 + random.IntN(10)
		}
		v.Views[i] = vector.View{Off: uint32(from), Len: uint32(n)}
		for _, c := range v.Children {
			c.Extend(from + n)
			for k := range n {
				setRandom(random, c, from+k, nulls*2)
			}
		}
	}
}

func randomDecimal(random *rand.Rand, precision int) decimal.Int128 {
	for {
		d := decimal.Int128{Hi: int64(random.Uint64()) >> random.IntN(64), Lo: random.Uint64()}
		if random.IntN(2) == 0 {
			d = decimal.FromInt64(int64(random.Uint64()) >> random.IntN(64))
		}
		if decimal.Fits(d, precision) {
			return d
		}
	}
}
