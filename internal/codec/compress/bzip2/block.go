package bzip2

import "sync"

// encoders are shared by all writers, because few of many open files compress a block at a time.
var encoders = sync.Pool{New: func() any { return new(encoder) }}

// An encoder holds the memory for compressing a block.
type encoder struct {
	text    []byte   // the rotation of the block that is first in order
	order   []int32  // starts of its rotations, in order
	symbols []uint16 // of the block: lengths of zero runs, positions in the list of recent bytes, and the end
	freq    [maxSymbols]int
	alpha   int // number of different symbols
	trees   trees
}

// The symbols of a block. (bzip2: BZ_RUNA, BZ_RUNB.)
const (
	runA       = 0 // a digit 1 of the length of a run of zeros, to base 2 with digits 1 and 2
	runB       = 1 // a digit 2
	maxSymbols = 258
)

// encode writes the block without its checksum.
func (e *encoder) encode(out *bitWriter, block []byte) {
	first := leastRotation(block)
	e.text = append(append(e.text[:0], block[first:]...), block[:first]...)
	out.write(uint64(e.transform((len(block)-first)%len(block))), 24)
	var used [256]bool
	for _, b := range block {
		used[b] = true
	}
	writeUsed(out, &used)
	e.moveToFront(&used)
	e.trees.fit(e.symbols, e.freq[:e.alpha])
	e.trees.write(out, e.symbols, e.alpha)
}

// transform sorts the rotations of the text and returns the index of the one from origin. The suffixes of a text that is its own first rotation
// have the same order as its rotations: where a suffix ends, its rotation goes on with what is first in order.
func (e *encoder) transform(origin int) int {
	n := len(e.text)
	if cap(e.order) < n {
		e.order = make([]int32, n)
	}
	e.order = e.order[:n]
	sortSuffixes(e.text, e.order, 256)
	for i, start := range e.order {
		if int(start) == origin {
			return i
		}
	}
	panic("bzip2: a rotation is missing")
}

// writeUsed writes which bytes occur: 16 bits for the ranges of 16 bytes, and 16 bits for each range that has any.
func writeUsed(out *bitWriter, used *[256]bool) {
	var ranges uint64
	var in [16]uint64
	for b, is := range used {
		if is {
			ranges |= 1 << (15 - b/16)
			in[b/16] |= 1 << (15 - b%16)
		}
	}
	out.write(ranges, 16)
	for _, bits := range in {
		if bits != 0 {
			out.write(bits, 16)
		}
	}
}

// moveToFront turns the last column of the sorted rotations into symbols, and counts them.
func (e *encoder) moveToFront(used *[256]bool) {
	var list [256]byte // the bytes that occur, the most recent first
	n := 0
	for b, is := range used {
		if is {
			list[n] = byte(b)
			n++
		}
	}
	e.alpha = n + 2
	e.freq = [maxSymbols]int{}
	e.symbols = e.symbols[:0]
	zeros := 0
	for _, start := range e.order {
		if start == 0 {
			start = int32(len(e.text))
		}
		b := e.text[start-1]
		if b == list[0] {
			zeros++
			continue
		}
		e.zeroRun(zeros)
		zeros = 0
		at, moved := 0, list[0]
		for moved != b {
			at++
			moved, list[at] = list[at], moved
		}
		list[0] = b
		e.add(uint16(at + 1))
	}
	e.zeroRun(zeros)
	e.add(uint16(n + 1))
}

// zeroRun adds the length of a run of zeros, the lowest digit first.
func (e *encoder) zeroRun(n int) {
	for ; n > 0; n = (n - 1) / 2 {
		if n&1 == 1 {
			e.add(runA)
		} else {
			e.add(runB)
		}
	}
}

func (e *encoder) add(symbol uint16) {
	e.symbols = append(e.symbols, symbol)
	e.freq[symbol]++
}
