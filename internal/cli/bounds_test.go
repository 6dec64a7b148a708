package cli

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// TestEveryMessageIsBounded puts 1 MB of text into each part of an error, for each output format.
func TestEveryMessageIsBounded(t *testing.T) {
	huge := strings.Repeat("h", 1<<20)
	place := &sparkerr.Place{File: huge, Line: 1, Col: 1, Path: huge, LineText: huge, Exact: true}
	e := sparkerr.New("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord", huge, "failFastMode", huge).WithHint("%s", huge)
	e.Place, e.Fragment = place, &sparkerr.Fragment{Text: huge, Start: 5, End: 900_000}
	e.Row = &sparkerr.Row{Stream: huge, File: huge, Column: huge, Value: huge}
	for _, err := range []error{e, fmt.Errorf("%s: %w", huge, e), sparkerr.Plain("%s", huge), errors.New(huge), &sparkerr.Error{Text: "x", Place: &sparkerr.Place{Flag: huge}}} {
		for _, c := range []struct {
			printer errorPrinter
			most    int
		}{{errorPrinter{}, 6_000}, {errorPrinter{whole: true}, 500_000}, {errorPrinter{json: true}, 1_000_000}} {
			var b strings.Builder
			c.printer.w = &redactor{w: &b}
			c.printer.print(err)
			c.printer.warn(huge, huge)
			if b.Len() > c.most {
				t.Errorf("%.40v: %d bytes", err, b.Len())
			}
		}
	}
}

func TestNoLineOfAMessageIsLongerThanTheBound(t *testing.T) {
	var b strings.Builder
	r := &redactor{w: &b}
	_, _ = fmt.Fprintf(r, "a\n%s\nb\n", strings.Repeat("é", 1<<20))
	lines := strings.Split(b.String(), "\n")
	if len(lines) != 4 || lines[0] != "a" || lines[2] != "b" || len(lines[1]) > 2*longestLine+10 {
		t.Errorf("%d bytes in %d lines", b.Len(), len(lines))
	}
}

func TestOnlyTheFirstMistakesAreListed(t *testing.T) {
	var list []error
	for i := range 5000 {
		list = append(list, sparkerr.Plain("mistake %d", i))
	}
	var b strings.Builder
	errorPrinter{w: &b}.print(errors.Join(list...))
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 201 || lines[200] != "streamctl: 5000 errors, the first 200 of them above; -v shows all in full" {
		t.Errorf("%d lines, the last: %s", len(lines), lines[len(lines)-1])
	}
}
