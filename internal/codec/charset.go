package codec

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A Charset is a character set of text files. nil means UTF-8.
type Charset struct {
	Name  string
	width int // bytes per unit
	max   rune
	order binary.ByteOrder
	mark  bool // the text may begin with a byte order mark
}

// Charsets lists the names that Spark accepts, in the order of its messages.
var Charsets = []string{"iso-8859-1", "us-ascii", "utf-16", "utf-16be", "utf-16le", "utf-32", "utf-8"}

var (
	utf16BE = &Charset{"UTF-16BE", 2, utf8.MaxRune, binary.BigEndian, false}
	utf16LE = &Charset{"UTF-16LE", 2, utf8.MaxRune, binary.LittleEndian, false}
	utf32BE = &Charset{"UTF-32BE", 4, utf8.MaxRune, binary.BigEndian, false}
	utf32LE = &Charset{"UTF-32LE", 4, utf8.MaxRune, binary.LittleEndian, false}

	charsets = map[string]*Charset{
		"utf-8":      nil,
		"iso-8859-1": {"ISO-8859-1", 1, 0xFF, nil, false},
		"us-ascii":   {"US-ASCII", 1, 0x7F, nil, false},
		"utf-16":     {"UTF-16", 2, utf8.MaxRune, binary.BigEndian, true},
		"utf-16be":   utf16BE,
		"utf-16le":   utf16LE,
		"utf-32":     {"UTF-32", 4, utf8.MaxRune, binary.BigEndian, true},
	}
)

// LookupCharset finds a character set by name, ignoring case; ok is false if Spark does not accept the name.
func LookupCharset(name string) (cs *Charset, ok bool) {
	cs, ok = charsets[strings.ToLower(name)]
	return cs, ok
}

// ByMark returns the character set that the byte order mark at the beginning of b indicates, and the length of the mark.
func ByMark(b []byte) (cs *Charset, length int, ok bool) {
	has := func(mark ...byte) bool { return len(b) >= len(mark) && slices.Equal(b[:len(mark)], mark) }
	switch {
	case has(0xEF, 0xBB, 0xBF):
		return nil, 3, true
	case has(0xFF, 0xFE, 0, 0):
		return utf32LE, 4, true
	case has(0, 0, 0xFE, 0xFF):
		return utf32BE, 4, true
	case has(0xFE, 0xFF):
		return utf16BE, 2, true
	case has(0xFF, 0xFE):
		return utf16LE, 2, true
	}
	return nil, 0, false
}

// ByFirstBytes detects the character set of JSON text by its byte order mark, whose length it also returns, or by zero bytes.
func ByFirstBytes(b []byte) (cs *Charset, length int) {
	if by, n, ok := ByMark(b); ok {
		return by, n
	}
	return ByZeros(b), 0
}

// ByZeros guesses the character set of JSON text from the positions of zeros in its first bytes (RFC 4627).
func ByZeros(b []byte) *Charset {
	if len(b) >= 4 {
		switch {
		case b[0] == 0 && b[1] == 0 && b[2] == 0 && b[3] != 0:
			return utf32BE
		case b[0] != 0 && b[1] == 0 && b[2] == 0 && b[3] == 0:
			return utf32LE
		}
	}
	if len(b) >= 2 {
		switch {
		case b[0] == 0 && b[1] != 0:
			return utf16BE
		case b[0] != 0 && b[1] == 0:
			return utf16LE
		}
	}
	return nil
}

// AppendEncoded appends text in the character set, with ? for characters that it lacks.
func (c *Charset) AppendEncoded(dst []byte, text string) []byte {
	if c == nil {
		return append(dst, text...)
	}
	if c.mark && c.width == 2 {
		dst = c.order.(binary.AppendByteOrder).AppendUint16(dst, mark)
	}
	return c.appendUnits(dst, text)
}

func (c *Charset) appendUnits(dst []byte, text string) []byte {
	for _, r := range text {
		switch {
		case c.width == 1 && r > c.max:
			dst = append(dst, '?')
		case c.width == 1:
			dst = append(dst, byte(r))
		case c.width == 4:
			dst = c.order.(binary.AppendByteOrder).AppendUint32(dst, uint32(r))
		default:
			for _, u := range utf16.AppendRune(nil, r) {
				dst = c.order.(binary.AppendByteOrder).AppendUint16(dst, u)
			}
		}
	}
	return dst
}

// LineSep returns the bytes at which Spark splits lines. In UTF-16 they start with a byte order mark, as does any string that
// Java encodes on its own, so a UTF-16 file is a single line.
func (c *Charset) LineSep(text string) []byte { return c.AppendEncoded(nil, text) }

// maxUnit is how many bytes a byte of UTF-8 becomes at most.
const maxUnit = 4

const mark = '\uFEFF'

// AppendText converts b from the character set to valid UTF-8; malformed input becomes U+FFFD.
func (c *Charset) AppendText(dst, b []byte) []byte {
	if c == nil {
		return AppendRepaired(dst, b)
	}
	if c.width == 1 {
		for _, x := range b {
			if rune(x) > c.max {
				dst = append(dst, "\uFFFD"...)
			} else {
				dst = utf8.AppendRune(dst, rune(x))
			}
		}
		return dst
	}
	order, b := c.byteOrder(b)
	for len(b) >= c.width {
		r, n := c.decode(order, b)
		dst, b = utf8.AppendRune(dst, r), b[n:]
	}
	if len(b) > 0 {
		dst = append(dst, "\uFFFD"...)
	}
	return dst
}

// byteOrder returns the byte order given by a mark at the beginning of b, if the character set allows one, and b without the
// mark.
func (c *Charset) byteOrder(b []byte) (order binary.ByteOrder, rest []byte) {
	if c.mark {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			if n, ok := c.markIn(order, b); ok {
				return order.(binary.ByteOrder), b[n:]
			}
		}
	}
	return c.order, b
}

// markIn reports whether b begins with a byte order mark in the given order, and the length of the mark.
func (c *Charset) markIn(order binary.AppendByteOrder, b []byte) (length int, ok bool) {
	var text []byte
	if c.width == 2 {
		text = order.AppendUint16(nil, mark)
	} else {
		text = order.AppendUint32(nil, mark)
	}
	return len(text), bytes.HasPrefix(b, text)
}

// decode reads the character at the beginning of b, which holds at least one unit.
func (c *Charset) decode(order binary.ByteOrder, b []byte) (r rune, n int) {
	if c.width == 4 {
		return rune(order.Uint32(b)), 4 // AppendRune writes U+FFFD for invalid code points
	}
	r = rune(order.Uint16(b))
	if !utf16.IsSurrogate(r) {
		return r, 2
	}
	if len(b) >= 4 {
		if pair := utf16.DecodeRune(r, rune(order.Uint16(b[2:]))); pair != utf8.RuneError {
			return pair, 4
		}
	}
	return utf8.RuneError, 2
}

// AppendRepaired appends b with U+FFFD for each malformed part. Parts are counted as Java does: the longest incomplete prefix
// of a character is one part, and so is an encoded surrogate.
func AppendRepaired(dst, b []byte) []byte {
	for len(b) > 0 {
		if r, n := utf8.DecodeRune(b); r != utf8.RuneError || n > 1 {
			dst = append(dst, b[:n]...)
			b = b[n:]
			continue
		}
		dst = append(dst, "\uFFFD"...)
		b = b[malformedLength(b):]
	}
	return dst
}

// RepairTail repairs dst[from:], in place if it is valid UTF-8, as it nearly always is. Java's strings, which Spark's writers
// print, cannot hold anything else.
func RepairTail(dst []byte, from int) []byte {
	if utf8.Valid(dst[from:]) {
		return dst
	}
	return AppendRepaired(dst[:from], append([]byte(nil), dst[from:]...))
}

// malformedLength returns the length of the malformed part at the beginning of b.
func malformedLength(b []byte) int {
	var n int
	low, high := byte(0x80), byte(0xBF)
	switch c := b[0]; {
	case c >= 0xC2 && c <= 0xDF:
		n = 2
	case c == 0xE0:
		n, low = 3, 0xA0
	case c >= 0xE1 && c <= 0xEF:
		n = 3
	case c == 0xF0:
		n, low = 4, 0x90
	case c >= 0xF1 && c <= 0xF3:
		n = 4
	case c == 0xF4:
		n, high = 4, 0x8F
	default:
		return 1
	}
	for i := 1; i < n; i++ {
		if i >= len(b) || b[i] < low || b[i] > high {
			return i
		}
		low, high = 0x80, 0xBF
	}
	return n // a surrogate
}
