package datetime

import "strings"

// SpecialWord recognises the words that typed literals and casts of constants accept: epoch, now, today, tomorrow and
// yesterday, in any case. All but now may be followed by a zone, which must exist but has no effect.
func SpecialWord(s string) string {
	s = string(trim([]byte(s)))
	n := 0
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	word, zone := strings.ToLower(s[:n]), strings.TrimLeft(s[n:], " \t")
	switch word {
	case "epoch", "today", "tomorrow", "yesterday":
		if _, ok := lookupZone(zone); ok || zone == "" {
			return word
		}
	case "now":
		if zone == "" {
			return word
		}
	}
	return ""
}

// SpecialDate evaluates a special word as a date at nowMicros in z.
func SpecialDate(s string, z *Zone, nowMicros int64) (days int32, ok bool) {
	today := DateOf(z.ToLocal(nowMicros))
	switch SpecialWord(s) {
	case "epoch":
		return 0, true
	case "now", "today":
		return today, true
	case "tomorrow":
		return today + 1, true
	case "yesterday":
		return today - 1, true
	}
	return 0, false
}

// SpecialTimestamp evaluates a special word as an instant at nowMicros in z.
func SpecialTimestamp(s string, z *Zone, nowMicros int64) (micros int64, ok bool) {
	switch SpecialWord(s) {
	case "epoch":
		return 0, true
	case "now":
		return nowMicros, true
	}
	days, ok := SpecialDate(s, z, nowMicros)
	if !ok {
		return 0, false
	}
	return z.StartOfDay(days), true
}

// SpecialTimestampNTZ evaluates a special word as a timestamp without zone at nowMicros in z.
func SpecialTimestampNTZ(s string, z *Zone, nowMicros int64) (micros int64, ok bool) {
	if SpecialWord(s) == "now" {
		return z.ToLocal(nowMicros), true
	}
	days, ok := SpecialDate(s, z, nowMicros)
	return int64(days) * MicrosPerDay, ok
}
