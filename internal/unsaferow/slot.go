package unsaferow

import "encoding/binary"

// Slot returns the word of field i of a row with a number of fields, which must be a whole row of that many fields: the value itself if its
// type has a fixed width, or else its offset, shifted left by 32 bits, and its length. null: the field is NULL.
func Slot(row []byte, fields, i int) (word uint64, null bool) {
	null = row[i>>3]>>(i&7)&1 != 0
	return binary.LittleEndian.Uint64(row[(fields+63)>>6<<3+8*i:]), null
}

// SetSlot sets the word of field i of a row with a number of fields, which must not be NULL and have a type of fixed width.
func SetSlot(row []byte, fields, i int, word uint64) {
	binary.LittleEndian.PutUint64(row[(fields+63)>>6<<3+8*i:], word)
}
