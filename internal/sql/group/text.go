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

// loadText loads strings and their words: 16 bytes that identify a string of up to 15 bytes, which are its bytes, zeros and its size. For
// longer strings, they are its first 8 bytes, its last 7, and a mark.
func (c *chunk) loadText(l *layout, p *part) {
	data, views, w := p.v.Data, p.v.Views, l.words
	words, spans := c.words[p.from:], c.spans[:len(c.rows)]
	c.bytes, c.long = data, false
	for k, i := range c.positions(l, p) {
		from, n := int(views[i].Off), int(views[i].Len)
		if p.valid != nil && !p.valid.Get(int(i)) {
			from, n = 0, 0
		}
		spans[k] = span{from, from + n}
		pair := words[k*w : k*w+textSize]
		if n < len(textMasks) && from+16 <= len(data) {
			bytes, m := (*[16]byte)(data[from:]), &textMasks[n]
			pair[0] = binary.LittleEndian.Uint64(bytes[:8]) & m[0]
			pair[1] = binary.LittleEndian.Uint64(bytes[8:])&m[1] | uint64(n)<<56
			continue
		}
		pair[0], pair[1] = textWords(data[from : from+n])
		c.long = c.long || n >= len(textMasks)
	}
}

// textWords is loadText for strings that are long, or at the end of the data.
func textWords(text []byte) (a, b uint64) {
	n := len(text)
	if n >= len(textMasks) {
		return binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[n-8:])>>8 | longText
	}
	var w [16]byte
	copy(w[:], text)
	return binary.LittleEndian.Uint64(w[:]), binary.LittleEndian.Uint64(w[8:]) | uint64(n)<<56
}

// isLong reports whether the words of a key, the last of which are those of its string, do not identify the string.
func isLong(words []uint64) bool { return words[len(words)-1]&longText == longText }
