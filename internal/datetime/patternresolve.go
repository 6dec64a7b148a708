package datetime

import (
	"slices"
	"strings"
)

// ParseTimestamp parses the complete text; missing fields default to 1970-01-01 00:00 in z. The error is a *ParseError.
func (p *Pattern) ParseTimestamp(b []byte, z *Zone) (micros int64, err error) {
	var s parsing
	local, err := p.readLocal(&s, b)
	if err != nil {
		return 0, err
	}
	switch {
	case s.zone != nil:
		z = s.zone
	case s.has(fieldOffset):
		return local - s.values[fieldOffset]*MicrosPerSecond, nil
	}
	return z.ToUTC(local), nil
}

// ParseNTZ parses the complete text as a timestamp without zone and ignores a zone in it. The error is a *ParseError.
func (p *Pattern) ParseNTZ(b []byte) (micros int64, err error) {
	var s parsing
	return p.readLocal(&s, b)
}

// HasZone reports whether the pattern has zone letters, whose text ParseNTZ ignores.
func (p *Pattern) HasZone() bool {
	return slices.ContainsFunc(p.elements, func(e element) bool {
		return e.op == opOffset || e.op == opLocalizedOffset || e.op == opZoneID || e.op == opZoneName
	})
}

// ParseDate parses the complete text and returns its local date; the error is a *ParseError.
func (p *Pattern) ParseDate(b []byte) (days int32, err error) {
	var s parsing
	if err := p.read(&s, b); err != nil {
		return 0, err
	}
	d, err := s.date()
	if err != nil {
		return 0, err
	}
	if _, err := s.timeOfDay(); err != nil {
		return 0, err
	}
	if d != int64(int32(d)) {
		return 0, &ParseError{Index: -1, Reason: "integer overflow"}
	}
	return int32(d), nil
}

func (p *Pattern) readLocal(s *parsing, b []byte) (local int64, err error) {
	if err := p.read(s, b); err != nil {
		return 0, err
	}
	days, err := s.date()
	if err != nil {
		return 0, err
	}
	micros, err := s.timeOfDay()
	if err != nil {
		return 0, err
	}
	if limit := int64(1<<63-1)/MicrosPerDay - 1; days > limit || days < -limit {
		return 0, &ParseError{Index: -1, Reason: "long overflow"}
	}
	return days*MicrosPerDay + micros, nil
}

// A valueRange is the range that Java allows for a field.
type valueRange struct{ min, max int64 }

var fieldRanges = [fieldCount]valueRange{
	fieldYearProleptic: {-999999999, 999999999}, fieldYearOfEra: {1, 1000000000}, fieldEra: {0, 1},
	fieldMonthOfYear: {1, 12}, fieldDayOfMonth: {1, 31}, fieldDayOfYear: {1, 366}, fieldQuarter: {1, 4}, fieldWeekday: {1, 7},
	fieldAlignedDay: {1, 7}, fieldJulianDay: {-365243219162 + modifiedJulian1970, 365241780471 + modifiedJulian1970},
	fieldHourOfDay: {0, 23}, fieldClockHourOfDay: {1, 24}, fieldHourOfAmPm: {0, 11}, fieldClockHourOfAmPm: {1, 12}, fieldAmPm: {0, 1},
	fieldMinuteOfHour: {0, 59}, fieldSecondOfMinute: {0, 59}, fieldNano: {0, 999999999}, fieldOffset: {-64800, 64800},
}

// rangeNames holds the ranges that Java does not print as "min - max".
var rangeNames = map[field]string{
	fieldYearOfEra: "1 - 999999999/1000000000", fieldDayOfMonth: "1 - 28/31", fieldDayOfYear: "1 - 365/366",
}

// check fails if the value of f is out of range.
func (s *parsing) check(f field) error {
	r := fieldRanges[f]
	v := s.values[f]
	if v >= r.min && v <= r.max {
		return nil
	}
	name := rangeNames[f]
	if name == "" {
		name = quoteInt(r.min) + " - " + quoteInt(r.max)
	}
	reason := "Invalid value for " + fieldNames[f] + " (valid values " + name + "): " + quoteInt(v)
	if f <= fieldJulianDay {
		return s.invalidDate(reason)
	}
	return s.invalid(reason)
}

// invalid returns the error for fields that do not form a date or time.
func (s *parsing) invalid(reason string) error {
	return &ParseError{Text: string(s.text), Index: -1, Reason: ": " + reason}
}

// invalidDate is like invalid, but Java quotes the text only if the pattern has a complete date.
func (s *parsing) invalidDate(reason string) error {
	year := s.has(fieldYearProleptic) || s.has(fieldYearOfEra)
	if year && (s.has(fieldDayOfYear) || s.has(fieldMonthOfYear) && s.has(fieldDayOfMonth)) {
		return s.invalid(reason)
	}
	return &ParseError{Index: -1, Reason: reason}
}

// date resolves the date. Missing fields default to 1970-01-01.
func (s *parsing) date() (days int64, err error) {
	for f := fieldYearProleptic; f <= fieldJulianDay; f++ {
		if s.has(f) {
			if err := s.check(f); err != nil {
				return 0, err
			}
		}
	}
	if s.has(fieldJulianDay) {
		return s.values[fieldJulianDay] - modifiedJulian1970, nil
	}
	year := s.year()
	month, day := s.or(fieldMonthOfYear, 1), s.or(fieldDayOfMonth, 1)
	if !s.has(fieldDayOfYear) {
		return s.civil(year, int(month), int(day))
	}
	n := s.values[fieldDayOfYear]
	if n == 366 && !IsLeapYear(int(year)) {
		return 0, s.invalidDate("Invalid date 'DayOfYear 366' as '" + quoteInt(year) + "' is not a leap year")
	}
	days = daysFromCivil(year, 1, 1) + n - 1
	_, actualMonth, actualDay := civilFromDays(days)
	if s.has(fieldMonthOfYear) && int(month) != actualMonth || s.has(fieldDayOfMonth) && int(day) != actualDay {
		return 0, s.invalidDate("Conflict found: DayOfYear " + quoteInt(n) + " is another day than the month and day of the text")
	}
	return days, nil
}

func (s *parsing) or(f field, missing int64) int64 {
	if s.has(f) {
		return s.values[f]
	}
	return missing
}

func (s *parsing) year() int64 {
	if !s.has(fieldYearOfEra) {
		return s.or(fieldYearProleptic, 1970)
	}
	if s.has(fieldEra) && s.values[fieldEra] == 0 {
		return 1 - s.values[fieldYearOfEra]
	}
	return s.values[fieldYearOfEra]
}

func (s *parsing) civil(year int64, month, day int) (days int64, err error) {
	if day <= 28 || day <= DaysInMonth(int(year), month) {
		return daysFromCivil(year, month, day), nil
	}
	if day == 29 {
		return 0, s.invalidDate("Invalid date 'February 29' as '" + quoteInt(year) + "' is not a leap year")
	}
	return 0, s.invalidDate("Invalid date '" + strings.ToUpper(monthNames[month-1]) + " " + quoteInt(int64(day)) + "'")
}

// timeOfDay resolves the time. Without an hour it is midnight or, for PM, noon; half-day hours without AM or PM are AM.
func (s *parsing) timeOfDay() (micros int64, err error) {
	for f := fieldHourOfDay; f <= fieldOffset; f++ {
		if s.has(f) {
			if err := s.check(f); err != nil {
				return 0, err
			}
		}
	}
	hour, err := s.hour()
	if err != nil {
		return 0, err
	}
	return hour*MicrosPerHour + s.values[fieldMinuteOfHour]*MicrosPerMinute + s.values[fieldSecondOfMinute]*MicrosPerSecond +
		s.values[fieldNano]/1000, nil
}

func (s *parsing) hour() (hour int64, err error) {
	var given [3]int64
	n := 0
	if s.has(fieldHourOfDay) {
		given[n], n = s.values[fieldHourOfDay], n+1
	}
	if s.has(fieldClockHourOfDay) {
		given[n], n = s.values[fieldClockHourOfDay]%24, n+1
	}
	if half, ok := s.halfHour(); ok && (s.has(fieldAmPm) || n == 0) {
		given[n], n = s.values[fieldAmPm]*12+half, n+1
	} else if ok {
		given[n], n = given[0]/12*12+half, n+1
	}
	if n == 0 {
		return s.values[fieldAmPm] * 12, nil
	}
	for _, other := range given[1:n] {
		if other != given[0] {
			return 0, s.invalid("Conflict found: the hours of the text differ")
		}
	}
	if s.has(fieldAmPm) && given[0]/12 != s.values[fieldAmPm] {
		return 0, s.invalid("Conflict found: the hour and AM or PM of the text differ")
	}
	return given[0], nil
}

// halfHour returns the hour within the half day, 0 to 11.
func (s *parsing) halfHour() (hour int64, ok bool) {
	if s.has(fieldClockHourOfAmPm) {
		return s.values[fieldClockHourOfAmPm] % 12, true
	}
	return s.values[fieldHourOfAmPm], s.has(fieldHourOfAmPm)
}
