package datetime

import (
	"strings"
	"sync"
	"time"
)

// westStandard lists regions where Go's zone files declare winter time, not summer time, as "daylight saving" with a negative
// amount. In Java their winter time is standard time, at offset 0.
var westStandard = map[string]bool{"Europe/Dublin": true, "Eire": true, "Africa/Casablanca": true, "Africa/El_Aaiun": true}

// isDaylight reports whether daylight saving time applies at an instant.
func (z *Zone) isDaylight(utcMicros int64) bool {
	if z.loc == nil {
		return false
	}
	if westStandard[z.id] {
		return z.OffsetSeconds(utcMicros) > 0
	}
	return time.UnixMicro(utcMicros).In(z.loc).IsDST()
}

// name returns the English name of the zone's time at an instant: PST or Pacific Standard Time.
func (z *Zone) name(utcMicros int64, long bool) string {
	row, ok := zoneNames().rows[z.id]
	if !ok {
		return z.unnamed(utcMicros)
	}
	names, daylight := &zoneNameTable[row], z.isDaylight(utcMicros)
	switch {
	case long && daylight:
		return names.daylightLong
	case long:
		return names.standardLong
	case daylight:
		return names.daylight
	}
	return names.standard
}

// unnamed returns the offset of a region without a name, and the id of any other zone.
func (z *Zone) unnamed(utcMicros int64) string {
	if z.loc == nil {
		return z.id
	}
	return string(appendLocalizedOffset(nil, z.OffsetSeconds(utcMicros), true))
}

// A zoneIndex finds rows of zoneNameTable.
type zoneIndex struct {
	rows    map[string]int    // by region id
	ids     map[string]string // lower-case region id → region id
	longest int
}

var zoneNames = sync.OnceValue(func() *zoneIndex {
	x := &zoneIndex{rows: map[string]int{}, ids: map[string]string{}}
	for i, row := range zoneNameTable {
		for id := range strings.FieldsSeq(row.ids) {
			x.rows[id] = i
			x.ids[strings.ToLower(id)] = id
			x.longest = max(x.longest, len(id))
		}
	}
	return x
})

// prefixRegion returns the longest region id that the text begins with, ignoring case, and its length.
func prefixRegion(text string) (id string, n int) {
	x := zoneNames()
	for n = min(len(text), x.longest); n > 1; n-- {
		if id, ok := x.ids[strings.ToLower(text[:n])]; ok {
			return id, n
		}
		if strings.HasPrefix(text, "Etc/") && n > len("Etc/") && plausibleRegion(text[:n]) {
			if _, ok := lookupZone(text[:n]); ok {
				return text[:n], n
			}
		}
	}
	return "", 0
}

// prefixZoneName returns the region of the longest zone name that the text begins with, ignoring case, and the name's length.
func prefixZoneName(text string, long bool) (id string, n int) {
	for _, row := range zoneNameTable {
		names := [2]string{row.standard, row.daylight}
		if long {
			names = [2]string{row.standardLong, row.daylightLong}
		}
		for _, name := range names {
			if len(name) > n && len(name) <= len(text) && strings.EqualFold(text[:len(name)], name) {
				id, _, _ = strings.Cut(row.ids, " ")
				n = len(name)
			}
		}
	}
	return id, n
}
