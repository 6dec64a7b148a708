package codec

import (
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// An Effect says what an option does in this implementation.
type Effect uint8

// The effects; an option may have both Read and Write.
const (
	Read Effect = 1 << iota
	Write
	NoEffect // known to Spark, no effect here (sampling for schema inference and the like)
	Refused  // supported by Spark's readers, not here
)

// An Option is an entry of a format's option table.
type Option struct {
	Name    string
	Aliases []string
	Doc     string
	Effect  Effect
	Kind    option.Kind
	Default string // "" if there is none, or if Doc states it
}

// Check rejects the first option of a table whose value is not of its kind. Like Spark, it checks all options of a format,
// whatever their effect and whether the format reads or writes.
func Check(table []Option, v Values) error {
	for _, o := range table {
		if o.Kind.Check == nil {
			continue
		}
		for _, name := range append([]string{o.Name}, o.Aliases...) {
			value, given := v.Lookup(name)
			if !given {
				continue
			}
			if err := o.Kind.Check(name, value); err != nil {
				return sparkerr.OfOption(err, name)
			}
		}
	}
	return nil
}

// The kinds of options that several formats share.
var (
	// Flag is a boolean as CSVOptions parses most of its flags.
	Flag = option.Boolean(func(name, _ string) error { return sparkerr.New("_LEGACY_ERROR_TEMP_2147", "paramName", name) })
	// Share is the fraction of records that a schema is inferred from.
	Share = option.Text("a number from 0 to 1").Checked(func(name, value string) error {
		if _, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err != nil {
			return option.NotANumber(name, value)
		}
		return nil
	})
	// Count is an integer as CSVOptions parses it.
	Count = option.Integer("a whole number", math.MinInt32, math.MaxInt32, func(name, value string) error {
		return sparkerr.Plain("%s should be an integer. Found %s.", name, value)
	})
	// ModeKind selects what happens to malformed records. Spark treats other words as PERMISSIVE, with a warning.
	ModeKind = option.OneOf("PERMISSIVE", "DROPMALFORMED", "FAILFAST")
	// Compression selects the codec of written files; Spark checks it when reading, too.
	Compression = option.Kind{Form: "one of " + strings.Join(compress.Names(), ", "), Values: compress.Names(), Check: func(_, value string) error {
		_, err := compress.ByName(value)
		return err
	}}
)

// CharsetKind returns the kind of an option that names a character set. In who, pass Spark's name for the reader that rejects
// it.
func CharsetKind(who string) option.Kind {
	return option.OneOf(Charsets...).Checked(func(_, value string) error {
		if _, ok := LookupCharset(value); ok {
			return nil
		}
		return sparkerr.New("INVALID_PARAMETER_VALUE.CHARSET", "functionName", "`"+who+"`", "parameter", "`charset`",
			"charset", value, "charsets", strings.Join(Charsets, ", "))
	})
}

// LineSep returns the kind of an option for the line separator, which has at most most characters (0: any number).
func LineSep(most int) option.Kind {
	form := "the end of a line, of one character or more"
	if most > 0 {
		form = "the end of a line, of one or two characters"
	}
	return option.Text(form).Checked(func(_, value string) error {
		switch n := option.Length(value); {
		case n == 0:
			return sparkerr.New("INVALID_LINE_SEPARATOR.EMPTY")
		case most > 0 && n > most:
			return sparkerr.New("INVALID_LINE_SEPARATOR.TOO_LONG", "length", strconv.Itoa(n))
		}
		return nil
	})
}

// Values holds options as the user gave them, looked up by name ignoring case.
type Values struct {
	byName map[string]string
}

// NewValues copies options.
func NewValues(options map[string]string) Values {
	v := Values{make(map[string]string, len(options))}
	for name, value := range options {
		v.byName[strings.ToLower(name)] = value
	}
	return v
}

// With returns a copy of v with one more value.
func (v Values) With(name, value string) Values {
	more := NewValues(v.byName)
	more.byName[strings.ToLower(name)] = value
	return more
}

// Lookup returns the value of the first of names that is set.
func (v Values) Lookup(names ...string) (string, bool) {
	for _, name := range names {
		if s, ok := v.byName[strings.ToLower(name)]; ok {
			return s, true
		}
	}
	return "", false
}

// Text returns the value of name, or def.
func (v Values) Text(name, def string) string {
	if s, ok := v.Lookup(name); ok {
		return s
	}
	return def
}

// Flag returns a boolean option as CSVOptions parses most of its flags.
func (v Values) Flag(name string, def bool) (bool, error) {
	s, ok := v.Lookup(name)
	if !ok {
		return def, nil
	}
	value, ok := option.ParseBoolean(s)
	if !ok {
		return false, Flag.Check(name, s)
	}
	return value, nil
}

// Bool returns a boolean option as Scala's toBoolean parses it.
func (v Values) Bool(name string, def bool) (bool, error) {
	s, ok := v.Lookup(name)
	if !ok {
		return def, nil
	}
	value, ok := option.ParseBoolean(s)
	if !ok {
		return false, option.NotANumber(name, s)
	}
	return value, nil
}

// Int returns an integer option.
func (v Values) Int(name string, def int) (int, error) {
	s, ok := v.Lookup(name)
	if !ok {
		return def, nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, Count.Check(name, s)
	}
	return int(n), nil
}

// A Mode selects what happens to malformed records.
type Mode uint8

// The modes.
const (
	Permissive Mode = iota
	DropMalformed
	FailFast
)

// ParseMode parses the option mode. ok is false for an unknown word, which Spark treats as PERMISSIVE with a warning.
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
