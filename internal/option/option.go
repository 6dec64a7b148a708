// Package option defines which values the options of formats accept. The tables of formats assign a Kind to
// each option. Readers, writers, validation, help and shell completion all use it, so that values are checked
// in one place.
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
	Form   string   // the values in words, to follow "takes": "true or false"
	Values []string // all values, if there are few; case is ignored

	Low, High int64 // the smallest and largest integer; equal if the values are not integers

	// Check returns Spark's error for an invalid value. If it is nil, any text is valid, or the reader checks
	// it together with other options.
	Check func(name, value string) error
}

// Takes describes the values of the option name. It suggests the one closest to value, which was refused.
func (k Kind) Takes(name, value string) string {
	text := name + " takes " + k.Form
	if close := suggest.Closest(strings.ToLower(value), k.Values, 1); len(close) > 0 {
		text += "; did you mean " + close[0] + "?"
	}
	return text
}

// ParseBoolean parses true or false, ignoring case.
func ParseBoolean(text string) (value, ok bool) {
	value = strings.EqualFold(text, "true")
	return value, value || strings.EqualFold(text, "false")
}

// Boolean returns the kind of a boolean option. refuse returns the error, whose text in Spark depends on the
// reader of the option.
func Boolean(refuse func(name, value string) error) Kind {
	return Kind{Form: "true or false", Values: []string{"true", "false"}, Check: func(name, value string) error {
		if _, ok := ParseBoolean(value); !ok {
			return refuse(name, value)
		}
		return nil
	}}
}

// NotANumber returns the error of Java's number parsers and Scala's toBoolean.
func NotANumber(_, value string) error { return sparkerr.Plain("For input string: %q", value) }

// Bool is a boolean that Spark parses with Scala's toBoolean.
var Bool = Boolean(NotANumber)

// Integer returns the kind of an integer from low to high. form describes it, and refuse returns the error.
func Integer(form string, low, high int64, refuse func(name, value string) error) Kind {
	return Kind{Form: form, Low: low, High: high, Check: func(name, value string) error {
		if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < low || n > high {
			return refuse(name, value)
		}
		return nil
	}}
}

// Text returns the kind of an arbitrary text that form describes.
func Text(form string) Kind { return Kind{Form: form} }

// Character is a single character or nothing.
var Character = Kind{Form: "one character, or nothing for none", Check: func(name, value string) error {
	if Length(value) > 1 {
		return sparkerr.New("OPTION_VALUE_EXCEEDS_ONE_CHARACTER", "optionName", name, "optionValue", value)
	}
	return nil
}}

// Length returns the length of s in UTF-16 code units, as Java counts.
func Length(s string) int { return len(utf16.Encode([]rune(s))) }

// OneOf returns the kind of one of the given words.
func OneOf(words ...string) Kind {
	return Kind{Form: "one of " + strings.Join(words, ", "), Values: words}
}

// Checked returns a copy of k with a check.
func (k Kind) Checked(check func(name, value string) error) Kind {
	k.Check = check
	return k
}

// Zone is a time zone.
var Zone = Kind{Form: "a time zone such as UTC, Europe/Paris or +02:00", Check: func(_, value string) error {
	_, err := datetime.LoadZone(value)
	return err
}}

// Pattern is a date or time pattern. Readers and writers check it, each by its own rules.
var Pattern = Text("a pattern such as yyyy-MM-dd")
