// Package option says what values the options of formats take. The tables of formats name a kind for each option; readers,
// writers, validation, help and completion take what they need from it, so that a value is judged in one place.
package option

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/suggest"
)

// A Kind is a set of values.
type Kind struct {
	Form   string   // what a value is, after "takes": "true or false"
	Values []string // all values, where there are few; their case does not count
	// Check refuses a value with Spark's error. nil: every text is a value, or whoever reads it judges it with other options.
	Check func(name, value string) error
}

// Takes says what values an option takes; value is the refused one, for which a similar value is looked for.
func (k Kind) Takes(name, value string) string {
	text := name + " takes " + k.Form
	if close := suggest.Closest(strings.ToLower(value), k.Values, 1); len(close) > 0 {
		text += "; did you mean " + close[0] + "?"
	}
	return text
}

// ParseBoolean reads true or false, regardless of case.
func ParseBoolean(text string) (value, ok bool) {
	value = strings.EqualFold(text, "true")
	return value, value || strings.EqualFold(text, "false")
}

// Boolean is true or false; refuse makes the error, whose words in Spark depend on who reads the option.
func Boolean(refuse func(name, value string) error) Kind {
	return Kind{Form: "true or false", Values: []string{"true", "false"}, Check: func(name, value string) error {
		if _, ok := ParseBoolean(value); !ok {
			return refuse(name, value)
		}
		return nil
	}}
}

// NotANumber is the error of Java's parsers of numbers, and of Scala's toBoolean.
func NotANumber(_, value string) error { return sparkerr.Plain("For input string: %q", value) }

// Bool is a boolean that Scala's toBoolean reads.
var Bool = Boolean(NotANumber)

// Integer is a whole number from low to high, whose meaning form says; refuse makes the error.
func Integer(form string, low, high int64, refuse func(name, value string) error) Kind {
	return Kind{Form: form, Check: func(name, value string) error {
		if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < low || n > high {
			return refuse(name, value)
		}
		return nil
	}}
}

// Text is any text that form describes.
func Text(form string) Kind { return Kind{Form: form} }

// Character is one character, or none.
var Character = Kind{Form: "one character, or nothing for none", Check: func(name, value string) error {
	if Length(value) > 1 {
		return sparkerr.New("OPTION_VALUE_EXCEEDS_ONE_CHARACTER", "optionName", name, "optionValue", value)
	}
	return nil
}}

// Length counts the characters of a text as Java does, in units of UTF-16.
func Length(s string) int { return len(utf16.Encode([]rune(s))) }

// OneOf is one of some words.
func OneOf(words ...string) Kind {
	return Kind{Form: "one of " + strings.Join(words, ", "), Values: words}
}

// Checked is k with a check.
func (k Kind) Checked(check func(name, value string) error) Kind {
	k.Check = check
	return k
}

// Zone is a time zone.
var Zone = Kind{Form: "a time zone such as UTC, Europe/Paris or +02:00", Check: func(_, value string) error {
	_, err := datetime.LoadZone(value)
	return err
}}

// Pattern is a pattern of dates or times; readers and writers judge it, each in its own way.
var Pattern = Text("a pattern such as yyyy-MM-dd")
