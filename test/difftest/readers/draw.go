package main

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// draw generates a question for a format, or for either if format is empty.
func draw(r *rand.Rand, format string) question {
	if format == "json" || format == "" && r.IntN(3) == 0 {
		return drawJSON(r)
	}
	return drawCSV(r)
}

func one(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

// A choice is an option that is sometimes set to one of some values.
type choice struct {
	name   string
	odds   int // set in one of so many files
	values []string
}

func choose(r *rand.Rand, choices []choice) map[string]string {
	out := map[string]string{}
	for _, c := range choices {
		if r.IntN(c.odds) == 0 {
			out[c.name] = one(r, c.values...)
		}
	}
	return out
}

var modes = []string{"PERMISSIVE", "PERMISSIVE", "DROPMALFORMED", "FAILFAST"}

// Options of both formats.
var common = []choice{
	{"mode", 1, modes},
	{"multiLine", 4, []string{"true", "true", "false"}},
	{"lineSep", 20, []string{"\n", ";", "\r\n", "x"}},
	{"dateFormat", 12, []string{"dd/MM/yyyy", "yyyy", "MMM d, yyyy", "yyyy-MM-dd"}},
	{"timestampFormat", 12, []string{"dd/MM/yyyy HH:mm", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", "yyyy"}},
	{"timestampNTZFormat", 20, []string{"dd/MM/yyyy HH:mm", "yyyy-MM-dd'T'HH:mm:ss"}},
	{"timeZone", 20, []string{"America/New_York", "+02:00"}},
	{"locale", 30, []string{"en-US", "de-DE"}},
	{"columnNameOfCorruptRecord", 15, []string{"bad", "_corrupt_record"}},
	{"encoding", 20, []string{"UTF-8", "ISO-8859-1", "US-ASCII"}},
}

var csvOptions = append(slices.Clone(common), []choice{
	{"header", 4, []string{"true", "true", "false"}},
	{"sep", 5, []string{";", "\t", "|", "||", " ", "ab", ","}},
	{"quote", 6, []string{"'", "", "\"", "|", "\x00"}},
	{"escape", 5, []string{"\"", "/", "'", "|", "\\", ""}},
	{"charToEscapeQuoteEscaping", 12, []string{"\\", "/", "\"", ""}},
	{"comment", 8, []string{"#", "-", "a"}},
	{"nullValue", 6, []string{"NULL", "1", "-", "a", ""}},
	{"emptyValue", 10, []string{"E", "", "1"}},
	{"nanValue", 15, []string{"nan", "-", "1"}},
	{"positiveInf", 20, []string{"inf", "1"}},
	{"negativeInf", 20, []string{"-inf", "-1"}},
	{"ignoreLeadingWhiteSpace", 5, []string{"true", "true", "false"}},
	{"ignoreTrailingWhiteSpace", 5, []string{"true", "true", "false"}},
	{"maxColumns", 20, []string{"2", "3", "1"}},
	{"maxCharsPerColumn", 20, []string{"3", "5", "-1"}},
	{"unescapedQuoteHandling", 8, []string{"STOP_AT_CLOSING_QUOTE", "BACK_TO_DELIMITER", "STOP_AT_DELIMITER", "SKIP_VALUE", "RAISE_ERROR"}},
	{"enforceSchema", 12, []string{"false", "true"}},
	{"columnPruning", 15, []string{"false", "true"}},
}...)

var csvTypes = []string{
	"STRING", "STRING", "INT", "INT", "BIGINT", "DOUBLE", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ", "DECIMAL(10,2)",
	"DECIMAL(38,18)", "TINYINT", "SMALLINT", "FLOAT", "BINARY", "INTERVAL YEAR TO MONTH", "INTERVAL DAY TO SECOND",
}

// schemaOf generates columns a, b, c, …, sometimes with a column for corrupt records.
func schemaOf(r *rand.Rand, types []string, options map[string]string) (ddl string, names []string) {
	var fields []string
	for i := range 1 + r.IntN(4) {
		names = append(names, string(rune('a'+i)))
		fields = append(fields, names[i]+" "+one(r, types...))
	}
	if r.IntN(3) == 0 {
		corrupt := "_corrupt_record"
		if name := options["columnNameOfCorruptRecord"]; name != "" {
			corrupt = name
		}
		at := len(fields)
		if r.IntN(4) == 0 {
			at = r.IntN(at + 1)
		}
		fields, names = slices.Insert(fields, at, corrupt+" STRING"), slices.Insert(names, at, corrupt)
	}
	return strings.Join(fields, ", "), names
}

// selection returns all columns, or sometimes only some of them.
func selection(r *rand.Rand, names []string) []string {
	if r.IntN(4) > 0 {
		return nil
	}
	var out []string
	for _, i := range r.Perm(len(names))[:1+r.IntN(len(names))] {
		out = append(out, names[i])
	}
	return out
}

var words = []string{
	"", "1", "12", "-3", "+4", "007", "2147483648", "9223372036854775808", "1.5", ".5", "5.", "1e3", "-1.25E-2", "1,5", "1 2", "12345678901.239", "NaN", "nan", "Infinity", "-Infinity",
	"inf", "true", "TRUE", "false", "T", "yes", "2020-01-02", "2020-1-2", "2020", "2020-02-30", "02/01/2020", "Jan 2, 2020", "2020-01-02 03:04:05", "2020-01-02T03:04:05.678Z",
	"2020-01-02T03:04:05", "2020-01-02 03:04", "02/01/2020 03:04", "12:30", "NULL", "null", "-", "a", "ab", "word", "two words", " x", "x ", "é", "日本", "😀", "#c", "E", "1d", "1f", "0x10", "١",
	"INTERVAL '1-2' YEAR TO MONTH", "1-2", "INTERVAL '1 02:03:04' DAY TO SECOND", "1 02:03:04",
}

func drawCSV(r *rand.Rand) question {
	q := question{Format: "csv", Options: choose(r, csvOptions)}
	var names []string
	q.Schema, names = schemaOf(r, csvTypes, q.Options)
	q.Select = selection(r, names)
	q.Data = []byte(csvText(r, q.Options, len(names)))
	if r.IntN(30) == 0 {
		q.Data = slices.Insert(q.Data, r.IntN(len(q.Data)+1), byte(0x80+r.IntN(128)))
	}
	return q
}

func csvText(r *rand.Rand, options map[string]string, columns int) string {
	get := func(name, otherwise string) string {
		if v, ok := options[name]; ok {
			return v
		}
		return otherwise
	}
	sep, quote, escape, end := get("sep", ","), get("quote", `"`), get("escape", `\`), get("lineSep", one(r, "\n", "\n", "\n", "\r\n", "\r"))
	special := []string{sep, quote, escape, get("comment", "#"), " ", "\t", quote + quote, escape + quote, "\n", get("charToEscapeQuoteEscaping", `\`), get("nullValue", "")}
	var b strings.Builder
	if r.IntN(40) == 0 {
		b.WriteString("\ufeff")
	}
	if options["header"] == "true" {
		b.WriteString(strings.Join([]string{"a", "b", "c", "d", "e"}[:columns], sep) + end)
	}
	for range r.IntN(5) + 1 {
		n := columns
		switch r.IntN(8) {
		case 0:
			n = r.IntN(columns + 3)
		case 1:
			b.WriteString(one(r, "", " ", "#comment", sep, quote) + end)
		}
		for i := range n {
			if i > 0 {
				b.WriteString(sep)
			}
			b.WriteString(csvCell(r, quote, escape, special))
		}
		b.WriteString(end)
	}
	text := b.String()
	if r.IntN(4) == 0 {
		text = strings.TrimSuffix(text, end)
	}
	return text
}

// csvCell generates a word, plain or quoted, or a sequence of special characters.
func csvCell(r *rand.Rand, quote, escape string, special []string) string {
	w := one(r, words...)
	switch r.IntN(10) {
	case 0, 1:
		return quote + strings.ReplaceAll(w, quote, escape+quote) + quote
	case 2:
		return quote + w + one(r, special...) + one(r, words...) + quote
	case 3:
		s := ""
		for range r.IntN(6) {
			s += one(r, one(r, special...), one(r, special...), one(r, words...))
		}
		return s
	case 4:
		return one(r, " ", "\t", "") + w + one(r, " ", "")
	}
	return w
}

var jsonOptions = append(slices.Clone(common), []choice{
	{"primitivesAsString", 15, []string{"true"}},
	{"allowComments", 10, []string{"true"}},
	{"allowUnquotedFieldNames", 8, []string{"true"}},
	{"allowSingleQuotes", 8, []string{"false", "true"}},
	{"allowNumericLeadingZeros", 10, []string{"true"}},
	{"allowNonNumericNumbers", 10, []string{"false", "true"}},
	{"allowBackslashEscapingAnyCharacter", 10, []string{"true"}},
	{"allowUnquotedControlChars", 10, []string{"true"}},
	{"dropFieldIfAllNull", 30, []string{"true"}},
}...)

var jsonTypes = []string{
	"STRING", "STRING", "INT", "INT", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ", "DECIMAL(10,2)", "DECIMAL(38,18)", "TINYINT", "SMALLINT", "FLOAT",
	"BINARY", "ARRAY<INT>", "ARRAY<STRING>", "STRUCT<x: INT, y: STRING>", "MAP<STRING, INT>", "ARRAY<STRUCT<x: INT>>", "STRUCT<x: ARRAY<DOUBLE>>", "MAP<STRING, STRUCT<x: INT>>",
	"INTERVAL DAY TO SECOND",
}

func drawJSON(r *rand.Rand) question {
	q := question{Format: "json", Options: choose(r, jsonOptions)}
	var names []string
	q.Schema, names = schemaOf(r, jsonTypes, q.Options)
	q.Select = selection(r, names)
	end, ok := q.Options["lineSep"]
	if !ok {
		end = one(r, "\n", "\n", "\n", "\r\n", "\r")
	}
	var b strings.Builder
	for range r.IntN(4) + 1 {
		text := jsonRecord(r, names)
		if r.IntN(5) == 0 {
			text = mutate(r, text)
		}
		b.WriteString(text + end)
	}
	q.Data = []byte(b.String())
	return q
}

func jsonRecord(r *rand.Rand, names []string) string {
	switch r.IntN(16) {
	case 0:
		return one(r, "", " ", "null", "1", `"x"`, "[]", "{}", "//c", "/* c */ {}", "{} {}", "true")
	case 1:
		return "[" + jsonObject(r, names, 2) + one(r, "", ","+jsonObject(r, names, 2), ",1", ",null") + "]"
	}
	return jsonObject(r, names, 2) + one(r, "", "", "", " ", one(r, words...))
}

func jsonObject(r *rand.Rand, names []string, depth int) string {
	var parts []string
	for range r.IntN(len(names) + 2) {
		name := one(r, append(names, "x", "y", "A", "z")...)
		switch r.IntN(12) {
		case 0:
			name = "'" + name + "'"
		case 1:
		default:
			name = `"` + name + `"`
		}
		parts = append(parts, name+one(r, ":", ":", ": ", " : ")+jsonValue(r, names, depth))
	}
	return "{" + strings.Join(parts, one(r, ",", ",", ", ")) + "}"
}

func jsonValue(r *rand.Rand, names []string, depth int) string {
	if depth > 0 {
		switch r.IntN(8) {
		case 0:
			return jsonObject(r, append([]string{"x", "y"}, names...), depth-1)
		case 1:
			var items []string
			for range r.IntN(3) {
				items = append(items, jsonValue(r, names, depth-1))
			}
			return "[" + strings.Join(items, ",") + "]"
		}
	}
	switch r.IntN(8) {
	case 0:
		return one(r, "null", "true", "false")
	case 1, 2:
		return strconv.Quote(one(r, words...))
	case 3:
		return one(r, `"a\nb"`, `"\u00e9\ud83d"`, `"\ud83d\ude00"`, `"\/"`, `"\x"`, `"\q"`, "\"\t\"", `'single'`, `"AQID"`, `""`)
	case 4:
		return one(r, "01", "1.0", "1e400", "-0", "-0.0", "1.", ".5", "+1", "NaN", "Infinity", "-Infinity", "-INF", "+INF", "INF", "123456789012345678901234567890", "1e2", "12345678901.239", "0x1")
	case 5:
		return one(r, words...)
	}
	return strconv.Itoa(r.IntN(400) - 100)
}

// mutate damages a text: it removes, repeats or adds a character.
func mutate(r *rand.Rand, s string) string {
	if s == "" {
		return "{"
	}
	at := r.IntN(len(s))
	switch r.IntN(3) {
	case 0:
		return s[:at] + s[at+1:]
	case 1:
		return s[:at] + s[at:at+1] + s[at:]
	}
	return s[:at] + one(r, `"`, "{", "}", "[", "]", ",", ":", `\`, " ", "1", "x", "'", "/") + s[at:]
}
