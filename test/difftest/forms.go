package main

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
)

// skipped lists functions that depend on time, chance or the session, cannot be called by name, or return data
// of any size.
var skipped = map[string]bool{
	"current_date": true, "current_time": true, "current_timestamp": true, "current_timezone": true, "current_user": true,
	"current_catalog": true, "current_schema": true, "localtime": true, "localtimestamp": true, "now": true, "version": true,
	"get_array_item": true, "get_array_struct_fields": true, "get_map_value": true, "raise_error": true, "window": true,
	"session_window": true, "window_time": true, "from_avro": true, "to_avro": true, "sequence": true,
}

func usable(f *expr.Function) bool {
	return !f.Nondeterministic && !f.Generator && !f.Aggregate && !f.HigherOrder && !skipped[f.Name]
}

// form returns the pieces of SQL text around the n operands of a call.
func form(name string, n int) []string {
	switch {
	case name == "case":
		return caseForm(n)
	case n == 1 && (name == "not" || name == "~" || name == "negative" || name == "positive"):
		op := map[string]string{"not": "NOT ", "~": "~ ", "negative": "- ", "positive": "+ "}[name]
		return []string{"(" + op, ")"}
	case name == "between" && n == 3:
		return []string{"(", " BETWEEN ", " AND ", ")"}
	case name == "in" && n > 1:
		return append(append([]string{"(", " IN ("}, slices.Repeat([]string{", "}, n-2)...), "))")
	case name == "extract" && n == 2:
		return []string{"extract(", " FROM ", ")"}
	case n == 2 && isOperator(name):
		return []string{"(", " " + name + " ", ")"}
	case n == 0:
		return []string{name + "()"}
	}
	return append(append([]string{name + "("}, slices.Repeat([]string{", "}, n-1)...), ")")
}

func isOperator(name string) bool {
	switch name {
	case "and", "or", "like", "ilike", "rlike", "div":
		return true
	}
	return strings.IndexFunc(name, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }) < 0
}

func caseForm(n int) []string {
	text := []string{"CASE WHEN "}
	for i := 1; i < n; i++ {
		switch {
		case i%2 == 1:
			text = append(text, " THEN ")
		case i == n-1:
			text = append(text, " ELSE ")
		default:
			text = append(text, " WHEN ")
		}
	}
	return append(text, " END")
}

// Constants that make sense for certain operands.
var (
	smallCounts = []string{"0", "1", "2", "3", "5", "-1", "10"}
	scales      = []string{"0", "1", "2", "-1", "-3", "5", "10", "CAST(NULL AS INT)"}
	positions   = []string{"0", "1", "2", "-1", "3", "-4", "6"}
	patterns    = []string{"'yyyy-MM-dd'", "'yyyy-MM-dd HH:mm:ss'", "'dd/MM/uuuu'", "'yyyy-MM-dd HH:mm:ss.SSS'", "'EEE, d MMM yyyy'", "'h:mm a'", "'D'", "'QQQ'", "'w'",
		"'yy'", "'HHmmss'", "'XXX'", "'VV'", "'EEEE'", "'q'", "'MMMM'", "'S'", "''", "'YYYY'", "'G'", "'[yyyy][-MM]'", "'yyyy''T''HH'"}
	zones     = []string{"'UTC'", "'Asia/Seoul'", "'America/Los_Angeles'", "'+05:30'", "'Europe/Berlin'", "'bogus'", "'GMT+1'", "'-08'", "'PST'"}
	charsets  = []string{"'UTF-8'", "'utf-16'", "'ISO-8859-1'", "'US-ASCII'", "'UTF-16LE'", "'UTF-32'", "'bogus'"}
	units     = []string{"'year'", "'QUARTER'", "'MON'", "'month'", "'week'", "'DAY'", "'hour'", "'minute'", "'SECOND'", "'millisecond'", "'microsecond'", "'bogus'", "'yy'", "'mm'"}
	unitWords = []string{"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND", "DAYOFYEAR"}
	parts     = []string{"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "DOW", "DOY", "YEAROFWEEK", "DAYOFWEEK_ISO"}
	partNames = []string{"'YEAR'", "'quarter'", "'month'", "'week'", "'d'", "'hours'", "'min'", "'SECOND'", "'dow'", "'doy'", "'yearofweek'", "'bogus'"}
	regexes   = []string{`'[a-z]+'`, `'(\\d+)-(\\d+)'`, `'^a'`, `'b|c'`, `'.'`, `'\\s+'`, `'('`, `'x*'`, `''`, `'(?i)ab(c)?'`, `'\\bA'`, `'[^,]*$'`, `'\\p{L}'`}
	wildcards = []string{"'a%'", "'%b'", "'_'", "'%'", "'a_c'", "'%o%'", "''", `'100\\%%'`, `'%\\_%'`, "'a'", `'x\\'`}
	groups    = []string{"0", "1", "2", "-1"}
	bases     = []string{"2", "10", "16", "36", "-10", "8", "1", "37"}
	lengths   = []string{"0", "224", "256", "384", "512", "1"}
	numerals  = []string{"'999'", "'9G999D99'", "'$99.9'", "'S999'", "'999PR'", "'0009'", "'99.99MI'", "'x'"}
	formats   = []string{"'%s'", "'%d'", "'%5.2f'", "'%05d'", "'%x'", "'%-5s|'", "'%e'", "'%,d'", "'%s %s'", "'%%'"}
	weekdays  = []string{"'Mo'", "'TUESDAY'", "'sun'", "'bogus'"}
	pads      = []string{"' '", "'ab'", "''", "'日'"}
)

// pools lists constants for function operands, by position. They are used a third of the time.
var pools = map[string]map[int][]string{
	"repeat": {1: smallCounts}, "space": {0: smallCounts}, "lpad": {1: smallCounts, 2: pads}, "rpad": {1: smallCounts, 2: pads},
	"array_repeat": {1: smallCounts}, "format_number": {1: append([]string{"'#,##0.00'", "'0.###'"}, smallCounts...)},
	"round": {1: scales}, "bround": {1: scales}, "ceil": {1: scales}, "floor": {1: scales}, "array_insert": {1: positions},
	"date_format": {1: patterns}, "to_date": {1: patterns}, "to_timestamp": {1: patterns}, "to_timestamp_ltz": {1: patterns},
	"to_timestamp_ntz": {1: patterns}, "try_to_timestamp": {1: patterns}, "try_to_date": {1: patterns}, "unix_timestamp": {1: patterns},
	"to_unix_timestamp": {1: patterns}, "from_unixtime": {1: patterns}, "from_utc_timestamp": {1: zones}, "to_utc_timestamp": {1: zones},
	"convert_timezone": {0: zones, 1: zones}, "encode": {1: charsets}, "decode": {1: charsets}, "date_trunc": {0: units}, "trunc": {1: units},
	"timestampadd": {0: unitWords}, "timestampdiff": {0: unitWords}, "extract": {0: parts}, "date_part": {0: partNames},
	"rlike": {1: regexes}, "regexp_replace": {1: regexes}, "regexp_extract": {1: regexes, 2: groups}, "regexp_extract_all": {1: regexes, 2: groups},
	"regexp_count": {1: regexes}, "regexp_instr": {1: regexes, 2: groups}, "regexp_substr": {1: regexes}, "split": {1: regexes},
	"like": {1: wildcards}, "ilike": {1: wildcards}, "conv": {1: bases, 2: bases}, "sha2": {1: lengths}, "next_day": {1: weekdays},
	"to_number": {1: numerals}, "try_to_number": {1: numerals}, "to_char": {1: numerals}, "to_varchar": {1: numerals},
	"format_string": {0: formats}, "substring": {1: positions}, "element_at": {1: positions}, "slice": {1: positions, 2: positions},
	"elt": {0: positions}, "get": {1: positions}, "split_part": {2: positions}, "factorial": {0: smallCounts},
	"to_binary": {1: {"'hex'", "'utf-8'", "'base64'", "'x'"}}, "try_to_binary": {1: {"'hex'", "'utf-8'", "'base64'", "'x'"}},
}

// always lists operands that must be constants from their pool: sizes of results, and keywords.
var always = map[string]int{
	"repeat": 1, "space": 0, "lpad": 1, "rpad": 1, "array_repeat": 1, "format_number": 1, "round": 1, "bround": 1, "ceil": 1, "floor": 1,
	"array_insert": 1, "timestampadd": 0, "timestampdiff": 0, "extract": 0, "format_string": 0,
}

// sizes lists the operands that determine the size of the result.
var sizes = map[string]int{"repeat": 1, "space": 0, "lpad": 1, "rpad": 1, "array_repeat": 1, "format_number": 1}

// huge reports whether the result of an expression may need too much memory.
func huge(n *node) (found bool) {
	n.walk(func(at *node, _ func(*node) *node) {
		i, sized := sizes[at.fn]
		if !sized || i >= len(at.kids) {
			return
		}
		size := at.kids[i]
		found = found || size.fn != "" || !slices.Contains(pools[at.fn][i], size.text[0]) && !strings.ContainsAny(size.text[0], "'N")
	})
	return found
}

// varies reports whether an expression depends on the time or on random bytes.
func varies(n *node) (found bool) {
	n.walk(func(at *node, _ func(*node) *node) {
		found = found || at.fn == "unix_timestamp" && len(at.kids) == 0 || at.fn == "aes_encrypt" && len(at.kids) < 5
	})
	return found
}

// samples returns the constant operands in a function's example, to extend its pools.
func samples(f *expr.Function) []string {
	tree, err := parse.Expression(f.Example)
	if err != nil {
		return nil
	}
	call, ok := tree.(*ast.Call)
	if !ok || !strings.EqualFold(call.Name[len(call.Name)-1], f.Name) {
		return nil
	}
	out := make([]string, len(call.Args))
	for i, a := range call.Args {
		if _, ok := a.(*ast.Literal); ok {
			out[i] = f.Example[a.Pos().Start:a.Pos().End]
		}
	}
	return out
}
