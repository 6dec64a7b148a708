package datetime

// The parsers in this file follow Spark's casts: they ignore blanks and control characters around the text; years have at
// least four digits, other fields one or two.

// Spark's limits for the digits of a year.
const (
	minYearDigits          = 4
	maxDateYearDigits      = 7
	maxTimestampYearDigits = 6
)

// ParseDate parses text as CAST(text AS DATE) does: 2024, 2024-2 or 2024-02-29. A blank or T and any text may follow a
// complete date.
func ParseDate(b []byte) (days int32, ok bool) {
	if len(b) == 10 && b[4] == '-' && b[7] == '-' {
		if days, ok := fastDate(b); ok {
			return int32(days), true
		}
	}
	b = trim(b)
	if len(b) == 0 {
		return 0, false
	}
	sign := 1
	if isSign(b[0]) {
		if b[0] == '-' {
			sign = -1
		}
		b = b[1:]
	}
	fields := [3]int{1, 1, 1}
	for i := range fields {
		v, n := number(b)
		if i == 0 && (n < minYearDigits || n > maxDateYearDigits) || i > 0 && (n < 1 || n > 2) {
			return 0, false
		}
		fields[i], b = v, b[n:]
		if len(b) == 0 {
			break
		}
		if i == 2 {
			if b[0] != ' ' && b[0] != 'T' {
				return 0, false
			}
		} else if b[0] != '-' {
			return 0, false
		} else {
			b = b[1:]
		}
	}
	year := sign * fields[0]
	if !ValidDate(year, fields[1], fields[2]) {
		return 0, false
	}
	d := daysFromCivil(int64(year), fields[1], fields[2])
	return int32(d), d == int64(int32(d))
}

// fastDate parses yyyy-MM-dd; the caller has checked the dashes.
func fastDate(b []byte) (days int64, ok bool) {
	y1, y2, m, d := two(b), two(b[2:]), two(b[5:]), two(b[8:])
	if y1|y2|m|d < 0 || !ValidDate(y1*100+y2, m, d) {
		return 0, false
	}
	return daysFromYear(uint32(y1*100+y2), uint32(m), uint32(d)), true
}

// daysFromYear is daysFromCivil for years from 0 on, without division of signed numbers.
func daysFromYear(year, month, day uint32) int64 {
	y := year + 400
	if month <= 2 {
		y--
	}
	c := y / 100
	return int64(365*y+y/4-c+c/4+(153*((month+9)%12)+2)/5+day) - 1 - daysBefore1970 - daysPerEra
}

// two parses two digits. The result is negative if they are not digits.
func two(b []byte) int {
	hi, lo := int(b[0])-'0', int(b[1])-'0'
	if uint(hi) > 9 || uint(lo) > 9 {
		return -1
	}
	return hi*10 + lo
}

// number parses a run of n digits. v is correct only for up to nine digits; callers check n.
func number(b []byte) (v, n int) {
	for n < len(b) && isDigit(b[n]) {
		if n < 9 {
			v = v*10 + int(b[n]-'0')
		}
		n++
	}
	return v, n
}

// trim drops white space and control characters.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] <= ' ' || b[0] == 0x7f) {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] <= ' ' || b[len(b)-1] == 0x7f) {
		b = b[:len(b)-1]
	}
	return b
}

// A stamp holds the fields of a timestamp's text.
type stamp struct {
	year, month, day int
	micros           int64  // of the day
	zone             []byte // nil if the text has none
	timeOnly         bool
}

// ParseTimestamp parses text as CAST(text AS TIMESTAMP) does; a time without a date gets the date of nowMicros.
func ParseTimestamp(b []byte, z *Zone, nowMicros int64) (micros int64, ok bool) {
	return new(Stamps).Parse(b, z, func() int64 { return nowMicros })
}

// slowTimestamp is Stamps.Parse for the forms that Stamps does not know.
func slowTimestamp(b []byte, z *Zone, now func() int64) (micros int64, ok bool) {
	s, ok := readStamp(b)
	if !ok {
		return 0, false
	}
	if s.zone != nil {
		if z, ok = stampZone(s.zone); !ok {
			return 0, false
		}
	}
	if s.timeOnly {
		today, _ := SplitMicros(z.ToLocal(now()))
		return z.ToUTC(today*MicrosPerDay + s.micros), true
	}
	local, ok := s.local()
	if !ok {
		return 0, false
	}
	return z.ToUTC(local), true
}

// ParseTimestampNTZ parses text as CAST(text AS TIMESTAMP_NTZ) does: a zone is ignored if allowZone is set, and refused
// otherwise.
func ParseTimestampNTZ(b []byte, allowZone bool) (micros int64, ok bool) {
	if local, utc, ok := new(Stamps).fast(b); ok && !utc {
		return local, true
	}
	s, ok := readStamp(b)
	if !ok || s.timeOnly {
		return 0, false
	}
	if s.zone != nil {
		if !allowZone {
			return 0, false
		}
		if _, ok := stampZone(s.zone); !ok {
			return 0, false
		}
	}
	return s.local()
}

// ParseTime parses text as CAST(text AS TIME) does.
func ParseTime(b []byte) (nanos int64, ok bool) {
	s, ok := readStamp(b)
	if !ok || !s.timeOnly || s.zone != nil {
		return 0, false
	}
	return s.micros * 1000, true
}

// local returns the local time. It fails for years that Spark's parser accepts but a timestamp cannot represent.
func (s *stamp) local() (micros int64, ok bool) {
	if !ValidDate(s.year, s.month, s.day) {
		return 0, false
	}
	days := daysFromCivil(int64(s.year), s.month, s.day)
	const maxDays = (1<<63-1)/MicrosPerDay - 1
	if days > maxDays || days < -maxDays {
		return 0, false
	}
	return days*MicrosPerDay + s.micros, true
}

// readStamp parses [±]yyyy[-m[-d]], optionally followed by a blank or T and h[:m[:s[.f]]][zone]; or just
// [T]h:m[:s[.f]][zone]. A zone may follow only seconds or their fraction.
func readStamp(b []byte) (s stamp, ok bool) {
	s = stamp{month: 1, day: 1}
	whole := b
	b = trim(b)
	if len(b) == 0 {
		return s, false
	}
	if b[0] == 'T' && len(whole) > 0 && whole[0] == 'T' { // in Spark, only as the very first byte
		s.timeOnly = true
		return s, s.readClock(b[1:])
	}
	sign := 0
	if isSign(b[0]) {
		sign = 1
		if b[0] == '-' {
			sign = -1
		}
		b = b[1:]
	}
	if n := digits(b); sign == 0 && n < len(b) && b[n] == ':' {
		s.timeOnly = true
		return s, s.readClock(b)
	}
	b, ok = s.readDate(b)
	if sign < 0 {
		s.year = -s.year
	}
	if !ok || len(b) == 0 {
		return s, ok
	}
	return s, s.readClock(b[1:])
}

func digits(b []byte) int {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return n
}

// readDate parses the date. rest begins with the blank or T after it.
func (s *stamp) readDate(b []byte) (rest []byte, ok bool) {
	var n int
	if s.year, n = number(b); n < minYearDigits || n > maxTimestampYearDigits {
		return nil, false
	}
	b = b[n:]
	for _, field := range [2]*int{&s.month, &s.day} {
		if len(b) == 0 {
			return nil, true
		}
		if b[0] != '-' {
			return nil, false
		}
		if *field, n = number(b[1:]); n < 1 || n > 2 {
			return nil, false
		}
		b = b[1+n:]
	}
	return b, len(b) == 0 || b[0] == ' ' || b[0] == 'T'
}

// readClock parses h[:m[:s[.f]]][zone].
func (s *stamp) readClock(b []byte) bool {
	var clock [3]int
	for i := range clock {
		v, n := number(b)
		if n < 1 || n > 2 {
			return false
		}
		clock[i], b = v, b[n:]
		if len(b) == 0 || i == 2 {
			break
		}
		if b[0] != ':' {
			return false
		}
		b = b[1:]
		if len(b) == 0 {
			return false
		}
	}
	if clock[0] > 23 || clock[1] > 59 || clock[2] > 59 {
		return false
	}
	s.micros = int64(clock[0]*3600+clock[1]*60+clock[2]) * MicrosPerSecond
	if len(b) > 0 && b[0] == '.' {
		n := digits(b[1:])
		used := min(n, 6) // further digits are truncated, not rounded
		fraction, _ := number(b[1 : 1+used])
		s.micros += scaleMicros(fraction, used)
		b = b[1+n:]
	}
	if len(b) > 0 {
		s.zone = b
	}
	return true
}

// stampZone returns the zone with the given id. It allocates only for zones not seen before.
func stampZone(b []byte) (*Zone, bool) {
	b = trimBlanks(b)
	if z, ok := loadedZone(b); ok {
		return z, true
	}
	return lookupZone(string(b))
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}
