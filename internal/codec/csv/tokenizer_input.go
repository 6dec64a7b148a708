package csv

import "strconv"

// next reads a character; line ends are read as newLine unless rawEnds is set.
func (t *tokenizer) next() bool {
	if t.pos >= t.end || t.err != nil {
		return false
	}
	t.ch = t.buf[t.pos]
	t.pos++
	if t.tiny && t.pos == t.end {
		t.sep1, t.sep2 = newLine, 0
	}
	if t.ch == t.sep1 && !t.rawEnds {
		if t.sep2 == 0 {
			t.ch = t.newLine
		} else if t.pos < t.end && t.buf[t.pos] == t.sep2 {
			t.ch = t.newLine
			t.pos++
		}
	}
	return true
}

// skipLine reads to the end of a comment line.
func (t *tokenizer) skipLine() bool {
	for t.next() {
		if t.ch == t.newLine {
			return true
		}
	}
	return false
}

func (t *tokenizer) blankToSkip() bool { return t.trimLeft && t.ch <= ' ' }

// skipBlanks reads blanks other than separators, quotes and line ends. At the end of the input, ch is the first of them.
func (t *tokenizer) skipBlanks() bool {
	first := t.ch
	for t.ch <= ' ' && t.ch != t.sep[0] && t.ch != t.newLine && t.ch != t.quote {
		if !t.next() {
			t.ch = first
			return false
		}
	}
	return true
}

// appendUntil reads into value up to one of the stop characters. At the end of the input, ch is the first character read.
func (t *tokenizer) appendUntil(a, b, c byte) bool {
	first := t.ch
	for t.ch != a && t.ch != b && t.ch != c {
		t.append(t.ch)
		if !t.next() {
			t.ch = first
			return false
		}
	}
	return true
}

// skipping reports whether the current column is unwanted, so that nothing of it is kept.
func (t *tokenizer) skipping() bool {
	return t.dropped || t.started && t.skip != nil && (len(t.tokens) >= len(t.skip) || t.skip[len(t.tokens)])
}

// length returns the length of the value being read, or -1 for a skipped column.
func (t *tokenizer) length() int {
	if t.skipping() {
		return -1
	}
	return len(t.value)
}

func (t *tokenizer) append(c byte) {
	if t.skipping() {
		return
	}
	t.value = append(t.value, c)
	if t.maxChars >= 0 && utf16Length(t.value) > t.maxChars {
		t.err = tooManyCharacters(t.maxChars)
	}
}

// A limitError is errTooLong with the limit that was exceeded.
type limitError string

func (e limitError) Error() string      { return string(e) }
func (limitError) Is(target error) bool { return target == errTooLong }

func tooManyColumns(most int) error {
	return limitError("a record has more than " + strconv.Itoa(most) + " columns, which is what the option maxColumns allows")
}

func tooManyCharacters(most int) error {
	return limitError("a field has more than " + strconv.Itoa(most) + " characters, which is what the option maxCharsPerColumn allows")
}

// utf16Length counts characters as Java does.
func utf16Length(b []byte) int {
	n := 0
	for _, c := range b {
		switch {
		case c >= 0xF0:
			n += 2
		case c < 0x80 || c >= 0xC0:
			n++
		}
	}
	return n
}

func (t *tokenizer) add(k token) {
	if len(t.tokens) >= t.maxColumns {
		t.err = tooManyColumns(t.maxColumns)
		return
	}
	t.tokens = append(t.tokens, k)
	t.value, t.dropped = t.value[:0], false
}

func (t *tokenizer) addEmpty() { t.add(noToken) }

// addValue ends the field being read.
func (t *tokenizer) addValue() {
	if t.trim {
		n := len(t.value)
		for n > 0 && t.value[n-1] <= ' ' {
			n--
		}
		t.value = t.value[:n]
	}
	t.addExact()
}

func (t *tokenizer) addExact() {
	switch {
	case t.skipping():
		t.add(noToken)
	case len(t.value) == 0:
		t.addText(t.emptyValue)
	default:
		off := len(t.buf)
		t.buf = append(t.buf, t.value...)
		t.add(token{Off: uint32(off), Len: uint32(len(t.value))})
	}
}

func (t *tokenizer) addText(s string) {
	off := len(t.buf)
	t.buf = append(t.buf, s...)
	t.add(token{Off: uint32(off), Len: uint32(len(s))})
}

// atEnd finishes the record in which the input ended. It returns false if there is none.
func (t *tokenizer) atEnd() bool {
	if t.err != nil {
		return false
	}
	consume := t.consumeAtEnd()
	switch {
	case len(t.tokens) > 0 || consume:
		if t.length() > 0 || consume {
			t.addValue()
		} else if t.pos > t.start {
			t.addEmpty()
		}
	case t.length() > 0:
		t.addValue()
	case t.pos > t.start:
		t.addEmpty()
	default:
		return t.takePending()
	}
	t.started = true
	if len(t.pending) > 0 {
		t.pending = append(t.pending, append([]token(nil), t.tokens...))
		return t.takePending()
	}
	return t.err == nil && len(t.tokens) > 0
}

// consumeAtEnd reports whether the field in which the input ended counts even if it is empty. A quote opened at the very end
// is text.
func (t *tokenizer) consumeAtEnd() bool {
	if t.ch == t.quote {
		if t.prev == t.quote {
			return true
		}
		if !t.unescaped {
			t.append(t.quote)
		}
	}
	isSep := len(t.sep) == 1 && t.ch == t.sep[0] || len(t.sep) > 1 && t.ch == 0
	isComment := t.hasComment && t.ch == t.comment || !t.hasComment && t.ch == '#'
	out := t.prev != 0 && !isSep && t.ch != t.newLine && !isComment
	t.ch, t.prev = 0, 0
	if t.matched > 0 {
		t.saveMatched()
		return true
	}
	return out
}
