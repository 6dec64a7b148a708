package accumulate

import (
	"encoding/binary"
	"errors"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
)

// The bytes of items in a sketch are those of Apache DataSketches: bits, numbers with or without a byte for their type, or texts after their length.

// layout returns how numbers are written: the byte for the type, or 0, and the size; 0, 0 for other values.
func (f frequentItem) layout() (kind byte, size int) {
	switch f.t.Kind.Storage() {
	case types.KindByte:
		return byteItem, 1
	case types.KindShort:
		return shortItem, 2
	case types.KindInt:
		return intItem, 4
	case types.KindFloat:
		return floatItem, 4
	case types.KindLong, types.KindDouble:
		return 0, 8
	case types.KindDecimal:
		switch {
		case f.t.Precision <= intDigits:
			return intItem, 4
		case f.t.Precision <= longDigits:
			return 0, 8
		}
	}
	return 0, 0
}

// encode appends the bytes of items.
func (f frequentItem) encode(dst []byte, items []string) []byte {
	if f.t.Kind == types.KindBoolean {
		at := len(dst)
		dst = append(dst, make([]byte, (len(items)+7)/8)...)
		for i, item := range items {
			dst[at+i/8] |= item[0] << (i % 8)
		}
		return dst
	}
	kind, size := f.layout()
	for _, item := range items {
		if kind != 0 {
			dst = append(dst, kind)
		}
		if size > 0 {
			dst = append(dst, f.word([]byte(item))[:size]...)
			continue
		}
		b := []byte(item)
		if f.t.Kind == types.KindDecimal {
			b = shortest(b)
		}
		dst = append(binary.LittleEndian.AppendUint32(dst, uint32(len(b))), b...)
	}
	return dst
}

// word is an item as a little-endian word.
func (f frequentItem) word(item []byte) []byte {
	if f.t.Kind != types.KindDecimal {
		return item
	}
	return binary.LittleEndian.AppendUint64(nil, decimalOf(item).Lo)
}

// shortest cuts leading bytes off a number in two's complement that say nothing about it. (Java: BigInteger.toByteArray.)
func shortest(b []byte) []byte {
	for len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		b = b[1:]
	}
	return b
}

var errItems = errors.New("its items are damaged, or have another type")

// decode returns n items from their bytes.
func (f frequentItem) decode(b []byte, n int) ([][]byte, error) {
	items := make([][]byte, 0, min(n, len(b)+1))
	if f.t.Kind == types.KindBoolean {
		if len(b) != (n+7)/8 {
			return nil, errItems
		}
		for i := range n {
			items = append(items, binary.LittleEndian.AppendUint64(nil, uint64(b[i/8]>>(i%8)&1)))
		}
		return items, nil
	}
	for range n {
		item, rest, err := f.decodeOne(b)
		if err != nil {
			return nil, err
		}
		items, b = append(items, item), rest
	}
	if len(b) > 0 {
		return nil, errItems
	}
	return items, nil
}

func (f frequentItem) decodeOne(b []byte) (item, rest []byte, err error) {
	kind, size := f.layout()
	if kind != 0 {
		if len(b) == 0 || b[0] != kind {
			return nil, nil, errItems
		}
		b = b[1:]
	}
	if size == 0 {
		if len(b) < 4 {
			return nil, nil, errItems
		}
		size, b = int(binary.LittleEndian.Uint32(b)), b[4:]
	}
	if size > len(b) || f.t.Kind == types.KindDecimal && (size == 0 || size > 16) {
		return nil, nil, errItems
	}
	item, rest = b[:size:size], b[size:]
	switch k, fixed := f.layout(); {
	case f.t.Kind == types.KindDecimal:
		item = wide(item, fixed > 0)
	case fixed > 0:
		item = widened(item, k)
	}
	return item, rest, nil
}

// widened is a little-endian number as a word, with the sign of an integer.
func widened(b []byte, kind byte) []byte {
	fill := byte(0)
	if kind != floatItem && b[len(b)-1] >= 0x80 {
		fill = 0xff
	}
	for len(b) < 8 {
		b = append(b, fill)
	}
	return b
}

// wide is a number as two big-endian words.
func wide(b []byte, little bool) []byte {
	if little {
		return appendDecimal(nil, decimal.FromInt64(int64(binary.LittleEndian.Uint64(widened(b, 0)))))
	}
	out := make([]byte, 16)
	if b[0] >= 0x80 {
		for i := range out {
			out[i] = 0xff
		}
	}
	copy(out[16-len(b):], b)
	return out
}
