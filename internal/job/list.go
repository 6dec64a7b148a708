package job

import (
	"strings"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// splitList splits text at commas outside quotes and brackets.
func splitList(text string, at *sparkerr.Place) []Text {
	var items []Text
	start, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '\'', '"', '`':
			i = closing(text, i)
		case ',':
			if depth <= 0 {
				items = appendPart(items, text, start, i, at)
				start = i + 1
			}
		}
	}
	return appendPart(items, text, start, len(text), at)
}

// closing returns the index of the quote that closes the one at i, or len(text).
func closing(text string, i int) int {
	q := text[i]
	for i++; i < len(text); i++ {
		switch {
		case text[i] == '\\' && q != '`':
			i++
		case text[i] == q:
			return i
		}
	}
	return i
}

func appendPart(items []Text, text string, from, to int, at *sparkerr.Place) []Text {
	part := text[from:to]
	lead := len(part) - len(strings.TrimLeft(part, " \t\n"))
	return append(items, Text{strings.TrimSpace(part), within(at, text[:from+lead])})
}

// within advances a place past a prefix of its text.
func within(at *sparkerr.Place, prefix string) *sparkerr.Place {
	if at == nil || !at.Exact || prefix == "" {
		return at
	}
	moved := *at
	moved.Col += utf8.RuneCountInString(prefix)
	return &moved
}
