package csv

import (
	"bytes"
	"errors"

	"github.com/streamctl/streamctl/internal/vector"
)

// A token is a field of a record, a part of the buffer, or noToken.
type token = vector.View

// noToken stands for a field with nothing in it: NULL unless a text is put in its place.
var noToken = token{Off: ^uint32(0)}

// quoteHandling says what to do with a quote inside a quoted field that is neither escaped nor closes the field.
type quoteHandling uint8

const (
	stopAtDelimiter quoteHandling = iota
	stopAtClosingQuote
	backToDelimiter
	skipValue
	raiseError
)

// Failures of a record that no mode forgives.
var (
	errUnescapedQuote = errors.New("unescaped quote in a quoted field")
	errTooLong        = errors.New("a field or a record has more characters or columns than allowed")
	errTrailing       = errors.New("unexpected character after a quoted field")
)

// A dialect is how fields are written.
type dialect struct {
	sep                 []byte // one byte or more
	quote, escape       byte
	escapeEscape        byte // 0: none
	comment             byte
	hasComment          bool
	trimLeft, trimRight bool
	handling            quoteHandling
	emptyValue          string
	maxColumns          int
	maxChars            int // -1: unlimited
	keepLineEnds        bool
}

// A tokenizer finds the fields of records in the way of the parser behind Spark's CSV source (univocity), of which users
// know the results, not the rules. What looks arbitrary here (the last field of a line trimmed differently, a quote that is
// put back before a field that turned out to be unquoted) is observable and recorded in the corpus.
//
// The parser reads characters one by one and ends when there are none left: methods that read return false then, and
// atEnd decides what becomes of the field that was being read. It has shortcuts for fields that are a stretch of the
// input as it stands; they apply only if the character after the field is there too.
type tokenizer struct {
	dialect
	sep1, sep2 byte   // line end in the input; sep2 is 0 if it is one byte
	tiny       bool   // a whole input of at most four characters: its last character is no line end but \n
	skip       []bool // columns that nobody wants; nil: all are wanted
	started    bool   // skip holds from the second record on

	buf        []byte // tokens are parts of it; values that differ from the input are appended
	pos, end   int    // the input is buf[pos:end]
	start      int    // where the record began
	origin     int    // where the input began
	ch, prev   byte
	unescaped  bool
	rawEnds    bool // line ends are not normalized just now
	matched    int  // bytes of a longer separator seen so far
	inputEnded bool // while a longer separator was looked for
	trim       bool
	dropped    bool   // nothing is kept of the field being read
	value      []byte // the field being read
	blanks     []byte
	tokens     []token
	pending    [][]token // records found inside a quoted field (backToDelimiter)
	err        error
}

const newLine = '\n'

// begin sets the input to buf[from:to].
func (t *tokenizer) begin(buf []byte, from, to int) {
	t.buf, t.pos, t.end, t.start = buf, from, to, from
	t.value, t.tokens, t.matched, t.rawEnds = t.value[:0], t.tokens[:0], 0, false
	t.ch, t.prev, t.inputEnded, t.dropped = 0, 0, false, false
	t.origin = from
}

// record reads one record into tokens. ok is false if there is none. more is false if the input has ended.
func (t *tokenizer) record() (ok, more bool) {
	t.err = nil
	if t.takePending() {
		return true, true
	}
	for {
		t.start = t.pos
		t.tokens = t.tokens[:0]
		if !t.next() {
			return t.atEnd(), false
		}
		if t.hasComment && t.ch == t.comment {
			if !t.skipLine() {
				return false, false
			}
			continue
		}
		if !t.parse() {
			return t.err == nil && t.atEnd(), false
		}
		if len(t.pending) > 0 {
			t.pending = append(t.pending, append([]token(nil), t.tokens...))
			t.takePending()
		}
		if len(t.tokens) > 0 {
			t.started = true
			return true, true
		}
	}
}

func (t *tokenizer) takePending() bool {
	if len(t.pending) == 0 {
		return false
	}
	t.tokens, t.pending = t.pending[0], t.pending[1:]
	return true
}

// parse reads fields up to the end of the record; it is false if the input ended first.
func (t *tokenizer) parse() bool {
	if len(t.sep) > 1 {
		return t.parseLong()
	}
	if t.blankToSkip() && !t.skipBlanks() {
		return false
	}
	for t.ch != newLine {
		if t.blankToSkip() && !t.skipBlanks() {
			return false
		}
		if t.ch == t.sep[0] || t.ch == newLine {
			t.addEmpty()
		} else {
			goOn, again, done := t.field()
			if !goOn {
				return false
			}
			if done {
				return true
			}
			if again {
				continue
			}
		}
		if t.ch != newLine {
			if !t.next() {
				return false
			}
			if t.ch == newLine {
				t.addEmpty()
			}
		}
	}
	return true
}

// field reads one field that is not empty. again: the separator behind it was read too. done: so was the end of input.
func (t *tokenizer) field() (goOn, again, done bool) {
	t.unescaped, t.prev = false, 0
	if t.ch != t.quote {
		return t.plainField(), false, false
	}
	t.rawEnds = t.keepLineEnds
	if t.quotedShortcut() {
		t.rawEnds = false
		if !t.next() {
			return true, false, true
		}
		if t.ch == t.sep[0] {
			if !t.next() {
				t.addEmpty()
				return true, false, true
			}
			if t.ch == newLine {
				t.addEmpty()
			}
		}
		return true, true, false
	}
	t.trim = false
	if !t.quotedField() {
		return false, false, false
	}
	t.rawEnds = false
	if !(t.unescaped && t.handling == backToDelimiter && t.length() == 0) {
		t.addValue()
	}
	return true, false, false
}

// plainField reads an unquoted field.
func (t *tokenizer) plainField() bool {
	if t.pos < t.end && (t.length() == 0 || t.skipping()) {
		if end, ok := t.plainEnd(); ok && t.fits(t.pos-1, end) {
			from := t.pos - 1
			t.pos = end
			if t.skipping() {
				t.add(noToken)
			} else {
				t.addPlain(from, end)
			}
			return t.next()
		}
	}
	if !t.skipping() {
		t.trim = t.trimRight
	}
	if !t.appendUntil(t.sep[0], newLine, newLine) {
		return false
	}
	t.addValue()
	return true
}

// plainEnd finds the end of the unquoted field that began at pos-1, if what ends it is in the input.
func (t *tokenizer) plainEnd() (int, bool) {
	for i, c := t.pos, t.ch; ; i++ {
		if c == t.sep[0] {
			return i - 1, true
		}
		if i >= t.end {
			return 0, false
		}
		if c == t.sep1 && (t.sep2 == 0 || t.buf[i] == t.sep2) {
			return i - 1, true
		}
		c = t.buf[i]
	}
}

// fits reports whether a field of the input is within the limit of characters.
func (t *tokenizer) fits(from, end int) bool {
	return t.maxChars < 0 || t.skipping() || utf16Length(t.buf[from:end]) <= t.maxChars
}

func (t *tokenizer) addPlain(from, end int) {
	if t.trimRight {
		// The blanks looked at may go back before the field; then nothing is left of it.
		i := end - 1
		for ; i >= 0 && t.buf[i] <= ' '; i-- {
			end--
			if i == t.origin {
				t.err = errTooLong // Spark: ArrayIndexOutOfBoundsException: -1
				return
			}
		}
	}
	if end <= from {
		t.add(noToken)
		return
	}
	t.add(token{Off: uint32(from), Len: uint32(end - from)})
}

// quotedShortcut takes a quoted field without escapes that is followed by a separator or line end.
func (t *tokenizer) quotedShortcut() bool {
	if t.pos >= t.end {
		return false
	}
	if t.skipping() {
		return t.skipQuoted()
	}
	if t.length() != 0 {
		return false
	}
	i := t.pos
	for ; ; i++ {
		if i >= t.end {
			return false
		}
		c := t.buf[i]
		if c == t.quote {
			if t.buf[i-1] == t.escape || i+1 >= t.end || !t.stops(t.buf[i+1]) {
				return false
			}
			break
		}
		if c == t.escape {
			if i+1 < t.end && (t.buf[i+1] == t.quote || t.buf[i+1] == t.escapeEscape) {
				return false
			}
		} else if t.lineEndAt(i) {
			return false
		}
	}
	if !t.fits(t.pos, i) {
		return false
	}
	if i == t.pos {
		t.addText(t.emptyValue)
	} else {
		t.add(token{Off: uint32(t.pos), Len: uint32(i - t.pos)})
	}
	t.pos = i + 1
	return true
}

// skipQuoted is quotedShortcut for a column that nobody wants; it is a little more lenient about escapes.
func (t *tokenizer) skipQuoted() bool {
	for i := t.pos; i < t.end; i++ {
		c := t.buf[i]
		if c == t.quote {
			if t.buf[i-1] == t.escape {
				continue
			}
			if i+1 < t.end && t.stops(t.buf[i+1]) {
				t.add(noToken)
				t.pos = i + 1
				return true
			}
			return false
		}
		if t.lineEndAt(i) {
			return false
		}
	}
	return false
}

func (t *tokenizer) stops(c byte) bool { return c == t.sep[0] || c == newLine }

func (t *tokenizer) lineEndAt(i int) bool {
	return !t.rawEnds && t.buf[i] == t.sep1 && (t.sep2 == 0 || i+1 < t.end && t.buf[i+1] == t.sep2)
}

// quotedField reads a quoted field, character by character, into value.
func (t *tokenizer) quotedField() bool {
	if t.prev != 0 && t.untilDelimiter() {
		return t.restUntilDelimiter()
	}
	if !t.next() {
		return false
	}
	for {
		if t.prev == t.quote && (t.ch <= ' ' || t.stops(t.ch)) {
			break
		}
		if t.ch != t.quote && t.ch != t.escape {
			if t.prev == t.quote {
				return t.unescapedQuote()
			}
			if t.prev == t.escape && t.escape != 0 {
				t.append(t.escape)
			}
			if !t.appendUntil(t.quote, t.escape, t.escapeEscape) { // NUL if there is none
				return false
			}
			t.prev = t.ch
			if !t.next() {
				return false
			}
			continue
		}
		if !t.quoteOrEscape() {
			return false
		}
		t.prev = t.ch
		if !t.next() {
			return false
		}
		if t.unescaped && t.stops(t.ch) {
			return true
		}
	}
	return t.afterQuoted()
}

// untilDelimiter reports the ways of handling that take an unescaped quote as a sign that the field is not quoted.
func (t *tokenizer) untilDelimiter() bool {
	return t.handling == stopAtDelimiter || t.handling == skipValue || t.handling == backToDelimiter
}

// restUntilDelimiter reads on up to the separator: the field was not a quoted one, so its quote is put back.
func (t *tokenizer) restUntilDelimiter() bool {
	if t.handling == skipValue {
		return t.dropValue()
	}
	if !t.skipping() {
		t.value = append(t.value, 0)
		copy(t.value[1:], t.value)
		t.value[0] = t.quote
	}
	if !t.next() {
		return false
	}
	t.trim = t.trimRight
	if len(t.sep) > 1 {
		return t.appendUntilLong()
	}
	return t.appendUntil(t.sep[0], newLine, newLine)
}

// afterQuoted deals with what stands between a closing quote and the separator.
func (t *tokenizer) afterQuoted() bool {
	if !t.stops(t.ch) && t.ch <= ' ' {
		t.blanks = t.blanks[:0]
		for {
			t.blanks = append(t.blanks, t.ch)
			if !t.next() {
				return false
			}
			if t.ch == newLine {
				return true
			}
			if t.ch > ' ' || t.ch == t.sep[0] {
				break
			}
		}
		if t.ch != t.sep[0] && t.handling != raiseError {
			t.notClosed()
			if !t.quotedField() {
				return false
			}
		}
	}
	if !t.stops(t.ch) && t.err == nil {
		t.err = errTrailing
	}
	return t.err == nil
}

// notClosed undoes the closing of a quoted field after which something else than blanks came.
func (t *tokenizer) notClosed() {
	t.append(t.quote)
	if !t.skipping() {
		t.value = append(t.value, t.blanks...)
	}
	if t.untilDelimiter() || t.ch != t.quote && t.ch != t.escape {
		t.append(t.ch)
	}
	t.prev = t.ch
}

// unescapedQuote handles a quote that was followed by something that neither ends nor continues the quoted field.
func (t *tokenizer) unescapedQuote() bool {
	t.unescaped = true
	switch t.handling {
	case backToDelimiter:
		t.splitValue()
		t.append(t.ch)
		t.prev = 0
	case stopAtClosingQuote, stopAtDelimiter:
		t.append(t.quote)
		t.append(t.ch)
		t.prev = t.ch
	case skipValue:
		return t.dropValue()
	default:
		t.err = errUnescapedQuote
		return false
	}
	if len(t.sep) > 1 {
		return t.quotedFieldLong()
	}
	return t.quotedField()
}

// splitValue makes fields (and records) of the value read so far, as if its separators had not been in quotes.
func (t *tokenizer) splitValue() {
	for !t.skipping() {
		i := t.nextDelimiter()
		if i < 0 {
			return
		}
		rest := i + len(t.sep)
		end := t.value[i] == newLine && t.sep[0] != newLine
		if end {
			rest = i + 1
		}
		value, tail := t.value[:i], t.value[rest:]
		t.value = value
		t.trim = false
		t.addExact()
		if end {
			t.pending = append(t.pending, append([]token(nil), t.tokens...))
			t.tokens = t.tokens[:0]
		}
		t.value = append(t.value[:0], tail...)
	}
}

func (t *tokenizer) nextDelimiter() int {
	line := bytes.IndexByte(t.value, newLine)
	i := bytes.Index(t.value, t.sep)
	if line >= 0 && (line < i || i < 0 && len(t.sep) == 1) {
		return line
	}
	return i
}

// quoteOrEscape takes a quote or escape character inside a quoted field.
func (t *tokenizer) quoteOrEscape() bool {
	switch {
	case t.ch == t.escape && t.prev == t.escapeEscape && t.escapeEscape != 0:
		t.append(t.escape)
		t.ch = 0
	case t.prev == t.escape:
		if t.ch == t.quote {
			t.append(t.quote)
			t.ch = 0
		} else {
			t.append(t.prev)
		}
	case t.ch == t.quote && t.prev == t.quote:
		t.append(t.quote)
	case t.prev == t.quote:
		return t.escapeAfterQuote()
	}
	return true
}

// escapeAfterQuote handles an escape character behind what looked like the closing quote.
func (t *tokenizer) escapeAfterQuote() bool {
	switch t.handling {
	case skipValue:
		return t.dropValue()
	case raiseError:
		t.err = errUnescapedQuote
		return false
	}
	t.append(t.quote)
	t.prev = t.ch
	for !t.atDelimiter() {
		if t.err != nil {
			return false
		}
		if t.ch != t.quote && t.ch != t.escape {
			if t.prev == t.quote {
				return t.escapeAfterQuote()
			}
			t.append(t.ch)
		} else if !t.quoteOrEscape() {
			return false
		}
		t.prev = t.ch
		if !t.next() {
			return false
		}
	}
	return true
}

func (t *tokenizer) atDelimiter() bool {
	if len(t.sep) > 1 {
		return t.ch == newLine || t.matchSep()
	}
	return t.stops(t.ch)
}

// dropValue reads on to the separator and leaves nothing of the field.
func (t *tokenizer) dropValue() bool {
	t.value = t.value[:0]
	t.dropped = true
	if len(t.sep) > 1 {
		return t.dropLong()
	}
	return t.appendUntil(t.sep[0], newLine, newLine)
}
