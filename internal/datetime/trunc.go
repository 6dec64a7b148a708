package datetime

import "strings"

// A TruncLevel is a unit to which dates and timestamps are truncated.
type TruncLevel uint8

// The levels, coarse to fine. TruncDate supports those up to TruncWeek.
const (
	TruncNone TruncLevel = iota // unknown unit: the result is NULL
	TruncYear
	TruncQuarter
	TruncMonth
	TruncWeek
	TruncDay
	TruncHour
	TruncMinute
	TruncSecond
	TruncMillisecond
	TruncMicrosecond
)

// ParseTruncLevel parses the unit of trunc and date_trunc in any case; it returns TruncNone for an unknown unit.
func ParseTruncLevel(unit string) TruncLevel {
	if len(unit) > len("MICROSECOND") {
		return TruncNone
	}
	switch strings.ToUpper(unit) {
	case "YEAR", "YYYY", "YY":
		return TruncYear
	case "QUARTER":
		return TruncQuarter
	case "MONTH", "MM", "MON":
		return TruncMonth
	case "WEEK":
		return TruncWeek
	case "DAY", "DD":
		return TruncDay
	case "HOUR":
		return TruncHour
	case "MINUTE":
		return TruncMinute
	case "SECOND":
		return TruncSecond
	case "MILLISECOND":
		return TruncMillisecond
	case "MICROSECOND":
		return TruncMicrosecond
	}
	return TruncNone
}

// TruncDate returns the first day of the year, quarter, month or week of a date, and the date itself for other levels.
func TruncDate(days int32, level TruncLevel) int32 {
	switch level {
	case TruncWeek:
		return days - int32(Weekday(days))
	case TruncMonth:
		return days - int32(DayOfMonth(days)-1)
	case TruncQuarter:
		year, month, _ := CivilFromDays(days)
		return int32(DaysFromCivil(year, (month-1)/3*3+1, 1))
	case TruncYear:
		return days - int32(DayOfYear(days)-1)
	}
	return days
}

// TruncTimestamp truncates a timestamp to a level of local time in z.
func TruncTimestamp(utc int64, level TruncLevel, z *Zone) int64 {
	switch level {
	case TruncNone, TruncMicrosecond:
		return utc
	case TruncMillisecond:
		return utc - floorMod(utc, 1000)
	case TruncSecond:
		return utc - floorMod(utc, MicrosPerSecond)
	case TruncMinute:
		return truncClock(utc, MicrosPerMinute, z)
	case TruncHour:
		return truncClock(utc, MicrosPerHour, z)
	case TruncDay:
		return truncClock(utc, MicrosPerDay, z)
	}
	if z.IsFixed() {
		offset := z.spans[0].offset
		return int64(TruncDate(DateOf(utc+offset), level))*MicrosPerDay - offset
	}
	return z.StartOfDay(TruncDate(DateOf(z.ToLocal(utc)), level))
}

// truncClock keeps the offset of the instant where local times occur twice.
func truncClock(utc, unit int64, z *Zone) int64 {
	offset := z.spanAt(utc).offset
	local := utc + offset
	return z.toUTCPreferring(local-floorMod(local, unit), offset)
}
