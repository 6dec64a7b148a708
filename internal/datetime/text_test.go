package datetime

import (
	"strings"
	"testing"
	"testing/quick"
)

func TestTextOfDatesAndTimes(t *testing.T) {
	for days, want := range map[int32]string{0: "1970-01-01", -719529: "-0001-12-31", 2932897: "+10000-01-01", -719528: "0000-01-01"} {
		if got := string(AppendDate(nil, days)); got != want {
			t.Errorf("day %d: %s, want %s", days, got, want)
		}
	}
	for _, c := range []struct {
		nanos     int64
		precision int
		want      string
	}{{45296_500_000_000, 6, "12:34:56.5"}, {45296_123_456_000, 3, "12:34:56.123"}, {0, 0, "00:00:00"}, {1000, 6, "00:00:00.000001"}} {
		if got := string(AppendTime(nil, c.nanos, c.precision)); got != c.want {
			t.Errorf("%d: %s, want %s", c.nanos, got, c.want)
		}
	}
}

func TestTimestampTextRoundTrips(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	check := func(micros int64) bool {
		micros /= 2 // years of at most six digits
		text := AppendTimestampNTZ(nil, micros)
		back, ok := ParseTimestampNTZ(text, false)
		if !ok || back != micros {
			t.Logf("%d: %s", micros, text)
			return false
		}
		text = AppendTimestamp(nil, micros, berlin)
		back, ok = ParseTimestamp(text, berlin, 0)
		return ok && berlin.ToLocal(back) == berlin.ToLocal(micros)
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

func TestTimestampTexts(t *testing.T) {
	now := int64(19782)*MicrosPerDay + 5
	for text, want := range map[string]string{
		"2024-2-9T1:2:3":                   "2024-02-09 01:02:03",
		"2024-02-29 10:11:12 UTC":          "2024-02-29 10:11:12",
		"2024-02-29 10:11:12.1234567+0200": "2024-02-29 08:11:12.123456",
		"2024-02-29 10:11:12Europe/Paris":  "2024-02-29 09:11:12",
		"2024-02-29 10:11:12PST":           "2024-02-29 18:11:12",
		"2024-02-29 10:11:12.+2:30":        "2024-02-29 07:41:12",
		"\t2024-02-29 10:11 ":              "2024-02-29 10:11:00",
		"03:04:05":                         "2024-02-29 03:04:05",
		"T3:4":                             "2024-02-29 03:04:00",
		"T12":                              "2024-02-29 12:00:00",
		"-0044-03-15":                      "-0044-03-15 00:00:00",
		"2024-02-29 10:11:12.":             "2024-02-29 10:11:12",
		"2024-02-29 24:00:00":              "",
		"2024-02-29 10:60:00":              "",
		"2024-02-29 10:11:12 Mars":         "",
		"2024-02-29 10:11Z":                "",
		"2024-02-29 10:11:":                "",
		"2024-02-29 ":                      "2024-02-29 00:00:00",
		"2024-02-29x":                      "",
		"1709164800":                       "",
		" T3:4":                            "",
		"-3:04:05":                         "",
		"2024-02-29 10:11:12\u00a0":        "",
		"299999-01-01":                     "",
		"999-01-01":                        "",
	} {
		micros, ok := ParseTimestamp([]byte(text), UTC, now)
		if got := printed(ok, AppendTimestamp(nil, micros, UTC)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestParsingDoesNotAllocate(t *testing.T) {
	z := zone(t, "America/New_York")
	texts := [][]byte{[]byte("2024-02-29"), []byte("2024-02-29 10:11:12.5"), []byte("2024-2-9 1:2:3Europe/Paris"), []byte("2024-02-29T10:11:12Z")}
	var buf [64]byte
	read := func() {
		for _, b := range texts {
			micros, _ := ParseTimestamp(b, z, 0)
			AppendTimestamp(buf[:0], micros, z)
			ParseDate(b)
		}
	}
	read()
	if n := testing.AllocsPerRun(100, read); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParseTimestamp(f *testing.F) {
	for _, s := range []string{"2024-02-29 10:11:12.5+02:00", "T1:2", "+12345-1-1", "2024", "1:2:3 PST"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if micros, ok := ParseTimestampNTZ(b, true); ok {
			text := AppendTimestampNTZ(nil, micros)
			if back, ok := ParseTimestampNTZ(text, false); !ok || back != micros {
				t.Errorf("%q: %d is printed as %s", b, micros, text)
			}
		}
		if slow, ok := readStamp(b); ok && !slow.timeOnly && slow.zone == nil {
			if fast, utc, ok := new(Stamps).fast(b); ok && !utc {
				if want, ok := slow.local(); !ok || fast != want {
					t.Errorf("%q: fast %d, slow %d", b, fast, want)
				}
			}
		}
		ParseDate(b)
		ParseTime(b)
		ParseTimestamp(b, UTC, 0)
	})
}

func FuzzStamps(f *testing.F) {
	for _, s := range [][2]string{{"2024-02-29 10:11:12.5", "2024-02-29 10:11:59Z"}, {"2024-02-29T10:11:12.123456Z", "2024-02-29T10:11:"},
		{"2024-02-29 10:11:12.", "2024-02-29 10:11:12.Z"}, {"2024-02-29 10:11:60", "2024-02-29 10:11:6"}, {"2024-02-29", "2024-02-29 24:11:12"},
		{"2024-02-29 10:11:12.1234567", "2024-02-29 10:11:12x"}, {"x2024-02-29 10:11:12", strings.Repeat("\x00", 24)}} {
		f.Add([]byte(s[0]), []byte(s[1]))
	}
	zone, err := LoadZone("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	now := func() int64 { return 1e15 }
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var s Stamps
		for _, b := range [][]byte{first, second, first} {
			got, ok := s.Parse(b, zone, now)
			if want, known := slowTimestamp(b, zone, now); ok != known || got != want {
				t.Errorf("%q after %q: %d, %v; want %d, %v", b, first, got, ok, want, known)
			}
		}
	})
}
