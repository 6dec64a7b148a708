package main

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Kinds of differences.
const (
	accepts = "accepts" // Spark rejects it during analysis
	rejects = "rejects" // Spark accepts it
	named   = "name"
	typed   = "type"
	nulls   = "nullable"
	valued  = "value"
	silent  = "no error"
	fails   = "error"
	names   = "condition"
)

// difference returns the kind of difference between our answer and Spark's, or "".
func difference(ours, theirs *answer) string {
	e, w := ours.Error, theirs.Error
	rejected := w != nil && w.Phase == "analysis"
	switch {
	case ours.refused(), rejected && w.Condition == "INTERNAL_ERROR": // the latter is a bug in Spark
		return ""
	case rejected && (e == nil || e.Phase != "analysis"):
		return accepts
	case !rejected && e != nil && e.Phase == "analysis":
		return rejects
	case !rejected && ours.Name != theirs.Name:
		return named
	case !rejected && ours.Type != theirs.Type:
		return typed
	case !rejected && ours.Nullable != theirs.Nullable:
		return nulls
	case w != nil && e == nil:
		return silent
	case w == nil && e != nil:
		return fails
	case w != nil && w.named() && (e.Condition != w.Condition || e.SQLState != w.SQLState):
		return names
	case w != nil:
		return ""
	}
	if len(ours.Rows) != len(theirs.Rows) {
		return valued
	}
	for i, want := range theirs.Rows {
		got := ours.Rows[i]
		if (got == nil) != (want == nil) || got != nil && !sameCell(theirs.Type, *got, *want) {
			return valued
		}
	}
	return ""
}

var (
	number   = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?(E-?[0-9]+)?`)
	broken   = regexp.MustCompile("\uFFFD+")
	exponent = regexp.MustCompile(`-?[0-9]+\.[0-9]+E-?[0-9]+`)
)

// sameCell compares text exactly, and floating-point numbers by value, because Java before 19 prints a digit
// too many for some. Within text, only numbers in exponent form are compared by value.
func sameCell(typ, got, want string) bool {
	if typ != "string" { // within nested values, Spark prints U+FFFD for invalid UTF-8
		got, want = broken.ReplaceAllString(strings.ToValidUTF8(got, "\uFFFD"), "\uFFFD"), broken.ReplaceAllString(want, "\uFFFD")
	}
	if got == want {
		return true
	}
	form := exponent
	if typ != "string" && (strings.Contains(typ, "float") || strings.Contains(typ, "double")) {
		form = number
	}
	a, b := form.FindAllString(got, -1), form.FindAllString(want, -1)
	if len(a) == 0 || len(a) != len(b) || form.ReplaceAllString(got, "#") != form.ReplaceAllString(want, "#") {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !sameNumber(typ, a[i], b[i]) {
			return false
		}
	}
	return true
}

func sameNumber(typ, a, b string) bool {
	x, _ := strconv.ParseFloat(a, 64)
	y, _ := strconv.ParseFloat(b, 64)
	if x == y {
		return math.Signbit(x) == math.Signbit(y)
	}
	return strings.Contains(typ, "float") && float32(x) == float32(y)
}

// show formats an answer on one line.
func (a *answer) show() string {
	if e := a.Error; e != nil {
		name := e.Condition
		if name == "" {
			name = strings.TrimSpace(e.Class + " " + firstLine(e.Message))
		}
		return fmt.Sprintf("%s (%s)", name, e.Phase)
	}
	cells := make([]string, len(a.Rows))
	for i, c := range a.Rows {
		cells[i] = "NULL"
		if c != nil {
			cells[i] = *c
			if a.Type == "string" {
				cells[i] = strconv.Quote(*c)
			}
		}
	}
	null := ""
	if !a.Nullable {
		null = " NOT NULL"
	}
	return cut(strings.Join(cells, " ; "), 200) + " :: " + a.Type + null + " named " + cut(a.Name, 200)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return cut(line, 160)
}

func cut(s string, most int) string {
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
