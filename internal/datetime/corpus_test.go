package datetime

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

const corpus = "../../test/conformance/testdata/expressions"

// A recorded is an expression and Spark's result for it.
type recorded struct {
	Expr, Input string
	Rows        []*string
	Error       *struct{ Condition, Message string }
}

func readCorpus(t *testing.T, topic string) []recorded {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus, topic+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []recorded
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// result compares our result with Spark's output: "" means NULL or a failure.
func (r *recorded) result(t *testing.T, row int, got string, err error) {
	t.Helper()
	if r.Error != nil {

		if se := sparkerr.Root(err); se != nil && se.Condition != r.Error.Condition {
			t.Errorf("%s: error %s, Spark %s", r.Expr, se.Condition, r.Error.Condition)
		}
		var pe *ParseError
		if errors.As(err, &pe) && !strings.Contains(r.Error.Message, "] "+pe.Error()+".") {
			t.Errorf("%s: error %q, Spark %q", r.Expr, pe, r.Error.Message)
		}
		if err == nil && got != "" {
			t.Errorf("%s: %s, Spark fails with %s", r.Expr, got, r.Error.Message)
		}
		return
	}
	if want := r.Rows[row]; want == nil && got != "" || want != nil && (err != nil || got != *want) {
		if want == nil {
			t.Errorf("%s row %d: %s (%v), Spark NULL", r.Expr, row, got, err)
		} else {
			t.Errorf("%s row %d: %q (%v), Spark %q", r.Expr, row, got, err, *want)
		}
	}
}

var castPattern = regexp.MustCompile(`^(?:try_)?cast\('((?:[^'\\]|\\.)*)' as ([a-z_ ]+)\)$`)

// unescape resolves the escapes of a SQL string.
var unescape = strings.NewReplacer(`\t`, "\t", `\n`, "\n", `\'`, "'", `\\`, `\`)

func TestCastsFromTextMatchRecordings(t *testing.T) {
	count := 0
	for _, topic := range []string{"cast-string", "cast-trystring"} {
		for _, r := range readCorpus(t, topic) {
			m := castPattern.FindStringSubmatch(r.Expr)
			if m == nil {
				continue
			}
			got, err, ok := castText(unescape.Replace(m[1]), m[2])
			if ok {
				count++
				r.result(t, 0, got, err)
			}
		}
	}
	if count < 500 {
		t.Errorf("only %d casts found", count)
	}
}

func castText(text, target string) (got string, err error, known bool) {
	const now = 0
	b := []byte(text)
	switch target {
	case "date":
		days, ok := SpecialDate(text, UTC, now)
		if !ok {
			days, ok = ParseDate(b)
		}
		return printed(ok, AppendDate(nil, days)), nil, true
	case "timestamp":
		micros, ok := SpecialTimestamp(text, UTC, now)
		if !ok {
			micros, ok = ParseTimestamp(b, UTC, now)
		}
		return printed(ok, AppendTimestamp(nil, micros, UTC)), nil, !isClock(text)
	case "timestamp_ntz":
		micros, ok := SpecialTimestampNTZ(text, UTC, now)
		if !ok {
			micros, ok = ParseTimestampNTZ(b, true)
		}
		return printed(ok, AppendTimestampNTZ(nil, micros)), nil, true
	case "interval day to second":
		micros, err := ParseDayTime(text, fieldDay, fieldSecond)
		return printed(err == nil, AppendDayTime(nil, micros, fieldDay, fieldSecond, ANSIStyle)), err, true
	case "interval hour":
		micros, err := ParseDayTime(text, fieldHour, fieldHour)
		return printed(err == nil, AppendDayTime(nil, micros, fieldHour, fieldHour, ANSIStyle)), err, true
	case "interval year to month":
		months, err := ParseYearMonth(text, fieldYear, fieldMonth)
		return printed(err == nil, AppendYearMonth(nil, months, fieldYear, fieldMonth, ANSIStyle)), err, true
	}
	return "", nil, false
}

// isClock reports whether text has a value that depends on the day of the recording.
func isClock(text string) bool { return strings.Contains(text, ":") && !strings.Contains(text, "-") }

func printed(ok bool, text []byte) string {
	if !ok {
		return ""
	}
	return string(text)
}

// times lists the instants of the table of that name in the corpus.
var times = []string{
	"2024-02-29T12:34:56.789123Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2000-12-31T23:00:00Z",
	"1582-10-15T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
}

var formatPattern = regexp.MustCompile(`^date_format\(t, (?:'([^"]*)'|"([^"]*)")\)$`)

func TestFormattingMatchesRecordings(t *testing.T) {
	count := 0
	for _, r := range readCorpus(t, "datetime") {
		m := formatPattern.FindStringSubmatch(r.Expr)
		if m == nil {
			continue
		}
		count++
		p, err := CompilePattern(m[1]+m[2], "", false)
		if err != nil {
			r.result(t, 0, "", err)
			continue
		}
		for row, text := range times {
			micros, _ := ParseTimestamp([]byte(text), UTC, 0)
			r.result(t, row, string(p.Format(nil, micros, UTC)), nil)
		}
	}
	if count < 30 {
		t.Errorf("only %d patterns found", count)
	}
}

var parsePattern = regexp.MustCompile(`^(?:try_)?(to_date|to_timestamp|to_timestamp_ntz)\("([^"]*)", "([^"]*)"\)$`)

func TestParsingMatchesRecordings(t *testing.T) {
	count := 0
	for _, r := range readCorpus(t, "datetime") {
		m := parsePattern.FindStringSubmatch(r.Expr)
		if m == nil {
			continue
		}
		count++
		p, err := CompilePattern(m[3], "", true)
		if err != nil {
			r.result(t, 0, "", err)
			continue
		}
		got, err := readWith(p, m[1], m[2])
		r.result(t, 0, got, err)
	}
	if count < 60 {
		t.Errorf("only %d patterns found", count)
	}
}

func readWith(p *Pattern, function, text string) (string, error) {
	b := []byte(text)
	if function == "to_timestamp_ntz" {
		micros, err := p.ParseNTZ(b)
		return printed(err == nil, AppendTimestampNTZ(nil, micros)), err
	}
	micros, err := p.ParseTimestamp(b, UTC)
	if function == "to_date" { // Spark parses a timestamp and casts it
		return printed(err == nil, AppendDate(nil, DateOf(micros))), err
	}
	return printed(err == nil, AppendTimestamp(nil, micros, UTC)), err
}
