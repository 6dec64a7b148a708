package valuetext

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

// one returns a vector of one value.
func one(t *types.Type, set func(v *vector.Vector)) *vector.Vector {
	v := vector.New(t, 1)
	set(v)
	return v
}

func text(s string) *vector.Vector {
	return one(types.String, func(v *vector.Vector) { v.SetString(0, s) })
}

func ints(t *types.Type, values ...int32) *vector.Vector {
	v := vector.New(t, len(values))
	copy(v.I32, values)
	return v
}

func TestScalarsHaveSparkText(t *testing.T) {
	tokyo, err := datetime.LoadZone("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	long := func(t *types.Type, x int64) *vector.Vector {
		return one(t, func(v *vector.Vector) { v.I64[0] = x })
	}
	for _, c := range []struct {
		v          *vector.Vector
		show, cast string
	}{
		{one(types.Boolean, func(v *vector.Vector) { v.Bool[0] = true }), "true", "true"},
		{one(types.Byte, func(v *vector.Vector) { v.I8[0] = -128 }), "-128", "-128"},
		{one(types.Short, func(v *vector.Vector) { v.I16[0] = 300 }), "300", "300"},
		{ints(types.Int, -2147483648), "-2147483648", "-2147483648"},
		{long(types.Long, 1<<62), "4611686018427387904", "4611686018427387904"},
		{one(types.Float, func(v *vector.Vector) { v.F32[0] = 0.1 }), "0.1", "0.1"},
		{one(types.Double, func(v *vector.Vector) { v.F64[0] = 1e7 }), "1.0E7", "1.0E7"},
		{one(types.DecimalOf(38, 18), func(v *vector.Vector) { v.Dec[0] = decimal.FromInt64(-100000000) }), "-0.000000000100000000", "-0.000000000100000000"},
		{text("a\nb"), "a\nb", "a\nb"},
		{one(types.Binary, func(v *vector.Vector) { v.SetString(0, "ab\xff") }), "[61 62 FF]", "ab\xff"},
		{one(types.Binary, func(v *vector.Vector) { v.SetString(0, "") }), "[]", ""},
		{one(types.Variant, setVariant), `{"a":1}`, `{"a":1}`},
		{ints(types.Date, 19782), "2024-02-29", "2024-02-29"},
		{long(types.Timestamp, 0), "1970-01-01 09:00:00", "1970-01-01 09:00:00"},
		{long(types.TimestampNTZ, 1500000), "1970-01-01 00:00:01.5", "1970-01-01 00:00:01.5"},
		{long(types.TimeOf(6), 3723500000000), "01:02:03.5", "01:02:03.5"},
		{ints(types.YearMonthOf(types.Year, types.Month), 14), "INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '1-2' YEAR TO MONTH"},
		{long(types.DayTimeOf(types.Day, types.Second), 1500000), "INTERVAL '0 00:00:01.5' DAY TO SECOND", "INTERVAL '0 00:00:01.5' DAY TO SECOND"},
		{one(types.Interval, func(v *vector.Vector) { v.Cal[0] = vector.CalendarInterval{Months: 14, Days: 3} }), "1 years 2 months 3 days", "1 years 2 months 3 days"},
		{vector.NewNull(types.Int), "NULL", ""},
		{vector.New(types.Void, 1), "NULL", ""},
	} {
		for show, want := range map[bool]string{true: c.show, false: c.cast} {
			if got := string(AppendValue(nil, c.v, 0, Options{Zone: tokyo, Show: show})); got != want {
				t.Errorf("%v with show=%v is %q, want %q", c.v.Type, show, got, want)
			}
		}
	}
	if got := string(AppendValue(nil, long(types.Timestamp, 0), 0, Options{})); got != "1970-01-01 00:00:00" {
		t.Errorf("a timestamp without zone is %q", got)
	}
}

func TestNestedValuesHaveSparkText(t *testing.T) {
	numbers := ints(types.Int, 1, 0, 3)
	numbers.SetNull(1)
	array := one(types.ArrayOf(types.Int, true), func(v *vector.Vector) {
		v.Views[0] = vector.View{Off: 0, Len: 3}
		v.Children[0] = numbers
	})
	bytes := one(types.Binary, func(v *vector.Vector) { v.SetString(0, "xy") })
	structType := types.StructOf(types.Field{Name: "a", Type: types.Int}, types.Field{Name: "b", Type: types.Binary}, types.Field{Name: "c", Type: types.Void})
	record := one(structType, func(v *vector.Vector) {
		v.Children[0], v.Children[1] = ints(types.Int, 7), bytes
	})
	mapping := one(types.MapOf(types.Int, types.Int, true), func(v *vector.Vector) {
		v.Views[0] = vector.View{Off: 0, Len: 2}
		v.Children[0], v.Children[1] = ints(types.Int, 5, 6), numbers
	})
	nested := one(types.ArrayOf(structType, true), func(v *vector.Vector) {
		v.Views[0] = vector.View{Off: 0, Len: 1}
		v.Children[0] = record
	})
	empty := one(types.ArrayOf(types.Int, true), func(v *vector.Vector) { v.Views[0] = vector.View{} })
	for _, c := range []struct {
		v          *vector.Vector
		show, cast string
	}{
		{array, "[1, NULL, 3]", "[1, null, 3]"},
		{mapping, "{5 -> 1, 6 -> NULL}", "{5 -> 1, 6 -> null}"},
		{record, "{7, [78 79], NULL}", "{7, xy, null}"},
		{nested, "[{7, [78 79], NULL}]", "[{7, xy, null}]"},
		{empty, "[]", "[]"},
		{vector.New(types.StructOf(), 1), "{}", "{}"},
	} {
		for show, want := range map[bool]string{true: c.show, false: c.cast} {
			if got := string(AppendValue(nil, c.v, 0, Options{Show: show})); got != want {
				t.Errorf("%v with show=%v is %q, want %q", c.v.Type, show, got, want)
			}
		}
	}
}

func TestConstantsApplyToEveryRow(t *testing.T) {
	v := vector.NewConst(types.Long)
	v.I64[0] = 42
	if got := string(AppendValue(nil, v, 17, Options{})); got != "42" {
		t.Errorf("row 17 is %q", got)
	}
}

func TestWritingPlainValuesDoesNotAllocate(t *testing.T) {
	values := []*vector.Vector{
		text("abc"), ints(types.Int, 5), ints(types.Date, 5),
		one(types.Double, func(v *vector.Vector) { v.F64[0] = 0.1 }),
		one(types.DecimalOf(38, 2), func(v *vector.Vector) { v.Dec[0] = decimal.Pow10(30) }),
		one(types.Timestamp, func(v *vector.Vector) { v.I64[0] = 1e15 }),
	}
	buf := make([]byte, 0, 100)
	for _, v := range values {
		if n := testing.AllocsPerRun(10, func() { AppendValue(buf, v, 0, Options{Zone: datetime.UTC}) }); n > 0 {
			t.Errorf("%v allocates %v times", v.Type, n)
		}
	}
	for _, s := range []string{"12.5", "1e-7", "12345678901234567890.5", "nan"} {
		b := []byte(s)
		if n := testing.AllocsPerRun(10, func() { ParseDouble(b); ParseInteger(b, 32); ParseDecimal(b, 38, 10) }); n > 0 {
			t.Errorf("reading %s allocates %v times", s, n)
		}
	}
}

func TestShortDecimalsHaveTheShortestText(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 100000 {
		f, _ := strconv.ParseFloat(strconv.Itoa(r.IntN(2e9)-1e9)+"e-"+strconv.Itoa(r.IntN(9)), 64)
		if r.IntN(4) == 0 {
			f = (r.Float64() - 0.5) * 1e7
		}
		if f > -1e-3 && f < 1e-3 || f >= 1e7 || f <= -1e7 {
			continue
		}
		want := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(want, ".") {
			want += ".0"
		}
		if got := string(AppendDouble(nil, f)); got != want {
			t.Fatalf("%v is written as %s, want %s", f, got, want)
		}
	}
}

// setVariant makes row 0 the variant {"a":1}.
func setVariant(v *vector.Vector) {
	var b variant.Builder
	o := b.Open()
	b.Key(o, []byte("a"))
	b.Int(1)
	if err := b.CloseObject(o); err != nil {
		panic(err)
	}
	v.Data, _ = b.AppendStored(v.Data)
	v.CloseBytes(0, 0)
}
