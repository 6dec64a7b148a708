package codec

import "bytes"

// Lines counts the line ends of a text that comes in pieces, where readers cut it.
type Lines struct {
	Sep   []byte // nil: each of \n, \r and \r\n
	Ends  int64
	After byte // the last byte counted: a \n after \r is not a second end
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

// addLong counts separators of several bytes, which may begin in one piece and end in the next.
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

// TextLines tells the lines of places in a text that is in memory. It counts on from the place it was asked for before.
type TextLines struct {
	Sep   []byte // as in Lines
	From  int    // where the text begins in the buffer
	at    int
	lines Lines
}

// At is the line of a place in the buffer: 1 where the text begins.
func (t *TextLines) At(buf []byte, place int) int64 {
	if place < t.at || t.at <= t.From {
		t.at, t.lines = t.From, Lines{Sep: t.Sep}
	}
	t.lines.Add(buf[t.at:place])
	t.at = place
	return t.lines.Ends + 1
}

// longestValue is how much of a value a message shows.
const longestValue = 200

// Shorten cuts a value that is to be shown.
func Shorten(value []byte) []byte {
	if len(value) <= longestValue {
		return value
	}
	return append(append([]byte(nil), value[:longestValue]...), "…"...)
}
