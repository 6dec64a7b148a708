package datetime

import (
	"math"
	"testing"
)

func TestShiftStopsAtTheRangeOfTimestamps(t *testing.T) {
	const day = MicrosPerDay
	for _, c := range []struct {
		at           int64
		months       int
		days, micros int64
		want         int64
		ok           bool
	}{
		{0, 1, 1, 1, 32*day + 1, true}, {0, -1, 0, 0, -31 * day, true}, {0, 0, 0, -5, -5, true},
		{0, math.MaxInt32, 0, 0, 0, false}, {0, math.MinInt32, 0, 0, 0, false}, {0, 0, math.MaxInt32, 0, 0, false},
		{1, 0, 0, math.MaxInt64, 0, false}, {-2, 0, 0, math.MinInt64, 0, false},
	} {
		got, ok := UTC.Shift(c.at, c.months, c.days, c.micros)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%d + %d months %d days %d: %d %t, want %d %t", c.at, c.months, c.days, c.micros, got, ok, c.want, c.ok)
		}
	}
}

func TestAddMonthsCheckedStopsAtTheRangeOfDates(t *testing.T) {
	if _, ok := AddMonthsChecked(0, math.MaxInt32); ok {
		t.Error("a date beyond the range")
	}
	if d, ok := AddMonthsChecked(0, 1); !ok || d != 31 {
		t.Errorf("%d %t", d, ok)
	}
}
