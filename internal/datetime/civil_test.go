package datetime

import (
	"testing"
	"time"
)

func TestCivilAgreesWithPackageTime(t *testing.T) {
	for days := int64(-1_000_000); days < 4_000_000; days += 17 {
		year, month, day := civilFromDays(days)
		tm := time.Unix(days*secondsPerDay, 0).UTC()
		if y, m, d := tm.Date(); y != year || int(m) != month || d != day {
			t.Fatalf("day %d: %d-%d-%d, want %d-%d-%d", days, year, month, day, y, m, d)
		}
		if back := daysFromCivil(int64(year), month, day); back != days {
			t.Fatalf("day %d comes back as %d", days, back)
		}
		wantYear, wantWeek := tm.ISOWeek()
		if y, w := ISOWeek(int32(days)); y != wantYear || w != wantWeek {
			t.Fatalf("day %d: ISO week %d-%d, want %d-%d", days, y, w, wantYear, wantWeek)
		}
		if n := DayOfYear(int32(days)); n != tm.YearDay() {
			t.Fatalf("day %d: day of year %d, want %d", days, n, tm.YearDay())
		}
		if n := DayOfWeek(int32(days)); n != int(tm.Weekday())+1 {
			t.Fatalf("day %d: day of week %d", days, n)
		}
	}
}

func TestCivilAtTheEndsOfTheRange(t *testing.T) {
	for _, year := range []int{-290000, -1, 0, 1, 290000} {
		days := int32(DaysFromCivil(year, 12, 31))
		if y, m, d := CivilFromDays(days); y != year || m != 12 || d != 31 {
			t.Errorf("year %d: %d-%d-%d", year, y, m, d)
		}
	}
}

func date(t *testing.T, s string) int32 {
	t.Helper()
	days, ok := ParseDate([]byte(s))
	if !ok {
		t.Fatalf("bad date %s", s)
	}
	return days
}

func local(t *testing.T, s string) int64 {
	t.Helper()
	micros, ok := ParseTimestampNTZ([]byte(s), false)
	if !ok {
		t.Fatalf("bad timestamp %s", s)
	}
	return micros
}

func TestAddMonthsCutsToTheMonth(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2024-01-31", 1, "2024-02-29"}, {"2023-01-31", 1, "2023-02-28"}, {"2024-03-31", -1, "2024-02-29"},
		{"2000-12-31", -13, "1999-11-30"}, {"1582-10-04", 100, "1591-02-04"}, {"0001-01-01", -1, "0000-12-01"},
		{"9999-12-31", 2, "+10000-02-29"}, {"2024-02-29", 12, "2025-02-28"},
	} {
		if got := string(AppendDate(nil, AddMonths(date(t, c.from), c.months))); got != c.want {
			t.Errorf("%s + %d months: %s, want %s", c.from, c.months, got, c.want)
		}
	}
}

func TestMonthsBetween(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"2024-02-29 12:34:56.789123", "2000-01-31", 289},
		{"1970-01-01", "2000-01-31", -360.96774194},
		{"9999-12-31 23:59:59", "2000-01-31", 95999},
		{"0001-01-01", "2000-01-31", -23988.96774194},
		{"1582-10-15", "1582-10-04", 0.35483871},
	} {
		if got := MonthsBetween(UTC, local(t, c.a), local(t, c.b), true); got != c.want {
			t.Errorf("months_between(%s, %s) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
	if got := MonthsBetween(UTC, local(t, "2024-02-29"), local(t, "2000-02-28 12:00:00"), false); got != 288.01612903225805 {
		t.Errorf("without rounding: %v", got)
	}
}

func TestNextDay(t *testing.T) {
	for _, c := range []struct{ from, name, want string }{
		{"2024-02-29", "MON", "2024-03-04"}, {"2024-01-14", "SUNDAY", "2024-01-21"}, {"9999-12-31", "mo", "+10000-01-03"},
	} {
		weekday, ok := ParseWeekday(c.name)
		if got := string(AppendDate(nil, NextDay(date(t, c.from), weekday))); !ok || got != c.want {
			t.Errorf("next_day(%s, %s): %s, want %s", c.from, c.name, got, c.want)
		}
	}
	for _, name := range []string{"zz", "M", "", "MOND", "mondays"} {
		if _, ok := ParseWeekday(name); ok {
			t.Errorf("%q is no weekday", name)
		}
	}
}

func TestTruncTimestamp(t *testing.T) {
	for unit, want := range map[string]string{
		"year": "2024-01-01 00:00:00", "QUARTER": "2024-01-01 00:00:00", "mon": "2024-02-01 00:00:00", "WEEK": "2024-02-26 00:00:00",
		"dd": "2024-02-29 00:00:00", "hour": "2024-02-29 12:00:00", "minute": "2024-02-29 12:34:00", "second": "2024-02-29 12:34:56",
		"millisecond": "2024-02-29 12:34:56.789", "microsecond": "2024-02-29 12:34:56.789123",
	} {
		got := TruncTimestamp(local(t, "2024-02-29 12:34:56.789123"), ParseTruncLevel(unit), UTC)
		if s := string(AppendTimestampNTZ(nil, got)); s != want {
			t.Errorf("%s: %s, want %s", unit, s, want)
		}
	}
	if ParseTruncLevel("Q") != TruncNone {
		t.Error("Q is no unit")
	}
}

func TestTruncKeepsTheOffsetOfARepeatedHour(t *testing.T) {
	z := zone(t, "America/New_York")
	utc := local(t, "2024-11-03 06:30:00") // the second 01:30
	if got := TruncTimestamp(utc, TruncHour, z); got != local(t, "2024-11-03 06:00:00") {
		t.Errorf("cut to %s UTC", AppendTimestampNTZ(nil, got))
	}
}

func TestTruncDate(t *testing.T) {
	for level, want := range map[TruncLevel]string{
		TruncYear: "1969-01-01", TruncQuarter: "1969-10-01", TruncMonth: "1969-12-01", TruncWeek: "1969-12-29", TruncDay: "1969-12-31",
	} {
		if got := string(AppendDate(nil, TruncDate(-1, level))); got != want {
			t.Errorf("level %d: %s, want %s", level, got, want)
		}
	}
}

func TestDaysOfYearsAgree(t *testing.T) {
	for y := range 10_000 {
		for m := 1; m <= 12; m++ {
			if got, want := daysFromYear(uint32(y), uint32(m), 1), daysFromCivil(int64(y), m, 1); got != want {
				t.Fatalf("%04d-%02d: %d, want %d", y, m, got, want)
			}
		}
	}
}
