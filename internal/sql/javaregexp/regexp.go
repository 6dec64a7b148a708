// Package javaregexp matches regular expressions as java.util.regex does (Java 17). A pattern is translated: to RE2 where
// that has the same meaning, which takes linear time, else to a backtracking engine, whose time is limited. Most of RE2's
// patterns run on an automaton of our own (onePass), which is several times as fast as package regexp.
//
// Character classes and case are resolved here, so that both engines see the same plain sets. Some patterns mean the same
// only for some texts: $ when the text ends with a line terminator, \b beyond ASCII. The text decides which engine runs.
package javaregexp

import (
	"bytes"
	"regexp"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

// timeout limits one search of the backtracking engine.
const timeout = 30 * time.Second

// A Regexp is a compiled pattern. It belongs to one goroutine.
type Regexp struct {
	groups  int
	names   map[string]int
	literal []byte // the text that alone matches; nil for a real pattern
	parse   parser
	empty   bool // may match no characters

	re2  *regexp.Regexp // nil when it cannot express the pattern
	pass *onePass       // what runs in its place; nil when the pattern is of another kind
	loc  []int          // the positions handed out
	net  func() (*regexp2.Regexp, error)
}

// Compile reads a pattern. The error tells what java.util.regex refuses.
func Compile(pattern string) (*Regexp, error) {
	p := parser{src: []rune(pattern), names: map[string]int{}}
	whole, err := p.pattern()
	if err != nil {
		return nil, err
	}
	r := &Regexp{groups: p.groups, names: p.names, empty: whole.min == 0, parse: p}
	if whole.literal && len(whole.text) > 0 {
		r.literal = []byte(whole.text)
	}
	if !p.onlyNet {
		if r.re2, err = regexp.Compile(whole.re2); err != nil {
			r.re2 = nil // too large
		} else {
			r.pass = newOnePass(whole.re2)
		}
	}
	r.loc = make([]int, 2*(r.groups+1))
	r.net = sync.OnceValues(func() (*regexp2.Regexp, error) {
		re, err := regexp2.Compile(whole.net, regexp2.OptionMaintainCaptureOrder())
		if err == nil {
			re.MatchTimeout = timeout
		}
		return re, err
	})
	if r.re2 == nil {
		_, err = r.net()
	}
	return r, err
}

// Groups is the number of capturing groups.
func (r *Regexp) Groups() int { return r.groups }

// Group is the number of a named group.
func (r *Regexp) Group(name string) (int, bool) {
	n, ok := r.names[name]
	return n, ok
}

// Literal is the text that the pattern stands for when it has no special characters; nil otherwise.
func (r *Regexp) Literal() []byte { return r.literal }

// linear reports that RE2 gives Java's answer for s.
func (r *Regexp) linear(s []byte) bool {
	switch {
	case r.re2 == nil,
		r.parse.dollar && endsLine(s),
		r.parse.words && !isASCII(s),
		r.parse.lines && (endsLine(s) || bytes.ContainsAny(s, "\r\u0085\u2028\u2029")):
		return false
	}
	return true
}

func endsLine(s []byte) bool {
	last, _ := utf8.DecodeLastRune(s)
	return isTerminator(last)
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
	case r.linear(s):
		if r.pass != nil {
			if found, ok := r.pass.search(s, 0, nil); ok {
				return found, nil
			}
		}
		return r.re2.Match(s), nil
	}
	re, err := r.net()
	if err != nil {
		return false, err
	}
	return re.MatchString(string(s))
}

// All calls yield for each match, left to right, with the byte positions of the match and its groups in pairs, -1 for a
// group without a match, until yield gives false. The positions are yield's until it returns.
func (r *Regexp) All(s []byte, yield func(loc []int) bool) error {
	switch {
	case r.literal != nil:
		r.allLiteral(s, yield)
		return nil
	case !r.linear(s):
		return r.allNet(s, yield)
	case r.pass != nil || !r.parse.looksBack:
		r.allLinear(s, yield)
		return nil
	}
	first := r.re2.FindSubmatchIndex(s)
	switch {
	case first == nil:
		return nil
	case r.empty: // RE2 leaves out an empty match right behind another
		return r.allNet(s, yield)
	}
	for _, loc := range r.re2.FindAllSubmatchIndex(s, -1) {
		if !yield(loc) {
			break
		}
	}
	return nil
}

// First gives the positions of the first match, nil if there is none. They are the caller's until the next search.
func (r *Regexp) First(s []byte) (loc []int, err error) {
	if r.literal == nil && r.linear(s) {
		return r.next(s, 0), nil
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

// allLinear is for patterns that do not look at what is before a match, but for the beginning of the text.
func (r *Regexp) allLinear(s []byte, yield func([]int) bool) {
	for from := 0; from <= len(s); {
		loc := r.next(s, from)
		if loc == nil || !yield(loc) {
			return
		}
		from = loc[1]
		if loc[0] == loc[1] {
			_, size := utf8.DecodeRune(s[from:])
			from += max(size, 1)
		}
	}
}

// next finds the first match from a position on; nil: there is none.
func (r *Regexp) next(s []byte, from int) []int {
	if r.pass != nil {
		switch found, ok := r.pass.search(s, from, r.loc); {
		case found:
			return r.loc
		case ok:
			return nil
		}
	}
	loc := r.re2.FindSubmatchIndex(s[from:])
	for i := range loc {
		if loc[i] >= 0 {
			loc[i] += from
		}
	}
	return loc
}

func (r *Regexp) allNet(s []byte, yield func([]int) bool) error {
	re, err := r.net()
	if err != nil {
		return err
	}
	loc := r.loc
	m, err := re.FindStringMatch(string(s))
	for m != nil && err == nil {
		for i, g := range m.Groups() {
			loc[2*i], loc[2*i+1] = -1, -1
			if len(g.Captures) > 0 {
				at, n := g.ByteRange()
				loc[2*i], loc[2*i+1] = at, at+n
			}
		}
		if !yield(loc) {
			return nil
		}
		m, err = re.FindNextMatch(m)
	}
	return err
}
