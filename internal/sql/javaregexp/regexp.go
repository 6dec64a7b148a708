// Package javaregexp matches regular expressions like java.util.regex (Java 17). A pattern is translated to RE2 if that
// preserves its meaning, which guarantees linear time; other patterns run on a backtracking engine (machine) with a limited
// number of steps. Most RE2 patterns run on an automaton (onePass) that is several times faster than package regexp.
//
// The parser resolves character classes and case, so that all engines use the same plain sets. For some patterns the
// translation is equivalent only for some texts: $ if the text does not end with a line terminator, \b for ASCII. The text
// then decides which engine runs.
package javaregexp

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// errBudget is the error for a search that exceeds the maximum number of steps. It depends only on the pattern and the text,
// never on the machine or its load.
var errBudget = errors.New("too many steps")

// A Regexp is a compiled pattern. It belongs to one goroutine.
type Regexp struct {
	// Stop is called every few thousand steps of a search, which ends with the error it returns; nil: never.
	Stop func() error

	pattern  string
	groups   int
	names    map[string]int
	literal  []byte // the only text that matches; nil if there are several
	required []byte // every match contains it
	lead     int    // the greatest number of bytes of a match before it
	parse    parser
	empty    bool // may match no characters

	re2     *regexp.Regexp // nil if it cannot express the pattern
	size    int            // number of instructions of re2
	behind  *regexp.Regexp // re2 after the first character; compiled when first needed
	pass    *onePass       // runs instead of re2; nil if the pattern is not suitable
	loc     []int          // reused result
	tree    *node
	machine *machine // created when first needed
}

// maxPattern limits the number of characters in a pattern, so that processing it takes less than a second.
const maxPattern = 1 << 17

// Compile parses a pattern. The error says what java.util.regex rejects.
func Compile(pattern string) (*Regexp, error) {
	if utf8.RuneCountInString(pattern) > maxPattern {
		return nil, errors.New("a pattern may have at most " + strconv.Itoa(maxPattern) + " characters")
	}
	p := parser{src: []rune(pattern), names: map[string]int{}, classes: map[classKey]set{}}
	tree, err := p.pattern()
	if err != nil {
		return nil, err
	}
	r := &Regexp{pattern: pattern, groups: p.groups, names: p.names, empty: tree.empty(), parse: p, tree: tree, loc: make([]int, 2*(p.groups+1))}
	if text, ok := tree.literal(); ok && len(text) > 0 {
		r.literal = []byte(string(text))
	}
	r.required, r.lead = tree.required()
	if re2, ok := tree.appendRE2(nil); ok {
		if r.re2, err = regexp.Compile(string(re2)); err == nil { // otherwise it is too large
			if r.pass, r.size = newOnePass(string(re2)); r.pass != nil {
				r.pass.stop = &r.Stop
			}
		}
	}
	return r, nil
}

// Groups returns the number of capturing groups.
func (r *Regexp) Groups() int { return r.groups }

// Group returns the number of a named group.
func (r *Regexp) Group(name string) (int, bool) {
	n, ok := r.names[name]
	return n, ok
}

// Literal returns the only text that matches if the pattern has no special characters, and nil otherwise.
func (r *Regexp) Literal() []byte { return r.literal }

// linear reports whether RE2 yields Java's result for s.
func (r *Regexp) linear(s []byte) bool {
	switch {
	case r.re2 == nil,
		r.parse.dollar && endsLine(s),
		r.parse.words && !isASCII(s),
		r.parse.lines && (endsLine(s) || hasTerminators(s)):
		return false
	}
	return true
}

func endsLine(s []byte) bool {
	last, _ := utf8.DecodeLastRune(s)
	return isTerminator(last)
}

// hasTerminators reports whether s contains a line terminator other than \n.
func hasTerminators(s []byte) bool {
	for _, t := range []string{"\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(s, []byte(t)) {
			return true
		}
	}
	return false
}

func isASCII(s []byte) bool {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Match reports whether the pattern occurs in s.
func (r *Regexp) Match(s []byte) (bool, error) {
	switch {
	case r.literal != nil:
		return bytes.Contains(s, r.literal), nil
	case r.lacks(s):
		return false, nil
	case r.linear(s):
		if r.pass != nil {
			if found, ok := r.pass.search(s, 0, nil); ok {
				return found, r.passFailed()
			}
		}
		if r.long(s) {
			text := r.source(s)
			return r.re2.MatchReader(text), text.err
		}
		return r.re2.Match(s), nil
	}
	found, err := r.backtrack(s).search(0)
	return found, r.failure(err, s)
}

// failure adds to a budget error which pattern failed on what.
func (r *Regexp) failure(err error, s []byte) error {
	if !errors.Is(err, errBudget) {
		return err
	}
	return sparkerr.Plain("the regular expression %s takes more than %d million steps on a text of %d bytes",
		strconv.Quote(shorten(r.pattern)), searchSteps/1_000_000, len(s)).
		WithHint("nested repetitions that match the same text take exponential time: write (a+)+ as a+, or make the inner one possessive, a++")
}

// shorten truncates a pattern that is too long to print.
func shorten(pattern string) string {
	const most = 100
	if utf8.RuneCountInString(pattern) <= most {
		return pattern
	}
	return string([]rune(pattern)[:most]) + "…"
}

// backtrack prepares the backtracking engine for a text.
func (r *Regexp) backtrack(s []byte) *machine {
	if r.machine == nil {
		r.machine = newMachine(newProgram(r.tree, r.groups))
	}
	r.machine.begin(s, r.Stop)
	return r.machine
}

// All calls yield for each match, left to right, until yield returns false. loc holds the byte positions of the match and its
// groups in pairs, -1 for a group without a match; it is valid until yield returns.
func (r *Regexp) All(s []byte, yield func(loc []int) bool) error {
	switch {
	case r.literal != nil:
		r.allLiteral(s, yield)
		return nil
	case r.lacks(s):
		return nil
	case !r.linear(s):
		return r.allBacktracking(s, yield)
	case r.pass != nil || !r.parse.looksBack || r.long(s):
		return r.allLinear(s, yield)
	}
	first := r.re2.FindSubmatchIndex(s)
	switch {
	case first == nil:
		return nil
	case r.empty: // RE2 leaves out an empty match right behind another
		return r.allBacktracking(s, yield)
	}
	for _, loc := range r.re2.FindAllSubmatchIndex(s, -1) {
		if !yield(loc) {
			break
		}
	}
	return nil
}

// First returns the positions of the first match, or nil if there is none. They are valid until the next search.
func (r *Regexp) First(s []byte) (loc []int, err error) {
	switch {
	case r.lacks(s):
		return nil, nil
	case r.literal == nil && r.linear(s):
		return r.next(s, 0)
	}
	err = r.All(s, func(l []int) bool {
		loc = l
		return false
	})
	return loc, err
}

func (r *Regexp) allLiteral(s []byte, yield func([]int) bool) {
	var loc [2]int
	for from := 0; ; from = loc[1] {
		at := bytes.Index(s[from:], r.literal)
		if at < 0 {
			return
		}
		loc = [2]int{from + at, from + at + len(r.literal)}
		if !yield(loc[:]) {
			return
		}
	}
}

// allLinear continues after each match. For short texts it requires a pattern that does not depend on the text before a
// match, except for the beginning of the text.
func (r *Regexp) allLinear(s []byte, yield func([]int) bool) error {
	for from := 0; from <= len(s); {
		loc, err := r.next(s, from)
		if err != nil || loc == nil || !yield(loc) {
			return err
		}
		from = loc[1]
		if loc[0] == loc[1] {
			_, size := utf8.DecodeRune(s[from:])
			from += max(size, 1)
		}
	}
	return nil
}

// next finds the first match from a position, or returns nil.
func (r *Regexp) next(s []byte, from int) (loc []int, err error) {
	if r.pass != nil {
		switch found, ok := r.pass.search(s, from, r.loc); {
		case found:
			return r.loc, r.passFailed()
		case ok:
			return nil, r.passFailed()
		}
	}
	start := r.start(s, from)
	switch {
	case start < 0:
		return nil, nil
	case r.parse.looksBack && start > from || r.long(s):
		return r.nextLong(s, start)
	}
	return shift(r.re2.FindSubmatchIndex(s[start:]), start), nil
}

// passFailed returns the error of the automaton's last search.
func (r *Regexp) passFailed() error {
	err := r.pass.err
	if err != nil {
		r.pass.err = nil
	}
	return err
}

// shift adds by to all positions in loc.
func shift(loc []int, by int) []int {
	for i := range loc {
		if loc[i] >= 0 {
			loc[i] += by
		}
	}
	return loc
}

func (r *Regexp) allBacktracking(s []byte, yield func([]int) bool) error {
	m := r.backtrack(s)
	for from := 0; from <= len(s); {
		found, err := m.search(from)
		if err != nil || !found {
			return r.failure(err, s)
		}
		copy(r.loc, m.captures)
		if !yield(r.loc) {
			return nil
		}
		from = m.last
		if m.captures[0] == m.last {
			_, size := utf8.DecodeRune(s[from:])
			from += max(size, 1)
		}
	}
	return nil
}
