package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// maxSource is the maximum length of a source line in messages, in characters.
const maxSource = 100

// where renders the position of an error, the source line, and a caret below the faulty part.
func (p errorPrinter) where(b *strings.Builder, e *sparkerr.Error) {
	place := e.Place
	if place == nil && e.Fragment != nil {
		place = e.Fragment.Place
	}
	if place == nil {
		if e.Fragment != nil {
			p.source(b, "    ", e.Fragment.Text, e.Fragment.Start, e.Fragment.End)
		}
		return
	}
	if head := location(place); head != "" {
		b.WriteString("  " + p.cut(head, longestHint) + "\n")
	}
	margin := "    "
	if place.Line > 0 {
		margin = fmt.Sprintf("%5d | ", place.Line)
	}
	f := e.Fragment
	switch {
	case place.LineText == "":
		if f != nil {
			p.source(b, "    ", f.Text, f.Start, f.End)
		}
	case f != nil && !place.Exact:
		if e.Row == nil { // with the row, the message already has six lines
			p.source(b, margin, place.LineText, -1, -1)
		}
		p.source(b, "    ", f.Text, f.Start, f.End)
	case f != nil:
		from := byteColumn(place.LineText, place.Col)
		p.source(b, margin, place.LineText, from+f.Start, from+f.End)
	default:
		from := byteColumn(place.LineText, place.Col)
		p.source(b, margin, place.LineText, from, from)
	}
}

// location returns file:line:col and the path in the job, or the flag.
func location(p *sparkerr.Place) string {
	switch {
	case p.Flag != "":
		return sparkerr.Printable(p.Flag)
	case p.File != "" && p.Line > 0:
		return sparkerr.Printable(fmt.Sprintf("%s:%d:%d  %s", p.File, p.Line, p.Col, p.Path))
	}
	return sparkerr.Printable(p.File)
}

// byteColumn converts a 1-based column in characters to a byte offset.
func byteColumn(line string, col int) int {
	i := 0
	for ; col > 1 && i < len(line); col-- {
		_, n := utf8.DecodeRuneInString(line[i:])
		i += n
	}
	return i
}

// source prints the line of text that holds [start, end), shortened if it is long, and a caret line below it.
// If start is negative, there is no caret line.
func (p errorPrinter) source(b *strings.Builder, margin, text string, start, end int) {
	start, end = min(start, len(text)), min(end, len(text))
	if start >= 0 {
		begin := strings.LastIndexByte(text[:start], '\n') + 1
		text, start, end = text[begin:], start-begin, end-begin
	}
	if i := strings.IndexByte(text[max(start, 0):], '\n'); i >= 0 {
		text = text[:max(start, 0)+i]
		end = min(end, len(text))
	}
	text, start, end = window(text, start, end)
	if start < 0 {
		b.WriteString(margin + strings.TrimRight(harmless(text), " ") + "\n")
		return
	}
	end = max(end, start)
	before, marked, after := harmless(text[:start]), harmless(text[start:end]), harmless(text[end:])
	b.WriteString(margin + strings.TrimRight(before+marked+after, " ") + "\n")
	lead := strings.Repeat(" ", twwidth.Width(margin)+twwidth.Width(before))
	b.WriteString(lead + p.paint("31;1", underline(twwidth.Width(marked))) + "\n")
}

// harmless replaces control and format characters with blanks, so that the caret stays below the text it marks.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7F && r <= 0x9F || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text)
}

// underline returns a marker for n characters: ~~^~~.
func underline(n int) string {
	if n <= 1 {
		return "^"
	}
	return strings.Repeat("~", n/2) + "^" + strings.Repeat("~", n-n/2-1)
}

// window shortens a long line to the part around the marked range.
func window(text string, start, end int) (string, int, int) {
	if utf8.RuneCountInString(text) <= maxSource {
		return text, start, end
	}
	from := 0
	if start > maxSource/2 {
		from = start - maxSource/2
		for from > 0 && !utf8.RuneStart(text[from]) {
			from--
		}
	}
	to := min(len(text), from+maxSource)
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	lead := ""
	if from > 0 {
		lead = "…"
	}
	cut := lead + text[from:to]
	if to < len(text) {
		cut += "…"
	}
	if start < 0 {
		return cut, start, end
	}
	shift := len(lead) - from
	limit := len(lead) + to - from
	return cut, min(start+shift, limit), min(end+shift, limit)
}
