package codec

import (
	"bytes"
	"iter"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/halt"
)

// A Guard lets an encoder be stopped within a huge value, and keeps the buffer that it appends to within the limit of memory. Encoders embed
// it. The zero value does neither. Both end the encoder with a halt.Panic.
type Guard struct {
	halt.Steps
	buffer Buffer
	beside int // bytes of scratch memory
}

// A Buffer counts the memory of what an encoder appends to.
type Buffer interface {
	// Hold notes, in advance, how many bytes the buffer will have, and how many the encoder takes in addition.
	Hold(length, beside int) error
}

// Watch sets what the encoder looks at, and what counts its memory; nil: nothing does.
func (g *Guard) Watch(stop halt.Stopper, b Buffer) { g.Stop, g.buffer = stop, b }

// Room returns dst with room for n more bytes where memory is counted: append would grow it unchecked. It polls the Stopper.
func (g *Guard) Room(dst []byte, n int) []byte {
	g.Look()
	if g.buffer == nil || cap(dst)-len(dst) >= n {
		return dst
	}
	length := len(dst) + n
	size := max(length, len(dst)+len(dst)/4)
	g.hold(length, len(dst)+size-length)
	return append(make([]byte, 0, size), dst...)
}

func (g *Guard) hold(length, beside int) {
	if g.buffer == nil {
		return
	}
	if err := g.buffer.Hold(length, beside+g.beside); err != nil {
		panic(halt.Panic{Err: err})
	}
}

// RoomEvery is how many items of a list an encoder appends before it asks for Room for as many again.
const RoomEvery = 256

// Aside notes that the encoder has n bytes of scratch memory in addition to dst.
func (g *Guard) Aside(dst []byte, n int) {
	if g.beside = n; n > halt.Chunk {
		g.hold(len(dst), cap(dst)-len(dst))
	}
}

// Repair is RepairTail within the limit of memory.
func (g *Guard) Repair(dst []byte, from int) []byte {
	if utf8.Valid(dst[from:]) {
		return dst
	}
	g.Aside(dst, len(dst)-from)
	dst = g.Rewrite(dst[:from], bytes.Clone(dst[from:]), len("\uFFFD"), AppendRepaired)
	g.beside = 0
	return dst
}

// Encode replaces the text from position from on by its form in the character set.
func (g *Guard) Encode(dst []byte, from int, c *Charset) []byte {
	dst = g.Repair(dst, from)
	g.Aside(dst, len(dst)-from)
	dst = g.Rewrite(dst[:from], bytes.Clone(dst[from:]), maxUnit, func(dst, piece []byte) []byte { return c.appendUnits(dst, string(piece)) })
	g.beside = 0
	return dst
}

// Rewrite appends what convert makes of text, growth bytes of one byte at most.
func (g *Guard) Rewrite(dst, text []byte, growth int, convert func(dst, piece []byte) []byte) []byte {
	if len(text) <= halt.Chunk {
		return convert(dst, text)
	}
	for piece := range pieces(text) {
		dst = convert(g.Room(dst, growth*len(piece)), piece)
	}
	return dst
}

// pieces cuts a text into pieces of halt.Chunk bytes or some less, which end between characters where it is UTF-8.
func pieces(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(text) > halt.Chunk {
			n := halt.Chunk
			for n > halt.Chunk-utf8.UTFMax && !utf8.RuneStart(text[n]) {
				n--
			}
			if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
		yield(text)
	}
}
