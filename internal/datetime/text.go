package datetime

import (
	"bytes"
	"strconv"
)

// AppendDate appends 2024-02-29, +10000-01-01 or -0044-03-15.
func AppendDate(dst []byte, days int32) []byte {
	return appendCivil(dst, int64(days))
}

func appendCivil(dst []byte, days int64) []byte {
	year, month, day := civilFromDays(days)
	if year >= 0 && year <= 9999 {
		var b [10]byte
		put2(b[0:], year/100)
		put2(b[2:], year%100)
		b[4], b[7] = '-', '-'
		put2(b[5:], month)
		put2(b[8:], day)
		return append(dst, b[:]...)
	}
	dst = append2(append(appendWideYear(dst, year), '-'), month)
	return append2(append(dst, '-'), day)
}

// put2 writes two digits.
func put2(b []byte, v int) { copy(b[:2], digitPairs[2*v:2*v+2]) }

const digitPairs = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849" +
	"5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

// appendWideYear appends a year that is negative or longer than four digits, with its sign.
func appendWideYear(dst []byte, year int) []byte {
	if year < 0 {
		dst, year = append(dst, '-'), -year
	} else {
		dst = append(dst, '+')
	}
	return appendPadded(dst, int64(year), 4)
}

// AppendTimestamp appends local time in z: 2024-02-29 12:34:56.789, without trailing zeros in the fraction.
func AppendTimestamp(dst []byte, utcMicros int64, z *Zone) []byte {
	s := z.spanAt(utcMicros)
	days, micros := SplitMicros(utcMicros)
	micros += s.offset // |offset| < 1 day: off by at most one day
	if micros < 0 {
		days, micros = days-1, micros+MicrosPerDay
	} else if micros >= MicrosPerDay {
		days, micros = days+1, micros-MicrosPerDay
	}
	return appendClock(append(appendCivil(dst, days), ' '), micros)
}

// AppendTimestampNTZ appends a timestamp without zone.
func AppendTimestampNTZ(dst []byte, localMicros int64) []byte {
	days, micros := SplitMicros(localMicros)
	return appendClock(append(appendCivil(dst, days), ' '), micros)
}

// appendClock appends 12:34:56 and the fraction of the microseconds of a day.
func appendClock(dst []byte, micros int64) []byte {
	seconds := int(micros / MicrosPerSecond)
	dst = append2(dst, seconds/3600)
	dst = append2(append(dst, ':'), seconds/60%60)
	dst = append2(append(dst, ':'), seconds%60)
	return appendFraction(dst, micros%MicrosPerSecond)
}

// appendFraction appends .5 for 500000 microseconds, nothing for 0.
func appendFraction(dst []byte, micros int64) []byte {
	if micros == 0 {
		return dst
	}
	digits := 6
	for micros%10 == 0 {
		micros /= 10
		digits--
	}
	return appendPadded(append(dst, '.'), micros, digits)
}

// AppendTime appends a time of day such as 12:34:56.5, truncated to precision digits (at most 9).
func AppendTime(dst []byte, nanos int64, precision int) []byte {
	unit := int64(1)
	for range 9 - min(precision, 9) {
		unit *= 10
	}
	nanos -= nanos % unit
	beyond := nanos % 1000
	if beyond == 0 {
		return appendClock(dst, nanos/1000)
	}
	dst = append(appendClock(dst, nanos/1000-nanos/1000%MicrosPerSecond), '.')
	dst = appendPadded(dst, nanos/1000%MicrosPerSecond, 6)
	return bytes.TrimRight(appendPadded(dst, beyond, 3), "0")
}

func append2(dst []byte, v int) []byte {
	return append(dst, digitPairs[2*v:2*v+2]...)
}

// appendPadded appends a non-negative number with at least width digits.
func appendPadded(dst []byte, v int64, width int) []byte {
	var b [20]byte
	digits := strconv.AppendInt(b[:0], v, 10)
	for range width - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}
