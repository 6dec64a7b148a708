package json

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/vector"
)

// Limits of the JSON parser behind Spark (Jackson's StreamReadConstraints).
const (
	maxDepth        = 1000
	maxNumberLength = 1000
)

// A scanner reads JSON text from buf[pos:end]. Methods return false if the text is not JSON; pos is then meaningless.
type scanner struct {
	syntax
	buf      []byte // strings with escapes are appended in decoded form
	pos, end int
	depth    int

	surrogate bool // a string contains an unpaired surrogate
}

// A kind is the kind of a token, in Jackson's terms.
type kind uint8

const (
	noToken kind = iota
	object
	array
	text
	integer
	float
	boolTrue
	boolFalse
	null
)

var kindNames = [...]string{"NOT_AVAILABLE", "START_OBJECT", "START_ARRAY", "VALUE_STRING", "VALUE_NUMBER_INT", "VALUE_NUMBER_FLOAT",
	"VALUE_TRUE", "VALUE_FALSE", "VALUE_NULL"}

// blanks skips white space, and comments if they are allowed.
func (s *scanner) blanks() bool {
	for s.pos < s.end {
		switch s.buf[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		case '/':
			if !s.comments || !s.comment() {
				return false
			}
		default:
			return true
		}
	}
	return true
}

func (s *scanner) comment() bool {
	rest := s.buf[s.pos:s.end]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		n := bytes.IndexAny(rest, "\r\n")
		if n < 0 {
			n = len(rest)
		}
		s.pos += n
		return true
	case bytes.HasPrefix(rest, []byte("/*")):
		n := bytes.Index(rest[2:], []byte("*/"))
		if n < 0 {
			return false
		}
		s.pos += n + 4
		return true
	}
	return false
}

// peek returns the next byte after blanks, or 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < s.end && s.buf[s.pos] > ' ' && s.buf[s.pos] != '/' {
		return s.buf[s.pos]
	}
	if !s.blanks() || s.pos >= s.end {
		return 0
	}
	return s.buf[s.pos]
}

// begin reads the start of a value: scalars other than strings completely, and nothing of strings, objects and arrays. view
// is the text of a scalar in buf.
func (s *scanner) begin() (k kind, view vector.View, ok bool) {
	switch c := s.peek(); {
	case c == '{':
		return object, view, true
	case c == '[':
		return array, view, true
	case c == '"' || c == '\'' && s.singleQuotes:
		return text, view, true
	case c == 't':
		return s.word(boolTrue, "true")
	case c == 'f':
		return s.word(boolFalse, "false")
	case c == 'n':
		return s.word(null, "null")
	case c == 'N':
		return s.nonNumber("NaN")
	case c == 'I':
		return s.nonNumber("Infinity")
	case c == '+':
		return s.nonNumber("+Infinity", "+INF")
	case c == '-' && s.pos+1 < s.end && s.buf[s.pos+1] == 'I':
		return s.nonNumber("-Infinity", "-INF")
	case c == '-' || c-'0' <= 9:
		return s.number()
	}
	return noToken, view, false
}

func (s *scanner) word(k kind, w string) (kind, vector.View, bool) {
	from, to := s.pos, s.pos+len(w)
	if to > s.end || string(s.buf[from:to]) != w || to < s.end && isNamePart(s.buf[to]) {
		return noToken, vector.View{}, false
	}
	s.pos = to
	return k, vector.View{Off: uint32(from), Len: uint32(len(w))}, true
}

func (s *scanner) nonNumber(words ...string) (kind, vector.View, bool) {
	if s.nonNumeric {
		for _, w := range words {
			if k, view, ok := s.word(float, w); ok {
				return k, view, true
			}
		}
	}
	return noToken, vector.View{}, false
}

func isNamePart(c byte) bool {
	return c == '_' || c == '$' || c|0x20 >= 'a' && c|0x20 <= 'z' || c-'0' <= 9 || c >= utf8.RuneSelf
}

// number reads a number.
func (s *scanner) number() (k kind, view vector.View, ok bool) {
	b, from, i := s.buf[:s.end], s.pos, s.pos
	if b[i] == '-' {
		i++
	}
	whole := digits(b[i:])
	if whole == 0 || whole > 1 && b[i] == '0' && !s.leadingZeros {
		return noToken, view, false
	}
	i += whole
	k = integer
	if i < len(b) && b[i] == '.' {
		n := digits(b[i+1:])
		if n == 0 {
			return noToken, view, false
		}
		i += 1 + n
		k = float
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		n := digits(b[i:])
		if n == 0 {
			return noToken, view, false
		}
		i += n
		k = float
	}
	if i-from > maxNumberLength {
		return noToken, view, false
	}
	s.pos = i
	return k, vector.View{Off: uint32(from), Len: uint32(i - from)}, true
}

func digits(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}

// stops marks the bytes at which string must look more closely.
var stops = func() (t [256]bool) {
	for c := range t {
		t[c] = c < ' ' || c >= utf8.RuneSelf
	}
	t['"'], t['\''], t['\\'] = true, true, true
	return t
}()

// string reads a quoted string. view is its decoded content without quotes.
func (s *scanner) string() (view vector.View, ok bool) {
	b, quote := s.buf[:s.end], s.buf[s.pos]
	from := s.pos + 1
	if quote == '"' && !s.slow {
		if end, plain := plainString(b, s.pos); plain {
			s.pos = end
			return vector.View{Off: uint32(from), Len: uint32(end - 1 - from)}, true
		}
	}
	wide := false
	for i := from; i < len(b); i++ {
		if !stops[b[i]] {
			continue
		}
		switch c := b[i]; {
		case c == quote:
			s.pos = i + 1
			return vector.View{Off: uint32(from), Len: uint32(i - from)}, !wide || utf8.Valid(b[from:i])
		case c == '\\':
			return s.escaped(quote, from, i)
		case c < ' ' && !s.controls:
			return view, false
		case c >= utf8.RuneSelf:
			wide = true
		}
	}
	return view, false
}

// escaped continues at the backslash at i in a string that began at from.
func (s *scanner) escaped(quote byte, from, i int) (view vector.View, ok bool) {
	off := len(s.buf)
	s.buf = append(s.buf, s.buf[from:i]...)
	for i < s.end {
		c := s.buf[i]
		switch {
		case c == quote:
			s.pos = i + 1
			view = vector.View{Off: uint32(off), Len: uint32(len(s.buf) - off)}
			return view, utf8.Valid(s.buf[off:])
		case c == '\\':
			n, ok := s.escape(i + 1)
			if !ok {
				return view, false
			}
			i += 1 + n
			continue
		case c < ' ' && !s.controls:
			return view, false
		}
		s.buf = append(s.buf, c)
		i++
	}
	return view, false
}

// escape appends the character of the escape sequence at i (after the backslash) and returns its length.
func (s *scanner) escape(i int) (n int, ok bool) {
	if i >= s.end {
		return 0, false
	}
	c := s.buf[i]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.unicodeEscape(i)
	default:
		if !s.anyEscape && !(c == '\'' && s.singleQuotes) {
			return 0, false
		}
		if c >= utf8.RuneSelf {
			_, n := utf8.DecodeRune(s.buf[i:s.end])
			s.buf = append(s.buf, s.buf[i:i+n]...)
			return n, true
		}
	}
	s.buf = append(s.buf, c)
	return 1, true
}

// unicodeEscape appends the character of \uXXXX or of a surrogate pair. An unpaired surrogate becomes ?, as in Java.
func (s *scanner) unicodeEscape(i int) (n int, ok bool) {
	r, ok := s.hex(i + 1)
	if !ok {
		return 0, false
	}
	if !utf16.IsSurrogate(r) {
		s.buf = utf8.AppendRune(s.buf, r)
		return 5, true
	}
	if i+6 < s.end && s.buf[i+5] == '\\' && s.buf[i+6] == 'u' {
		if low, ok := s.hex(i + 7); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				s.buf = utf8.AppendRune(s.buf, pair)
				return 11, true
			}
		}
	}
	s.surrogate = true
	s.buf = append(s.buf, '?')
	return 5, true
}

func (s *scanner) hex(i int) (r rune, ok bool) {
	if i+4 > s.end {
		return 0, false
	}
	for _, c := range s.buf[i : i+4] {
		switch {
		case c-'0' <= 9:
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// name reads the name of a field and the colon.
func (s *scanner) name() (view vector.View, ok bool) {
	switch c := s.peek(); {
	case c == '"' || c == '\'' && s.singleQuotes:
		view, ok = s.string()
	case s.unquotedNames && isNamePart(c) && (c < '0' || c > '9'):
		from := s.pos
		for s.pos < s.end && isNamePart(s.buf[s.pos]) {
			s.pos++
		}
		view, ok = vector.View{Off: uint32(from), Len: uint32(s.pos - from)}, true
	}
	if !ok || s.peek() != ':' {
		return view, false
	}
	s.pos++
	return view, true
}

// open enters an object or array; more is false if it is empty.
func (s *scanner) open(closing byte) (more, ok bool) {
	s.pos++
	s.depth++
	if s.depth > maxDepth {
		return false, false
	}
	return s.notClosed(closing), true
}

func (s *scanner) notClosed(closing byte) bool {
	if s.peek() != closing {
		return true
	}
	s.pos++
	s.depth--
	return false
}

// next advances to the next member; more is false if there is none.
func (s *scanner) next(closing byte) (more, ok bool) {
	switch s.peek() {
	case ',':
		s.pos++
		return true, true
	case closing:
		s.pos++
		s.depth--
		return false, true
	}
	return false, false
}

// skipRest skips the part of a value that begin has not read.
func (s *scanner) skipRest(k kind) bool {
	switch k {
	case text:
		mark := len(s.buf)
		_, ok := s.string()
		s.buf = s.buf[:mark]
		return ok
	case object:
		more, ok := s.open('}')
		for more && ok {
			mark := len(s.buf)
			if _, ok = s.name(); !ok {
				break
			}
			s.buf = s.buf[:mark]
			if !s.skip() {
				return false
			}
			more, ok = s.next('}')
		}
		return ok
	case array:
		more, ok := s.open(']')
		for more && ok {
			if !s.skip() {
				return false
			}
			more, ok = s.next(']')
		}
		return ok
	}
	return true
}
