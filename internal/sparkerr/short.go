package sparkerr

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	mostNames    = 3   // names shown of a longer list
	longestValue = 120 // characters shown of a parameter
	longestText  = 400 // characters shown of a whole message
)

// listParams names the condition parameters that hold lists.
var listParams = map[string]bool{
	"aliasesNames": true, "availableCodecs": true, "charsets": true, "columns": true, "confOptions": true,
	"discoveredBasePaths": true, "distinctPartColLists": true, "fields": true, "functionNames": true, "generators": true,
	"missingAttributes": true, "proposal": true, "proposals": true, "referenceNames": true, "supportedTypes": true,
	"suspiciousPaths": true, "tableCols": true,
}

// Short is like Error, but shows at most three names of each list and cuts the middle out of long values.
func (e *Error) Short() string {
	if e.Text != "" {
		return e.framed(CutMiddle(e.Text, longestText))
	}
	c, ok := lookup(e.Condition)
	if !ok {
		return e.Error()
	}
	params := make(map[string]string, len(e.Params))
	for name, value := range e.Params {
		if params[name] = CutMiddle(value, longestValue); listParams[name] {
			params[name] = shortList(value, e.Total)
		}
	}
	return e.framed(strings.TrimSpace(CutMiddle(fill(c.sentence, params), longestText)))
}

// Whole is like Error, but without Spark's legacy condition names, which mean nothing to users.
func (e *Error) Whole() string { return e.framed(e.Sentence()) }

// framed adds condition and SQLSTATE to a message, except for legacy condition names.
func (e *Error) framed(sentence string) string {
	sentence = e.withState(sentence)
	if e.Condition != "" && !strings.HasPrefix(e.Condition, "_LEGACY_ERROR_TEMP_") {
		sentence = "[" + e.Condition + "] " + sentence
	}
	return sentence
}

// shortList shortens a list in a parameter. Its items are on separate lines or separated by commas.
func shortList(text string, total int) string {
	if lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }); len(lines) > 1 {
		for i := range lines {
			lines[i] = strings.TrimSpace(lines[i])
		}
		return " " + Names(lines) + ". "
	}
	names := splitNames(text)
	return firstOf(names, max(total, len(names)))
}

// Names joins names, at most three: "a, b, c and 18 more".
func Names(names []string) string { return firstOf(names, len(names)) }

func firstOf(names []string, total int) string {
	if total <= mostNames+1 && len(names) == total {
		return strings.Join(cutAll(names), ", ")
	}
	shown := min(mostNames, len(names))
	return fmt.Sprintf("%s and %d more", strings.Join(cutAll(names[:shown]), ", "), total-shown)
}

func cutAll(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = CutMiddle(n, longestValue)
	}
	return out
}

// splitNames splits a list at commas outside backticks, quotes and brackets.
func splitNames(text string) []string {
	var names []string
	var quote byte
	start, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '`' || c == '"' || c == '\'':
			quote = c
		case c == '(' || c == '<' || c == '[':
			depth++
		case c == ')' || c == '>' || c == ']':
			depth--
		case c == ',' && depth == 0:
			names = append(names, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	return append(names, strings.TrimSpace(text[start:]))
}

// mostOfValue is how many bytes of a value an error keeps, more than is ever printed.
const mostOfValue = 1 << 18

// Bounded leaves out the middle of a value that is far longer than what is printed of it, so that an error costs little whatever
// it is about.
func Bounded(text string) string {
	if len(text) <= mostOfValue {
		return text
	}
	end, from := mostOfValue*2/3, len(text)-mostOfValue/3
	for range utf8.UTFMax - 1 {
		if !utf8.RuneStart(text[end]) {
			end--
		}
		if !utf8.RuneStart(text[from]) {
			from++
		}
	}
	return text[:end] + "…" + text[from:]
}

// CutMiddle leaves out the middle of a text that has more than the given number of characters.
func CutMiddle(text string, most int) string {
	if len(text) <= most {
		return text
	}
	r := []rune(text)
	if len(r) <= most {
		return text
	}
	tail := most / 3
	return string(r[:most-tail-1]) + "…" + string(r[len(r)-tail:])
}

// Printable is text on one line that does nothing to a terminal: line ends and tabs become blanks, control characters and
// those that turn the direction of writing become escapes.
func Printable(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case r == unicode.ReplacementChar && !strings.HasPrefix(text[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r < ' ' || r >= 0x7F && r <= 0x9F:
			fmt.Fprintf(&b, `\x%02x`, r)
		case unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}
