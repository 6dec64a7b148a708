package job

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/suggest"
)

// mostListed is how many words a hint lists when none is close.
const mostListed = 12

// otherFormats are names that others give to formats, or formats that are an option of another one.
var otherFormats = []struct{ names, hint string }{
	{"ndjson jsonl jsonlines ldjson json-lines", "json: a record on each line is what it reads and writes"},
	{"tsv tab psv ssv dsv delimited", "csv with the option sep: \"\\t\" for tabs (--option sep='\\t')"},
	{"txt log lines raw plain", "text: each line is a row with the column value"},
	{"pq parq", "parquet"},
	{"stdin -", "a format, and the path - for standard input"},
	{"tcp net nc listen", "the command streamctl socket, or the source socket of a job file"},
	{"stdout print show display", "console, or -o csv, json, tsv or text for rows on standard output"},
	{"null none /dev/null blackhole", "noop"},
	{"excel xlsx xls", "csv: export the sheet first"},
	{"gz gzip zip csv.gz json.gz", "the format of the content: compressed files are known by their names"},
}

// FormatHint says which format was meant by a name that is not one.
func FormatHint(name string, known []string) string {
	lower := strings.ToLower(name)
	for _, o := range otherFormats {
		if slices.Contains(strings.Fields(o.names), lower) && !slices.Contains(known, lower) {
			return o.hint
		}
	}
	return DidYouMean(name, known)
}

// DidYouMean makes the hint that names the known words closest to a mistyped one, or all when they are few.
func DidYouMean(word string, known []string) string {
	known = slices.Sorted(slices.Values(known))
	if close := suggest.Closest(word, known, 3); len(close) > 0 {
		return "did you mean " + strings.Join(close, " or ") + "?"
	}
	if len(known) <= mostListed {
		return "one of: " + strings.Join(known, ", ")
	}
	return ""
}
