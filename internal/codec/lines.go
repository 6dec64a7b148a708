package codec

import "bytes"

// Lines counts the line ends at which readers split a text that arrives in pieces.
type Lines struct {
	Sep   []byte // nil: each of \n, \r and \r\n
	Ends  int64
	After byte // the last byte counted: \n after \r is not a second line end
	rest  []byte
}

// Add counts the line ends of the next piece.
func (l *Lines) Add(b []byte) {
	if len(b) == 0 {
		return
	}
	switch {
	case l.Sep == nil:
		l.addDefault(b)
	case len(l.Sep) == 1:
		l.Ends += int64(bytes.Count(b, l.Sep))
	default:
		l.addLong(b)
	}
	l.After = b[len(b)-1]
}

func (l *Lines) addDefault(b []byte) {
	l.Ends += int64(bytes.Count(b, []byte{'\n'}))
	if l.After == '\r' && b[0] == '\n' {
		l.Ends--
	}
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '\r')
		if i < 0 {
			return
		}
		at += i + 1
		if at == len(b) || b[at] != '\n' {
			l.Ends++
		}
	}
}

// addLong counts separators of several bytes, which may span pieces.
func (l *Lines) addLong(b []byte) {
	b = append(l.rest, b...)
	for {
		i := bytes.Index(b, l.Sep)
		if i < 0 {
			break
		}
		l.Ends++
		b = b[i+len(l.Sep):]
	}
	l.rest = append([]byte(nil), b[max(0, len(b)-len(l.Sep)+1):]...)
}

// TextLines maps positions in a text in memory to lines. It continues counting from the previous position.
type TextLines struct {
	Sep   []byte // as in Lines
	From  int    // start of the text in the buffer
	at    int
	lines Lines
}

// At returns the line of a position in the buffer; the text begins in line 1.
func (t *TextLines) At(buf []byte, place int) int64 {
	if place < t.at || t.at <= t.From {
		t.at, t.lines = t.From, Lines{Sep: t.Sep}
	}
	t.lines.Add(buf[t.at:place])
	t.at = place
	return t.lines.Ends + 1
}

// longestValue is the number of bytes of a value that a message shows.
const longestValue = 200

// Shorten truncates a value for display.
func Shorten(value []byte) []byte {
	if len(value) <= longestValue {
		return value
	}
	return append(append([]byte(nil), value[:longestValue]...), "…"...)
}
