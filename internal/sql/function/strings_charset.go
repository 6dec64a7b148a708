package function

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

const charsets = "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8"

func charsetError(function string, charset []byte) error {
	return sparkerr.New("INVALID_PARAMETER_VALUE.CHARSET", "parameter", "`charset`", "functionName", "`"+function+"`",
		"charset", string(charset), "charsets", charsets)
}

func malformed(function string, charset []byte) error {
	return sparkerr.New("MALFORMED_CHARACTER_CODING", "function", "`"+function+"`", "charset", string(charset))
}

// encodeText appends the first argument, encoded in the character set named by the second.
func encodeText(r *row, dst []byte) ([]byte, error) {
	s, charset := r.java(0), r.text(1)
	switch r.keyword(1) {
	case "UTF-8":
		return append(dst, s...), nil
	case "US-ASCII":
		return appendNarrow(&r.Steps, dst, s, 0x7F, charset)
	case "ISO-8859-1":
		return appendNarrow(&r.Steps, dst, s, 0xFF, charset)
	case "UTF-16":
		if len(s) > 0 {
			dst = append(dst, 0xFE, 0xFF)
		}
		return appendUTF16(&r.Steps, dst, s, binary.BigEndian), nil
	case "UTF-16BE":
		return appendUTF16(&r.Steps, dst, s, binary.BigEndian), nil
	case "UTF-16LE":
		return appendUTF16(&r.Steps, dst, s, binary.LittleEndian), nil
	case "UTF-32":
		for len(s) > 0 {
			r.Take(1)
			var c rune
			c, s = nextRune(s)
			dst = binary.BigEndian.AppendUint32(dst, uint32(c))
		}
		return dst, nil
	}
	return nil, charsetError("encode", charset)
}

func appendNarrow(steps *halt.Steps, dst, s []byte, last rune, charset []byte) ([]byte, error) {
	for len(s) > 0 {
		steps.Take(1)
		var c rune
		if c, s = nextRune(s); c > last {
			return nil, malformed("encode", charset)
		}
		dst = append(dst, byte(c))
	}
	return dst, nil
}

func appendUTF16(steps *halt.Steps, dst, s []byte, order binary.AppendByteOrder) []byte {
	for len(s) > 0 {
		steps.Take(1)
		var c rune
		c, s = nextRune(s)
		if high, low := utf16.EncodeRune(c); high != utf8.RuneError {
			dst = order.AppendUint16(order.AppendUint16(dst, uint16(high)), uint16(low))
		} else {
			dst = order.AppendUint16(dst, uint16(c))
		}
	}
	return dst
}

// decodeText appends the first argument, decoded from the character set named by the second.
func decodeText(r *row, dst []byte) ([]byte, error) {
	s, charset := r.text(0), r.text(1)
	ok := true
	switch r.keyword(1) {
	case "UTF-8":
		dst, ok = append(dst, s...), utf8.Valid(s)
	case "US-ASCII":
		dst, ok = append(dst, s...), isASCII(s)
	case "ISO-8859-1":
		for _, c := range s {
			r.Take(1)
			dst = utf8.AppendRune(dst, rune(c))
		}
	case "UTF-16":
		var order binary.ByteOrder = binary.BigEndian
		if len(s) >= 2 && (s[0] == 0xFE && s[1] == 0xFF || s[0] == 0xFF && s[1] == 0xFE) {
			if s[0] == 0xFF {
				order = binary.LittleEndian
			}
			s = s[2:]
		}
		dst, ok = appendFromUTF16(&r.Steps, dst, s, order)
	case "UTF-16BE":
		dst, ok = appendFromUTF16(&r.Steps, dst, s, binary.BigEndian)
	case "UTF-16LE":
		dst, ok = appendFromUTF16(&r.Steps, dst, s, binary.LittleEndian)
	case "UTF-32":
		dst, ok = appendFromUTF32(&r.Steps, dst, s)
	default:
		return nil, charsetError("decode", charset)
	}
	if !ok {
		return nil, malformed("decode", charset)
	}
	return dst, nil
}

func appendFromUTF16(steps *halt.Steps, dst, s []byte, order binary.ByteOrder) ([]byte, bool) {
	for ; len(s) >= 2; s = s[2:] {
		steps.Take(1)
		c := rune(order.Uint16(s))
		if utf16.IsSurrogate(c) {
			if len(s) < 4 {
				return dst, false
			}
			if c = utf16.DecodeRune(c, rune(order.Uint16(s[2:]))); c == utf8.RuneError {
				return dst, false
			}
			s = s[2:]
		}
		dst = utf8.AppendRune(dst, c)
	}
	return dst, len(s) == 0
}

func appendFromUTF32(steps *halt.Steps, dst, s []byte) ([]byte, bool) {
	var order binary.ByteOrder = binary.BigEndian
	if len(s) >= 4 && string(s[:4]) == "\xFF\xFE\x00\x00" {
		order = binary.LittleEndian
	}
	if len(s) >= 4 && order.Uint32(s) == 0xFEFF {
		s = s[4:]
	}
	for ; len(s) >= 4; s = s[4:] {
		steps.Take(1)
		c := order.Uint32(s)
		if c > utf8.MaxRune || utf16.IsSurrogate(rune(c)) {
			return dst, false
		}
		dst = utf8.AppendRune(dst, rune(c))
	}
	return dst, len(s) == 0
}

// utf8Functions check and repair strings that may not be valid UTF-8.
func utf8Functions() []*expr.Function {
	entry := func(name, doc, example, result string, t *types.Type, compile compiler) *expr.Function {
		return &expr.Function{
			Name: name, Group: "string_funcs", Usage: name + "(str)", Doc: doc, Example: example, Result: result, MinArgs: 1, MaxArgs: 1,
			Resolve: nullable(returns(t, coerce.String)), Compile: compile,
		}
	}
	return []*expr.Function{
		entry("is_valid_utf8", "Whether the string is valid UTF-8.", "is_valid_utf8('Spark')", "true", types.Boolean,
			eachBool(func(r *row) bool { return utf8.Valid(r.text(0)) })),
		entry("make_valid_utf8", "The string with invalid UTF-8 replaced by U+FFFD.", "make_valid_utf8(X'61FF')", "a\uFFFD", types.String,
			eachText(func(r *row, dst []byte) []byte { return appendValid(&r.Steps, dst, r.text(0)) })),
		entry("validate_utf8", "The string, or an error if it is not valid UTF-8.", "validate_utf8('Spark')", "Spark", types.String,
			eachRow(validateUTF8)),
		entry("try_validate_utf8", "The string, or NULL if it is not valid UTF-8.", "try_validate_utf8(X'FF')", "NULL", types.String,
			eachRow(func(r *row) error {
				if utf8.Valid(r.text(0)) {
					r.setBytes(r.text(0))
				} else {
					r.setNull()
				}
				return nil
			})),
	}
}

// java returns the string of argument k as a Java string holds it: U+FFFD replaces invalid UTF-8. It may be a copy.
func (r *row) java(k int) []byte {
	return javaText(&r.Steps, r.text(k))
}

// togetherValid reports whether the strings of all rows are in one Data slice that is valid UTF-8 and consists mostly of
// them.
func togetherValid(v *vector.Vector, n int, sel vector.Selection) bool {
	if v.IsConst() {
		return false
	}
	low, high, total := len(v.Data), 0, 0
	for k := range kernel.Count(n, sel) {
		w := v.Views[kernel.Row(sel, k)]
		low, high, total = min(low, int(w.Off)), max(high, int(w.Off+w.Len)), total+int(w.Len)
	}
	return high-low < 2*total && utf8.Valid(v.Data[low:high])
}

func javaText(steps *halt.Steps, s []byte) []byte {
	if utf8.Valid(s) {
		return s
	}
	return appendValid(steps, nil, s)
}

// appendValid replaces each longest incomplete prefix of a character by one replacement character.
func appendValid(steps *halt.Steps, dst, s []byte) []byte {
	for len(s) > 0 {
		steps.Take(1)
		c, size := utf8.DecodeRune(s)
		if c == utf8.RuneError && size == 1 {
			size = brokenLen(s)
		}
		dst = utf8.AppendRune(dst, c)
		s = s[size:]
	}
	return dst
}

// brokenLen returns the length of the incomplete character at the start of s, at least 1.
func brokenLen(s []byte) int {
	n := 1
	for want := charLen(append(s[:1:1], 0, 0, 0)); n < want && n < len(s); n++ {
		low, high := byte(0x80), byte(0xBF)
		if n == 1 {
			switch s[0] {
			case 0xE0:
				low = 0xA0
			case 0xED:
				high = 0x9F
			case 0xF0:
				low = 0x90
			case 0xF4:
				high = 0x8F
			}
		}
		if s[n] < low || s[n] > high {
			break
		}
	}
	return n
}

func validateUTF8(r *row) error {
	s := r.text(0)
	if utf8.Valid(s) {
		r.setBytes(s)
		return nil
	}
	var shown []byte
	for len(s) > 0 {
		r.Take(1)
		c, size := utf8.DecodeRune(s)
		if c == utf8.RuneError && size == 1 {
			shown = append(append(shown, '\\', 'x'), upperHex[s[0]>>4], upperHex[s[0]&15])
		} else {
			shown = append(shown, s[:size]...)
		}
		s = s[size:]
	}
	return sparkerr.New("INVALID_UTF8_STRING", "str", string(shown))
}
