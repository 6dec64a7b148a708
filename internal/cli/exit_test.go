package cli

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

func rendered(err error) string {
	var b strings.Builder
	errorPrinter{w: &b}.print(err)
	return b.String()
}

func TestErrorsShowPlaceCaretAndHint(t *testing.T) {
	place := &sparkerr.Place{
		File: "job.yaml", Line: 14, Col: 30, Path: "streams[upper].transform[2].withColumn.ratio",
		LineText: `      - withColumn: {ratio: "hits / total"}`, Exact: true,
	}
	e := sparkerr.New("DIVIDE_BY_ZERO").WithHint("try_divide(hits, total) returns NULL instead")
	e.Fragment = &sparkerr.Fragment{Text: "hits / total", Start: 0, End: 12, Place: place}
	e.Place = place
	e.Row = &sparkerr.Row{Stream: "upper", Batch: 3, File: "in/a.csv", Line: 2, Column: "total", Value: "0"}
	want := `streamctl: error: [DIVIDE_BY_ZERO] Division by zero. SQLSTATE: 22012
  job.yaml:14:30  streams[upper].transform[2].withColumn.ratio
   14 |       - withColumn: {ratio: "hits / total"}
                                     ~~~~~~^~~~~~
  stream upper, batch 3, file in/a.csv, line 2, column total: "0"
  hint: try_divide(hits, total) returns NULL instead
`
	if got := rendered(fmt.Errorf("query upper: %w", e)); !strings.Contains(got, "[DIVIDE_BY_ZERO] Division") || got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestFlagsAndEscapedTextsShowTheirFragment(t *testing.T) {
	flag := &sparkerr.Place{Flag: "--with-column", Col: 3, LineText: "x=1 +", Exact: true}
	e := &sparkerr.Error{Text: "end of text", Fragment: &sparkerr.Fragment{Text: "1 +", Start: 2, End: 3, Place: flag}, Place: flag}
	if got, want := rendered(e), "streamctl: error: end of text\n  --with-column\n    x=1 +\n        ^\n"; got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	escaped := &sparkerr.Place{File: "j.yaml", Line: 2, Col: 5, LineText: `  f: "a\u0020+"`}
	e = &sparkerr.Error{Text: "bad", Fragment: &sparkerr.Fragment{Text: "a +", Start: 2, End: 3, Place: escaped}, Place: escaped}
	want := "streamctl: error: bad\n  j.yaml:2:5\n    2 |   f: \"a\\u0020+\"\n    a +\n      ^\n"
	if got := rendered(e); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestCaretsAlignWithWideAndLongText(t *testing.T) {
	p := &sparkerr.Place{File: "j", Line: 1, Col: 4, LineText: "全角 x", Exact: true}
	got := rendered(&sparkerr.Error{Text: "bad", Place: p})
	if !strings.HasSuffix(got, "    1 | 全角 x\n             ^\n") {
		t.Errorf("%s", got)
	}
	p = &sparkerr.Place{File: "j", Line: 1, Col: 301, LineText: strings.Repeat("a", 300) + "X" + strings.Repeat("b", 300), Exact: true}
	lines := strings.Split(rendered(&sparkerr.Error{Text: "bad", Place: p}), "\n")
	col := strings.Index(lines[3], "^")
	if r := []rune(lines[2]); r[col] != 'X' || len(r) > 130 {
		t.Errorf("%s\n%s", lines[2], lines[3])
	}
}

func TestListsAreFlattenedWithoutRepeats(t *testing.T) {
	a := sparkerr.Plain("first")
	err := refused(errors.Join(job.Errors{a, sparkerr.Plain("second")}, a))
	if got := rendered(err); got != "streamctl: error: first\nstreamctl: error: second\n" {
		t.Errorf("%s", got)
	}
	if exitCode(err) != exitRefused {
		t.Errorf("exit code %d", exitCode(err))
	}
}

func TestAClosedPipeIsNotAFailure(t *testing.T) {
	err := fmt.Errorf("write: %w", syscall.EPIPE)
	if exitCode(err) != 0 || rendered(err) != "" {
		t.Errorf("%d %q", exitCode(err), rendered(err))
	}
	if exitCode(errors.New("x")) != exitFailed || exitCode(nil) != 0 {
		t.Error("exit codes")
	}
}

func TestMessagesStayOnOneLine(t *testing.T) {
	if got := rendered(sparkerr.Plain("a\n b  c")); got != "streamctl: error: a  b  c\n" {
		t.Errorf("%q", got)
	}
}
