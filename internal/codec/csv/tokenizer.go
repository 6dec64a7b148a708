package csv

import (
	"errors"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/vector"
)

// A token is a field of a record, either a part of the buffer or noToken.
type token = vector.View

// noToken is a field with no content: NULL unless a replacement text is configured.
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

// Failures of a record that are fatal in every mode.
var (
	errUnescapedQuote = errors.New("unescaped quote in a quoted field")
	errTooLong        = errors.New("a field or a record has more characters or columns than allowed")
	errTrailing       = errors.New("unexpected character after a quoted field")
)

// A dialect describes how fields are written.
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

const newLine = '\n'

// An ending describes how records end in the input.
type ending struct {
	sep1, sep2 byte // sep2 is 0 for a one-character separator
	newLine    byte // what the parser reads it as: the character itself if it is one, else \n
}

// A tokenizer splits records into fields exactly like the parser behind Spark's CSV source (univocity). Users know that
// parser's results, not its rules: what looks arbitrary here (the last field of a line trimmed differently, a quote restored
// to a field that turned out to be unquoted) is observable and recorded in the corpus.
//
// The parser reads characters one by one. At the end of the input, methods that read return false, and atEnd decides what
// happens to the field being read. Fields that are a contiguous part of the input have shortcuts, which apply only if the
// character after the field is available too.
type tokenizer struct {
	dialect
	ending
	tiny    bool   // the whole input has at most four characters: its last character ends a line only if it is \n
	skip    []bool // columns that are not wanted; nil: all are wanted
	started bool   // skip applies from the second record on

	buf        []byte // tokens are parts of it; values that differ from the input are appended
	pos, end   int    // the input is buf[pos:end]
	start      int    // where the record begins
	origin     int    // where the input begins
	ch, prev   byte
	unescaped  bool
	rawEnds    bool // line ends are currently not normalized
	matched    int  // bytes of a longer separator seen so far
	inputEnded bool // the input ended within a longer separator
	trim       bool
	dropped    bool   // the field being read is discarded
	value      []byte // the field being read
	blanks     []byte
	tokens     []token
	pending    [][]token // records found inside a quoted field (backToDelimiter)
	err        error
}

// begin sets the input to buf[from:to], a file or a line of one, without the byte order mark that it may start with.
// (Univocity: AbstractCharInputReader.start.)
func (t *tokenizer) begin(buf []byte, from, to int) {
	from += codec.SkipBOM(buf[from:to])
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

// parse reads fields up to the end of the record. It returns false if the input ended first.
func (t *tokenizer) parse() bool {
	if len(t.sep) > 1 {
		return t.parseLong()
	}
	if t.blankToSkip() && !t.skipBlanks() {
		return false
	}
	for t.ch != t.newLine {
		if t.blankToSkip() && !t.skipBlanks() {
			return false
		}
		if t.ch == t.sep[0] || t.ch == t.newLine {
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
		if t.ch != t.newLine {
			if !t.next() {
				return false
			}
			if t.ch == t.newLine {
				t.addEmpty()
			}
		}
	}
	return true
}

// field reads one non-empty field. again reports that the separator after it was read too, done that the input ended as well.
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
			if t.ch == t.newLine {
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
	if !t.appendUntil(t.sep[0], t.newLine, t.newLine) {
		return false
	}
	t.addValue()
	return true
}

// plainEnd returns the end of the unquoted field that began at pos-1, if the input contains the character that ends it.
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
		// Trimming blanks may run past the start of the field; then the field is empty.
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

// quotedShortcut reads a quoted field without escapes that is followed by a separator or line end.
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

// skipQuoted is quotedShortcut for an unwanted column; it is slightly more lenient about escapes.
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

func (t *tokenizer) stops(c byte) bool { return c == t.sep[0] || c == t.newLine }

func (t *tokenizer) lineEndAt(i int) bool {
	return !t.rawEnds && t.buf[i] == t.sep1 && (t.sep2 == 0 || i+1 < t.end && t.buf[i+1] == t.sep2)
}
