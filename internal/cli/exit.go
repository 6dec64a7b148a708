package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Exit codes; `streamctl help exit-codes` explains them.
const (
	exitOK      = 0
	exitFailed  = 1   // a query failed
	exitRefused = 2   // nothing was started
	exitHeld    = 75  // another run holds the checkpoint
	exitINT     = 130 // SIGINT
	exitTERM    = 143 // SIGTERM
)

// An exitError carries the exit code that goes with an error.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// refused marks an error found before anything was started.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitRefused, err}
}

// exitCode maps an error to the exit code. A reader that has seen enough (| head) is no failure.
func exitCode(err error) int {
	var coded *exitError
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		return exitOK
	case errors.As(err, &coded):
		return coded.code
	}
	return exitFailed
}

// A printer of errors: the only one in the program.
type errorPrinter struct {
	w      io.Writer
	colour bool
}

// print renders an error, or each one of a list.
func (p errorPrinter) print(err error) {
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return
	}
	var b strings.Builder
	for _, e := range flatten(err) {
		p.one(&b, e)
	}
	_, _ = io.WriteString(p.w, b.String())
}

// flatten takes lists apart; equal errors are printed once.
func flatten(err error) []error {
	var out []error
	seen := map[string]bool{}
	var walk func(err error)
	walk = func(err error) {
		var coded *exitError
		if errors.As(err, &coded) && coded == err { //nolint:errorlint // only the wrapper itself is taken off
			walk(coded.err)
			return
		}
		if list, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range list.Unwrap() {
				walk(e)
			}
			return
		}
		if errors.Is(err, errQuiet) {
			return
		}
		if key := err.Error() + placeOf(err); !seen[key] {
			seen[key] = true
			out = append(out, err)
		}
	}
	if err != nil {
		walk(err)
	}
	return out
}

func placeOf(err error) string {
	var e *sparkerr.Error
	if !errors.As(err, &e) || e.Place == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d:%s", e.Place.File, e.Place.Line, e.Place.Col, e.Place.LineText)
}

// one renders an error: the sentence, the place, the line with a caret, the row, and a hint.
func (p errorPrinter) one(b *strings.Builder, err error) {
	b.WriteString("streamctl: " + p.paint("31;1", "error:") + " ")
	var e *sparkerr.Error
	if !errors.As(err, &e) {
		b.WriteString(oneLine(message(err)) + "\n")
		return
	}
	b.WriteString(oneLine(added(err, e)+sentence(e)) + "\n")
	p.where(b, e)
	if e.Row != nil {
		b.WriteString("  " + oneLine(row(e.Row)) + "\n")
	}
	if hint := remedy(e); hint != "" {
		b.WriteString("  " + p.paint("36", "hint:") + " " + hint + "\n")
	}
}

// sentence is an error on one line. Conditions that Spark has given no name stay unnamed.
func sentence(e *sparkerr.Error) string {
	if strings.HasPrefix(e.Condition, "_LEGACY_ERROR_TEMP_") {
		return e.Sentence()
	}
	return e.Error()
}

// added is what wrappers have put before the error's own text.
func added(err error, e *sparkerr.Error) string {
	if prefix, ok := strings.CutSuffix(err.Error(), e.Error()); ok && e.Condition == "" {
		return prefix
	}
	return ""
}

// message rewrites errors of libraries for users.
func message(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}

func oneLine(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\n", " ") }

func row(r *sparkerr.Row) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if r.Stream != "" {
		add("stream %s", r.Stream)
	}
	add("batch %d", r.Batch)
	if r.File != "" {
		add("file %s", r.File)
	}
	if r.Line > 0 {
		add("line %d", r.Line)
	}
	if r.Column != "" {
		add("column %s", r.Column)
	}
	text := strings.Join(parts, ", ")
	if r.Value != "" {
		text += ": " + shorten(r.Value)
	}
	return text
}

const maxValue = 120

// shorten quotes a value and cuts it.
func shorten(s string) string {
	if r := []rune(s); len(r) > maxValue {
		s = string(r[:maxValue]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

func (p errorPrinter) paint(code, text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
