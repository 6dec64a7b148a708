package datetime

import "strconv"

// A Style is a text form of year-month and day-time intervals.
type Style uint8

// The text forms.
const (
	ANSIStyle Style = iota // INTERVAL '1-2' YEAR TO MONTH, as show and CAST print
	HiveStyle              // 1-2
)

// Fields, as in package types.
const (
	fieldYear uint8 = iota
	fieldMonth
)

const (
	fieldDay uint8 = iota
	fieldHour
	fieldMinute
	fieldSecond
)

var (
	yearMonthFields = [...]string{"YEAR", "MONTH"}
	dayTimeFields   = [...]string{"DAY", "HOUR", "MINUTE", "SECOND"}
	dayTimeUnits    = [...]uint64{uint64(MicrosPerDay), uint64(MicrosPerHour), uint64(MicrosPerMinute), uint64(MicrosPerSecond)}
)

// AppendYearMonth appends a year-month interval from field start to field end.
func AppendYearMonth(dst []byte, months int32, start, end uint8, style Style) []byte {
	if style == ANSIStyle {
		dst = append(dst, "INTERVAL '"...)
	}
	rest := int64(months)
	if rest < 0 {
		dst, rest = append(dst, '-'), -rest
	}
	switch {
	case style == HiveStyle || start != end:
		dst = strconv.AppendInt(dst, rest/12, 10)
		dst = strconv.AppendInt(append(dst, '-'), rest%12, 10)
	case start == fieldYear:
		dst = strconv.AppendInt(dst, rest/12, 10)
	default:
		dst = strconv.AppendInt(dst, rest, 10)
	}
	if style == ANSIStyle {
		dst = appendFields(append(dst, "' "...), yearMonthFields[:], start, end)
	}
	return dst
}

// AppendDayTime appends a day-time interval from field start to field end; finer fields are dropped.
func AppendDayTime(dst []byte, micros int64, start, end uint8, style Style) []byte {
	if style == ANSIStyle {
		dst = append(dst, "INTERVAL '"...)
	} else {
		start, end = fieldDay, fieldSecond
	}
	rest := uint64(micros)
	if micros < 0 {
		dst, rest = append(dst, '-'), -rest
	}
	for field := start; field <= end; field++ {
		switch {
		case field == start:
		case field == fieldHour:
			dst = append(dst, ' ')
		default:
			dst = append(dst, ':')
		}
		value := rest / dayTimeUnits[field]
		rest %= dayTimeUnits[field]
		if field == fieldDay {
			dst = strconv.AppendUint(dst, value, 10)
		} else {
			dst = appendPadded(dst, int64(value), 2)
		}
		if field == fieldSecond {
			dst = appendSecondFraction(dst, int64(rest), style)
		}
	}
	if style == ANSIStyle {
		dst = appendFields(append(dst, "' "...), dayTimeFields[:], start, end)
	}
	return dst
}

// appendSecondFraction appends the shortest fraction, or nine digits in Hive style.
func appendSecondFraction(dst []byte, micros int64, style Style) []byte {
	if style == HiveStyle {
		return appendPadded(append(dst, '.'), micros*1000, 9)
	}
	return appendFraction(dst, micros)
}

// appendFields appends "DAY TO SECOND", or just "DAY" if start equals end.
func appendFields(dst []byte, names []string, start, end uint8) []byte {
	dst = append(dst, names[start]...)
	if start != end {
		dst = append(dst, " TO "...)
		dst = append(dst, names[end]...)
	}
	return dst
}

// AppendCalendar appends a legacy interval: 1 years 2 months 25 days 1 hours.
func AppendCalendar(dst []byte, months, days int32, micros int64) []byte {
	if months == 0 && days == 0 && micros == 0 {
		return append(dst, "0 seconds"...)
	}
	begin := len(dst)
	dst = appendUnit(dst, int64(months/12), " years ")
	dst = appendUnit(dst, int64(months%12), " months ")
	dst = appendUnit(dst, int64(days), " days ")
	dst = appendUnit(dst, micros/MicrosPerHour, " hours ")
	dst = appendUnit(dst, micros%MicrosPerHour/MicrosPerMinute, " minutes ")
	if rest := micros % MicrosPerMinute; rest != 0 {
		if rest < 0 {
			dst, rest = append(dst, '-'), -rest
		}
		dst = strconv.AppendInt(dst, rest/MicrosPerSecond, 10)
		return append(appendFraction(dst, rest%MicrosPerSecond), " seconds"...)
	}
	if len(dst) > begin {
		dst = dst[:len(dst)-1]
	}
	return dst
}

func appendUnit(dst []byte, value int64, unit string) []byte {
	if value == 0 {
		return dst
	}
	return append(strconv.AppendInt(dst, value, 10), unit...)
}
