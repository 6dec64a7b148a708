package arrow

import "encoding/binary"

// A flatbuffer builds a FlatBuffers message back to front: references only point forward, so targets are written first.
// Positions are counted from the end. (FlatBuffers: internals.)
//
// It is not the runtime of github.com/google/flatbuffers (v25.12.19), because that saves some 90 of these lines and has a price: the head of a
// record batch of 10 columns, 728 bytes in both cases, takes 3.3 µs instead of 1.5 µs, and the module is 19 MB without a go.mod.
type flatbuffer struct {
	b      []byte
	head   int // b[head:] is complete
	fields []int
	start  int // of the current table
}

func (f *flatbuffer) reset() { f.head = len(f.b) }

// pos returns the position of the object written last.
func (f *flatbuffer) pos() int { return len(f.b) - f.head }

// room reserves n bytes in front of the message and returns them.
func (f *flatbuffer) room(n int) []byte {
	if f.head < n {
		grown := make([]byte, 2*len(f.b)+n+256)
		copy(grown[len(grown)-f.pos():], f.b[f.head:])
		f.head += len(grown) - len(f.b)
		f.b = grown
	}
	f.head -= n
	out := f.b[f.head : f.head+n]
	clear(out)
	return out
}

// align pads so that the position is a multiple of size after n more bytes.
func (f *flatbuffer) align(size, n int) {
	if pad := -(f.pos() + n) & (size - 1); pad > 0 {
		f.room(pad)
	}
}

func (f *flatbuffer) uint8(x uint8) { f.room(1)[0] = x }

func (f *flatbuffer) uint16(x uint16) {
	f.align(2, 2)
	binary.LittleEndian.PutUint16(f.room(2), x)
}

func (f *flatbuffer) uint32(x uint32) {
	f.align(4, 4)
	binary.LittleEndian.PutUint32(f.room(4), x)
}

func (f *flatbuffer) uint64(x uint64) {
	f.align(8, 8)
	binary.LittleEndian.PutUint64(f.room(8), x)
}

// reference writes a reference to position to.
func (f *flatbuffer) reference(to int) {
	f.align(4, 4)
	f.uint32(uint32(f.pos() + 4 - to))
}

// text writes a string and returns its position.
func (f *flatbuffer) text(s string) int {
	f.align(4, len(s)+1)
	copy(f.room(len(s)+1), s)
	f.uint32(uint32(len(s)))
	return f.pos()
}

// references writes a vector of references and returns its position.
func (f *flatbuffer) references(to []int) int {
	f.align(4, 4*len(to))
	for i := len(to) - 1; i >= 0; i-- {
		f.reference(to[i])
	}
	f.uint32(uint32(len(to)))
	return f.pos()
}

// pairs writes a vector of structs of two longs and returns its position.
func (f *flatbuffer) pairs(list [][2]int64) int {
	f.align(8, 16*len(list))
	for i := len(list) - 1; i >= 0; i-- {
		f.uint64(uint64(list[i][1]))
		f.uint64(uint64(list[i][0]))
	}
	f.uint32(uint32(len(list)))
	return f.pos()
}

// begin starts a table of n fields. Until end, call set after writing each field.
func (f *flatbuffer) begin(n int) {
	f.fields = append(f.fields[:0], make([]int, n)...)
	f.start = f.pos()
}

// set makes the object written last field number i.
func (f *flatbuffer) set(i int) { f.fields[i] = f.pos() }

func (f *flatbuffer) set8(i int, x uint8)   { f.uint8(x); f.set(i) }
func (f *flatbuffer) set16(i int, x uint16) { f.uint16(x); f.set(i) }
func (f *flatbuffer) set32(i int, x uint32) { f.uint32(x); f.set(i) }
func (f *flatbuffer) set64(i int, x uint64) { f.uint64(x); f.set(i) }
func (f *flatbuffer) setRef(i int, to int)  { f.reference(to); f.set(i) }

// end writes the table's head, preceded by the offsets of its fields.
func (f *flatbuffer) end() int {
	f.uint32(0)
	table := f.pos()
	for i := len(f.fields) - 1; i >= 0; i-- {
		at := uint16(0)
		if f.fields[i] > 0 {
			at = uint16(table - f.fields[i])
		}
		binary.LittleEndian.PutUint16(f.room(2), at)
	}
	size := table - f.start
	binary.LittleEndian.PutUint16(f.room(2), uint16(size))
	binary.LittleEndian.PutUint16(f.room(2), uint16(4+2*len(f.fields)))
	binary.LittleEndian.PutUint32(f.b[len(f.b)-table:], uint32(f.pos()-table))
	return table
}

// finish returns the message whose root is the table at position root.
func (f *flatbuffer) finish(root int) []byte {
	f.align(8, 4)
	f.reference(root)
	return f.b[f.head:]
}
