package json

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// The functions named plain handle what every syntax allows: no escapes, comments, single quotes or control characters, and
// at most 60 levels. For anything else they return false, whether it is JSON or not; then the scanner decides.

// skip skips an unwanted value.
func (s *scanner) skip() bool {
	if !s.slow {
		if to, ok := plainValue(s.buf[:s.end], s.pos, s.depth); ok {
			s.pos = to
			return true
		}
	}
	k, _, ok := s.begin()
	if !ok {
		return false
	}
	return s.skipRest(k)
}

// plainValue returns the end of the value at i; levels is the number of levels open around it.
func plainValue(b []byte, i, levels int) (end int, ok bool) {
	i = plainBlanks(b, i)
	if i >= len(b) {
		return 0, false
	}
	switch b[i] {
	case '"':
		return plainString(b, i)
	case '{', '[':
		return plainContainer(b, i, 0, 0, levels)
	}
	return plainScalar(b, i)
}

// plainRest returns the end of an object, starting after one of its values.
func plainRest(b []byte, i, levels int) (end int, ok bool) {
	i = plainBlanks(b, i)
	if i < len(b) && b[i] == '}' {
		return i + 1, true
	}
	if i >= len(b) || b[i] != ',' {
		return 0, false
	}
	if i, ok = plainName(b, i+1); !ok {
		return 0, false
	}
	return plainContainer(b, i, 1, 1, levels)
}

// plainContainer continues with the value at i until all levels are closed. objects has one bit for each of depth open
// levels, 1 for an object.
func plainContainer(b []byte, i int, objects uint64, depth, levels int) (end int, ok bool) {
	for {
		i = plainBlanks(b, i)
		if i >= len(b) {
			return 0, false
		}
		switch c := b[i]; c {
		case '"':
			i, ok = plainString(b, i)
		case '{', '[':
			if depth == 60 || levels+depth >= maxDepth {
				return 0, false
			}
			i = plainBlanks(b, i+1)
			if ok = i < len(b) && b[i] == c+2; ok { // } or ]
				i++
				break
			}
			objects, depth = objects<<1, depth+1
			if c == '{' {
				objects |= 1
				if i, ok = plainName(b, i); !ok {
					return 0, false
				}
			}
			continue
		default:
			i, ok = plainScalar(b, i)
		}
		if !ok {
			return 0, false
		}
		if i, objects, depth, ok = plainClose(b, i, objects, depth); !ok || depth == 0 {
			return i, ok
		}
		if objects&1 == 1 {
			if i, ok = plainName(b, i); !ok {
				return 0, false
			}
		}
	}
}

// plainClose reads what follows a value: the ends of levels, and the comma before the next value.
func plainClose(b []byte, i int, objects uint64, depth int) (int, uint64, int, bool) {
	for depth > 0 {
		i = plainBlanks(b, i)
		if i >= len(b) {
			return 0, 0, 0, false
		}
		switch closing := byte(']') + byte(objects&1)<<5; b[i] {
		case ',':
			return i + 1, objects, depth, true
		case closing:
			i++
			objects, depth = objects>>1, depth-1
		default:
			return 0, 0, 0, false
		}
	}
	return i, objects, depth, true
}

func plainBlanks(b []byte, i int) int {
	if i < len(b) && b[i] > ' ' {
		return i
	}
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// plainName reads the name of a member and the colon.
func plainName(b []byte, i int) (end int, ok bool) {
	i = plainBlanks(b, i)
	if i >= len(b) || b[i] != '"' {
		return 0, false
	}
	if i, ok = plainString(b, i); !ok {
		return 0, false
	}
	i = plainBlanks(b, i)
	return i + 1, i < len(b) && b[i] == ':'
}

// plainString reads a string, eight bytes at a time.
func plainString(b []byte, i int) (end int, ok bool) {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	from, wide := i+1, uint64(0)
	for i = from; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		quote, slash := x^('"'*ones), x^('\\'*ones)
		found := ((quote-ones)&^quote | (slash-ones)&^slash | (x-' '*ones)&^x) & tops
		wide |= x & tops
		if found != 0 { // bits above the first byte found may be false positives, those below are correct
			i += bits.TrailingZeros64(found) >> 3
			return i + 1, b[i] == '"' && (wide == 0 || utf8.Valid(b[from:i]))
		}
	}
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, wide == 0 || utf8.Valid(b[from:i])
		case c == '\\' || c < ' ':
			return 0, false
		}
		wide |= uint64(b[i] & utf8.RuneSelf)
	}
	return 0, false
}

// plainScalar reads a number or a word.
func plainScalar(b []byte, i int) (end int, ok bool) {
	from := i
	if b[i] == '-' {
		i++
	}
	whole := digits(b[i:])
	if whole == 0 {
		return plainWord(b, from)
	}
	if whole > 1 && b[i] == '0' {
		return 0, false
	}
	if i += whole; i < len(b) && (b[i] == '.' || b[i]|0x20 == 'e') {
		if i, ok = plainFraction(b, i); !ok {
			return 0, false
		}
	}
	return i, i-from <= maxNumberLength
}

// plainFraction continues a number at its point or exponent.
func plainFraction(b []byte, i int) (end int, ok bool) {
	if b[i] == '.' {
		n := digits(b[i+1:])
		if n == 0 {
			return 0, false
		}
		i += 1 + n
	}
	if i == len(b) || b[i]|0x20 != 'e' {
		return i, true
	}
	if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
		i++
	}
	n := digits(b[i:])
	return i + n, n > 0
}

func plainWord(b []byte, i int) (end int, ok bool) {
	for _, word := range []string{"true", "false", "null"} {
		if end = i + len(word); end <= len(b) && string(b[i:end]) == word {
			return end, end == len(b) || !isNamePart(b[end])
		}
	}
	return 0, false
}

// plainMember returns the start of the value of the first member with the given name in the object at i that is not null. If
// there is none, value is -1 and end is the end of the object.
func plainMember(b []byte, i int, name string, levels int) (value, end int, ok bool) {
	if i = plainBlanks(b, i); i >= len(b) || b[i] != '{' {
		return 0, 0, false
	}
	for {
		from := plainBlanks(b, i+1)
		if i, ok = plainName(b, from); !ok {
			return 0, 0, false
		}
		i = plainBlanks(b, i)
		if quoted := b[from+1:]; i < len(b) && b[i] != 'n' && len(quoted) > len(name) && string(quoted[:len(name)]) == name && quoted[len(name)] == '"' {
			return i, 0, true
		}
		if i, ok = plainValue(b, i, levels+1); !ok {
			return 0, 0, false
		}
		if i = plainBlanks(b, i); i >= len(b) {
			return 0, 0, false
		}
		switch b[i] {
		case '}':
			return -1, i + 1, true
		case ',':
		default:
			return 0, 0, false
		}
	}
}

// plainExtract is Extract for a path of names that leads to a string or integer.
func plainExtract(dst, text []byte, path Path) (out []byte, found, ok bool) {
	i := 0
	for level, s := range path {
		if s.kind != byName {
			return dst, false, false
		}
		var end int
		switch i, end, ok = plainMember(text, i, s.name, level); {
		case !ok:
			return dst, false, false
		case i < 0: // another member of the same name may have more, if there is one
			return dst, false, level == 0 && end > 0
		}
	}
	end, ok := plainValue(text, i, len(path))
	if !ok {
		return dst, false, false
	}
	value := text[i:end]
	switch c := value[0]; {
	case c == '"':
		value = value[1 : len(value)-1]
	case c-'1' > 8 || bytes.ContainsAny(value, ".eE"):
		return dst, false, false
	}
	for level := range path {
		if end, ok = plainRest(text, end, len(path)-level); !ok {
			return dst, false, false
		}
	}
	return append(dst, value...), true, true
}
