package function

import (
	"bytes"
	"encoding/binary"

	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// textEnds is a required prefix and suffix. Up to eight bytes of each are compared as one word.
type textEnds struct {
	prefix, suffix         []byte
	prefixWord, suffixWord uint64
	prefixMask, suffixMask uint64
}

func newTextEnds(prefix, suffix []byte) *textEnds {
	var first, last [8]byte
	copy(first[:], prefix)
	tail := suffix[max(0, len(suffix)-8):]
	copy(last[8-len(tail):], tail)
	return &textEnds{
		prefix: prefix, suffix: suffix,
		prefixWord: binary.LittleEndian.Uint64(first[:]), prefixMask: lowBytes(len(prefix)),
		suffixWord: binary.LittleEndian.Uint64(last[:]), suffixMask: ^lowBytes(8 - len(tail)),
	}
}

// lowBytes returns a mask of the low n bytes, at most 8.
func lowBytes(n int) uint64 {
	if n >= 8 {
		return ^uint64(0)
	}
	return 1<<(8*n) - 1
}

// matchAll matches the strings of a flat vector. It returns false for patterns of another form.
func (p *likePattern) matchAll(n int, sel vector.Selection, v *vector.Vector, out []bool) bool {
	if p.ends == nil {
		return false
	}
	e, data := *p.ends, v.Data
	least := uint32(len(e.prefix) + len(e.suffix))
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		w := v.Views[i]
		s := data[w.Off : w.Off+w.Len]
		switch {
		case w.Len >= 8 && least <= 8: // no further branch: results are seldom foreseen
			out[i] = (binary.LittleEndian.Uint64(s)^e.prefixWord)&e.prefixMask|(binary.LittleEndian.Uint64(s[len(s)-8:])^e.suffixWord)&e.suffixMask == 0
		default:
			out[i] = w.Len >= least && bytes.HasPrefix(s, e.prefix) && bytes.HasSuffix(s, e.suffix)
		}
	}
	return true
}
