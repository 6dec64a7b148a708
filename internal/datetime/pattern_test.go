package datetime

import (
	"errors"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

func pattern(t *testing.T, text string, parsing bool) *Pattern {
	t.Helper()
	p, err := CompilePattern(text, "", parsing)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPatternsPrint(t *testing.T) {
	micros := local(t, "2024-02-29 12:34:56.789123")
	for text, want := range map[string]string{
		"G GGGG yyyy": "AD Anno Domini 2024", "yyyyy": "02024", "LLL LLLL": "Feb February", "D DDD": "60 060", "q qq qqq": "1 01 Q1",
		"k K h H": "12 0 12 12", "SSSSSSSSS": "789123000", "[yyyy][' x']": "2024 x", "yyyy年M月": "2024年2月", "''''": "'",
	} {
		if got := string(pattern(t, text, false).Format(nil, micros, UTC)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{"yyyy": "+10000", "y": "10000", "yy": "00", "yyyyy": "10000"} {
		if got := string(pattern(t, text, false).FormatDate(nil, 2932897)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if got := string(pattern(t, "yyyy G, y", false).FormatDate(nil, int32(DaysFromCivil(-43, 3, 15)))); got != "0044 BC, 44" {
		t.Errorf("before Christ: %s", got)
	}
	if got := string(pattern(t, "yyyy", false).FormatDate(nil, int32(DaysFromCivil(-43, 3, 15)))); got != "-0043" {
		t.Errorf("negative year: %s", got)
	}
}

func TestPatternsParse(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{"yyyyMMddHHmmss", "20240229101112", "2024-02-29 10:11:12"},
		{"yyyy-MM-dd HH:mm:ss[.SSSSSS]", "2024-02-29 10:11:12.5", "2024-02-29 10:11:12.5"},
		{"yyyy-MM-dd[ HH:mm[:ss]]", "2024-02-29 10:11", "2024-02-29 10:11:00"},
		{"yyyy-MM-dd HH:mm z", "2024-02-29 10:11 pst", "2024-02-29 18:11:00"},
		{"yyyy-MM-dd HH:mm zzzz", "2024-02-29 10:11 Pacific Standard Time", "2024-02-29 18:11:00"},
		{"yyyy-MM-dd HH:mm O", "2024-02-29 10:11 GMT+8", "2024-02-29 02:11:00"},
		{"yyyy-MM-dd HH:mm Z", "2024-02-29 10:11 -0800", "2024-02-29 18:11:00"},
		{"yyyy-MM-dd HH:mm VV", "2024-02-29 10:11 UTC+3", "2024-02-29 10:11:00 at 20"},
		{"yyyy-MM-dd HH:mm VV", "2024-02-29 10:11 UTC+03:00", "2024-02-29 07:11:00"},
		{"hh:mm", "11:00", "1970-01-01 11:00:00"}, {"a", "PM", "1970-01-01 12:00:00"}, {"kk", "24", "1970-01-01 00:00:00"},
		{"G yyyy", "BC 0044", "-0043-01-01 00:00:00"}, {"yyyy", "+12024", "+12024-01-01 00:00:00"}, {"MMM", "MAY", "1970-05-01 00:00:00"},
	} {
		micros, err := pattern(t, c.pattern, true).ParseTimestamp([]byte(c.text), UTC)
		got := string(AppendTimestamp(nil, micros, UTC))
		var pe *ParseError
		if errors.As(err, &pe) && pe.Index == 20 {
			got = "2024-02-29 10:11:00 at 20"
		}
		if got != c.want {
			t.Errorf("%s of %q: %s (%v), want %s", c.pattern, c.text, got, err, c.want)
		}
	}
}

func TestTextsThatDoNotMatchThePattern(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{"yyyy-MM-dd", "2024-13-01", "Text '2024-13-01' could not be parsed: Invalid value for MonthOfYear (valid values 1 - 12): 13"},
		{"yyyy-MM-dd", "2023-02-29", "Text '2023-02-29' could not be parsed: Invalid date 'February 29' as '2023' is not a leap year"},
		{"HH:mm", "24:00", "Text '24:00' could not be parsed: Invalid value for HourOfDay (valid values 0 - 23): 24"},
		{"MM-dd", "02-30", "Invalid date 'FEBRUARY 30'"},
		{"'é😀'dd", "é😀x", "Text 'é😀x' could not be parsed at index 3"},
		{"yyyyMMddHHmmssSSS", "20240229101112345", "Text '20240229101112345' could not be parsed at index 0"}, // the year consumes too many digits
		{"yyyy", "2024x", "Text '2024x' could not be parsed, unparsed text found at index 4"},
	} {
		_, err := pattern(t, c.pattern, true).ParseTimestamp([]byte(c.text), UTC)
		var pe *ParseError
		if !errors.As(err, &pe) || pe.Error() != c.want {
			t.Errorf("%s of %q: %v, want %s", c.pattern, c.text, err, c.want)
		}
	}
}

func TestInvalidPatternsAreRefused(t *testing.T) {
	const (
		week    = "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN"
		old     = "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION"
		illegal = "INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER"
		long    = "INVALID_DATETIME_PATTERN.LENGTH"
		other   = "INVALID_DATETIME_PATTERN.WITH_SUGGESTION"
	)
	for _, c := range []struct {
		pattern string
		parsing bool
		want    string
	}{
		{"YYYY", false, week}, {"e", true, week}, {"ddd", false, old}, {"HHH", true, old}, {"{", false, old}, {"]", false, old},
		{"n", false, illegal}, {"p", false, illegal}, {"E", true, illegal}, {"QQQ", true, illegal}, {"MMMMM", false, long},
		{"yyyyyyy", true, long}, {"bad pattern", true, week}, {"bad", true, other}, {"bad'", false, other}, {"VVV", false, other}, {"XXXXXX", false, other},
		{"SSSSSSSSSS", true, old}, {"'YYYY' yyyy", false, ""}, {"FF", false, old},
	} {
		_, err := CompilePattern(c.pattern, "", c.parsing)
		got := ""
		if se := sparkerr.Root(err); se != nil {
			got = se.Condition
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.pattern, got, c.want)
		}
	}
	if _, err := CompilePattern("MMM", "de-DE", false); err == nil {
		t.Error("German month names are not known")
	}
	if _, err := CompilePattern("MM", "de-DE", false); err != nil {
		t.Error(err)
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "2024-02-29T10:11:12.5+02:00")
	f.Add("G y MMMM d h a zzzz VV", "AD 2024 February 29 10 PM Pacific Standard Time Europe/Paris")
	f.Add("D DDD kK OOOO", "")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		for _, parsing := range []bool{false, true} {
			p, err := CompilePattern(pattern, "", parsing)
			if err != nil {
				continue
			}
			p.Format(nil, 1709209872500000, UTC)
			p.Format(nil, -1<<62, UTC)
			p.ParseDate([]byte(text))
			if micros, err := p.ParseTimestamp([]byte(text), UTC); err == nil {
				p.FormatLocal(nil, micros)
			}
		}
	})
}
