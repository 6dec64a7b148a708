package codec

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// An Effect says what an option does here.
type Effect uint8

// Effects; an option may have both Read and Write.
const (
	Read Effect = 1 << iota
	Write
	NoEffect // known to Spark, without effect here (sampling for schema inference and the like)
	Refused  // readers of Spark have it, those here do not
)

// An Option is an entry of a format's option table.
type Option struct {
	Name    string
	Aliases []string
	Doc     string
	Effect  Effect
}

// Values are options as the user gave them, found by name regardless of case.
type Values struct {
	byName map[string]string
}

// NewValues takes a copy of options.
func NewValues(options map[string]string) Values {
	v := Values{make(map[string]string, len(options))}
	for name, value := range options {
		v.byName[strings.ToLower(name)] = value
	}
	return v
}

// Lookup finds the value of the first of names that is given.
func (v Values) Lookup(names ...string) (string, bool) {
	for _, name := range names {
		if s, ok := v.byName[strings.ToLower(name)]; ok {
			return s, true
		}
	}
	return "", false
}

// Text is the value of name, or def.
func (v Values) Text(name, def string) string {
	if s, ok := v.Lookup(name); ok {
		return s
	}
	return def
}

// Flag is a boolean option as CSVOptions reads most of its flags.
func (v Values) Flag(name string, def bool) (bool, error) {
	s, ok := v.Lookup(name)
	if !ok {
		return def, nil
	}
	switch strings.ToLower(s) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, sparkerr.New("_LEGACY_ERROR_TEMP_2147", "paramName", name)
}

// Bool is a boolean option as Scala's toBoolean reads it.
func (v Values) Bool(name string, def bool) (bool, error) {
	s, ok := v.Lookup(name)
	if !ok {
		return def, nil
	}
	switch strings.ToLower(s) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, sparkerr.Plain("For input string: %q", s)
}

// Int is an integer option.
func (v Values) Int(name string, def int) (int, error) {
	s, ok := v.Lookup(name)
	if !ok {
		return def, nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, sparkerr.Plain("%s should be an integer. Found %s.", name, s)
	}
	return int(n), nil
}

// A Mode says what happens to malformed records.
type Mode uint8

// The modes.
const (
	Permissive Mode = iota
	DropMalformed
	FailFast
)

// ParseMode reads the option mode. ok is false for an unknown word, which Spark takes as PERMISSIVE with a warning.
func ParseMode(s string) (m Mode, ok bool) {
	switch strings.ToUpper(s) {
	case "PERMISSIVE":
		return Permissive, true
	case "DROPMALFORMED":
		return DropMalformed, true
	case "FAILFAST":
		return FailFast, true
	}
	return Permissive, false
}

// CorruptRecordColumn is the default of the option columnNameOfCorruptRecord.
const CorruptRecordColumn = "_corrupt_record"
