package decimal

import (
	"encoding/binary"
	"math/bits"
)

const (
	ones  = 0x0101010101010101
	zeros = '0' * ones // eight digits
)

// EightDigits parses eight ASCII digits packed into a word, the first one in the lowest byte. It combines two, four, then
// eight digits at a time.
func EightDigits(w uint64) (v uint64, ok bool) {
	if ((w+(0x7F-'9')*ones)|(w-zeros))&(0x80*ones) != 0 {
		return 0, false
	}
	w -= zeros
	w = w*10 + w>>8
	const bytes = 0x000000FF000000FF
	return (w&bytes*(100+1000000<<32) + w>>16&bytes*(1+10000<<32)) >> 32, true
}

// ShortInteger parses n ASCII digits, 1 to 8, from the low bytes of a word; the first digit is in the lowest byte.
func ShortInteger(w uint64, n int) (v int64, ok bool) {
	missing := uint(64 - 8*n)
	u, ok := EightDigits(w<<missing | zeros&(1<<missing-1))
	return int64(u), ok
}

// shortWord packs 1 to 8 bytes into a word, the first one in the lowest byte.
func shortWord(b []byte) uint64 {
	n := len(b)
	switch {
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<(8*(n-4))
	case n >= 2:
		return uint64(binary.LittleEndian.Uint16(b)) | uint64(b[n-1])<<(8*(n-1))
	}
	return uint64(b[0])
}

// shortPlain parses 1 to 8 digits, optionally with a decimal point among them.
func shortPlain(digits []byte) (v int64, decimals int, plain bool) {
	w, n := shortWord(digits), len(digits)
	x := w ^ '.'*ones
	point := (x - ones) &^ x & (0x80 * ones) // only its lowest set bit is reliable
	if point == 0 {
		v, plain = ShortInteger(w, n)
		return v, 0, plain
	}
	at := bits.TrailingZeros64(point) >> 3
	if at >= n || n == 1 {
		return 0, 0, false
	}
	before := uint64(1)<<(8*at) - 1
	v, plain = ShortInteger(w&before|w>>8&^before, n-1)
	return v, n - 1 - at, plain
}
