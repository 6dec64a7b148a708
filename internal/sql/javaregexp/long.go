package javaregexp

import (
	"io"
	"regexp"
	"unicode/utf8"
)

// Package regexp cannot be interrupted, but it reads characters one by one if it searches an io.RuneReader. That is slower,
// so it is only used for searches that would take long.

const (
	// longSteps is the limit of characters times instructions for uninterruptible searches, a few tenths of a second.
	longSteps = 1 << 24
	// readerSteps is the same product between two checks of Stop.
	readerSteps = 1 << 18
)

func (r *Regexp) long(s []byte) bool { return len(s) > longSteps/max(r.size, 1) }

// A source reads a text. It ends early, with err, if the search has to stop.
type source struct {
	text  []byte
	at    int
	look  int // position of the next check of stop
	every int
	stop  func() error
	err   error
}

func (r *Regexp) source(s []byte) *source {
	return &source{text: s, every: max(readerSteps/max(r.size, 1), 1), stop: r.Stop}
}

// ReadRune returns the next character, and io.EOF at the end.
func (t *source) ReadRune() (c rune, size int, err error) {
	if t.at >= t.look && t.stop != nil {
		t.look = t.at + t.every
		t.err = t.stop()
	}
	if t.at == len(t.text) || t.err != nil {
		return 0, 0, io.EOF
	}
	c, size = utf8.DecodeRune(t.text[t.at:])
	t.at += size
	return c, size, nil
}

// nextLong is next for a long text, or for a pattern that looks at what is before its match.
func (r *Regexp) nextLong(s []byte, from int) (loc []int, err error) {
	if r.parse.looksBack && from > 0 {
		return r.nextBehind(s, from)
	}
	text := r.source(s[from:])
	loc = r.re2.FindReaderSubmatchIndex(text)
	return shift(loc, from), text.err
}

// nextBehind searches with the character before from visible.
func (r *Regexp) nextBehind(s []byte, from int) (loc []int, err error) {
	if r.behind == nil {
		if r.behind, err = regexp.Compile(`\A(?s:.)(?s:.*?)(` + r.re2.String() + `)`); err != nil {
			return nil, err
		}
	}
	_, size := utf8.DecodeLastRune(s[:from])
	s = s[from-size:]
	text := r.source(s)
	if r.long(s) {
		loc = r.behind.FindReaderSubmatchIndex(text)
	} else {
		loc = r.behind.FindSubmatchIndex(s)
	}
	if loc == nil {
		return nil, text.err
	}
	return shift(loc[2:], from-size), text.err
}
