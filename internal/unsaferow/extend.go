package unsaferow

import "github.com/streamctl/streamctl/internal/types"

// An Extender adds a BIGINT column behind the columns of encoded rows, and removes it again.
type Extender struct {
	fields  int
	offsets []int // columns whose slots hold offsets
}

// NewExtender returns an extender of rows with given types.
func NewExtender(ts []*types.Type) *Extender {
	x := &Extender{fields: len(ts)}
	for i, p := range partsOf(ts) {
		if !p.op.inSlot() {
			x.offsets = append(x.offsets, i)
		}
	}
	return x
}

// Append appends row with last as one more column.
func (x *Extender) Append(dst, row []byte, last int64) []byte {
	bits, head, start := bitBytes(x.fields), headSize(x.fields), len(dst)
	dst = append(dst, row[:bits]...)
	dst = appendZeros(dst, bitBytes(x.fields+1)-bits)
	dst = append(dst, row[bits:head]...)
	dst = little.AppendUint64(dst, uint64(last))
	dst = append(dst, row[head:]...)
	x.shift(dst[start+bitBytes(x.fields+1):], x.growth())
	return dst
}

// Strip appends row, whose last column is the added one, without that column.
func (x *Extender) Strip(dst, row []byte) []byte {
	bits, start := bitBytes(x.fields), len(dst)
	from := bitBytes(x.fields + 1)
	dst = append(dst, row[:bits]...)
	dst = append(dst, row[from:from+8*x.fields]...)
	dst = append(dst, row[from+8*x.fields+8:]...)
	x.shift(dst[start+bits:], -x.growth())
	return dst
}

// growth returns the number of bytes by which Append moves the variable part.
func (x *Extender) growth() int { return headSize(x.fields+1) - headSize(x.fields) }

// shift corrects the offsets in slots for a variable part that was moved. The slot of a NULL without room in that part is 0.
func (x *Extender) shift(slots []byte, by int) {
	for _, i := range x.offsets {
		if slot := slots[8*i:]; little.Uint64(slot) != 0 {
			little.PutUint64(slot, little.Uint64(slot)+uint64(by)<<32)
		}
	}
}
