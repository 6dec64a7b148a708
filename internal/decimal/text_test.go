package decimal

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestParseAsReadsJavaNumbers(t *testing.T) {
	nines := strings.Repeat("9", 38)
	for _, c := range []struct {
		text             string
		precision, scale int
		want             string // "" means malformed; "overflow"
	}{
		{"1", 10, 0, "1"}, {"+1", 10, 0, "1"}, {"-1.5", 10, 0, "-2"}, {"1.", 10, 0, "1"}, {".5", 5, 2, "0.50"},
		{"1e3", 10, 0, "1000"}, {"1E-2", 38, 18, "0.010000000000000000"}, {"1.9999", 5, 2, "2.00"}, {"999.995", 5, 2, "overflow"},
		{"٣", 5, 2, "3.00"}, {"1e٣", 10, 0, "1000"}, {"1e400", 10, 0, "overflow"}, {"1e-400", 10, 2, "0.00"}, {"0e9", 10, 2, "0.00"},
		{nines, 38, 0, nines}, {nines + "9", 38, 0, "overflow"}, {nines + ".4", 38, 0, nines}, {nines + ".5", 38, 0, "overflow"},
		{"0." + nines + "49999", 38, 38, "0." + nines}, {"0." + strings.Repeat("0", 50) + "1", 38, 38, "0." + strings.Repeat("0", 38)},
		{"1." + strings.Repeat("4", 60) + "9", 10, 0, "1"}, {"1.4" + strings.Repeat("9", 60), 10, 1, "1.5"},
		{"1234567890123456789012345678901234567850e-3", 38, 0, "1234567890123456789012345678901234568"},
		{"-0.005", 5, 2, "-0.01"}, {"-0.004", 5, 2, "0.00"}, {"00000000000000000000000000000000000000000000001", 5, 0, "1"},
		{"1e2147483647", 10, 0, "overflow"}, {"1e-2147483648", 10, 0, ""}, {"1e2147483649", 10, 0, ""}, {"1e99999999999", 10, 0, ""}, {"1e00000000000003", 10, 0, "1000"},
		{"", 10, 0, ""}, {".", 10, 0, ""}, {"-", 10, 0, ""}, {"e5", 10, 0, ""}, {"1e", 10, 0, ""}, {"1e+", 10, 0, ""}, {"1.2.3", 10, 0, ""},
		{" 1", 10, 0, ""}, {"1d", 10, 0, ""}, {"0x1F", 10, 0, ""}, {"1,000", 10, 0, ""}, {"1_0", 10, 0, ""}, {"NaN", 10, 0, ""}, {"--1", 10, 0, ""}, {"𝟏", 10, 0, ""}, {"\xff", 10, 0, ""},
	} {
		got := ""
		v, ok, overflow := ParseAs([]byte(c.text), c.precision, c.scale)
		if ok {
			got = string(Append(nil, v, c.scale))
		} else if overflow {
			got = "overflow"
		}
		if got != c.want {
			t.Errorf("ParseAs(%q, %d, %d) = %q, want %q", c.text, c.precision, c.scale, got, c.want)
		}
	}
}

func TestParseReturnsTheScaleOfTheText(t *testing.T) {
	for text, want := range map[string]struct {
		unscaled string
		scale    int
		err      error
	}{
		"1.50": {"150", 2, nil}, "1e3": {"1", -3, nil}, "-12.5e-1": {"-125", 2, nil}, "x": {"0", 0, ErrSyntax},
		strings.Repeat("1", 39): {"0", 0, ErrRange}, "0" + strings.Repeat("1", 38): {strings.Repeat("1", 38), 0, nil},
	} {
		v, scale, err := Parse([]byte(text))
		if v.String() != want.unscaled || scale != want.scale || err != want.err {
			t.Errorf("Parse(%q) = %v, %d, %v", text, v, scale, err)
		}
	}
}

func TestSupportedCountsIntegralDigits(t *testing.T) {
	for text, want := range map[string]bool{
		"1e37": true, "1e38": false, "0e400": false, "0.00": true, "x": false, strings.Repeat("9", 39): false,
		strings.Repeat("9", 38) + "." + strings.Repeat("9", 50): true, "1e-400": true, "000" + strings.Repeat("9", 38): true,
	} {
		if Supported([]byte(text)) != want {
			t.Errorf("Supported(%q) is not %v", text, want)
		}
	}
}

func TestAppendPlainKeepsAllDigits(t *testing.T) {
	for text, want := range map[string]string{
		"1e3": "1000", "-1.23456789e2": "-123.456789", "1E-4": "0.0001", "-0.00": "0.00", "007": "7", "٣.5": "3.5", "1e99": "1e99",
		"0." + strings.Repeat("12", 30): "0." + strings.Repeat("12", 30), "0e3": "0",
	} {
		if got := string(AppendPlain(nil, []byte(text))); got != want {
			t.Errorf("AppendPlain(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAppendWritesAllDigitsOfTheScale(t *testing.T) {
	for _, c := range []struct {
		v     int64
		scale int
		want  string
	}{{0, 0, "0"}, {0, 3, "0.000"}, {5, 1, "0.5"}, {-5, 2, "-0.05"}, {-12345, 2, "-123.45"}, {100, 2, "1.00"}, {7, -2, "700"}} {
		if got := string(Append(nil, FromInt64(c.v), c.scale)); got != c.want {
			t.Errorf("Append(%d, %d) = %q, want %q", c.v, c.scale, got, c.want)
		}
	}
}

func TestFloatsAreCorrectlyRounded(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 8000 {
		v, scale := random(r), r.IntN(39)
		text := string(Append(nil, v, scale))
		if want, _ := strconv.ParseFloat(text, 64); v.Float64(scale) != want {
			t.Fatalf("%s as a double is %v, want %v", text, v.Float64(scale), want)
		}
		if want, _ := strconv.ParseFloat(text, 32); v.Float32(scale) != float32(want) {
			t.Fatalf("%s as a float is %v, want %v", text, v.Float32(scale), want)
		}
	}
}

func TestFromFloat64UsesTheShortestText(t *testing.T) {
	for f, want := range map[float64]string{
		1.15: "1.15", 0.1: "0.1", 1e10: "10000000000", -2.5e-7: "-0.00000025", 1e37: "1" + strings.Repeat("0", 37),
		math.Copysign(0, -1): "0", 123456789.125: "123456789.125", math.MaxFloat64: "", math.Inf(1): "", 1e38: "",
	} {
		got := ""
		if v, scale, ok := FromFloat64(f); ok {
			got = string(Append(nil, v, scale))
		}
		if got != want {
			t.Errorf("FromFloat64(%v) = %q, want %q", f, got, want)
		}
	}
	if _, _, ok := FromFloat64(math.NaN()); ok {
		t.Error("NaN became a decimal")
	}
	if v, scale, ok := FromFloat64(5e-324); !ok || v != FromInt64(5) || scale != 324 {
		t.Error("5e-324 did not keep its scale")
	}
}

func FuzzParseAs(f *testing.F) {
	for _, s := range []string{"1.5", "-1e3", ".5", "1e-50", "123456789012345678901234567890123456789012345.5e-10"} {
		f.Add(s, 38, 10)
	}
	f.Fuzz(func(t *testing.T, s string, precision, scale int) {
		if precision < 1 || precision > MaxPrecision || scale < 0 || scale > precision || len(s) > 100 || strings.ContainsAny(s, "_/xXpPoObBiInN") {
			return
		}
		if i := strings.IndexAny(s, "eE"); i >= 0 && len(s)-i > 5 {
			return
		}
		for _, r := range s {
			if r >= 0x80 {
				return
			}
		}
		v, ok, overflow := ParseAs([]byte(s), precision, scale)
		x, valid := new(big.Rat).SetString(s)
		if valid != (ok || overflow) {
			t.Fatalf("ParseAs(%q) accepts: %v", s, ok || overflow)
		}
		if !valid {
			return
		}
		x.Mul(x, new(big.Rat).SetInt(bigPow(scale)))
		want := bigDiv(x.Num(), x.Denom(), HalfUp)
		if fits := new(big.Int).Abs(want).Cmp(bigPow(precision)) < 0; fits != ok || ok && toBig(v).Cmp(want) != 0 {
			t.Fatalf("ParseAs(%q, %d, %d) = %v, %v; want %v", s, precision, scale, v, ok, want)
		}
	})
}

func BenchmarkParseAs(b *testing.B) {
	text := []byte("-12345.678")
	for b.Loop() {
		ParseAs(text, 18, 2)
	}
}

func BenchmarkMul(b *testing.B) {
	x, y := Pow10(30).Add(FromInt64(7)), Pow10(15)
	for b.Loop() {
		Mul(x, y, 10)
	}
}
