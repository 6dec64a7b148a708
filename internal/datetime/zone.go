// Package datetime implements Spark's calendar: days and microseconds since 1970-01-01, time zones, the text forms of dates,
// times and intervals, and Java's pattern letters.
package datetime

import (
	"maps"
	"math"
	"sort"
	"sync/atomic"
	"time"
	_ "time/tzdata" // regions must load where the system has no zone files; costs 0.45 MB of the binary

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Zone is a time zone: a fixed offset, or the rules of a region. It is safe for concurrent use.
type Zone struct {
	id    string
	loc   *time.Location // nil for fixed offsets
	spans []span         // a single span for fixed offsets; up to lastTabled for regions; sorted
	hint  atomic.Int32   // the span used last
}

// A span is a period [start, end) with a constant offset from UTC, in microseconds.
type span struct {
	start, end, offset int64
}

// UTC is the zone "UTC".
var UTC = fixedZone("UTC", 0)

const (
	maxOffsetSeconds = 18 * 3600 // Java's limit
	maxOffset        = maxOffsetSeconds * MicrosPerSecond
	lastTabled       = 4102444800 * MicrosPerSecond // 2100-01-01; later instants use the rules of the region
)

// bigBang is later than any transition, in seconds; zone files may encode "always" as an earlier time than that.
const bigBang = 1 << 40

func fixedZone(id string, offsetSeconds int) *Zone {
	return &Zone{id: id, spans: []span{{math.MinInt64, math.MaxInt64, int64(offsetSeconds) * MicrosPerSecond}}}
}

// LoadZone finds a zone by any id that Spark accepts: regions, offsets such as +02:00, +2 and -08:30:15, UTC+3, GMT-2, Z, and
// Java's short ids. The error is a *sparkerr.Error with condition INVALID_TIMEZONE.
func LoadZone(id string) (*Zone, error) {
	if z, ok := lookupZone(id); ok {
		return z, nil
	}
	return nil, sparkerr.New("INVALID_TIMEZONE", "timeZone", id)
}

// loadedZones caches zones by the ids as given. The map is never modified, only replaced.
var loadedZones atomic.Pointer[map[string]*Zone]

// longestID exceeds the length of any id, including surrounding blanks.
const longestID = 1 << 10

// maxLoaded bounds loadedZones, since ids can come from data.
const maxLoaded = 1024

func lookupZone(id string) (*Zone, bool) {
	if len(id) > longestID {
		return nil, false
	}
	if z, ok := loadedZone([]byte(id)); ok {
		return z, true
	}
	z := newZone(id)
	if z == nil {
		return nil, false
	}
	zones := map[string]*Zone{id: z}
	if loaded := loadedZones.Load(); loaded != nil {
		if len(*loaded) >= maxLoaded {
			return z, true
		}
		maps.Copy(zones, *loaded)
	}
	loadedZones.Store(&zones) // if two goroutines race, one zone may be lost and is loaded again
	return z, true
}

// loadedZone is lookupZone without allocation, for cached ids.
func loadedZone(id []byte) (*Zone, bool) {
	loaded := loadedZones.Load()
	if loaded == nil {
		return nil, false
	}
	z, ok := (*loaded)[string(id)]
	return z, ok
}

func regionZone(id string) *Zone {
	if !plausibleRegion(id) {
		return nil
	}
	loc, err := time.LoadLocation(id)
	if err != nil {
		return nil
	}
	z := &Zone{id: id, loc: loc}
	s := span{end: math.MinInt64}
	for s.end < lastTabled {
		s = ruleSpan(loc, s.end)
		if n := len(z.spans); n > 0 && z.spans[n-1].offset == s.offset {
			z.spans[n-1].end = s.end // only the name or the year has changed
		} else {
			z.spans = append(z.spans, s)
		}
	}
	return z
}

// ruleSpan evaluates the region's own rules.
func ruleSpan(loc *time.Location, utcMicros int64) span {
	t := time.UnixMicro(utcMicros).In(loc)
	start, end := t.ZoneBounds()
	_, offset := t.Zone()
	s := span{math.MinInt64, math.MaxInt64, int64(offset) * MicrosPerSecond}
	if !start.IsZero() && start.Unix() > -bigBang {
		s.start = start.UnixMicro()
	}
	if !end.IsZero() {
		s.end = end.UnixMicro()
	}
	if s.end <= utcMicros { // package time ends the last span of a leap year a day too early
		s.end = utcMicros - floorMod(utcMicros, MicrosPerDay) + MicrosPerDay
	}
	return s
}

func (z *Zone) spanAt(utcMicros int64) span {
	s := z.spans[z.hint.Load()]
	if utcMicros >= s.start && utcMicros < s.end {
		return s
	}
	i := sort.Search(len(z.spans), func(i int) bool { return utcMicros < z.spans[i].end })
	if i < len(z.spans) {
		z.hint.Store(int32(i))
		return z.spans[i]
	}
	if z.loc != nil {
		return ruleSpan(z.loc, utcMicros)
	}
	return z.spans[0] // the last microsecond of a fixed offset
}

// String returns the id as Java normalises it: "UTC", "+02:00", "America/Los_Angeles" for PST.
func (z *Zone) String() string { return z.id }

// IsFixed reports whether the zone is a plain offset.
func (z *Zone) IsFixed() bool { return z.loc == nil }

// OffsetSeconds returns the offset from UTC at an instant.
func (z *Zone) OffsetSeconds(utcMicros int64) int {
	return int(z.spanAt(utcMicros).offset / MicrosPerSecond)
}

// ToLocal returns local time in z, as microseconds since 1970-01-01 00:00 local.
func (z *Zone) ToLocal(utcMicros int64) int64 { return utcMicros + z.spanAt(utcMicros).offset }

// ToUTC is the inverse of ToLocal. A local time in a gap moves forward by the length of the gap; an ambiguous one maps to the
// earlier instant.
func (z *Zone) ToUTC(localMicros int64) int64 {
	s := z.spans[z.hint.Load()]
	u := localMicros - s.offset
	if u < s.end && (s.start == math.MinInt64 || u >= s.start+2*maxOffset) {
		return u // too far from the span's start for the previous span to contain this local time
	}
	if z.loc == nil {
		return u
	}
	return z.toUTCSlow(localMicros)
}

// toUTCSlow walks the spans that may contain the local time, starting from the earliest. In a gap it uses the offset before
// the gap.
func (z *Zone) toUTCSlow(local int64) int64 {
	s := z.spanAt(local - maxOffset)
	for local-s.offset >= s.end {
		next := z.spanAt(s.end)
		if local-next.offset < next.start {
			break
		}
		s = next
	}
	return local - s.offset
}

// toUTCPreferring is ToUTC, except that an ambiguous local time maps to the instant with the given offset, as Java does when
// it moves a zoned time.
func (z *Zone) toUTCPreferring(local, offset int64) int64 {
	if u := local - offset; z.spanAt(u).offset == offset {
		return u
	}
	return z.ToUTC(local)
}

// StartOfDay returns the first instant of a date in z.
func (z *Zone) StartOfDay(days int32) int64 {
	local := int64(days) * MicrosPerDay
	u := z.ToUTC(local)
	if s := z.spanAt(u); u+s.offset != local {
		return s.start // midnight is in a gap
	}
	return u
}

// AddMonths adds months of local time to an instant.
func (z *Zone) AddMonths(utcMicros int64, months int) int64 {
	offset := z.spanAt(utcMicros).offset
	return z.toUTCPreferring(AddMonthsMicros(utcMicros+offset, months), offset)
}

// AddDays adds days of local time, which may have 23 or 25 hours, to an instant.
func (z *Zone) AddDays(utcMicros int64, days int64) int64 {
	offset := z.spanAt(utcMicros).offset
	return z.toUTCPreferring(utcMicros+offset+days*MicrosPerDay, offset)
}

// Shift adds months, then days of local time, then microseconds to an instant; ok is false if any intermediate sum leaves the
// range of timestamps.
func (z *Zone) Shift(utcMicros int64, months int, days, micros int64) (sum int64, ok bool) {
	sum = utcMicros
	if months != 0 {
		from, _ := SplitMicros(z.ToLocal(sum))
		if !IsTimestampDay(addMonths(from, months)) {
			return 0, false
		}
		sum = z.AddMonths(sum, months)
	}
	if days != 0 {
		to := sum + days*MicrosPerDay
		if !IsTimestampDay(days) || (to >= sum) != (days >= 0) {
			return 0, false
		}
		sum = z.AddDays(sum, days)
	}
	t := sum + micros
	return t, (t >= sum) == (micros >= 0)
}

// IsTimestampDay reports whether all microseconds of a day, counted from 1970-01-01, are within the range of timestamps.
func IsTimestampDay(days int64) bool {
	const last = math.MaxInt64 / MicrosPerDay
	return days >= -last && days <= last
}

// AddDayTime adds a day-time interval: its days in local time, the rest as elapsed time.
func (z *Zone) AddDayTime(utcMicros, interval int64) int64 {
	days := interval / MicrosPerDay
	return z.AddDays(utcMicros, days) + interval%MicrosPerDay
}
