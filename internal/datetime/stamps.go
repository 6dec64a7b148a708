package datetime

import "encoding/binary"

// Stamps parses timestamps. It remembers the minute of the last one, since consecutive rows tend to share it. The zero value is ready for use.
type Stamps struct {
	prefix [2]uint64 // yyyy-MM-dd[ T]HH:mm, 16 bytes
	minute int64     // the local time that prefix means, in microseconds
	known  bool
}

// Parse parses text as CAST(text AS TIMESTAMP) does; a time without a date gets the date of now.
func (s *Stamps) Parse(b []byte, z *Zone, now func() int64) (micros int64, ok bool) {
	if micros, ok := s.Usual(b, z); ok {
		return micros, true
	}
	return slowTimestamp(b, z, now)
}

// Usual is Parse for the most common forms. It returns false for others.
func (s *Stamps) Usual(b []byte, z *Zone) (micros int64, ok bool) {
	local, utc, ok := s.fast(b)
	if ok && !utc {
		local = z.ToUTC(local)
	}
	return local, ok
}

// minuteSize is the length of yyyy-MM-dd HH:mm.
const minuteSize = 16

// fast parses yyyy-MM-dd, optionally followed by [ T]HH:mm:ss, up to six fraction digits, and a Z, which makes the time one in UTC.
func (s *Stamps) fast(b []byte) (local int64, utc, ok bool) {
	if len(b) < minuteSize+3 {
		if len(b) != 10 || b[4] != '-' || b[7] != '-' {
			return 0, false, false
		}
		days, ok := fastDate(b)
		return days * MicrosPerDay, false, ok
	}
	prefix := [2]uint64{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
	if (!s.known || prefix != s.prefix) && !s.learn(prefix, b) {
		return 0, false, false
	}
	second := two(b[minuteSize+1:])
	if b[minuteSize] != ':' || uint(second) > 59 {
		return 0, false, false
	}
	local = s.minute + int64(second)*MicrosPerSecond
	rest := b[minuteSize+3:]
	if len(rest) == 0 {
		return local, false, true
	}
	if rest[len(rest)-1] == 'Z' {
		rest, utc = rest[:len(rest)-1], true
		if len(rest) == 0 {
			return local, true, true
		}
	}
	if rest[0] != '.' || len(rest) > 7 {
		return 0, false, false
	}
	fraction, n := number(rest[1:])
	if 1+n != len(rest) {
		return 0, false, false
	}
	return local + scaleMicros(fraction, n), utc, true
}

// learn parses the minute at the beginning of b, which is in prefix, and remembers it.
func (s *Stamps) learn(prefix [2]uint64, b []byte) bool {
	if b[4] != '-' || b[7] != '-' || b[10] != ' ' && b[10] != 'T' || b[13] != ':' {
		return false
	}
	days, ok := fastDate(b)
	hour, minute := two(b[11:]), two(b[14:])
	if !ok || uint(hour) > 23 || uint(minute) > 59 {
		return false
	}
	s.prefix, s.known = prefix, true
	s.minute = days*MicrosPerDay + int64(hour*60+minute)*60*MicrosPerSecond
	return true
}

// scaleMicros converts a fraction of n ≤ 6 digits to microseconds.
func scaleMicros(fraction, n int) int64 {
	for ; n < 6; n++ {
		fraction *= 10
	}
	return int64(fraction)
}
