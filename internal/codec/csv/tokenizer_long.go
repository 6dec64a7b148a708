package csv

// Separators of several characters. The parser behind Spark's CSV source has a second state machine for them, without
// shortcuts and with different treatment of blanks.

func (t *tokenizer) parseLong() bool {
	if t.blankToSkip() && !t.skipBlanksLong() {
		return false
	}
	for t.ch != t.newLine {
		if t.blankToSkip() && !t.skipBlanksLong() {
			return false
		}
		if t.ch == t.newLine || t.matchSep() {
			t.addEmpty()
		} else if t.inputEnded || !t.fieldLong() {
			return false
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

func (t *tokenizer) fieldLong() bool {
	t.unescaped, t.prev = false, 0
	if t.ch == t.quote && t.length() == 0 {
		t.rawEnds = t.keepLineEnds
		t.trim = false
		if !t.quotedFieldLong() {
			return false
		}
		t.rawEnds = false
		if !(t.unescaped && t.handling == backToDelimiter && t.length() == 0) {
			t.addValue()
		}
		return true
	}
	if !t.appendUntilLong() {
		return false
	}
	trim := t.trim // also applies to the value in which the input ends
	t.trim = trim || t.trimRight
	t.addValue()
	t.trim = trim
	return true
}

// matchSep reads a separator. If only a prefix of it is found, that becomes part of the value. At the end of the input it
// returns false with matched > 0.
func (t *tokenizer) matchSep() bool {
	if !t.matchSepAfterQuote() {
		if !t.inputEnded {
			t.saveMatched()
		}
		return false
	}
	return true
}

func (t *tokenizer) matchSepAfterQuote() bool {
	for t.ch == t.sep[t.matched] {
		t.matched++
		if t.matched == len(t.sep) {
			t.matched = 0
			return true
		}
		if !t.next() {
			t.inputEnded = true
			return false
		}
	}
	return false
}

func (t *tokenizer) saveMatched() {
	n := t.matched
	t.matched = 0
	if n < len(t.sep) {
		for _, c := range t.sep[:n] {
			t.append(c)
		}
	}
}

func (t *tokenizer) skipBlanksLong() bool {
	for t.ch <= ' ' && t.ch != t.newLine && t.ch != t.quote {
		if !t.next() {
			return false
		}
		if t.sep[t.matched] == t.ch && t.matchSep() {
			t.addEmpty()
			if !t.next() {
				return false
			}
		}
		if t.inputEnded {
			return false
		}
	}
	t.saveMatched()
	return true
}

func (t *tokenizer) appendUntilLong() bool {
	for t.ch != t.newLine {
		switch {
		case t.sep[t.matched] == t.ch:
			t.matched++
			if t.matched == len(t.sep) {
				t.matched = 0
				return true
			}
		case t.matched > 0:
			t.saveMatched()
			continue
		default:
			t.append(t.ch)
		}
		if !t.next() {
			return false
		}
	}
	t.saveMatched()
	return true
}

func (t *tokenizer) dropLong() bool {
	for t.matched < len(t.sep) && t.ch != t.newLine {
		if t.sep[t.matched] == t.ch {
			t.matched++
		} else {
			t.matched = 0
		}
		if !t.next() {
			return false
		}
	}
	return true
}

// quotedFieldLong is quotedField for a long separator.
func (t *tokenizer) quotedFieldLong() bool {
	if t.prev != 0 && t.untilDelimiter() {
		if !t.restUntilDelimiter() {
			return false
		}
		return t.afterQuotedLong()
	}
	if !t.next() {
		return false
	}
	for {
		if t.prev == t.quote && t.ch <= ' ' {
			break
		}
		if t.prev == t.quote && t.matchSep() {
			return true
		}
		if t.inputEnded {
			return false
		}
		if t.ch != t.quote && t.ch != t.escape {
			if t.prev == t.quote {
				return t.unescapedQuote()
			}
			if t.prev == t.escape && t.escape != 0 {
				t.append(t.escape)
			}
			if !t.appendUntil(t.quote, t.escape, t.escapeEscape) {
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
		if t.unescaped && (t.ch == t.newLine || t.matchSep()) {
			return true
		}
		if t.inputEnded {
			return false
		}
	}
	return t.afterQuotedLong()
}

// afterQuotedLong is afterQuoted for a long separator.
func (t *tokenizer) afterQuotedLong() bool {
	if t.ch == t.newLine || t.ch > ' ' || t.matchSepAfterQuote() {
		return !t.inputEnded
	}
	t.blanks = t.blanks[:0]
	for {
		t.blanks = append(t.blanks, t.ch)
		if !t.next() {
			return false
		}
		if t.ch == t.newLine || t.matchSepAfterQuote() {
			return true
		}
		if t.inputEnded {
			return false
		}
		if t.ch > ' ' {
			break
		}
	}
	if t.handling == raiseError || t.matchSepAfterQuote() {
		return !t.inputEnded
	}
	t.notClosed()
	// From here on the parser expects a NUL as separator.
	sep := t.sep
	t.sep = []byte{0}
	ok := t.quotedField()
	t.sep = sep
	return ok
}
