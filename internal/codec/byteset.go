package codec

import "encoding/binary"

const (
	ones     = 0x0101010101010101
	highBits = 0x80 * ones
)

// A ByteSet is a set of ASCII characters that texts are searched for, eight bytes at a time. The zero value is empty.
type ByteSet struct {
	table [256]bool
	below uint64   // eight times the number that all control characters of the set are less than
	exact []uint64 // each other member, eight times
}

// NewByteSet makes a set of all characters of the texts. Those beyond ASCII are left out.
func NewByteSet(texts ...string) *ByteSet {
	s := &ByteSet{}
	for _, text := range texts {
		for i := range len(text) {
			s.add(text[i])
		}
	}
	return s
}

func (s *ByteSet) add(c byte) {
	switch {
	case c >= 0x80 || s.table[c]:
		return
	case c < ' ':
		s.below = max(s.below, (uint64(c)+1)*ones)
	default:
		s.exact = append(s.exact, uint64(c)*ones)
	}
	s.table[c] = true
}

// Has reports whether c is a member.
func (s *ByteSet) Has(c byte) bool { return s.table[c] }

// Meets reports whether a member is among the n bytes of data from off on. It may look at eight bytes of data that
// begin there.
func (s *ByteSet) Meets(data []byte, off, n int) bool {
	for n >= 8 {
		if s.word(binary.LittleEndian.Uint64(data[off:])) && s.slow(data[off:off+8]) {
			return true
		}
		off, n = off+8, n-8
	}
	switch {
	case n == 0:
		return false
	case off+8 <= len(data): // what is beyond the text is made 0xFF, which is no member
		w := binary.LittleEndian.Uint64(data[off:]) | ^uint64(0)<<(8*n)
		return s.word(w) && s.slow(data[off:off+n])
	}
	return s.slow(data[off : off+n])
}

// word reports whether one of eight bytes may be a member: it is one, or another control character. (Hacker's Delight, 6-1:
// (x-1) & ~x has the high bit of a byte set if that is zero.)
func (s *ByteSet) word(w uint64) bool {
	hit := (w - s.below) &^ w
	for _, c := range s.exact {
		x := w ^ c
		hit |= (x - ones) &^ x
	}
	return hit&highBits != 0
}

func (s *ByteSet) slow(text []byte) bool {
	for _, c := range text {
		if s.table[c] {
			return true
		}
	}
	return false
}
