package function

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// Positions and lengths in strings count characters as Spark does: the first byte determines the length of a character, and a
// byte that cannot start one counts as a character. In valid UTF-8, characters are code points.

// charLen returns the length of the character at the start of s.
func charLen(s []byte) int {
	n := 1
	switch c := s[0]; {
	case c < 0xC2 || c > 0xF4:
	case c < 0xE0:
		n = 2
	case c < 0xF0:
		n = 3
	default:
		n = 4
	}
	return min(n, len(s))
}

// isASCII reports whether every byte is a character. It may check the last bytes twice.
func isASCII(s []byte) bool {
	switch {
	case len(s) >= 8:
		bits := binary.LittleEndian.Uint64(s[len(s)-8:])
		for ; len(s) > 8; s = s[8:] {
			bits |= binary.LittleEndian.Uint64(s)
		}
		return bits&highBits == 0
	case len(s) >= 4:
		return (binary.LittleEndian.Uint32(s)|binary.LittleEndian.Uint32(s[len(s)-4:]))&(highBits>>32) == 0
	}
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// countChars returns the number of characters.
func countChars(s []byte) int {
	if isASCII(s) {
		return len(s)
	}
	n := 0
	for len(s) > 0 {
		s = s[charLen(s):]
		n++
	}
	return n
}

// skipChars returns the byte position after n characters, or the length of s if there are fewer.
func skipChars(s []byte, n int) int {
	if n >= len(s) {
		return len(s)
	}
	if n >= 4 && isASCII(s[:n]) {
		return n
	}
	at := 0
	for ; n > 0 && at < len(s); n-- {
		if s[at] < utf8.RuneSelf {
			at++
		} else {
			at += charLen(s[at:])
		}
	}
	return at
}

// substring implements SUBSTRING(s, pos, length): pos counts from 1, or from the end if negative, and 0 is treated as 1. A
// range that starts before the string is clipped.
func substring(s []byte, pos, length int) []byte {
	if pos >= 0 {
		from := skipChars(s, max(pos, 1)-1)
		return s[from : from+skipChars(s[from:], length)]
	}
	start := countChars(s) + pos
	return slice(s, start, clampInt(start+length))
}

// slice returns the characters in [start, end); a start before the string is clipped.
func slice(s []byte, start, end int) []byte {
	if end <= start {
		return s[:0]
	}
	from := skipChars(s, start)
	return s[from : from+skipChars(s[from:], end-max(start, 0))]
}

// substringBytes is substring with every byte as a character.
func substringBytes(s []byte, pos, length int) []byte {
	start := 0
	switch {
	case pos > 0:
		start = pos - 1
	case pos < 0:
		start = len(s) + pos
	}
	end := min(clampInt(start+length), len(s))
	start = max(start, 0)
	if start >= end {
		return s[:0]
	}
	return s[start:end]
}

func clampInt(n int) int { return max(math.MinInt32, min(n, math.MaxInt32)) }
