package sparkerr

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"
)

// ActsOnTerminal reports whether r controls a terminal or the direction of text: C0 and C1 control characters,
// DEL, and bidirectional overrides and isolates. Untrusted text could use them to hide or forge output.
func ActsOnTerminal(r rune) bool {
	return r < ' ' || r >= 0x7F && r <= 0x9F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// Visible makes text safe to print on a terminal. Newlines and tabs are kept. Other control characters become
// JSON escapes, so that JSON stays valid, and bytes that are not UTF-8 become \xNN.
func Visible(text []byte) []byte {
	if !anyActs(text) {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			out = fmt.Appendf(out, `\x%02x`, text[i])
		case ActsOnTerminal(r) && r != '\n' && r != '\t':
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = append(out, text[i:i+n]...)
		}
		i += n
	}
	return out
}

func anyActs(text []byte) bool {
	if !utf8.Valid(text) {
		return true
	}
	return bytes.IndexFunc(text, func(r rune) bool { return ActsOnTerminal(r) && r != '\n' && r != '\t' }) >= 0
}

var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// VisiblePainted is like Visible, but keeps the color sequences that streamctl itself writes.
func VisiblePainted(text []byte) []byte {
	var out []byte
	done := 0
	for _, at := range colours.FindAllIndex(text, -1) {
		out = append(append(out, Visible(text[done:at[0]])...), text[at[0]:at[1]]...)
		done = at[1]
	}
	return append(out, Visible(text[done:])...)
}

// A VisibleWriter applies Visible to everything written.
type VisibleWriter struct {
	W    io.Writer
	rest []byte // an incomplete character at the end of the last Write
}

// Write writes p and returns len(p) on success, regardless of the length of the escapes.
func (w *VisibleWriter) Write(p []byte) (int, error) {
	text := append(w.rest, p...)
	whole := len(text) - unfinished(text)
	w.rest = append([]byte(nil), text[whole:]...)
	if _, err := w.W.Write(Visible(text[:whole])); err != nil {
		return 0, err
	}
	return len(p), nil
}

// unfinished returns the length of an incomplete character at the end of text.
func unfinished(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(text[len(text)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}
