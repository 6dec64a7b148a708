// Package unsaferow converts rows of columns to the bytes of Spark's UnsafeRow and back, the format of the rows in Spark's state stores.
//
// A row of n fields has ⌈n/64⌉ words of NULL bits, n slots of 8 bytes, and a variable part, all little-endian. A value of up to 8 bytes is
// in its slot. For others, the slot holds offset<<32 | length of bytes in the variable part, which are padded to words. Offsets count from
// the start of the row. (Spark: UnsafeRow, UnsafeRowWriter, UnsafeArrayData, UnsafeMapData.)
package unsaferow

import (
	"encoding/binary"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
)

var little = binary.LittleEndian

// An op is the way in which values of a type are stored.
type op uint8

const (
	opVoid op = iota
	opBool
	opByte
	opShort
	opInt
	opLong
	opFloat
	opDouble
	opDecimal // of up to 18 digits
	opWide    // decimal of more digits
	opInterval
	opBytes
	opStruct
	opArray
	opMap
)

// maxNarrow is the number of digits up to which a decimal is stored as a long. (Spark: Decimal.MAX_LONG_DIGITS.)
const maxNarrow = 18

// wideSize is the size of what a row (not an array) reserves for a wide decimal or a calendar interval, also if it is NULL, so that Spark can
// change the value in place.
const wideSize = 16

// A part is a column, a field, or the elements of an array.
type part struct {
	op    op
	width int // bytes per element of an array
	typ   *types.Type
	parts []part // fields; element; key and value
}

func partOf(t *types.Type) part {
	p := part{typ: t, width: 8}
	switch t.Kind.Storage() {
	case types.KindBoolean:
		p.op, p.width = opBool, 1
	case types.KindByte:
		p.op, p.width = opByte, 1
	case types.KindShort:
		p.op, p.width = opShort, 2
	case types.KindInt:
		p.op, p.width = opInt, 4
	case types.KindFloat:
		p.op, p.width = opFloat, 4
	case types.KindLong:
		p.op = opLong
	case types.KindDouble:
		p.op = opDouble
	case types.KindDecimal:
		p.op = opDecimal
		if t.Precision > maxNarrow {
			p.op = opWide
		}
	case types.KindInterval:
		p.op = opInterval
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary, types.KindVariant:
		p.op = opBytes
	case types.KindStruct:
		p.op = opStruct
		for _, f := range t.Fields {
			p.parts = append(p.parts, partOf(f.Type))
		}
	case types.KindArray:
		p.op, p.parts = opArray, []part{partOf(t.Elem)}
	case types.KindMap:
		p.op, p.parts = opMap, []part{partOf(t.Key), partOf(t.Elem)}
	}
	return p
}

func partsOf(ts []*types.Type) []part {
	parts := make([]part, len(ts))
	for i, t := range ts {
		parts[i] = partOf(t)
	}
	return parts
}

// inSlot reports whether values are in their slot. The others are in the variable part.
func (o op) inSlot() bool { return o <= opDecimal }

// reserved reports whether a row reserves room in the variable part, also for NULL.
func (o op) reserved() bool { return o == opWide || o == opInterval }

// nullSize returns the size in the slot of a NULL for which there is room: Spark stores 0 for a decimal, and the whole room for an interval.
func (o op) nullSize() uint64 {
	if o == opInterval {
		return wideSize
	}
	return 0
}

// bitBytes returns the size in bytes of the NULL bits of n fields or elements.
func bitBytes(n int) int { return (n + 63) >> 6 << 3 }

// headSize returns the size in bytes of a row of n fields without its variable part.
func headSize(n int) int { return bitBytes(n) + 8*n }

// padded rounds a size up to whole words.
func padded(n int) int { return (n + 7) &^ 7 }

// appendShortest appends the shortest two's complement, big-endian. (Java: BigInteger.toByteArray.)
func appendShortest(dst []byte, d decimal.Int128) []byte {
	var b [wideSize]byte
	binary.BigEndian.PutUint64(b[:], uint64(d.Hi))
	binary.BigEndian.PutUint64(b[8:], d.Lo)
	from, sign := 0, byte(d.Hi>>63)
	for from < wideSize-1 && b[from] == sign && (b[from+1]^sign) < 0x80 {
		from++
	}
	return append(dst, b[from:]...)
}

// readShortest reverses appendShortest for at least one and at most wideSize bytes.
func readShortest(src []byte) decimal.Int128 {
	var b [wideSize]byte
	if src[0] >= 0x80 {
		for i := range b {
			b[i] = 0xff
		}
	}
	copy(b[wideSize-len(src):], src)
	return decimal.Int128{Hi: int64(binary.BigEndian.Uint64(b[:])), Lo: binary.BigEndian.Uint64(b[8:])}
}
