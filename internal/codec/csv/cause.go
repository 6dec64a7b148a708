package csv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
)

// diagnosis explains malformed records.
var diagnosis = codec.Diagnosis{Causes: []func(*codec.Suspect) string{seemsJSON, headerLine, otherSeparator, tooMany}, ValueCause: valueCause}

func seemsJSON(s *codec.Suspect) string {
	if s.IsJSON() {
		return s.Name + " seems to be JSON: --format json reads it"
	}
	return ""
}

// separatorOf returns the separator of the reader.
func separatorOf(s *codec.Suspect) string {
	sep, ok := s.Options.Lookup("sep", "delimiter")
	switch {
	case !ok:
		return ","
	case sep == `\t`:
		return "\t"
	}
	return sep
}

// headerLine finds a first line that has the names of the columns.
func headerLine(s *codec.Suspect) string {
	header, _ := s.Options.Lookup("header")
	if s.Line != 1 || strings.EqualFold(header, "true") {
		return ""
	}
	for _, sep := range []string{separatorOf(s), ";", "\t", "|", ","} {
		known := 0
		for _, name := range strings.Split(strings.TrimPrefix(s.Record, "\ufeff"), sep) {
			if isColumn(s, name) {
				known++
			}
		}
		switch names := known > 0 && 2*known >= len(s.Columns); {
		case names && sep != separatorOf(s):
			return fmt.Sprintf("the first line has the names of the columns: header=true and sep=%s", sepText(sep))
		case names:
			return "the first line has the names of the columns: header=true"
		}
	}
	return ""
}

func isColumn(s *codec.Suspect, name string) bool {
	name = strings.Trim(strings.TrimSpace(name), `"'`)
	return slices.ContainsFunc(s.Columns, func(c string) bool { return plainName(c) == plainName(name) })
}

// plainName is a name without what people write differently in headers.
func plainName(name string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "", ".", "").Replace(strings.ToLower(name))
}

// sepText is a separator as the option takes it.
func sepText(sep string) string {
	switch sep {
	case "\t":
		return `\t`
	case ";", "|":
		return "'" + sep + "'"
	}
	return sep
}

// otherSeparator finds a record that is one value, with characters in it that separate values elsewhere.
func otherSeparator(s *codec.Suspect) string {
	sep := separatorOf(s)
	if len(s.Columns) < 2 || strings.Contains(s.Record, sep) {
		return ""
	}
	likely, most := "", 0
	for _, other := range []string{";", "\t", "|", ",", ":", " "} {
		n := strings.Count(s.Record, other)
		if n+1 == len(s.Columns) && other != sep {
			likely = other
			break
		}
		if n > most && other != ":" && other != " " {
			likely, most = other, n
		}
	}
	if likely == "" {
		return ""
	}
	return fmt.Sprintf("the values are separated by %q: sep=%s", likely, sepText(likely))
}

func tooMany(s *codec.Suspect) string {
	if s.Column != "" || !strings.Contains(s.Record, separatorOf(s)) {
		return ""
	}
	n := strings.Count(s.Record, separatorOf(s)) + 1
	if n > len(s.Columns) {
		return fmt.Sprintf("values that hold %q must be in quotes, or columns are missing in the schema", separatorOf(s))
	}
	return ""
}

// nulls are texts that other programs write for NULL.
var nulls = []string{"null", "na", "n/a", "nan", "none", "nil", `\n`, "-", "?"}

// valueCause finds texts for NULL, and numbers in blanks or single quotes.
func valueCause(s *codec.Suspect, value string) string {
	switch {
	case slices.Contains(nulls, strings.ToLower(value)):
		return fmt.Sprintf("nullValue=%s reads such values as NULL", value)
	case !s.Type.IsNumeric():
		return ""
	case value != s.Value && codec.IsNumber(value) && !strings.HasPrefix(s.Value, `"`):
		return "ignoreLeadingWhiteSpace=true and ignoreTrailingWhiteSpace=true leave out the blanks around values"
	case codec.IsNumber(strings.Trim(value, `'`)) && strings.HasPrefix(value, "'"):
		return `the values are in single quotes: quote="'"`
	}
	return ""
}
