package sparkerr

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func many(form, sep string, n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf(form, i)
	}
	return strings.Join(parts, sep)
}

func TestThreeOfManyNamesAreShown(t *testing.T) {
	for _, c := range []struct {
		e    *Error
		want string
	}{
		{New("UNRESOLVED_COLUMN.WITH_SUGGESTION", "objectName", "`x`", "proposal", many("`c%d`", ", ", 21)), "`c0`, `c1`, `c2` and 18 more"},
		{New("UNRESOLVED_COLUMN.WITH_SUGGESTION", "objectName", "`x`", "proposal", "`a, b`, `c`"), "`a, b`, `c`"},
		{New("CONFLICTING_DIRECTORY_STRUCTURES", "discoveredBasePaths", "\n\t"+many("file:/in/%d", "\n\t", 40)+"\n"),
			"file:/in/0, file:/in/1, file:/in/2 and 37 more"},
		{New("CONFLICTING_PARTITION_COLUMN_NAMES", "distinctPartColLists", "\n\ta\n\tb\n", "suspiciousPaths", "\n\tx\n"), "a, b"},
		{New("FIELD_NOT_FOUND", "fieldName", "`x`", "fields", many("`f%d`", ", ", 5)), "`f0`, `f1`, `f2` and 2 more"},
		{&Error{Condition: "UNRESOLVED_COLUMN.WITH_SUGGESTION", Params: map[string]string{"proposal": "`a`, `b`, `c`, `d`, `e`"}, Total: 21}, "`a`, `b`, `c` and 18 more"},
	} {
		if got := c.e.Short(); !strings.Contains(got, c.want) || strings.ContainsAny(got, "\n\t") || strings.Contains(got, "  ") {
			t.Errorf("%s: %q does not have %q", c.e.Condition, got, c.want)
		}
	}
}

func TestLongValuesLoseTheirMiddle(t *testing.T) {
	long := "start" + strings.Repeat("é", 5000) + "end"
	for _, e := range []*Error{
		New("CAST_INVALID_INPUT", "expression", long, "sourceType", "STRING", "targetType", "INT"), Plain("%s", long),
		New("UNRESOLVED_COLUMN.WITH_SUGGESTION", "objectName", long, "proposal", many(long+"%d", ", ", 9)),
	} {
		got := e.Short()
		if n := utf8.RuneCountInString(got); n > 700 || !strings.Contains(got, "start") || !strings.Contains(got, "end") || !utf8.ValidString(got) {
			t.Errorf("%d characters: %s", n, got)
		}
	}
}

func TestTheShortFormOfAShortErrorIsTheWholeOne(t *testing.T) {
	for _, e := range []*Error{New("DIVIDE_BY_ZERO"), Plain("x"), New("_LEGACY_ERROR_TEMP_2048"),
		New("CAST_INVALID_INPUT", "expression", "'a'", "sourceType", "STRING", "targetType", "INT")} {
		if e.Short() != e.Whole() {
			t.Errorf("%q, %q", e.Short(), e.Whole())
		}
	}
}

func TestPrintableTextIsSafeOnATerminal(t *testing.T) {
	got := Printable(" a\x1b[31m\nb\tc\u202Ed\x00\u0085\xff ")
	if got != `a\x1b[31m b c\u202ed\x00\x85\xff` {
		t.Errorf("%q", got)
	}
}

func TestTheSQLStateFollowsAFullStop(t *testing.T) {
	for text, want := range map[string]string{
		"there are too many":  "[STREAM_FAILED] there are too many. SQLSTATE: XXKST",
		"There are too many.": "[STREAM_FAILED] There are too many. SQLSTATE: XXKST",
		"too many:\n1":        "[STREAM_FAILED] too many:\n1. SQLSTATE: XXKST",
	} {
		e := Plain("%s", text)
		e.Condition = "STREAM_FAILED"
		if e.Error() != want || e.Short() != want || e.Whole() != want {
			t.Errorf("%q, %q, %q", e.Error(), e.Short(), e.Whole())
		}
	}
}
