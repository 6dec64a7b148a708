package datetime

import (
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// maxCompiled bounds the cache of patterns, which data could otherwise fill, since a pattern can be a column.
const maxCompiled = 256

var compiledCount atomic.Int32

// A compiler translates a pattern into elements by the rules of java.time.format.DateTimeFormatterBuilder.appendPattern.
type compiler struct {
	rest     string
	elements []element
	open     []int // optional sections not yet closed by ]
	number   int   // index of the number that gives up digits to adjacent numbers; -1 if there is none
	parsing  bool
	variable bool // parse fractions of 1 to n digits (Spark does so for patterns with S)
	era      bool
	english  bool
	named    bool // compilation failed because the locale's names are unknown
}

func (c *compiler) compile() bool {
	c.variable = c.parsing && strings.Contains(c.rest, "S")
	for c.rest != "" {
		letter := c.rest[0]
		ok := true
		switch {
		case isLetter(letter):
			n := 1
			for n < len(c.rest) && c.rest[n] == letter {
				n++
			}
			c.rest = c.rest[n:]
			ok = c.letter(letter, n)
		case letter == '\'':
			ok = c.quoted()
		case letter == '[':
			c.open = append(c.open, len(c.elements))
			c.add(element{op: opOptional})
			c.rest = c.rest[1:]
		case letter == ']':
			ok = c.closeOptional()
			c.rest = c.rest[1:]
		case letter == '{' || letter == '}' || letter == '#':
			return false
		default:
			_, n := utf8.DecodeRuneInString(c.rest)
			c.add(element{op: opLiteral, text: c.rest[:n]})
			c.rest = c.rest[n:]
		}
		if !ok {
			return false
		}
	}
	for len(c.open) > 0 {
		c.closeOptional()
	}
	return true
}

func (c *compiler) closeOptional() bool {
	if len(c.open) == 0 {
		return false
	}
	last := len(c.open) - 1
	c.elements[c.open[last]].end = len(c.elements)
	c.open = c.open[:last]
	c.number = -1
	return true
}

// quoted parses a quoted literal; two quotes inside it are one.
func (c *compiler) quoted() bool {
	var text strings.Builder
	s := c.rest[1:]
	for {
		part, tail, found := strings.Cut(s, "'")
		text.WriteString(part)
		if !found {
			if !c.variable { // Spark splits such patterns at the quotes itself and tolerates a missing last quote
				return false
			}
			c.rest = ""
			break
		}
		if c.rest = tail; !strings.HasPrefix(tail, "'") {
			break
		}
		text.WriteByte('\'')
		s = tail[1:]
	}
	literal := text.String()
	if literal == "" {
		literal = "'"
	}
	c.add(element{op: opLiteral, text: literal})
	return true
}

func (c *compiler) add(e element) {
	c.elements = append(c.elements, e)
	c.number = -1
}

// addNumber appends a number. Directly after another number it has a fixed width, which the first number of the sequence
// leaves for it; a number without a fixed width starts a new sequence.
func (c *compiler) addNumber(e element) {
	active := c.number
	if active < 0 {
		c.add(e)
		c.number = len(c.elements) - 1
		return
	}
	if e.min == e.max && e.sign == signNever {
		c.elements[active].following += e.max
		e.following = -1
		c.add(e)
		c.number = active
		return
	}
	c.elements[active].following = -1
	c.add(e)
	c.number = len(c.elements) - 1
}

// maxDigits is Java's "any width".
const maxDigits = 19

// numericLetters maps the letters that print one or two digits to their fields.
var numericLetters = map[byte]field{
	'd': fieldDayOfMonth, 'H': fieldHourOfDay, 'k': fieldClockHourOfDay, 'K': fieldHourOfAmPm, 'h': fieldClockHourOfAmPm,
	'm': fieldMinuteOfHour, 's': fieldSecondOfMinute,
}

func (c *compiler) letter(letter byte, n int) bool {
	if f, ok := numericLetters[letter]; ok {
		return n <= 2 && c.plainNumber(f, n)
	}
	switch letter {
	case 'y':
		return c.year(n)
	case 'M', 'L':
		return c.numberOrName(fieldMonthOfYear, n, monthNames[:], 1)
	case 'Q', 'q':
		return c.numberOrName(fieldQuarter, n, quarterNames[:], 1)
	case 'E':
		return c.name(fieldWeekday, n, weekdayNames[:], 1)
	case 'G':
		return c.name(fieldEra, n, eraNames[:], 0)
	case 'a':
		return n == 1 && c.name(fieldAmPm, n, amPmNames[:], 0)
	case 'F':
		return n == 1 && c.plainNumber(fieldAlignedDay, n)
	case 'D':
		if n == 1 {
			return c.plainNumber(fieldDayOfYear, n)
		}
		c.addNumber(element{op: opNumber, field: fieldDayOfYear, min: n, max: 3, sign: signNever})
		return n <= 3
	case 'g':
		c.addNumber(element{op: opNumber, field: fieldJulianDay, min: n, max: maxDigits})
		return n <= maxDigits
	case 'S':
		return c.fraction(n)
	}
	return c.zone(letter, n)
}

// plainNumber appends a number of one or more digits, or of exactly two.
func (c *compiler) plainNumber(f field, n int) bool {
	if n == 1 {
		c.addNumber(element{op: opNumber, field: f, min: 1, max: maxDigits})
	} else {
		c.addNumber(element{op: opNumber, field: f, min: n, max: n, sign: signNever})
	}
	return true
}

func (c *compiler) year(n int) bool {
	e := element{op: opNumber, field: fieldYearProleptic, min: n, max: maxDigits}
	if c.era {
		e.field = fieldYearOfEra
	}
	switch {
	case n == 2:
		e.op, e.max, e.sign = opReduced, 2, signNever
	case n >= 4:
		e.sign = signExceedsPad
	}
	c.addNumber(e)
	return true
}

// numberOrName appends a number for one or two letters, the short name for three and the full name for four.
func (c *compiler) numberOrName(f field, n int, names []string, base int) bool {
	if n <= 2 {
		return c.plainNumber(f, n)
	}
	return c.name(f, n, names, base)
}

// name appends a text field. names lists full and short names separated by "|" or, for months and days, full names that are
// cut to three letters.
func (c *compiler) name(f field, n int, names []string, base int) bool {
	if n > 4 {
		return false
	}
	if !c.english {
		c.named = true
		return false
	}
	list := make([]string, len(names))
	for i, full := range names {
		long, short, ok := strings.Cut(full, "|")
		switch {
		case n == 4:
			list[i] = long
		case ok:
			list[i] = short
		default:
			list[i] = full[:3]
		}
	}
	c.add(element{op: opText, field: f, names: list, base: base})
	return true
}

func (c *compiler) fraction(n int) bool {
	e := element{op: opFraction, field: fieldNano, min: n, max: n, sign: signNever}
	if c.variable && n > 1 {
		e.min = 1
		c.add(e)
	} else {
		c.addNumber(e)
	}
	return n <= 9
}

// zone appends an element for a zone or offset letter.
func (c *compiler) zone(letter byte, n int) bool {
	e := element{op: opOffset, field: fieldOffset, count: n}
	switch letter {
	case 'V':
		e.op = opZoneID
		c.add(e)
		return n == 2
	case 'z':
		e.op = opZoneName
		c.add(e)
		return n <= 4
	case 'O':
		e.op = opLocalizedOffset
		c.add(e)
		return n == 1 || n == 4
	case 'X':
		e.text = "Z"
	case 'x':
		e.text = []string{"+00", "+0000", "+00:00", "+0000", "+00:00"}[min(n, 5)-1]
	case 'Z':
		if n == 4 {
			e.op = opLocalizedOffset
			break
		}
		e.text, e.count = "+0000", 2
		if n == 5 {
			e.text, e.count = "Z", 5
		}
	default:
		return false
	}
	c.add(e)
	return n <= 5
}
