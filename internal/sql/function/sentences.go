package function

import (
	"strings"
	"unicode"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// sentenceFunctions returns sentences, which splits like java.text.BreakIterator for English.
func sentenceFunctions() []*expr.Function {
	return []*expr.Function{{
		Name: "sentences", Group: "string_funcs", Usage: "sentences(str[, lang[, country]])", Doc: "The sentences of the text, each as an array of words.",
		Example: "sentences('Hi there! Good morning.')", Result: "[[Hi, there], [Good, morning]]", MinArgs: 1, MaxArgs: 3, Operands: seesNulls,
		Resolve: nullable(defaults(returns(types.ArrayOf(types.ArrayOf(types.String, false), false), coerce.String), 1, expr.Str(""), expr.Str(""))),
		Compile: eachRow(sentences),
	}}
}

func sentences(r *row) error {
	if r.isNull(0) {
		r.setNull()
		return nil
	}
	list := r.out.Children[0]
	words := list.Children[0]
	start := list.Len()
	for text := r.runes(0); len(text) > 0; {
		n := sentenceEnd(&r.Steps, text)
		at, from := list.Len(), words.Len()
		for s := text[:n]; len(s) > 0; {
			r.Take(1)
			size := wordEnd(&r.Steps, s)
			if unicode.IsLetter(s[0]) || unicode.IsDigit(s[0]) {
				words.Extend(words.Len() + 1)
				words.SetString(words.Len()-1, string(s[:size]))
			}
			s = s[size:]
		}
		list.Extend(at + 1)
		list.Views[at] = vector.View{Off: uint32(from), Len: uint32(words.Len() - from)}
		text = text[n:]
	}
	r.listEnd(start)
	return nil
}

const closers = `"')]}»”’`

// sentenceEnd returns where the next sentence begins: after ! and ? with closing punctuation and blanks, and after a period
// that is followed by a blank but not by a lower-case letter.
func sentenceEnd(steps *halt.Steps, s []rune) int {
	for i := 0; i < len(s); i++ {
		steps.Take(1)
		switch {
		case s[i] == '\u2029' || s[i] == '\n' && i+1 < len(s) && s[i+1] == '\n':
			return skipSpace(steps, s, i)
		case strings.ContainsRune("!?。！？", s[i]):
			for i < len(s) && strings.ContainsRune("!?.。！？", s[i]) {
				steps.Take(1)
				i++
			}
			return skipSpace(steps, s, skipClosers(steps, s, i))
		case s[i] == '.':
			end := skipClosers(steps, s, i+1)
			next := skipSpace(steps, s, end)
			if next == len(s) || next > end && !unicode.IsLower(s[skipOpeners(steps, s, next)]) {
				return next
			}
		}
	}
	return len(s)
}

func skipClosers(steps *halt.Steps, s []rune, i int) int {
	for i < len(s) && strings.ContainsRune(closers, s[i]) {
		steps.Take(1)
		i++
	}
	return i
}

func skipSpace(steps *halt.Steps, s []rune, i int) int {
	for i < len(s) && (unicode.IsSpace(s[i]) || s[i] == '\u2029') {
		steps.Take(1)
		i++
	}
	return i
}

// skipOpeners skips opening brackets and quotes, but not the last character.
func skipOpeners(steps *halt.Steps, s []rune, i int) int {
	for i+1 < len(s) && (unicode.In(s[i], unicode.Ps, unicode.Pi) || s[i] == '"' || s[i] == '\'') {
		steps.Take(1)
		i++
	}
	return i
}

// wordEnd returns the end of the piece at the start of s: a word with dashes and quotes inside, a number with its
// punctuation, a sequence of both, or a run of one East Asian script; otherwise a single character.
func wordEnd(steps *halt.Steps, s []rune) int {
	for _, script := range []*unicode.RangeTable{unicode.Han, unicode.Katakana, unicode.Hiragana} {
		if n := run(steps, s, func(c rune) bool { return unicode.Is(script, c) || c == 'ー' && script == unicode.Katakana }); n > 0 {
			return n
		}
	}
	i := 0
	if unicode.Is(unicode.Sc, s[0]) && s[0] != '¢' || s[0] == '#' || s[0] == '.' {
		i = 1
	}
	start := i
	for {
		if n := joined(steps, s[i:], isWordLetter, func(c rune) bool { return unicode.Is(unicode.Pd, c) || strings.ContainsRune("\u00AD\u2027\"'", c) }); n > 0 && (i > start || start == 0) {
			i += n
			continue
		}
		n := joined(steps, s[i:], func(c rune) bool { return unicode.Is(unicode.N, c) }, func(c rune) bool { return strings.ContainsRune("\"',\u066B.", c) })
		if n == 0 {
			return max(i, 1)
		}
		if i += n; i < len(s) && strings.ContainsRune("¢%٪‰‱&", s[i]) {
			return i + 1
		}
	}
}

func isWordLetter(c rune) bool {
	return unicode.In(c, unicode.L, unicode.Mn, unicode.Me) && !unicode.In(c, unicode.Han, unicode.Katakana, unicode.Hiragana)
}

func run(steps *halt.Steps, s []rune, in func(rune) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		steps.Take(1)
		n++
	}
	return n
}

// joined returns the length of a run of characters that may contain single characters of another kind.
func joined(steps *halt.Steps, s []rune, in, middle func(rune) bool) int {
	n := run(steps, s, in)
	for n > 0 && n+1 < len(s) && middle(s[n]) && in(s[n+1]) {
		steps.Take(1)
		n += 1 + run(steps, s[n+1:], in)
	}
	return n
}
