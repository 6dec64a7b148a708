package csv

import "bytes"

// Quoted fields that are not a contiguous part of the input.

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

// untilDelimiter reports whether unescaped-quote handling treats such a quote as a sign that the field is not quoted.
func (t *tokenizer) untilDelimiter() bool {
	return t.handling == stopAtDelimiter || t.handling == skipValue || t.handling == backToDelimiter
}

// restUntilDelimiter continues up to the separator: the field was not a quoted one, so its quote is restored.
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
	return t.appendUntil(t.sep[0], t.newLine, t.newLine)
}

// afterQuoted handles what follows a closing quote, up to the separator.
func (t *tokenizer) afterQuoted() bool {
	if !t.stops(t.ch) && t.ch <= ' ' {
		t.blanks = t.blanks[:0]
		for {
			t.blanks = append(t.blanks, t.ch)
			if !t.next() {
				return false
			}
			if t.ch == t.newLine {
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

// notClosed reverts the closing of a quoted field that was followed by something other than blanks.
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

// unescapedQuote handles a quote followed by something that neither ends nor continues the quoted field.
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

// splitValue splits the value read so far into fields (and records), as if its separators were not quoted.
func (t *tokenizer) splitValue() {
	for !t.skipping() {
		i := t.nextDelimiter()
		if i < 0 {
			return
		}
		rest := i + len(t.sep)
		end := t.value[i] == t.newLine && t.sep[0] != t.newLine
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
	line := bytes.IndexByte(t.value, t.newLine)
	i := bytes.Index(t.value, t.sep)
	if line >= 0 && (line < i || i < 0 && len(t.sep) == 1) {
		return line
	}
	return i
}

// quoteOrEscape reads a quote or escape character inside a quoted field.
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

// escapeAfterQuote handles an escape character after an apparent closing quote.
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
		return t.ch == t.newLine || t.matchSep()
	}
	return t.stops(t.ch)
}

// dropValue reads on to the separator and discards the field.
func (t *tokenizer) dropValue() bool {
	t.value = t.value[:0]
	t.dropped = true
	if len(t.sep) > 1 {
		return t.dropLong()
	}
	return t.appendUntil(t.sep[0], t.newLine, t.newLine)
}
