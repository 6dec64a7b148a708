package valuetext

import (
	"math"
	"unicode/utf16"
	"unicode/utf8"
)

// needsEscape marks the bytes that JSON strings must escape.
var needsEscape = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = true
	}
	t['"'], t['\\'] = true, true
	return t
}()

// AppendJSONText appends s as a quoted JSON string, escaping characters beyond ASCII if asciiOnly is set.
func AppendJSONText(dst, s []byte, asciiOnly bool) []byte {
	return append(AppendJSONEscaped(append(dst, '"'), s, asciiOnly), '"')
}

// AppendJSONEscaped appends what AppendJSONText has between the quotes.
func AppendJSONEscaped(dst, s []byte, asciiOnly bool) []byte {
	from := 0
	for i, c := range s {
		if !needsEscape[c] && (c < utf8.RuneSelf || !asciiOnly) {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		if c < utf8.RuneSelf {
			dst = appendEscape(dst, c)
		} else if utf8.RuneStart(c) {
			r, _ := utf8.DecodeRune(s[i:])
			for _, u := range utf16.AppendRune(nil, r) {
				dst = appendHex4(dst, u)
			}
		}
	}
	return append(dst, s[from:]...)
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendHex4(dst, uint16(c))
}

func appendHex4(dst []byte, u uint16) []byte {
	const hex = "0123456789ABCDEF"
	return append(dst, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
}

// AppendJSONNumber appends the text of a number, quoted if JSON cannot represent it (NaN, infinities).
func AppendJSONNumber(dst []byte, x float64, text []byte) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(append(append(dst, '"'), text...), '"')
	}
	return append(dst, text...)
}
