package datetime

import (
	"errors"
	"math"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

func TestTextOfIntervals(t *testing.T) {
	const micros = 93784_500_000 // 1 day 2 hours 3 minutes 4.5 seconds
	for _, c := range []struct {
		micros     int64
		start, end uint8
		want       string
	}{
		{micros, fieldDay, fieldSecond, "INTERVAL '1 02:03:04.5' DAY TO SECOND"},
		{micros, fieldDay, fieldMinute, "INTERVAL '1 02:03' DAY TO MINUTE"},
		{micros, fieldDay, fieldHour, "INTERVAL '1 02' DAY TO HOUR"},
		{micros, fieldDay, fieldDay, "INTERVAL '1' DAY"},
		{micros, fieldHour, fieldHour, "INTERVAL '26' HOUR"},
		{micros, fieldHour, fieldMinute, "INTERVAL '26:03' HOUR TO MINUTE"},
		{micros, fieldHour, fieldSecond, "INTERVAL '26:03:04.5' HOUR TO SECOND"},
		{micros, fieldMinute, fieldMinute, "INTERVAL '1563' MINUTE"},
		{micros, fieldMinute, fieldSecond, "INTERVAL '1563:04.5' MINUTE TO SECOND"},
		{micros, fieldSecond, fieldSecond, "INTERVAL '93784.5' SECOND"},
		{1000, fieldSecond, fieldSecond, "INTERVAL '00.001' SECOND"},
		{-micros, fieldDay, fieldSecond, "INTERVAL '-1 02:03:04.5' DAY TO SECOND"},
		{math.MinInt64, fieldDay, fieldSecond, "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND"},
		{math.MinInt64, fieldSecond, fieldSecond, "INTERVAL '-9223372036854.775808' SECOND"},
	} {
		if got := string(AppendDayTime(nil, c.micros, c.start, c.end, ANSIStyle)); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
		back, err := ParseDayTime(c.want, c.start, c.end)
		unit := int64(dayTimeUnits[c.end])
		if c.end == fieldSecond {
			unit = 1
		}
		if err != nil || back != c.micros-c.micros%unit {
			t.Errorf("%s reads as %d (%v)", c.want, back, err)
		}
	}
	for _, c := range []struct {
		months     int32
		start, end uint8
		want       string
	}{
		{14, fieldYear, fieldMonth, "INTERVAL '1-2' YEAR TO MONTH"}, {-14, fieldYear, fieldMonth, "INTERVAL '-1-2' YEAR TO MONTH"},
		{-14, fieldMonth, fieldMonth, "INTERVAL '-14' MONTH"}, {60, fieldYear, fieldYear, "INTERVAL '5' YEAR"},
		{math.MinInt32, fieldYear, fieldMonth, "INTERVAL '-178956970-8' YEAR TO MONTH"},
	} {
		if got := string(AppendYearMonth(nil, c.months, c.start, c.end, ANSIStyle)); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
		if back, err := ParseYearMonth(c.want, c.start, c.end); err != nil || back != c.months {
			t.Errorf("%s reads as %d (%v)", c.want, back, err)
		}
	}
	if got := string(AppendDayTime(nil, -micros, fieldDay, fieldDay, HiveStyle)); got != "-1 02:03:04.500000000" {
		t.Errorf("Hive style: %s", got)
	}
}

func TestTextOfLegacyIntervals(t *testing.T) {
	for _, c := range []struct {
		months, days int32
		micros       int64
		want         string
	}{
		{0, 0, 0, "0 seconds"}, {14, 25, MicrosPerHour, "1 years 2 months 25 days 1 hours"},
		{14, 25, -2 * MicrosPerHour, "1 years 2 months 25 days -2 hours"}, {1211, 0, 0, "100 years 11 months"},
		{0, 0, -1500000, "-1.5 seconds"}, {-1, 0, 61 * MicrosPerSecond, "-1 months 1 minutes 1 seconds"},
	} {
		if got := string(AppendCalendar(nil, c.months, c.days, c.micros)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		months, days, micros, err := ParseCalendar(c.want)
		if err != nil || months != c.months || days != c.days || micros != c.micros {
			t.Errorf("%q reads as %d %d %d (%v)", c.want, months, days, micros, err)
		}
	}
}

func TestReadingUnitLists(t *testing.T) {
	for text, want := range map[string]string{
		"10 minutes": "10 minutes", "1 year 2 days 3.5 seconds": "1 years 2 days 3.5 seconds", "INTERVAL  3 weeks": "21 days",
		" - 1 Hour\t.25 second ": "-59 minutes -59.75 seconds", "5 milliseconds 7 microsecond": "0.005007 seconds",
		"1.123456789 seconds": "1.123456 seconds", "-.5 seconds": "-0.5 seconds", "+1 month": "1 months",
	} {
		months, days, micros, err := ParseCalendar(text)
		if got := string(AppendCalendar(nil, months, days, micros)); err != nil || got != want {
			t.Errorf("%q: %q (%v), want %q", text, got, err, want)
		}
	}
	for text, want := range map[string][3]string{
		"": {"INPUT_IS_EMPTY"}, " interval ": {"INPUT_IS_EMPTY"}, "intervals 1 day": {"INVALID_PREFIX", "prefix", "intervals"},
		"quickly": {"UNRECOGNIZED_NUMBER", "number", "quickly"}, "1 day x": {"UNRECOGNIZED_NUMBER", "number", "x"},
		"60s": {"INVALID_VALUE", "value", "60s"}, "5 seconds -": {"MISSING_NUMBER", "word", "-"}, "5": {"MISSING_UNIT", "word", "5"},
		"1.5 hours": {"INVALID_FRACTION", "unit", "hours"}, "1000 nanoseconds": {"INVALID_UNIT", "unit", "nanoseconds"},
		"1 dayz": {"INVALID_UNIT", "unit", "dayz"}, "1.1234567891 seconds": {"INVALID_PRECISION", "value", "1.1234567891"},
		"2147483648 days": {"ARITHMETIC_EXCEPTION"}, "99999999999999999999 days": {"ARITHMETIC_EXCEPTION"},
		"9999999999999 hours": {"ARITHMETIC_EXCEPTION"}, ". seconds": {"INVALID_VALUE", "value", "."},
	} {
		_, _, _, err := ParseCalendar(text)
		var se *sparkerr.Error
		if !errors.As(err, &se) || se.Condition != "INVALID_INTERVAL_FORMAT."+want[0] {
			t.Errorf("%q: %v, want %s", text, err, want[0])
		} else if want[1] != "" && se.Params[want[1]] != want[2] {
			t.Errorf("%q: %s is %q, want %q", text, want[1], se.Params[want[1]], want[2])
		}
	}
}

func TestIntervalsThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		text       string
		start, end uint8
		condition  string
	}{
		{"1 24:00:00", fieldDay, fieldSecond, "INTERVAL_PARSING"}, {"1 02:60:00", fieldDay, fieldSecond, "INTERVAL_PARSING"},
		{"999999999 00:00:00", fieldDay, fieldSecond, "INTERVAL_PARSING"}, {"106751991 05:00:00", fieldDay, fieldSecond, "INTERVAL_PARSING"},
		{"1 2", fieldHour, fieldHour, "UNMATCHED_FORMAT_STRING_WITH_NOTICE"}, {"12345678901", fieldHour, fieldHour, "UNMATCHED_FORMAT_STRING_WITH_NOTICE"},
		{"INTERVAL '1' DAY", fieldHour, fieldHour, "UNMATCHED_FORMAT_STRING_WITH_NOTICE"},
	} {
		_, err := ParseDayTime(c.text, c.start, c.end)
		var se *sparkerr.Error
		if !errors.As(err, &se) || se.Condition != "INVALID_INTERVAL_FORMAT."+c.condition {
			t.Errorf("%q: %v, want %s", c.text, err, c.condition)
		}
	}
	if months, err := ParseYearMonth("interval -'-1-2'  year to month", fieldYear, fieldMonth); err != nil || months != 14 {
		t.Errorf("two signs: %d (%v)", months, err)
	}
}

func TestIntervalDuration(t *testing.T) {
	if d, ok := IntervalDuration(1, 1, -5); !ok || d != 32*MicrosPerDay-5 {
		t.Errorf("32 days less 5 µs: %d %v", d, ok)
	}
	if _, ok := IntervalDuration(0, math.MaxInt32, 0); ok {
		t.Error("2147483647 days do not fit")
	}
	if d, ok := IntervalDuration(0, -1, 0); !ok || d != -MicrosPerDay {
		t.Errorf("-1 day: %d %v", d, ok)
	}
}
