package valuetext

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
)

func TestDoublesHaveJavaText(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", math.Copysign(0, -1): "-0.0", 1: "1.0", -1.5: "-1.5", 100: "100.0", 9999999: "9999999.0", 1e7: "1.0E7",
		12345678.9: "1.23456789E7", 0.001: "0.001", 0.0009999: "9.999E-4", 1e-4: "1.0E-4", -1e-5: "-1.0E-5", 1e23: "1.0E23",
		2e23: "2.0E23", 1e-323: "9.9E-324", 5e-324: "4.9E-324", -5e-324: "-4.9E-324", math.MaxFloat64: "1.7976931348623157E308", 0.30000000000000004: "0.30000000000000004",
		math.Inf(1): "Infinity", math.Inf(-1): "-Infinity", 123456789012345680: "1.2345678901234568E17", 9999999.999999999: "9999999.999999998", 1e100: "1.0E100",
	} {
		if got := string(AppendDouble(nil, f)); got != want {
			t.Errorf("AppendDouble(%v) = %q, want %q", f, got, want)
		}
	}
	if got := string(AppendDouble(nil, math.NaN())); got != "NaN" {
		t.Errorf("NaN is %q", got)
	}
}

func TestFloatsHaveJavaText(t *testing.T) {
	for f, want := range map[float32]string{
		0.1: "0.1", 1.5: "1.5", math.MaxFloat32: "3.4028235E38", math.SmallestNonzeroFloat32: "1.4E-45", 0.001: "0.001", 1e8: "1.0E8",
		1.1e10: "1.1E10", 2147483647: "2.1474836E9", float32(math.Inf(-1)): "-Infinity", 16777216: "1.6777216E7", -0.0009: "-9.0E-4",
	} {
		if got := string(AppendFloat(nil, f)); got != want {
			t.Errorf("AppendFloat(%v) = %q, want %q", f, got, want)
		}
	}
}

func TestIntegersAreParsedByCastAndReaderRules(t *testing.T) {
	for _, c := range []struct {
		text         string
		bits         int
		cast, strict string // "" means rejected
	}{
		{"1", 8, "1", "1"}, {"+1", 8, "1", "1"}, {"-128", 8, "-128", "-128"}, {"128", 8, "", ""}, {"-129", 8, "", ""}, {"127", 8, "127", "127"},
		{" 12 ", 32, "12", ""}, {"\t12\n", 32, "12", ""}, {"\x7f12\x00", 32, "12", ""}, {"\u00a012", 32, "", ""},
		{"٣٤", 32, "", "34"}, {"-1٣", 32, "", "-13"}, {"٣a", 32, "", ""}, {"1𝟏", 32, "", ""}, {"\xff", 32, "", ""},
		{"", 32, "", ""}, {" ", 32, "", ""}, {"-", 32, "", ""}, {"+", 32, "", ""}, {"--1", 32, "", ""}, {"1.", 32, "", ""}, {"1.5", 32, "", ""}, {"1e3", 32, "", ""},
		{"0x1F", 32, "", ""}, {"1L", 64, "", ""}, {"1,000", 32, "", ""}, {"1 2", 32, "", ""}, {"00000000000000000000000001", 64, "1", "1"},
		{"9223372036854775807", 64, "9223372036854775807", "9223372036854775807"}, {"-9223372036854775808", 64, "-9223372036854775808", "-9223372036854775808"},
		{"9223372036854775808", 64, "", ""}, {"-9223372036854775809", 64, "", ""}, {"99999999999999999999999999", 64, "", ""}, {"18446744073709551617", 64, "", ""},
	} {
		v, ok := ParseInteger([]byte(c.text), c.bits)
		if got := printed(strconv.FormatInt(v, 10), ok); got != c.cast {
			t.Errorf("ParseInteger(%q, %d) = %q, want %q", c.text, c.bits, got, c.cast)
		}
		v, ok = ParseIntegerStrict([]byte(c.text), c.bits)
		if got := printed(strconv.FormatInt(v, 10), ok); got != c.strict {
			t.Errorf("ParseIntegerStrict(%q, %d) = %q, want %q", c.text, c.bits, got, c.strict)
		}
	}
}

func TestAppendIntWritesEveryLength(t *testing.T) {
	for v := int64(1); v > 0 && v < math.MaxInt64/10; v = v*10 + 7 {
		for _, x := range []int64{v, -v, v - 1, math.MaxInt64 - v, math.MinInt64 + v - 1} {
			if got := string(AppendInt(nil, x)); got != strconv.FormatInt(x, 10) {
				t.Errorf("AppendInt(%d) = %s", x, got)
			}
		}
	}
}

func TestDoublesAreParsedByCastAndReaderRules(t *testing.T) {
	for _, c := range []struct{ text, cast, strict string }{
		{"1", "1.0", "1.0"}, {" 12 ", "12.0", "12.0"}, {"\t-1.5\n", "-1.5", "-1.5"}, {"1.", "1.0", "1.0"}, {".5", "0.5", "0.5"}, {"1e3", "1000.0", "1000.0"},
		{"1E-2", "0.01", "0.01"}, {"1e400", "Infinity", "Infinity"}, {"-1e400", "-Infinity", "-Infinity"}, {"1e-400", "0.0", "0.0"}, {"-0", "-0.0", "-0.0"},
		{"1d", "1.0", "1.0"}, {"1D", "1.0", "1.0"}, {"1.5f", "1.5", "1.5"}, {"1e3F", "1000.0", "1000.0"}, {"1L", "", ""}, {"1dd", "", ""}, {"1 d", "", ""},
		{"0x1p3", "8.0", "8.0"}, {"-0X1.8P1d", "-3.0", "-3.0"}, {"0x.8p1", "1.0", "1.0"}, {"0x1.p0", "1.0", "1.0"}, {"0x1F", "", ""}, {"0x.p1", "", ""}, {"0xp1", "", ""}, {"0x1p", "", ""}, {"0x1_0p1", "", ""},
		{"NaN", "NaN", "NaN"}, {"+NaN", "NaN", "NaN"}, {"nan", "NaN", ""}, {"-nan", "", ""}, {"Infinity", "Infinity", "Infinity"}, {" -Infinity ", "-Infinity", "-Infinity"},
		{"inf", "Infinity", ""}, {"+INF", "Infinity", ""}, {"-iNf", "-Infinity", ""}, {"infinity", "Infinity", ""}, {"+Infinitye", "", ""}, {"infinit", "", ""},
		{"", "", ""}, {" ", "", ""}, {".", "", ""}, {"-", "", ""}, {"e5", "", ""}, {"1e", "", ""}, {"1e+", "", ""}, {"1.2.3", "", ""}, {"1,5", "", ""}, {"1_0", "", ""}, {"٣", "", ""}, {"d", "", ""},
		{"9223372036854775807", "9.223372036854776E18", "9.223372036854776E18"}, {"12345678901234567890.123456789", "1.2345678901234567E19", "1.2345678901234567E19"},
		{"0e999999999999", "0.0", "0.0"}, {"1e99999999999999999999", "Infinity", "Infinity"}, {"9007199254740993", "9.007199254740992E15", "9.007199254740992E15"},
	} {
		f, ok := ParseDouble([]byte(c.text))
		if got := printed(string(AppendDouble(nil, f)), ok); got != c.cast {
			t.Errorf("ParseDouble(%q) = %q, want %q", c.text, got, c.cast)
		}
		f, ok = ParseDoubleStrict([]byte(c.text))
		if got := printed(string(AppendDouble(nil, f)), ok); got != c.strict {
			t.Errorf("ParseDoubleStrict(%q) = %q, want %q", c.text, got, c.strict)
		}
	}
}

func TestFloatsAreNotRoundedTwice(t *testing.T) {
	for text, want := range map[string]float32{
		"1.00000005960464477539062500000001": 1.0000001, "0.1": 0.1, "16777217": 16777216, "3e10": 3e10, "1.4e-45": 1.4e-45,
		"inf": float32(math.Inf(1)), "1e39": float32(math.Inf(1)), "-2.5": -2.5,
	} {
		if got, ok := ParseFloat([]byte(text)); !ok || got != want {
			t.Errorf("ParseFloat(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
}

func TestBooleansAreParsedInAnyCase(t *testing.T) {
	for text, want := range map[string]string{
		"t": "true", "TRUE": "true", "y": "true", "Yes": "true", "1": "true", " true\t": "true", "f": "false", "False": "false", "n": "false", "NO": "false", "0": "false",
		"": "", " ": "", "on": "", "off": "", "-1": "", "2": "", "truee": "", "fälse": "", "null": "",
	} {
		v, ok := ParseBool([]byte(text))
		if got := printed(strconv.FormatBool(v), ok); got != want {
			t.Errorf("ParseBool(%q) = %q, want %q", text, got, want)
		}
	}
}

func printed(text string, ok bool) string {
	if !ok {
		return ""
	}
	return text
}

var castOfText = regexp.MustCompile(`^(?:try_)?cast\('([^'\\]*(?:\\[tn][^'\\]*)*)' as (\w+)(?:\((\d+),(\d+)\))?\)$`)

// TestCastsFromTextAgreeWithSpark runs the recorded casts of string literals to numbers and booleans.
func TestCastsFromTextAgreeWithSpark(t *testing.T) {
	checked := 0
	for _, name := range []string{"cast-string", "cast-trystring"} {
		eachRecorded(t, name, func(expr string, rows []*string) {
			m := castOfText.FindStringSubmatch(expr)
			if m == nil {
				return
			}
			text := strings.NewReplacer(`\t`, "\t", `\n`, "\n").Replace(m[1])
			p, _ := strconv.Atoi(m[3])
			s, _ := strconv.Atoi(m[4])
			got, known := castText([]byte(text), m[2], p, s)
			if !known {
				return
			}
			checked++
			want := ""
			if len(rows) == 1 && rows[0] != nil {
				want = *rows[0]
			}
			if got != want && !sameNumber(got, want) {
				t.Errorf("%s = %q, want %q", expr, got, want)
			}
		})
	}
	if checked < 300 {
		t.Errorf("only %d casts checked", checked)
	}
}

func castText(b []byte, to string, precision, scale int) (text string, known bool) {
	bits := map[string]int{"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}[to]
	switch {
	case bits > 0:
		v, ok := ParseInteger(b, bits)
		return printed(strconv.FormatInt(v, 10), ok), true
	case to == "double":
		f, ok := ParseDouble(b)
		return printed(string(AppendDouble(nil, f)), ok), true
	case to == "float":
		f, ok := ParseFloat(b)
		return printed(string(AppendFloat(nil, f)), ok), true
	case to == "boolean":
		v, ok := ParseBool(b)
		return printed(strconv.FormatBool(v), ok), true
	case to == "decimal" && precision > 0:
		v, ok, _ := ParseDecimal(b, precision, scale)
		return printed(string(decimal.Append(nil, v, scale)), ok), true
	}
	return "", false
}

// sameNumber tolerates the digits that the JDK used for recording prints beyond the shortest.
func sameNumber(a, b string) bool {
	x, err1 := strconv.ParseFloat(a, 32)
	y, err2 := strconv.ParseFloat(b, 32)
	return err1 == nil && err2 == nil && strings.Contains(a, "E") && x == y
}

// eachRecorded calls f for each expression recorded from Spark; rows is nil if it failed.
func eachRecorded(t *testing.T, name string, f func(expr string, rows []*string)) {
	file, err := os.Open("../../test/conformance/testdata/expressions/" + name + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var c struct {
			Expr string
			Rows []*string
		}
		if json.Unmarshal(lines.Bytes(), &c) == nil {
			f(c.Expr, c.Rows)
		}
	}
}

func FuzzParseDouble(f *testing.F) {
	for _, s := range []string{"1.5", "-1e3", ".5d", "0x1p3", "NaN", " inf ", "123456789.25e-5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := ParseDoubleStrict([]byte(s))
		core := strings.TrimRight(strings.Trim(s, " \t\n\r"), "dDfF")
		want, err := strconv.ParseFloat(core, 64)
		if ok && (err == nil || math.IsInf(want, 0)) && got != want && got == got {
			t.Fatalf("ParseDoubleStrict(%q) = %v, want %v", s, got, want)
		}
		if ok && got == got {
			text := AppendDouble(nil, got)
			if back, ok := ParseDoubleStrict(text); !ok || back != got {
				t.Fatalf("%v is written as %s, which reads back as %v", got, text, back)
			}
		}
	})
}

func BenchmarkAppendDouble(b *testing.B) {
	var buf [64]byte
	for name, f := range map[string]float64{"integral": 1234, "money": 1234.56, "long": 0.30000000000000004, "large": 1.5e100} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				AppendDouble(buf[:0], f)
			}
		})
	}
}

func BenchmarkParseDouble(b *testing.B) {
	for _, s := range []string{"1234.56", "0.30000000000000004"} {
		text := []byte(s)
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				ParseDouble(text)
			}
		})
	}
}

func BenchmarkParseInteger(b *testing.B) {
	text := []byte("1234567")
	for b.Loop() {
		ParseInteger(text, 32)
	}
}

func TestIntegersOfEightDigitsAndMore(t *testing.T) {
	for digits := 1; digits <= 19; digits++ {
		text := []byte("1234567890123456789"[:digits])
		want, _ := strconv.ParseInt(string(text), 10, 64)
		if got, ok := ParseInteger(text, 64); got != want || !ok {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
		for i := range text {
			for _, wrong := range []byte{0, ' ', '-', '/', ':', 'a', 0x80, 0xAF, 0xB0, 0xB9, 0xBA, 0xFF} {
				other := bytes.Clone(text)
				other[i] = wrong
				if got, ok := ParseIntegerStrict(other, 64); ok && !(i == 0 && wrong == '-') {
					t.Errorf("%q: %d", other, got)
				}
			}
		}
	}
}
