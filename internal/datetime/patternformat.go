package datetime

import "strconv"

// A moment is what a pattern prints: a local time and, if it has a zone, the instant.
type moment struct {
	days             int64
	year, month, day int
	micros           int64 // of the day
	zone             *Zone
	utc, offset      int64 // seconds of offset
}

func newMoment(local int64) moment {
	m := moment{}
	m.days, m.micros = SplitMicros(local)
	m.year, m.month, m.day = civilFromDays(m.days)
	return m
}

// Format appends an instant as local time in z.
func (p *Pattern) Format(dst []byte, utcMicros int64, z *Zone) []byte {
	offset := z.spanAt(utcMicros).offset
	m := newMoment(utcMicros + offset)
	m.zone, m.utc, m.offset = z, utcMicros, offset/MicrosPerSecond
	return m.append(dst, p.elements)
}

// FormatLocal appends a timestamp without zone. Zone letters print nothing.
func (p *Pattern) FormatLocal(dst []byte, localMicros int64) []byte {
	m := newMoment(localMicros)
	return m.append(dst, p.elements)
}

// FormatDate appends a date. Time letters print midnight.
func (p *Pattern) FormatDate(dst []byte, days int32) []byte {
	return p.FormatLocal(dst, int64(days)*MicrosPerDay)
}

func (m *moment) append(dst []byte, elements []element) []byte {
	for i := range elements {
		e := &elements[i]
		switch e.op {
		case opLiteral:
			dst = append(dst, e.text...)
		case opNumber:
			dst = appendNumber(dst, m.field(e.field), e)
		case opReduced:
			dst = append2(dst, int(abs(m.field(e.field))%100))
		case opFraction:
			nanos := appendPadded(dst, m.micros%MicrosPerSecond*1000, 9)
			dst = nanos[:len(dst)+e.max]
		case opText:
			dst = append(dst, e.names[int(m.field(e.field))-e.base]...)
		case opOptional: // every field is known, so its content is printed
		default:
			if m.zone != nil {
				dst = m.appendZone(dst, e)
			}
		}
	}
	return dst
}

func appendNumber(dst []byte, v int64, e *element) []byte {
	if v < 0 {
		return appendPadded(append(dst, '-'), -v, e.min)
	}
	if e.sign == signExceedsPad && e.min < maxDigits && len(strconv.FormatInt(v, 10)) > e.min {
		dst = append(dst, '+')
	}
	return appendPadded(dst, v, e.min)
}

const modifiedJulian1970 = 40587

func (m *moment) field(f field) int64 {
	hour := m.micros / MicrosPerHour
	switch f {
	case fieldYearProleptic:
		return int64(m.year)
	case fieldYearOfEra:
		if m.year <= 0 {
			return int64(1 - m.year)
		}
		return int64(m.year)
	case fieldEra:
		if m.year <= 0 {
			return 0
		}
		return 1
	case fieldMonthOfYear:
		return int64(m.month)
	case fieldDayOfMonth:
		return int64(m.day)
	case fieldDayOfYear:
		return m.days - daysFromCivil(int64(m.year), 1, 1) + 1
	case fieldQuarter:
		return int64(m.month+2) / 3
	case fieldWeekday:
		return floorMod(m.days-firstMonday1970, 7) + 1
	case fieldAlignedDay: // Java 17; later versions print the number of the week instead
		return int64(m.day-1)%7 + 1
	case fieldJulianDay:
		return m.days + modifiedJulian1970
	case fieldHourOfDay:
		return hour
	case fieldClockHourOfDay:
		return (hour+23)%24 + 1
	case fieldHourOfAmPm:
		return hour % 12
	case fieldClockHourOfAmPm:
		return (hour+11)%12 + 1
	case fieldAmPm:
		return hour / 12
	case fieldMinuteOfHour:
		return m.micros / MicrosPerMinute % 60
	case fieldSecondOfMinute:
		return m.micros / MicrosPerSecond % 60
	}
	return 0
}

func (m *moment) appendZone(dst []byte, e *element) []byte {
	switch e.op {
	case opZoneID:
		return append(dst, m.zone.id...)
	case opZoneName:
		return append(dst, m.zone.name(m.utc, e.count == 4)...)
	case opLocalizedOffset:
		return appendLocalizedOffset(dst, int(m.offset), e.count == 4)
	}
	offset := int(m.offset)
	rest := int(abs(m.offset)) % 3600
	minutes, seconds := rest >= 60, rest%60 != 0
	shape := offsetShapes[e.count-1]
	if int(abs(m.offset)) < 60 && !(shape.seconds && seconds) {
		return append(dst, e.text...) // all parts that would be printed are zero
	}
	return appendOffset(dst, offset, shape.separator, shape.minutes || minutes, shape.seconds && seconds)
}

// offsetShapes lists the forms of X and x by number of letters: +HHmm, +HHMM, +HH:MM, +HHMMss, +HH:MM:ss. Parts in lower case
// are omitted when zero.
var offsetShapes = [5]struct {
	separator byte
	minutes   bool // always
	seconds   bool // when not zero
}{{0, false, false}, {0, true, false}, {':', true, false}, {0, true, true}, {':', true, true}}

// appendLocalizedOffset appends GMT, GMT+8, GMT+8:30 or, in full form, GMT+08:00.
func appendLocalizedOffset(dst []byte, seconds int, full bool) []byte {
	dst = append(dst, "GMT"...)
	if seconds == 0 {
		return dst
	}
	rest := int(abs(int64(seconds))) % 3600
	if full {
		return appendOffset(dst, seconds, ':', true, rest%60 != 0)
	}
	start := len(dst)
	dst = appendOffset(dst, seconds, ':', rest != 0, rest%60 != 0)
	if dst[start+1] == '0' {
		dst = append(dst[:start+1], dst[start+2:]...)
	}
	return dst
}
