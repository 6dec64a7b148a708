package datetime

import (
	"math"
	"strings"
)

// Microseconds and seconds in the units of civil time.
const (
	MicrosPerSecond int64 = 1_000_000
	MicrosPerMinute       = 60 * MicrosPerSecond
	MicrosPerHour         = 60 * MicrosPerMinute
	MicrosPerDay          = 24 * MicrosPerHour
	NanosPerDay           = MicrosPerDay * 1000

	secondsPerDay = 86400
)

// Days of the proleptic Gregorian calendar, counted in 400-year eras that begin on 1 March of a year divisible by 400.
const (
	daysPerEra      = 146097
	daysBefore1970  = 719468 // from 0000-03-01
	firstMonday1970 = 4      // 1970-01-05, a Monday
)

// DaysFromCivil returns the days since 1970-01-01. An out-of-range day counts on linearly from the first of the month;
// callers check with ValidDate. For years outside the range of DATE, the result is outside the range of DATE too.
func DaysFromCivil(year, month, day int) int64 {
	return daysFromCivil(int64(year), month, day)
}

func daysFromCivil(y int64, month, day int) int64 {
	if month <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yearOfEra := y - era*400
	dayOfYear := int64((153*((month+9)%12)+2)/5 + day - 1)
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*daysPerEra + dayOfEra - daysBefore1970
}

// CivilFromDays returns year, month and day for days since 1970-01-01.
func CivilFromDays(days int32) (year, month, day int) {
	return civilFromDays(int64(days))
}

// Days are shifted by this many eras so that none is negative.
const (
	shiftEras  = 20_000
	shiftDays  = shiftEras*daysPerEra + daysBefore1970
	shiftYears = shiftEras * 400
)

// civilFromDays computes quotient and remainder of linear functions in one step. (C. Neri, L. Schneider: Euclidean affine
// functions and their application to calendar algorithms, 2022.)
func civilFromDays(days int64) (year, month, day int) {
	year, dayOfYear := marchYear(days)
	m := 2141*dayOfYear + 197913
	month, day = int(m>>16), int(m&0xFFFF/2141)+1
	if dayOfYear >= firstOfJanuary {
		return year + 1, month - 12, day
	}
	return year, month, day
}

// firstOfJanuary is the day number of 1 January in a year that begins in March.
const firstOfJanuary = 306

// marchYear returns the year, counted from 1 March, and the zero-based day within it.
func marchYear(days int64) (year int, dayOfYear uint32) {
	n := 4*uint64(days+shiftDays) + 3
	century := n / daysPerEra
	p := 2939745 * (n%daysPerEra | 3)
	return int(100*century+p>>32) - shiftYears, uint32(p) / 2939745 / 4
}

// IsLeapYear reports whether the year has a 29 February.
func IsLeapYear(year int) bool {
	return year%4 == 0 && (year%100 != 0 || year%400 == 0)
}

var monthLengths = [13]uint8{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// DaysInMonth returns 28 to 31.
func DaysInMonth(year, month int) int {
	if month == 2 && IsLeapYear(year) {
		return 29
	}
	return int(monthLengths[month])
}

// ValidDate reports whether the day exists.
func ValidDate(year, month, day int) bool {
	return month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= DaysInMonth(year, month))
}

// Year returns the year of a date.
func Year(days int32) int {
	year, dayOfYear := marchYear(int64(days))
	if dayOfYear >= firstOfJanuary {
		year++
	}
	return year
}

// Month returns 1 to 12.
func Month(days int32) int {
	_, dayOfYear := marchYear(int64(days))
	month := int((2141*dayOfYear + 197913) >> 16)
	if dayOfYear >= firstOfJanuary {
		month -= 12
	}
	return month
}

// DayOfMonth returns 1 to 31.
func DayOfMonth(days int32) int {
	_, _, day := CivilFromDays(days)
	return day
}

// DayOfYear returns 1 to 366.
func DayOfYear(days int32) int {
	year, _, _ := CivilFromDays(days)
	return int(int64(days)-daysFromCivil(int64(year), 1, 1)) + 1
}

// Quarter returns 1 to 4.
func Quarter(days int32) int { return (Month(days) + 2) / 3 }

// Weekday returns 0 for Monday to 6 for Sunday.
func Weekday(days int32) int { return int(floorMod(int64(days)-firstMonday1970, 7)) }

// DayOfWeek returns 1 for Sunday to 7 for Saturday.
func DayOfWeek(days int32) int { return (Weekday(days)+1)%7 + 1 }

// ISOWeek returns the ISO 8601 week-based year and the week in it, 1 to 53.
func ISOWeek(days int32) (year, week int) {
	thursday := int64(days) - int64(Weekday(days)) + 3
	year, _, _ = civilFromDays(thursday)
	return year, int(thursday-daysFromCivil(int64(year), 1, 1))/7 + 1
}

// AddMonthsChecked is AddMonths with a range check: ok is false if the sum is outside the range of dates.
func AddMonthsChecked(days int32, months int) (sum int32, ok bool) {
	d := addMonths(int64(days), months)
	return int32(d), d == int64(int32(d))
}

// AddMonths adds months to a date and keeps the day of month, clamped to the length of the resulting month.
func AddMonths(days int32, months int) int32 {
	return int32(addMonths(int64(days), months))
}

func addMonths(days int64, months int) int64 {
	year, month, day := civilFromDays(days)
	total := int64(year)*12 + int64(month-1) + int64(months)
	y, m := floorDiv(total, 12), int(floorMod(total, 12))+1
	return daysFromCivil(y, m, min(day, DaysInMonth(int(y), m)))
}

// AddMonthsMicros adds months to a local timestamp and keeps the time of day.
func AddMonthsMicros(local int64, months int) int64 {
	days, micros := SplitMicros(local)
	return addMonths(days, months)*MicrosPerDay + micros
}

// LastDay returns the last day of the month of a date.
func LastDay(days int32) int32 {
	year, month, day := CivilFromDays(days)
	return days + int32(DaysInMonth(year, month)-day)
}

// NextDay returns the first date after days that falls on the given weekday (0 for Monday).
func NextDay(days int32, weekday int) int32 {
	return days + 1 + int32((weekday-Weekday(days+1)+7)%7)
}

// MonthsBetween implements Spark's months_between of two timestamps: whole months if both fall on the same day of the month
// or both on its last day, else with a fraction based on 31-day months, rounded to 8 digits if roundOff is set. The time of
// day is the time elapsed since the day began.
func MonthsBetween(z *Zone, at1, at2 int64, roundOff bool) float64 {
	days1, _ := SplitMicros(z.ToLocal(at1))
	days2, _ := SplitMicros(z.ToLocal(at2))
	micros1, micros2 := at1-z.StartOfDay(int32(days1)), at2-z.StartOfDay(int32(days2))
	year1, month1, day1 := civilFromDays(days1)
	year2, month2, day2 := civilFromDays(days2)
	months := float64((year1*12 + month1) - (year2*12 + month2))
	last1, last2 := day1 == DaysInMonth(year1, month1), day2 == DaysInMonth(year2, month2)
	if day1 == day2 || last1 && last2 {
		return months
	}
	const secondsPerMonth = 31 * secondsPerDay
	seconds := int64(day1-day2)*secondsPerDay + micros1/MicrosPerSecond - micros2/MicrosPerSecond
	diff := months + float64(seconds)/secondsPerMonth
	if !roundOff {
		return diff
	}
	return math.Floor(diff*1e8+0.5) / 1e8
}

// ParseWeekday parses the day names of next_day in any case: SU, SUN or SUNDAY. 0 is Monday.
func ParseWeekday(name string) (weekday int, ok bool) {
	for i, full := range weekdayNames {
		if len(name) >= 2 && (len(name) <= 3 || len(name) == len(full)) && strings.EqualFold(name, full[:len(name)]) {
			return i, true
		}
	}
	return 0, false
}

// SplitMicros splits a timestamp into its day and the microseconds since midnight.
func SplitMicros(micros int64) (days, microsOfDay int64) {
	days = floorDiv(micros, MicrosPerDay)
	return days, micros - days*MicrosPerDay
}

// DateOf returns the day of a local timestamp.
func DateOf(local int64) int32 { return int32(floorDiv(local, MicrosPerDay)) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 {
	if r := a % b; r < 0 {
		return r + b
	} else {
		return r
	}
}
