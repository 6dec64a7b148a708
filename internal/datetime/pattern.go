package datetime

import (
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Pattern is a compiled datetime pattern. It is safe for concurrent use.
type Pattern struct {
	text     string
	elements []element
}

// An element prints or parses one part of the text.
type element struct {
	op       opcode
	field    field
	min, max int       // digits of a number
	sign     signStyle // of a number
	// following is the number of digits that adjacent numbers after this one need, or -1 for one of those adjacent numbers,
	// which have a fixed width.
	following int
	text      string   // the literal, or the text printed for offset 0
	names     []string // of a text field, starting at value base
	base      int
	count     int // number of letters
	end       int // optional section: index after its last element
}

type opcode uint8

const (
	opLiteral opcode = iota
	opNumber
	opReduced  // two digits of a year
	opFraction // of seconds
	opText
	opOffset          // X, x, Z
	opLocalizedOffset // O, ZZZZ
	opZoneID          // VV
	opZoneName        // z
	opOptional
)

type signStyle uint8

const (
	signNormal     signStyle = iota // minus only
	signExceedsPad                  // plus if there are more digits than the pattern's width
	signNever
)

// A field is a quantity that pattern letters denote. Its String method returns Java's name, as shown in Java's messages.
type field uint8

const (
	fieldYearProleptic field = iota
	fieldYearOfEra
	fieldEra
	fieldMonthOfYear
	fieldDayOfMonth
	fieldDayOfYear
	fieldQuarter
	fieldWeekday
	fieldAlignedDay // day of a week that begins on the first of the month
	fieldJulianDay
	fieldHourOfDay
	fieldClockHourOfDay
	fieldHourOfAmPm
	fieldClockHourOfAmPm
	fieldAmPm
	fieldMinuteOfHour
	fieldSecondOfMinute
	fieldNano
	fieldOffset
	fieldCount
)

var fieldNames = [fieldCount]string{
	"Year", "YearOfEra", "Era", "MonthOfYear", "DayOfMonth", "DayOfYear", "QuarterOfYear", "DayOfWeek",
	"AlignedDayOfWeekInMonth", "ModifiedJulianDay", "HourOfDay", "ClockHourOfDay", "HourOfAmPm", "ClockHourOfAmPm", "AmPmOfDay",
	"MinuteOfHour", "SecondOfMinute", "NanoOfSecond", "OffsetSeconds",
}

// A ParseError says why a text does not match a pattern.
type ParseError struct {
	Text   string
	Index  int    // UTF-16 units before the failure, as Java counts; -1 if the fields were parsed but do not form a date or time
	Reason string // what follows "could not be parsed" in Java's sentence, or all of it if Index is -1 and Text is empty
}

// Error returns Java's message.
func (e *ParseError) Error() string {
	if e.Text == "" && e.Index < 0 {
		return e.Reason
	}
	return "Text '" + abbreviate(e.Text) + "' could not be parsed" + e.Reason
}

// abbreviate shortens a text as Java does in its messages.
func abbreviate(text string) string {
	units := 0
	for i, r := range text {
		if units >= 64 {
			return text[:i] + "..."
		}
		units++
		if r > 0xffff {
			units++
		}
	}
	return text
}

type patternKey struct {
	pattern, locale string
	parsing         bool
}

var compiledPatterns sync.Map // patternKey → *Pattern

// maxPattern limits the length of a pattern in bytes.
const maxPattern = 1 << 16

// CompilePattern compiles a pattern of Spark's letters. An empty locale means en-US. The error is a *sparkerr.Error: for
// week-based letters, for letters that Spark does not accept, and for anything that Java refuses.
func CompilePattern(pattern, locale string, forParsing bool) (*Pattern, error) {
	if len(pattern) > maxPattern {
		return nil, sparkerr.Plain("a datetime pattern of %d bytes is too long", len(pattern)).WithHint("a pattern may have at most %d bytes", maxPattern)
	}
	key := patternKey{pattern, locale, forParsing}
	if p, ok := compiledPatterns.Load(key); ok {
		return p.(*Pattern), nil
	}
	era, err := checkLetters(pattern, forParsing)
	if err != nil {
		return nil, recognised(pattern, err)
	}
	c := compiler{rest: pattern, parsing: forParsing, era: era, english: isEnglish(locale), number: -1}
	if !c.compile() {
		if c.named {
			return nil, sparkerr.Plain("names of months, days and eras are available in English only, not in the locale %s: pattern %s", locale, pattern)
		}
		return nil, unrecognized(pattern)
	}
	p := &Pattern{text: pattern, elements: c.elements}
	if n := compiledCount.Add(1); n <= maxCompiled {
		compiledPatterns.Store(key, p)
	}
	return p, nil
}

func isEnglish(locale string) bool {
	return locale == "" || strings.EqualFold(locale[:min(2, len(locale))], "en") && (len(locale) == 2 || locale[2] == '-' || locale[2] == '_')
}

// checkLetters applies Spark's own rules to the unquoted parts. era reports whether the pattern has an era: only then does y
// mean the year of the era.
func checkLetters(pattern string, forParsing bool) (era bool, err error) {
	for i, part := range strings.Split(pattern, "'") {
		if i%2 == 1 {
			continue
		}
		era = era || strings.Contains(part, "G")
		if j := strings.IndexAny(part, "YWwuec"); j >= 0 {
			return era, sparkerr.New("INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN", "c", part[j:j+1])
		}
		illegal := "ABnNp"
		if forParsing {
			illegal += "EFqQ"
		}
		if j := strings.IndexAny(part, illegal); j >= 0 {
			return era, sparkerr.New("INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER", "c", part[j:j+1], "pattern", pattern)
		}
		for _, long := range []string{"GGGGG", "MMMMM", "LLLLL", "EEEEE", "QQQQQ", "qqqqq", "yyyyyyy"} {
			if strings.Contains(part, long) {
				return era, sparkerr.New("INVALID_DATETIME_PATTERN.LENGTH", "pattern", long)
			}
		}
	}
	return era, nil
}

// unrecognized returns the error for a pattern that Java's DateTimeFormatter refuses.
func unrecognized(pattern string) error {
	return recognised(pattern, nil)
}

// recognition is the condition for a pattern that only Spark's formatter before version 3 accepts.
const recognition = "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION"

// recognised returns the error for a pattern that was refused with err, or by Java if err is nil. Spark's message differs if
// the formatter before version 3 would have accepted the pattern. (Spark: DateTimeFormatterHelper.checkLegacyFormatter.)
func recognised(pattern string, err error) error {
	quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(pattern) + "'"
	switch {
	case isLegacyPattern(pattern):
		e := sparkerr.New(recognition, "pattern", quoted).
			WithHint("Spark took this pattern before version 3 and refuses it since (%s): write it with the letters of java.time", recognition)
		e.Cause = err
		return e
	case err != nil:
		return err
	}
	return sparkerr.New("INVALID_DATETIME_PATTERN.WITH_SUGGESTION", "pattern", quoted)
}

// MeantSomethingElse reports whether err comes from CompilePattern for a pattern that was valid before Spark 3. Readers fail
// on it in every mode, whereas values become NULL if their pattern was never valid.
func MeantSomethingElse(err error) bool {
	var e *sparkerr.Error
	return errors.As(err, &e) && e.Condition == recognition
}

// isLegacyPattern reports whether java.text.SimpleDateFormat accepts the pattern: its letters in any number, X at most three
// times, balanced quotes.
func isLegacyPattern(pattern string) bool {
	parts := strings.Split(pattern, "'")
	for i := 0; i < len(parts); i += 2 {
		if strings.Contains(parts[i], "XXXX") {
			return false
		}
		for j := range len(parts[i]) {
			if c := parts[i][j]; isLetter(c) && strings.IndexByte("GyMwWDdFEaHkKhmsSzZYuXL", c) < 0 {
				return false
			}
		}
	}
	return len(parts)%2 == 1
}

func quoteInt(v int64) string { return strconv.FormatInt(v, 10) }
