package group

import "encoding/binary"

// textSize is the number of words for a string.
const textSize = 2

// longText marks the second word of a string of more than 15 bytes.
const longText = 0xFF << 56

// textMasks are, by the size of a string, the bits of both words that are its bytes.
var textMasks = func() (masks [16][textSize]uint64) {
	for n := range masks {
		masks[n] = [textSize]uint64{1<<(8*min(n, 8)) - 1, 1<<(8*max(n-8, 0)) - 1}
	}
	masks[8][0] = ^uint64(0)
	return masks
}()

// textWords returns 16 bytes that identify a string of up to 15 bytes: its bytes, zeros and its size. For longer strings they are its
// first 8 bytes, its last 7, and a mark. The string is data[from:to].
func textWords(data []byte, from, to int) (a, b uint64) {
	n := to - from
	switch {
	case n >= len(textMasks):
		return binary.LittleEndian.Uint64(data[from:]), binary.LittleEndian.Uint64(data[to-8:])>>8 | longText
	case from+16 <= len(data):
		w, m := data[from:from+16], &textMasks[n]
		return binary.LittleEndian.Uint64(w) & m[0], binary.LittleEndian.Uint64(w[8:])&m[1] | uint64(n)<<56
	}
	var w [16]byte
	copy(w[:], data[from:to])
	return binary.LittleEndian.Uint64(w[:]), binary.LittleEndian.Uint64(w[8:]) | uint64(n)<<56
}

// loadText loads the words of the strings whose spans have been loaded.
func (c *chunk) loadText(p *part, w int) {
	data, words := c.bytes, c.words[p.from:]
	for k, s := range c.spans[:len(c.rows)] {
		words[k*w], words[k*w+1] = textWords(data, s.from, s.to)
	}
}

// isLong reports whether the words of a key, the last of which are those of its string, do not identify the string.
func isLong(words []uint64) bool { return words[len(words)-1]&longText == longText }
