package datetime

import (
	"strings"
	"sync"
	"time"
)

// westStandard lists regions whose winter time, and not their summer time, is "daylight saving" with a negative amount in the
// zone files that Go has. Java has standard time in winter there, at offset 0.
var westStandard = map[string]bool{"Europe/Dublin": true, "Eire": true, "Africa/Casablanca": true, "Africa/El_Aaiun": true}

// isDaylight reports daylight saving time at an instant.
func (z *Zone) isDaylight(utcMicros int64) bool {
	if z.loc == nil {
		return false
	}
	if westStandard[z.id] {
		return z.OffsetSeconds(utcMicros) > 0
	}
	return time.UnixMicro(utcMicros).In(z.loc).IsDST()
}

// name gives the English name of the zone's time at an instant: PST or Pacific Standard Time.
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

// unnamed names a region without a name by its offset, and anything else by its id.
func (z *Zone) unnamed(utcMicros int64) string {
	if z.loc == nil {
		return z.id
	}
	return string(appendLocalizedOffset(nil, z.OffsetSeconds(utcMicros), true))
}

// A zoneIndex finds rows of zoneNameTable.
type zoneIndex struct {
	rows    map[string]int    // by region id
	ids     map[string]string // region id by itself in lower case
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

// prefixRegion finds the longest region id that the text begins with, in any case, and its length.
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

// prefixZoneName finds the longest zone name that the text begins with, in any case, and the region it means.
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
