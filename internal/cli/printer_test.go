package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

func TestAnErrorHasAtMostSixLines(t *testing.T) {
	place := &sparkerr.Place{File: "job.yaml", Line: 3, Col: 9, Path: "streams[a].transform[0].filter", LineText: `  f: "a\u0020/ b"`}
	e := sparkerr.New("DIVIDE_BY_ZERO").WithHint("x")
	e.Place, e.Fragment = place, &sparkerr.Fragment{Text: "a / b", Start: 0, End: 5, Place: place}
	e.Row = &sparkerr.Row{Batch: 1, File: strings.Repeat("long/", 100), Value: strings.Repeat("v\n", 500)}
	got := rendered(e)
	if n := strings.Count(got, "\n"); n > 6 {
		t.Errorf("%d lines:\n%s", n, got)
	}
	for line := range strings.Lines(got) {
		if len(line) > 420 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
}

func TestControlCharactersDoNotReachTheTerminal(t *testing.T) {
	nasty := "a\x1b[2J\u202Eb\rc"
	e := sparkerr.Plain("no %s", nasty).WithHint("try %s", nasty)
	e.Place = &sparkerr.Place{Flag: "--where", Col: 1, LineText: nasty + " > 1", Exact: true}
	e.Fragment = &sparkerr.Fragment{Text: nasty + " > 1", Start: len(nasty) + 1, End: len(nasty) + 2}
	e.Row = &sparkerr.Row{File: nasty, Value: nasty, Column: nasty}
	if got := rendered(e); strings.ContainsAny(got, "\x1b\r\u202E") {
		t.Errorf("%q", got)
	}
}

func TestManyMistakesAreAllListed(t *testing.T) {
	var list job.Errors
	for i := range 50 {
		e := sparkerr.Plain("mistake %d", i).WithHint("remedy")
		e.Place = &sparkerr.Place{File: "job.yaml", Line: i + 1, Col: 1, LineText: "x"}
		list = append(list, e)
	}
	got := rendered(list)
	for i := range 50 {
		if !strings.Contains(got, fmt.Sprintf("mistake %d\n", i)) {
			t.Errorf("mistake %d is not listed", i)
		}
	}
	if n := strings.Count(got, "\n"); n > 10*6+40+1 {
		t.Errorf("%d lines", n)
	}
	for _, want := range []string{"streamctl: error: job.yaml:50:1: mistake 49\n", "streamctl: 50 errors, the first 10 with their places in full; -v shows all in full\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	var b strings.Builder
	errorPrinter{w: &b, whole: true}.print(list)
	if n := strings.Count(b.String(), "hint: remedy"); n != 50 {
		t.Errorf("-v shows %d in full", n)
	}
}

func TestVerboseShowsFullMessages(t *testing.T) {
	long := strings.Repeat("x", 1000)
	var b strings.Builder
	errorPrinter{w: &b, whole: true}.print(sparkerr.New("CAST_INVALID_INPUT", "expression", long))
	if !strings.Contains(b.String(), long) {
		t.Error(b.String())
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, &errorOfWrite{} }

type errorOfWrite struct{}

func (*errorOfWrite) Error() string { return "write /dev/stdout: broken pipe" }
func (*errorOfWrite) Unwrap() error { return syscall.EPIPE }

func TestHelpIntoAClosedPipeSaysNothing(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"file", "--help"}, {"help"}, {"help", "file"}, {"help", "formats"}, {"help", "upper"}, {"--version"}, {}, {"functions"}} {
		a, _, errText := testApp()
		a.Out = closedPipe{}
		if code := a.run(t.Context(), args); code != 0 || errText.Len() > 0 {
			t.Errorf("%v: exit code %d, %q", args, code, errText)
		}
	}
}

func TestStandardLibraryErrorsNamePathAndReason(t *testing.T) {
	err := fmt.Errorf("writing: %w", &errorWithPath)
	if got := rendered(err); got != "streamctl: error: writing: /x/y: permission denied\n" {
		t.Errorf("%q", got)
	}
	if !errors.Is(err, syscall.EACCES) {
		t.Error("the cause is gone")
	}
}

var errorWithPath = fs.PathError{Op: "open", Path: "/x/y", Err: syscall.EACCES}
