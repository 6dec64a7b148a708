package engine

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
)

// otherValue suggests an option or a type with which the value could be read.
func (d diagnosis) otherValue(s *codec.Suspect) string {
	if s.Type == nil {
		return ""
	}
	value := strings.TrimSpace(strings.Trim(s.Value, `"`))
	if d.ValueCause != nil {
		if text := d.ValueCause(s, value); text != "" {
			return text
		}
	}
	switch s.Type.Kind {
	case types.KindDate, types.KindTimestamp, types.KindTimestampNTZ:
		return otherTime(s, value)
	case types.KindBoolean:
		return "a BOOLEAN is true or false: read the column as STRING and compare"
	case types.KindByte, types.KindShort, types.KindInt, types.KindLong, types.KindFloat, types.KindDouble, types.KindDecimal:
		return otherNumber(s, value)
	}
	return ""
}

// datePatterns lists the most common date patterns, in order of preference. otherTime suggests at most two that match.
var datePatterns = []string{
	"yyyy-MM-dd", "dd.MM.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "d/M/yyyy", "M/d/yyyy", "d.M.yyyy", "yyyy/MM/dd", "yyyy.MM.dd", "dd-MM-yyyy", "MM-dd-yyyy",
	"yyyyMMdd", "dd.MM.yy", "dd/MM/yy", "MM/dd/yy", "dd MMM yyyy", "d MMM yyyy", "dd-MMM-yyyy", "dd-MMM-yy", "MMM d, yyyy", "MMM dd yyyy", "d MMMM yyyy", "MMMM d, yyyy",
}

// clockPatterns lists patterns for the time of day that follows the date in a timestamp.
var clockPatterns = []string{
	" HH:mm:ss", " HH:mm", "'T'HH:mm:ss", " HH:mm:ss.SSS", " HH:mm:ss,SSS", "'T'HH:mm:ss.SSSXXX", " HH:mm:ssXXX", "'T'HHmmss", " h:mm:ss a", " h:mm a", "HHmmss", ":HH:mm:ss", "",
}

// otherTime suggests a pattern that reads a date or timestamp.
func otherTime(s *codec.Suspect, value string) string {
	option := map[types.Kind]string{types.KindDate: "dateFormat", types.KindTimestamp: "timestampFormat", types.KindTimestampNTZ: "timestampNTZFormat"}[s.Type.Kind]
	if isInteger.MatchString(value) && len(value) != len("yyyyMMdd") {
		return "numbers of seconds or milliseconds since 1970 are read as BIGINT and converted with timestamp_seconds() or timestamp_millis()"
	}
	clocks := clockPatterns
	if s.Type.Kind == types.KindDate {
		clocks = []string{""}
	}
	var fit []string
	for _, clock := range clocks {
		for _, date := range datePatterns {
			if reads(date+clock, value) {
				fit = append(fit, date+clock)
			}
		}
	}
	given, _ := s.Options.Lookup(option)
	fit = slices.DeleteFunc(fit, func(p string) bool { return p == given })
	switch {
	case len(fit) == 0 && given != "":
		return fmt.Sprintf("the pattern %s=%q does not read it", option, given)
	case len(fit) == 0 && s.Type.Kind == types.KindDate && reads("yyyy-MM-dd", firstOf(value, " T")):
		return "the value has a time of day: read the column as TIMESTAMP"
	case len(fit) == 0:
		return option + "=PATTERN reads another form"
	case len(fit) > 1 && strings.Contains(fit[1], "/"):
		return fmt.Sprintf("%s=%q reads it, or %q", option, fit[0], fit[1])
	}
	return fmt.Sprintf("%s=%q reads it", option, fit[0])
}

func firstOf(text, separators string) string {
	if i := strings.IndexAny(text, separators); i > 0 {
		return text[:i]
	}
	return text
}

func reads(pattern, value string) bool {
	p, err := datetime.CompilePattern(pattern, "", true)
	if err != nil {
		return false
	}
	_, err = p.ParseNTZ([]byte(value))
	return err == nil
}

var (
	isInteger    = regexp.MustCompile(`^[+-]?[0-9]+$`)
	decimalComma = regexp.MustCompile(`^[+-]?[0-9]+,[0-9]+$|^[+-]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?$`)
	thousands    = regexp.MustCompile(`^[+-]?[0-9]{1,3}([, '_\x{a0}\x{202f}’][0-9]{3})+(\.[0-9]+)?$`)
	money        = regexp.MustCompile(`^[$€£¥]\s*[0-9]|^[+-]?[0-9][0-9.,]*\s*[$€£¥%]$`)
)

// otherNumber explains why a text cannot be read as a number.
func otherNumber(s *codec.Suspect, value string) string {
	asText := "read the column as STRING and convert it: "
	switch {
	case codec.IsNumber(value) && strings.HasPrefix(s.Value, `"`):
		return "the number is in quotes: " + asText + "CAST(" + s.Column + " AS " + s.Type.SQL() + ")"
	case isInteger.MatchString(value):
		return largerType(value)
	case codec.IsNumber(value):
		return "the value has a fraction: DOUBLE or DECIMAL holds it"
	case thousands.MatchString(value):
		return "the value has thousands separators: " + asText + "CAST(regexp_replace(" + s.Column + ", '[^0-9.-]', '') AS " + s.Type.SQL() + ")"
	case decimalComma.MatchString(value):
		return "the value has a decimal comma: a DECIMAL column with the option locale=de reads it"
	case money.MatchString(value):
		return "the value has a unit: " + asText + "CAST(regexp_replace(" + s.Column + ", '[^0-9.-]', '') AS " + s.Type.SQL() + ")"
	}
	return ""
}

// largerType suggests a type for an integer that overflows its column.
func largerType(value string) string {
	n, ok := new(big.Int).SetString(strings.TrimPrefix(value, "+"), 10)
	switch {
	case !ok:
		return ""
	case n.IsInt64():
		return "the number is too large for the type: BIGINT holds it"
	}
	return "the number is too large for the type: DECIMAL(38,0) or STRING holds it"
}
