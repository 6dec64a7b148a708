package job

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/suggest"
)

// mostListed is the largest number of words that a hint lists if none is close.
const mostListed = 12

// otherFormats maps names that other programs use to formats, or to options of formats.
var otherFormats = []struct{ names, hint string }{
	{"ndjson jsonl jsonlines ldjson json-lines", "json: it reads and writes one record per line"},
	{"tsv tab psv ssv dsv delimited", "csv with the option sep: \"\\t\" for tabs (--option sep='\\t')"},
	{"txt log lines raw plain", "text: each line is a row with the column value"},
	{"pq parq", "parquet"},
	{"stdin -", "a format, and the path - for standard input"},
	{"tcp net nc listen", "the command streamctl socket, or the source socket of a job file"},
	{"stdout print show display", "console, or -o csv, json, tsv, table, markdown or text for rows on standard output"},
	{"null none /dev/null blackhole", "noop"},
	{"excel xlsx xls", "csv: export the sheet first"},
	{"gz gzip zip csv.gz json.gz", "the format of the content: compressed files are recognized by their extension"},
}

// FormatHint suggests the format that was meant by an unknown name.
func FormatHint(name string, known []string) string {
	lower := strings.ToLower(name)
	for _, o := range otherFormats {
		if slices.Contains(strings.Fields(o.names), lower) && !slices.Contains(known, lower) {
			return o.hint
		}
	}
	return DidYouMean(name, known)
}

// DidYouMean returns a hint with the known words closest to a mistyped one. If none is close, it lists all of
// them, unless there are too many.
func DidYouMean(word string, known []string) string {
	known = slices.Sorted(slices.Values(known))
	if close := suggest.Closest(word, known, 3); len(close) > 0 {
		return "did you mean " + strings.Join(close, " or ") + "?"
	}
	if len(known) > 0 && len(known) <= mostListed {
		return "one of: " + strings.Join(known, ", ")
	}
	return ""
}
