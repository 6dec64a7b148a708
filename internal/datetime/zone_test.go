package datetime

import (
	"errors"
	"sync"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

func zone(t *testing.T, id string) *Zone {
	t.Helper()
	z, err := LoadZone(id)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestLocalTimesInZonesMatchRecordings(t *testing.T) {
	for _, c := range []struct {
		zone, text string
		unix       int64
		back       string // the text printed for the instant
	}{
		{"America/New_York", "2024-03-10 01:59:59", 1710053999, ""},
		{"America/New_York", "2024-03-10 02:30:00", 1710055800, "2024-03-10 03:30:00"}, // gap
		{"America/New_York", "2024-11-03 01:30:00", 1730611800, ""},                    // overlap
		{"America/New_York", "2024-11-03T01:30:00-05:00", 1730615400, "2024-11-03 01:30:00"},
		{"America/New_York", "1883-11-18 12:00:00", -2717651038, ""},
		{"America/New_York", "0001-01-01 00:00:00", -62135579038, ""},
		{"Europe/Moscow", "2011-03-27 02:30:00", 1301182200, "2011-03-27 03:30:00"},
		{"Europe/Moscow", "2014-10-26 01:30:00", 1414272600, ""},
		{"Europe/Moscow", "1910-01-01 00:00:00", -1893465017, ""},
		{"Asia/Kolkata", "1900-01-01 00:00:00", -2208988800 - 19270, ""}, // local mean time +05:21:10
	} {
		z := zone(t, c.zone)
		micros, ok := ParseTimestamp([]byte(c.text), z, 0)
		if !ok || micros != c.unix*MicrosPerSecond {
			t.Errorf("%s in %s: %d, want %d", c.text, c.zone, micros/MicrosPerSecond, c.unix)
		}
		want := c.back
		if want == "" {
			want = c.text
		}
		if got := string(AppendTimestamp(nil, micros, z)); got != want {
			t.Errorf("%s in %s is printed as %s", c.text, c.zone, got)
		}
	}
}

func TestOffsetsAndZoneNamesMatchRecordings(t *testing.T) {
	for _, c := range []struct {
		zone, pattern string
		unix          int64
		want          string
	}{
		{"Europe/Moscow", "XXX z", 1301180399, "+03:00 MSK"}, {"Europe/Moscow", "XXX z", 1301182200, "+04:00 MSK"},
		{"Europe/Moscow", "XXX z", -1893465017, "+02:30 MSK"}, {"America/New_York", "XXX", -2717651038, "-04:56"},
		{"Asia/Kolkata", "XXXXX", -2208988800 - 19270, "+05:21:10"}, {"UTC", "XXX", 0, "Z"},
		{"America/Los_Angeles", "z zzzz VV", 1720000000, "PDT Pacific Daylight Time America/Los_Angeles"},
		{"Europe/Dublin", "z zzzz", 1704067200, "GMT Greenwich Mean Time"}, {"Europe/Dublin", "z", 1720000000, "IST"},
		{"Asia/Kolkata", "O OOOO X XX x Z ZZZZ ZZZZZ", 0, "GMT+5:30 GMT+05:30 +0530 +0530 +0530 +0530 GMT+05:30 +05:30"},
		{"Etc/GMT+5", "z X", 0, "GMT-05:00 -05"}, {"+02:00", "VV z", 0, "+02:00 +02:00"},
	} {
		p, err := CompilePattern(c.pattern, "", false)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(p.Format(nil, c.unix*MicrosPerSecond, zone(t, c.zone))); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.pattern, c.zone, got, c.want)
		}
	}
}

func TestZoneIDs(t *testing.T) {
	for _, c := range []struct {
		id, name string
		seconds  int // at the epoch
	}{
		{"UTC", "UTC", 0}, {"Z", "Z", 0}, {"GMT", "GMT", 0}, {"UT", "UT", 0}, {"+00:00", "Z", 0}, {"UTC+0", "UTC", 0},
		{"+2", "+02:00", 7200}, {"+02", "+02:00", 7200}, {"+2:30", "+02:30", 9000}, {"+02:3", "+02:03", 7380}, {"-0830", "-08:30", -30600},
		{"-08:30:15", "-08:30:15", -30615}, {"-083015", "-08:30:15", -30615}, {"UTC+3", "UTC+03:00", 10800}, {"GMT-2", "GMT-02:00", -7200},
		{"UT+1:30", "UT+01:30", 5400}, {"+18:00", "+18:00", 64800}, {"PST", "America/Los_Angeles", -28800}, {"EST", "-05:00", -18000},
		{"CET", "CET", 3600}, {"Etc/GMT+5", "Etc/GMT+5", -18000},
	} {
		z := zone(t, c.id)
		if z.String() != c.name || z.OffsetSeconds(0) != c.seconds {
			t.Errorf("%s: %s with %d s, want %s with %d s", c.id, z, z.OffsetSeconds(0), c.name, c.seconds)
		}
	}
	for _, id := range []string{"", "+", "+18:01", "+1:2:3", "+123", "europe/paris", "Mars/Olympus", "Local", "UTC+", "utc", "z", "../etc/passwd", "+24:00", "+01:60"} {
		_, err := LoadZone(id)
		var se *sparkerr.Error
		if !errors.As(err, &se) || se.Condition != "INVALID_TIMEZONE" {
			t.Errorf("%q: %v, want INVALID_TIMEZONE", id, err)
		}
	}
}

// TestToUTCInvertsToLocal walks the transitions of regions: each instant maps back to itself, or to the earlier one with the
// same local time.
func TestToUTCInvertsToLocal(t *testing.T) {
	for _, id := range []string{"America/New_York", "Europe/Moscow", "Pacific/Apia", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca"} {
		z := zone(t, id)
		for year := -10; year < 2500; year++ {
			for _, s := range []span{z.spanAt(DaysFromCivil(year, 7, 1) * MicrosPerDay)} {
				for _, utc := range []int64{s.start, s.start + 1, s.start + MicrosPerHour/4, s.end - 1, s.end - MicrosPerHour/4} {
					if utc < -1e17 || utc > 1e17 {
						continue
					}
					clock := z.ToLocal(utc)
					if back := z.ToUTC(clock); back > utc || z.ToLocal(back) != clock {
						t.Fatalf("%s: %d becomes %d", id, utc, back)
					}
				}
			}
		}
	}
}

func TestMovingInLocalTime(t *testing.T) {
	z := zone(t, "America/New_York")
	start := local(t, "2024-03-09 17:00:00") // noon
	if got := z.AddDays(start, 1); got != local(t, "2024-03-10 16:00:00") {
		t.Errorf("a day of 23 hours: %s", AppendTimestampNTZ(nil, got))
	}
	if got := z.AddDayTime(start, MicrosPerDay+MicrosPerHour); got != local(t, "2024-03-10 17:00:00") {
		t.Errorf("a day and an hour: %s", AppendTimestampNTZ(nil, got))
	}
	if got := z.AddMonths(local(t, "2024-01-31 17:00:00"), 6); got != local(t, "2024-07-31 16:00:00") {
		t.Errorf("six months: %s", AppendTimestampNTZ(nil, got))
	}
	if got := zone(t, "America/Sao_Paulo").StartOfDay(date(t, "2018-11-04")); got != local(t, "2018-11-04 03:00:00") {
		t.Errorf("a day without midnight starts at %s", AppendTimestampNTZ(nil, got))
	}
}

func TestZonesAreSafeForConcurrentUse(t *testing.T) {
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			z, _ := LoadZone("Europe/Berlin")
			for utc := int64(-1e15); utc < 5e15; utc += 1e12 * int64(i+1) {
				z.ToUTC(z.ToLocal(utc))
			}
		})
	}
	group.Wait()
}

func TestEveryNamedRegionLoads(t *testing.T) {
	if testing.Short() {
		t.Skip("reads all zones")
	}
	for _, id := range zoneNames().ids {
		if newZone(id) == nil {
			t.Errorf("no zone %s", id)
		}
	}
}
