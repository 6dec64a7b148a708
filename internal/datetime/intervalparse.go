package datetime

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// An intervalText is the text of a cast during parsing: the bare value, or INTERVAL [±]'value' FIELDS.
type intervalText struct {
	input string // as given, for errors
	rest  string
	kind  string // "year-month" or "day-time"
	neg   bool
}

// ParseYearMonth parses '1-2' or INTERVAL '1-2' YEAR TO MONTH as CAST does; the error is a *sparkerr.Error.
func ParseYearMonth(s string, start, end uint8) (months int32, err error) {
	t := intervalText{input: s, rest: string(trim([]byte(s))), kind: "year-month"}
	if !t.open(string(appendFields(nil, yearMonthFields[:], start, end))) {
		return 0, t.mismatch(start, end)
	}
	first, ok := t.digits(math.MaxInt)
	second := ""
	if ok && start != end {
		ok = t.skip('-')
		if ok {
			second, ok = t.digits(math.MaxInt)
		}
	}
	if !ok || t.rest != "" {
		return 0, t.mismatch(start, end)
	}
	if start == end {
		return t.singleYearMonth(first, start)
	}
	years, err := t.inRange("year", first, math.MaxInt32/12)
	if err != nil {
		return 0, err
	}
	rest, err := t.inRange("month", second, 11)
	if err != nil {
		return 0, err
	}
	return t.toMonths(years*12 + rest)
}

func (t *intervalText) singleYearMonth(value string, field uint8) (int32, error) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, t.failed("For input string: \"" + value + "\"")
	}
	if field == fieldYear {
		if n > math.MaxInt32 {
			return 0, t.failed("integer overflow")
		}
		n *= 12
	}
	return t.toMonths(n)
}

func (t *intervalText) toMonths(n int64) (int32, error) {
	if t.neg {
		n = -n
	}
	if n != int64(int32(n)) {
		return 0, t.failed("integer overflow")
	}
	return int32(n), nil
}

// dayTimeDigits limits the number of digits in the first field of a day-time interval; later fields have one or two.
var dayTimeDigits = [...]int{9, 10, 12, 13}

// dayTimeMax limits the values of the fields after the first one.
var dayTimeMax = [...]uint64{0, 23, 59, 59}

// ParseDayTime parses '1 02:03:04.5' or INTERVAL '1 02:03:04.5' DAY TO SECOND as CAST does; the error is a *sparkerr.Error.
func ParseDayTime(s string, start, end uint8) (micros int64, err error) {
	t := intervalText{input: s, rest: string(trim([]byte(s))), kind: "day-time"}
	if !t.open(string(appendFields(nil, dayTimeFields[:], start, end))) {
		return 0, t.mismatch(start, end)
	}
	values, fraction, ok := t.dayTimeValues(start, end)
	if !ok {
		return 0, t.mismatch(start, end)
	}
	total := fraction
	for field := start; field <= end; field++ {
		unit, limit := dayTimeUnits[field], dayTimeMax[field]
		if field == start {
			limit = math.MaxInt64 / unit
		}
		v, err := t.inRange(strings.ToLower(dayTimeFields[field]), values[field], int64(limit))
		if err != nil {
			return 0, err
		}
		total += uint64(v) * unit // at most MaxInt64 plus less than a day
	}
	if total > math.MaxInt64 && !(t.neg && total == 1<<63) {
		return 0, t.failed("long overflow")
	}
	if t.neg {
		return -int64(total), nil
	}
	return int64(total), nil
}

// dayTimeValues splits d h:m:s.f into the digits of its fields and the microseconds of the fraction.
func (t *intervalText) dayTimeValues(start, end uint8) (values [4]string, fraction uint64, ok bool) {
	for field := start; field <= end; field++ {
		limit := 2
		if field == start {
			limit = dayTimeDigits[field]
		} else if separator := byte(':'); field == fieldHour && !t.skip(' ') || field != fieldHour && !t.skip(separator) {
			return values, 0, false
		}
		if values[field], ok = t.digits(limit); !ok {
			return values, 0, false
		}
	}
	if end == fieldSecond && t.skip('.') {
		text, ok := t.digits(9)
		if !ok {
			return values, 0, false
		}
		digits := min(len(text), 6)
		v, _ := strconv.Atoi(text[:digits])
		fraction = uint64(scaleMicros(v, digits))
	}
	return values, fraction, t.rest == ""
}

// open parses the sign and strips INTERVAL '…' FIELDS if present.
func (t *intervalText) open(fields string) bool {
	const word = "INTERVAL"
	if len(t.rest) > len(word) && strings.EqualFold(t.rest[:len(word)], word) {
		body, ok := t.unquote(t.rest[len(word):], fields)
		if !ok {
			return false
		}
		t.rest = body
	}
	t.sign()
	return true
}

// unquote splits the text after INTERVAL and returns the part between the quotes.
func (t *intervalText) unquote(s, fields string) (body string, ok bool) {
	trimmed := strings.TrimLeft(s, blanks)
	if trimmed == s {
		return "", false
	}
	t.rest = trimmed
	t.sign()
	if !t.skip('\'') {
		return "", false
	}
	body, tail, found := strings.Cut(t.rest, "'")
	if !found || strings.TrimLeft(tail, blanks) == tail {
		return "", false
	}
	return body, strings.EqualFold(strings.Join(strings.Fields(tail), " "), fields)
}

const blanks = " \t\n\v\f\r"

// sign parses one sign. Spark also accepts '|' as a sign.
func (t *intervalText) sign() {
	switch {
	case t.skip('-'):
		t.neg = !t.neg
	case t.skip('+'), t.skip('|'):
	}
}

func (t *intervalText) skip(c byte) bool {
	if t.rest == "" || t.rest[0] != c {
		return false
	}
	t.rest = t.rest[1:]
	return true
}

func (t *intervalText) digits(limit int) (s string, ok bool) {
	n := 0
	for n < len(t.rest) && isDigit(t.rest[n]) {
		n++
	}
	s, t.rest = t.rest[:n], t.rest[n:]
	return s, n > 0 && n <= limit
}

func (t *intervalText) inRange(field, digits string, limit int64) (int64, error) {
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, t.failed("For input string: \"" + digits + "\"")
	}
	if v > limit {
		return 0, t.failed("requirement failed: " + field + " " + digits + " outside range [0, " + strconv.FormatInt(limit, 10) + "]")
	}
	return v, nil
}

func (t *intervalText) failed(msg string) error {
	return sparkerr.New("INVALID_INTERVAL_FORMAT.INTERVAL_PARSING", "input", t.input, "interval", t.kind, "msg", msg)
}

// mismatch returns the error for a text that does not have the form of the type.
func (t *intervalText) mismatch(start, end uint8) error {
	condition, names, shape := "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING", yearMonthFields[:], "y-m"
	if t.kind == "day-time" {
		condition, names, shape = condition+"_WITH_NOTICE", dayTimeFields[:], "d h:m:s"
	}
	shape = shape[2*start : 2*end+1]
	if shape[len(shape)-1] == 's' {
		shape += ".n"
	}
	fields := string(appendFields(nil, names, start, end))
	return sparkerr.New(condition, "input", t.input, "intervalStr", t.kind,
		"supportedFormat", "`[+|-]"+shape+"`, `INTERVAL [+|-]'[+|-]"+shape+"' "+fields+"`",
		"typeName", "interval "+strings.ToLower(fields))
}

// IntervalDuration returns the length of a legacy interval in microseconds, with 31-day months, which is how triggers and
// watermarks count.
func IntervalDuration(months, days int32, micros int64) (total int64, ok bool) {
	total = (int64(months)*31 + int64(days))
	hi, lo := bits.Mul64(uint64(abs(total)), uint64(MicrosPerDay))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	total *= MicrosPerDay
	sum := total + micros
	return sum, (sum > total) == (micros > 0)
}

func abs(v int64) int64 { return max(v, -v) }
