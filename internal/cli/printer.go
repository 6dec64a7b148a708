package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"syscall"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// An errorPrinter prints errors. No other code of the program does.
type errorPrinter struct {
	w      io.Writer
	colour bool
	whole  bool // do not shorten anything
	json   bool // print each error as a line of JSON, like a log line
}

const (
	mostInFull   = 10  // errors of one command that are printed with position and hint; the others take a line each
	mostInLines  = 200 // errors of one command that are printed at all
	longestHint  = 300 // in characters, as the lengths below
	longestValue = 120
	longestWhole = 60_000 // with -v, and for a text in JSON
	longestWarn  = 2_000
)

// print renders an error, or each error of a list.
func (p errorPrinter) print(err error) {
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return
	}
	list := flatten(err)
	if p.json {
		p.printJSON(list)
		return
	}
	var b strings.Builder
	for i, e := range list {
		switch {
		case i < mostInFull || p.whole:
			p.one(&b, e)
		case i < mostInLines:
			p.line(&b, e)
		}
	}
	if len(list) > mostInLines && !p.whole {
		fmt.Fprintf(&b, "streamctl: %d errors, the first %d of them above; -v shows all in full\n", len(list), mostInLines)
	} else if len(list) > mostInFull && !p.whole {
		fmt.Fprintf(&b, "streamctl: %d errors, the first %d with their places in full; -v shows all in full\n", len(list), mostInFull)
	}
	_, _ = io.WriteString(p.w, b.String())
}

// printJSON writes errors in the format of log lines, so that a log collector sees one format.
func (p errorPrinter) printJSON(list []error) {
	log := slog.New(slog.NewJSONHandler(p.w, nil))
	for _, err := range list {
		m := mistakeOf(err)
		log.Error(m.Message, m.attributes()...)
	}
}

// one renders an error in at most six lines: message, position, source line with caret, row, and hint.
func (p errorPrinter) one(b *strings.Builder, err error) {
	b.WriteString("streamctl: " + p.paint("31;1", "error:") + " " + p.sentence(err) + "\n")
	var e *sparkerr.Error
	if !errors.As(err, &e) {
		return
	}
	p.where(b, e)
	if e.Row != nil {
		b.WriteString("  " + sparkerr.Printable(p.row(e.Row)) + "\n")
	}
	p.hint(b, remedy(e))
}

func (p errorPrinter) hint(b *strings.Builder, hint string) {
	if hint != "" {
		b.WriteString("  " + p.paint("36", "hint:") + " " + p.cut(sparkerr.Printable(hint), longestHint) + "\n")
	}
}

// warn prints a warning and its hint, one line each.
func (p errorPrinter) warn(text, hint string) {
	if p.json {
		slog.New(slog.NewJSONHandler(p.w, nil)).Warn(boundText(text), "hint", boundText(hint))
		return
	}
	var b strings.Builder
	b.WriteString("streamctl: " + p.paint("33;1", "warning:") + " " + p.cut(sparkerr.Printable(text), longestWarn) + "\n")
	p.hint(&b, hint)
	_, _ = io.WriteString(p.w, b.String())
}

// line renders an error on one line, position first.
func (p errorPrinter) line(b *strings.Builder, err error) {
	b.WriteString("streamctl: " + p.paint("31;1", "error:") + " ")
	var e *sparkerr.Error
	if errors.As(err, &e) && e.Place != nil {
		if at := location(e.Place); at != "" {
			b.WriteString(at + ": ")
		}
	}
	b.WriteString(p.sentence(err) + "\n")
}

// sentence renders an error message on one line. Spark's unnamed legacy conditions are left out.
func (p errorPrinter) sentence(err error) string {
	var e *sparkerr.Error
	if !errors.As(err, &e) {
		return p.cut(sparkerr.Printable(message(err)), longestHint)
	}
	text := e.Short()
	if p.whole {
		text = e.Whole()
	}
	return p.cut(sparkerr.Printable(added(err, e)+text), longestWarn)
}

// added returns the text that wrapping errors put before e.
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
	return sparkerr.ReasonWithPath(err)
}

func (p errorPrinter) row(r *sparkerr.Row) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if r.Stream != "" {
		add("stream %s", p.cut(r.Stream, longestValue))
	}
	add("batch %d", r.Batch)
	if r.File != "" {
		add("file %s", p.cut(r.File, longestValue))
	}
	if r.Line > 0 {
		add("line %d", r.Line)
	}
	if r.Column != "" {
		add("column %s", p.cut(r.Column, longestValue))
	}
	text := strings.Join(parts, ", ")
	if r.Value != "" {
		text += fmt.Sprintf(": %q", p.cut(r.Value, longestValue))
	}
	return text
}

// cut shortens a text to most characters, or to longestWhole with -v.
func (p errorPrinter) cut(text string, most int) string {
	if p.whole {
		most = longestWhole
	}
	return sparkerr.CutMiddle(text, most)
}

// boundText limits a text in JSON, which may be longer than a message for people.
func boundText(text string) string { return sparkerr.CutMiddle(text, longestWhole) }

func (p errorPrinter) paint(code, text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
