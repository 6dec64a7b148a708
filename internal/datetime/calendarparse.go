package datetime

import (
	"math"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A calendarText is a list of values and units during parsing.
type calendarText struct {
	input  string // as given, for errors
	text   string // trimmed, lower case
	pos    int
	months int32
	days   int32
	micros int64
}

// ParseCalendar parses a list of values and units such as "1 year 2 days 3.5 seconds", with or without a leading INTERVAL.
// The error is a *sparkerr.Error with an INVALID_INTERVAL_FORMAT condition.
func ParseCalendar(s string) (months, days int32, micros int64, err error) {
	t := calendarText{input: s, text: strings.ToLower(string(trim([]byte(s))))}
	if err := t.prefix(); err != nil {
		return 0, 0, 0, err
	}
	for t.skipBlanks(); t.pos < len(t.text); t.skipBlanks() {
		if err := t.item(); err != nil {
			return 0, 0, 0, err
		}
	}
	return t.months, t.days, t.micros, nil
}

func (t *calendarText) prefix() error {
	const word = "interval"
	if t.text == "" || t.text == word {
		return t.fail("INPUT_IS_EMPTY")
	}
	if strings.HasPrefix(t.text, word) {
		if !isBlank(t.text[len(word)]) {
			return t.fail("INVALID_PREFIX", "prefix", t.word())
		}
		t.pos = len(word) + 1
	}
	return nil
}

// A quantity is a value without its unit.
type quantity struct {
	whole    int64
	micros   int64 // of the fraction
	negative bool
	fraction bool // the text has a decimal point
}

// item parses one value and its unit.
func (t *calendarText) item() error {
	q, err := t.quantity()
	if err != nil {
		return err
	}
	t.skipBlanks()
	if q.fraction && t.text[t.pos] != 's' {
		return t.fail("INVALID_FRACTION", "unit", t.word())
	}
	if q.negative {
		q.whole, q.micros = -q.whole, -q.micros
	}
	if err := t.unit(q); err != nil {
		return err
	}
	if t.pos < len(t.text) && t.text[t.pos] == 's' {
		t.pos++
	}
	if t.pos < len(t.text) && !isBlank(t.text[t.pos]) {
		return t.fail("INVALID_UNIT", "unit", t.word())
	}
	return nil
}

// quantity parses the sign, the digits, the fraction and the following blank.
func (t *calendarText) quantity() (q quantity, err error) {
	pointFirst := false
	switch c := t.text[t.pos]; {
	case isSign(c):
		q.negative = c == '-'
		t.pos++
		t.skipBlanks()
		if t.pos == len(t.text) {
			return q, t.fail("MISSING_NUMBER", "word", t.word())
		}
	case c == '.':
		pointFirst = true
	case !isDigit(c):
		return q, t.fail("UNRECOGNIZED_NUMBER", "number", t.word())
	}
	for ; t.pos < len(t.text) && isDigit(t.text[t.pos]); t.pos++ {
		digit := int64(t.text[t.pos] - '0')
		if q.whole > (math.MaxInt64-digit)/10 {
			return q, t.fail("ARITHMETIC_EXCEPTION")
		}
		q.whole = q.whole*10 + digit
	}
	if t.pos < len(t.text) && t.text[t.pos] == '.' {
		t.pos++
		q.fraction = true
		if err := t.fraction(&q, pointFirst); err != nil {
			return q, err
		}
	}
	if t.pos == len(t.text) {
		return q, t.fail("MISSING_UNIT", "word", t.word())
	}
	if !isBlank(t.text[t.pos]) {
		return q, t.fail("INVALID_VALUE", "value", t.word())
	}
	return q, nil
}

// fraction parses up to nine digits and ignores those after the sixth.
func (t *calendarText) fraction(q *quantity, needsDigit bool) error {
	n := 0
	unit := MicrosPerSecond
	for ; t.pos < len(t.text) && isDigit(t.text[t.pos]); t.pos++ {
		if n++; n > 9 {
			return t.fail("INVALID_PRECISION", "value", t.word())
		}
		unit /= 10
		q.micros += int64(t.text[t.pos]-'0') * unit
	}
	if n == 0 && needsDigit && t.pos < len(t.text) {
		return t.fail("INVALID_VALUE", "value", t.word())
	}
	return nil
}

// calendarUnits lists the units and what one of each adds.
var calendarUnits = []struct {
	name         string
	months, days int64
	micros       int64
}{
	{name: "year", months: 12}, {name: "month", months: 1}, {name: "week", days: 7}, {name: "day", days: 1},
	{name: "hour", micros: MicrosPerHour}, {name: "minute", micros: MicrosPerMinute}, {name: "second", micros: MicrosPerSecond},
	{name: "millisecond", micros: 1000}, {name: "microsecond", micros: 1},
}

func (t *calendarText) unit(q quantity) error {
	for _, u := range calendarUnits {
		if !strings.HasPrefix(t.text[t.pos:], u.name) {
			continue
		}
		months, ok1 := addProduct(int64(t.months), q.whole, u.months, math.MaxInt32)
		days, ok2 := addProduct(int64(t.days), q.whole, u.days, math.MaxInt32)
		micros, ok3 := addProduct(t.micros, q.whole, u.micros, math.MaxInt64)
		sum := micros + q.micros
		if !ok1 || !ok2 || !ok3 || (sum < micros) != (q.micros < 0) {
			return t.fail("ARITHMETIC_EXCEPTION")
		}
		t.months, t.days, t.micros = int32(months), int32(days), sum
		t.pos += len(u.name)
		return nil
	}
	return t.fail("INVALID_UNIT", "unit", t.word())
}

// addProduct returns sum + a*b; ok is false if the result is outside [-limit-1, limit].
func addProduct(sum, a, b, limit int64) (int64, bool) {
	if a == 0 || b == 0 {
		return sum, true
	}
	product := a * b
	if product/b != a {
		return 0, false
	}
	total := sum + product
	if (total > sum) != (product > 0) || total > limit || total < -limit-1 {
		return 0, false
	}
	return total, true
}

func (t *calendarText) skipBlanks() {
	for t.pos < len(t.text) && isBlank(t.text[t.pos]) {
		t.pos++
	}
}

// word returns the blank-separated word at the current position, or the preceding one if the position is between words or at
// the end.
func (t *calendarText) word() string {
	end := t.pos
	for end < len(t.text) && !isBlank(t.text[end]) {
		end++
	}
	words := strings.Fields(t.text[:end])
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

func (t *calendarText) fail(condition string, params ...string) error {
	return sparkerr.New("INVALID_INTERVAL_FORMAT."+condition, append(params, "input", t.input)...)
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' || c >= 0x1c && c <= 0x1f }
