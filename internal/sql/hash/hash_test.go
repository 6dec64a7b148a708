package hash_test

import (
	"errors"
	"math"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/hash"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// one returns a vector with the single row that set stores.
func one(t *types.Type, set func(v *vector.Vector)) *vector.Vector {
	v := vector.New(t, 1)
	set(v)
	return v
}

func integer(i int32) *vector.Vector {
	return one(types.Int, func(v *vector.Vector) { v.I32[0] = i })
}

func long(t *types.Type, i int64) *vector.Vector {
	return one(t, func(v *vector.Vector) { v.I64[0] = i })
}

func float(f float32) *vector.Vector {
	return one(types.Float, func(v *vector.Vector) { v.F32[0] = f })
}

func double(f float64) *vector.Vector {
	return one(types.Double, func(v *vector.Vector) { v.F64[0] = f })
}

func text(s string) *vector.Vector {
	return one(types.String, func(v *vector.Vector) { v.SetString(0, s) })
}

func number(digits string, precision, scale int) *vector.Vector {
	d, _, err := decimal.Parse([]byte(digits))
	if err != nil {
		panic(err)
	}
	return one(types.DecimalOf(precision, scale), func(v *vector.Vector) { v.Dec[0] = d })
}

func null(t *types.Type) *vector.Vector {
	return one(t, func(v *vector.Vector) { v.SetNull(0) })
}

// listOfNull returns array(1, NULL, 3).
func listOfNull() *vector.Vector {
	return one(types.ArrayOf(types.Int, true), func(v *vector.Vector) {
		items := v.Children[0]
		items.Extend(3)
		items.I32[0], items.I32[2] = 1, 3
		items.SetNull(1)
		v.Views[0] = vector.View{Off: 0, Len: 3}
	})
}

func pair() *vector.Vector {
	v := vector.New(types.StructOf(types.Field{Name: "a", Type: types.Int}, types.Field{Name: "b", Type: types.String}), 1)
	v.Children[0].I32[0] = 1
	v.Children[1].SetString(0, "x")
	return v
}

// The hashes are those that Spark 4.3.0 returns for hash(value) and xxhash64(value).
func TestHashesMatchSpark(t *testing.T) {
	for _, c := range []struct {
		name    string
		value   *vector.Vector
		murmur3 int32
		xx      int64
	}{
		{"true", one(types.Boolean, func(v *vector.Vector) { v.Bool[0] = true }), -559580957, -6698625589789238999},
		{"tinyint", one(types.Byte, func(v *vector.Vector) { v.I8[0] = -5 }), 1369497261, 9201179564109417620},
		{"smallint", one(types.Short, func(v *vector.Vector) { v.I16[0] = 300 }), -2133297984, 4595878464234128934},
		{"int", integer(7), 1079293707, 2786828215451145335},
		{"negative int", integer(-1), -1604776387, 2017008487422258757},
		{"date", one(types.Date, func(v *vector.Vector) { v.I32[0] = 19782 }), 653915859, 4183429117450946631},
		{"bigint", long(types.Long, 123456789012), -1439831649, 3056854389786727671},
		{"timestamp", long(types.TimestampNTZ, 1704067200000000), 1545358984, 3859582417520161651},
		{"float zero", float(0), 933211791, 3614696996920510707},
		{"float negative zero", float(float32(math.Copysign(0, -1))), 933211791, 3614696996920510707},
		{"float", float(1.5), -221251528, 6163473420726370430},
		{"float NaN", float(float32(math.NaN())), -349261430, 2692338816207849720},
		{"double negative zero", double(math.Copysign(0, -1)), -1670924195, -5252525462095825812},
		{"double", double(0.1), -1777758357, -4684694357984311926},
		{"double NaN", double(math.NaN()), -1281358385, -3127944061524951246},
		{"short decimal", number("1234", 4, 2), -1028144669, -3802813071951760351},
		{"long decimal", number("-1234567890123456789012", 22, 2), 333635401, 2794727827352827620},
		{"empty string", text(""), 142593372, -7444071767201028348},
		{"one byte", text("a"), 1485273170, -8582455328737087284},
		{"three bytes", text("abc"), 1322437556, 1423657621850124518},
		{"four bytes", text("abcd"), -396302900, -6810745876291105281},
		{"five bytes", text("Spark"), 228093765, -4294468057691064905},
		{"bytes above 0x7F", text("日本語€"), -1604377747, -8268988574991345251},
		{"more than a stripe", text("01234567890123456789012345678901234567890123456789"), 1800817318, 2204704844722086602},
		{"binary", one(types.Binary, func(v *vector.Vector) { v.SetBytes(0, []byte{0, 0xFF, 0x80}) }), -2052482636, 7869338589911211550},
		{"interval", one(types.Interval, func(v *vector.Vector) {
			v.Cal[0] = vector.CalendarInterval{Months: 14, Days: 3}
		}), -1203597239, -9135508709367131849},
		{"months", one(types.YearMonthOf(types.Year, types.Month), func(v *vector.Vector) { v.I32[0] = 14 }), 335551368, -3715488255824917081},
		{"list", listOfNull(), 1066699649, -3383274367486667931},
		{"struct", pair(), -1305545736, 8510603489595372987},
		{"null", null(types.Int), hash.Seed, hash.Seed},
	} {
		var steps halt.Steps
		if got := int32(hash.Murmur3.Value(&steps, c.value, 0, hash.Seed)); got != c.murmur3 {
			t.Errorf("Murmur3 of %s is %d, want %d", c.name, got, c.murmur3)
		}
		if got := int64(hash.XXHash64.Value(&steps, c.value, 0, hash.Seed)); got != c.xx {
			t.Errorf("xxHash64 of %s is %d, want %d", c.name, got, c.xx)
		}
	}
}

func TestMurmur3OfPlainValuesIsThatOfVectors(t *testing.T) {
	var steps halt.Steps
	if got, want := hash.Murmur3Int(7, hash.Seed), uint32(hash.Murmur3.Value(&steps, integer(7), 0, hash.Seed)); got != want {
		t.Errorf("the hash of 7 is %d, want %d", got, want)
	}
	if got, want := hash.Murmur3Bytes([]byte("Spark"), hash.Seed), uint32(hash.Murmur3.Value(&steps, text("Spark"), 0, hash.Seed)); got != want {
		t.Errorf("the hash of Spark is %d, want %d", got, want)
	}
}

func TestHashOfALongListStops(t *testing.T) {
	const items = 1 << 20
	list := one(types.ArrayOf(types.Int, false), func(v *vector.Vector) {
		v.Children[0].Extend(items)
		v.Views[0] = vector.View{Len: items}
	})
	ended := errors.New("ended")
	flag := halt.When(func() error { return ended })
	defer func() {
		if p, ok := recover().(halt.Panic); !ok || !errors.Is(p.Err, ended) {
			t.Errorf("hashing did not stop: %v", p)
		}
	}()
	hash.Murmur3.Value(&halt.Steps{Stop: flag}, list, 0, hash.Seed)
}

// The codes are those of java.lang.Long.hashCode and similar, and of scala.runtime.Statics.anyHash.
func TestHashCodesMatchJavaAndScala(t *testing.T) {
	for _, c := range []struct {
		name        string
		value       *vector.Vector
		java, scala int32
	}{
		{"true", one(types.Boolean, func(v *vector.Vector) { v.Bool[0] = true }), 1231, 1231},
		{"false", one(types.Boolean, func(*vector.Vector) {}), 1237, 1237},
		{"int", integer(-3), -3, -3},
		{"long within int", long(types.Long, -3), 2, -3},
		{"long", long(types.Long, 1<<40+5), 261, 261},
		{"whole double", double(3), 1074266112, 3},
		{"double with the value of a float", double(1.5), 1073217536, 1069547520},
		{"double", double(0.1), -1507852285, -1507852285},
		{"whole float", float(2), 1073741824, 2},
		{"float", float(1.5), 1069547520, 1069547520},
		{"whole decimal", number("300", 5, 2), 3, 3},
		{"text", text("Spark"), 228093765, 228093765},
	} {
		if got, known := hash.JavaCode(c.value, 0); !known || int32(got) != c.java {
			t.Errorf("Java's code of %s is %d (%t), want %d", c.name, int32(got), known, c.java)
		}
		if got, known := hash.ScalaCode(c.value, 0); !known || int32(got) != c.scala {
			t.Errorf("Scala's code of %s is %d (%t), want %d", c.name, int32(got), known, c.scala)
		}
	}
	if _, known := hash.JavaCode(pair(), 0); known {
		t.Error("a struct has a hash code")
	}
}

func TestHashesOfManyNumbersAreThoseOfEach(t *testing.T) {
	v := vector.New(types.Long, 5)
	copy(v.I64, []int64{0, -1, 42, math.MinInt64, math.MaxInt64})
	got := make([]int32, v.Len())
	hash.Murmur3Longs(got, v.I64, hash.Seed)
	for i := range got {
		if want := int32(uint32(hash.Murmur3.Value(&halt.Steps{}, v, i, hash.Seed))); got[i] != want {
			t.Errorf("%d: %d, want %d", v.I64[i], got[i], want)
		}
	}
}
