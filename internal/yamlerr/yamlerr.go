// Package yamlerr explains YAML syntax errors to people who write YAML by hand: what is wrong, where, and what
// to write instead.
package yamlerr

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Explain converts an error of the YAML parser. what describes the text, such as "job file"; file is its path.
func Explain(err error, what, file string, data []byte) *sparkerr.Error {
	e := &sparkerr.Error{Place: &sparkerr.Place{File: file}, Cause: err}
	le, ok := errors.AsType[*yaml.LoadError](err)
	switch {
	case strings.Contains(err.Error(), "no documents"):
		e.Text = "the " + what + " is empty"
		return e
	case strings.Contains(err.Error(), "found multiple"):
		e.Text = "the " + what + " holds more than one document"
		return e.WithHint(`the line "---" begins another document: keep only one`)
	case !ok:
		e.Text = fmt.Sprintf("the %s is not valid YAML: %s", what, strings.TrimPrefix(err.Error(), "yaml: "))
		return e
	}
	x := explained(le, strings.Split(string(data), "\n"))
	e.Text = fmt.Sprintf("the %s is not valid YAML: %s", what, x.text)
	e.Hint = x.hint
	if x.mark.Line > 0 {
		e.Place.Line, e.Place.Col, e.Place.LineText = x.mark.Line, max(x.mark.Column, 1), x.line
	}
	return e
}

// An explanation describes what is wrong at a position.
type explanation struct {
	mark       yaml.Mark
	line       string // the line at the mark
	text, hint string
}

const quoteWhole = "quote the whole value"

// explained translates an error of the parser.
func explained(le *yaml.LoadError, lines []string) explanation {
	x := explanation{mark: le.Mark, text: le.Message}
	if le.Message == "found unexpected end of stream" && le.ContextMark.Line > 0 {
		x.mark = le.ContextMark
		x.text, x.hint = "this quote is not closed", "close it, or double a quote that belongs to the text"
	}
	x.line = lineAt(lines, x.mark.Line)
	if trimmed := strings.TrimLeft(x.line, " "); strings.HasPrefix(trimmed, "\t") {
		x.text, x.hint = "the line is indented with a tab", "YAML requires spaces"
		return x
	}
	at := runeAt(x.line, x.mark.Column)
	switch m := le.Message; {
	case strings.HasPrefix(m, "found character that cannot start"):
		x.text, x.hint = fmt.Sprintf("a value cannot begin with %c", at), quoted(x.line, x.mark.Column)
	case strings.Contains(m, "unknown anchor"):
		x.text = "* refers to an anchor that does not exist in the file"
		x.hint = "quote a string that begins with *; & defines an anchor"
	case strings.Contains(m, "mapping values are not allowed"):
		x.text = "a colon is not allowed here"
		x.hint = "quote a string that contains ': ', or indent the line like those around it"
	case strings.Contains(m, "did not find expected ',' or"):
		x.text, x.hint = unclosed(atEnd(lines, max(le.Mark.Line, 1)))
	case strings.Contains(m, "did not find expected key"):
		x.text, x.hint = "there is text after the closing quote, or the line is indented too little", quoteWhole+", or indent the line like those around it"
	case strings.Contains(m, "did not find expected '-' indicator"):
		x.text, x.hint = "the indentation differs from the list above", "indent it like the lines around it"
	case strings.Contains(m, "unknown escape character"):
		x.text, x.hint = `this is not a valid escape in double quotes`, `write \\, or use single quotes`
	case strings.Contains(m, "expected <document start>"):
		x.text, x.hint = "there is text after the end of the document", "write key: value on each line"
	case strings.Contains(m, "expected node content") && atEnd(lines, max(le.Mark.Line, 1)):
		x.text, x.hint = "the text ends where a value is expected", "each { needs its }, each [ its ]"
	case strings.Contains(m, "expected node content"):
		x.text, x.hint = "a value is expected here", "quote a string that begins with a special character"
	case strings.Contains(m, "control characters"):
		x.text, x.hint = "it contains control characters", "is it a text file?"
	}
	return x
}

// unclosed explains a { or [ without its counterpart.
func unclosed(end bool) (text, hint string) {
	if end {
		return "a { or [ is not closed", "each { needs its }, each [ its ]"
	}
	return "within { } and [ ] a comma or quote ends the value here", quoteWhole + `, as in {filter: "a IN ('x', 'y')"}`
}

// quoted returns a hint that shows the line's key with its value in quotes.
func quoted(line string, col int) string {
	i := 0
	for ; col > 1 && i < len(line); col-- {
		_, n := utf8.DecodeRuneInString(line[i:])
		i += n
	}
	key, value := strings.TrimLeft(line[:i], " -"), strings.TrimRight(line[i:], " \r")
	if strings.ContainsAny(line, "{[") || value == "" {
		return quoteWhole
	}
	return key + Quote(value)
}

// Quote quotes text for YAML, with the style that needs the fewest escapes.
func Quote(text string) string {
	switch {
	case !strings.ContainsAny(text, `"\`):
		return `"` + text + `"`
	case !strings.Contains(text, "'"):
		return "'" + text + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// atEnd reports whether nothing but blanks follows from line on.
func atEnd(lines []string, line int) bool {
	return line > len(lines) || strings.TrimSpace(strings.Join(lines[line-1:], "")) == ""
}

func lineAt(lines []string, n int) string {
	if n < 1 || n > len(lines) {
		return ""
	}
	return strings.TrimSuffix(lines[n-1], "\r")
}

func runeAt(line string, col int) rune {
	for _, r := range line {
		if col--; col < 1 {
			return r
		}
	}
	return utf8.RuneError
}

// NotText returns an error if data is not UTF-8, else nil.
func NotText(what, file string, data []byte) *sparkerr.Error {
	if utf8.Valid(data) && !strings.Contains(string(data), "\x00") {
		return nil
	}
	e := &sparkerr.Error{Text: fmt.Sprintf("the %s is not UTF-8 text", what), Place: &sparkerr.Place{File: file}}
	start := string(data[:min(len(data), 4)])
	switch {
	case strings.HasPrefix(start, "\xff\xfe"), strings.HasPrefix(start, "\xfe\xff"), strings.Contains(start, "\x00"):
		return e.WithHint("it looks like UTF-16: iconv -f UTF-16 -t UTF-8 converts it")
	case strings.HasPrefix(start, "\x1f\x8b"):
		return e.WithHint("it is compressed with gzip: gunzip it first")
	case strings.HasPrefix(start, "PAR1"):
		return e.WithHint("it is a Parquet file")
	}
	return locateByte(e, data)
}

// locateByte sets the position of e to the first byte that is not UTF-8.
func locateByte(e *sparkerr.Error, data []byte) *sparkerr.Error {
	for n, line := range strings.Split(string(data), "\n") {
		if !utf8.ValidString(line) {
			col := utf8.RuneCountInString(line[:len(line)-len(strings.TrimLeftFunc(line, func(r rune) bool { return r != utf8.RuneError }))]) + 1
			e.Place.Line, e.Place.Col, e.Place.LineText = n+1, col, strings.ToValidUTF8(line, "?")
			return e.WithHint("iconv -f ISO-8859-1 -t UTF-8 converts Latin-1")
		}
	}
	return e
}
