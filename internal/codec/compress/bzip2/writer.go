// Package bzip2 writes bzip2 streams, which compress/bzip2 of the standard library only reads. It writes what bzip2 -9 writes, except that the
// blocks are sorted in linear time whatever they contain. A Writer keeps at most one block of 900 kB; compressing it takes 7 MB more, which the
// writers of a process share.
package bzip2

import (
	"errors"
	"io"
	"sync"
)

const (
	// maxBlock is the length of a block after its runs have been shortened. (bzip2: nblockMAX at level 9.)
	maxBlock = 900_000 - 19
	// maxRun is the longest run that is shortened to five bytes.
	maxRun = 255
	// minRun is the length from which on runs are followed by a count.
	minRun = 4

	blockMagic = 0x314159265359
	endMagic   = 0x177245385090
)

var errClosed = errors.New("bzip2: the writer is closed")

// A Writer compresses to an io.Writer.
type Writer struct {
	out    bitWriter
	block  []byte // with runs shortened
	last   byte   // byte of the pending run
	run    int    // length of the pending run, which is not in the block yet
	table  *[256]uint32
	crc    uint32 // of the data in the block
	total  uint32 // of the finished blocks
	header bool   // has been written
	closed bool
}

// NewWriter returns a Writer that compresses to w. Close ends the stream and does not close w.
func NewWriter(w io.Writer) *Writer {
	return &Writer{out: bitWriter{w: w}, table: crcTable(), crc: ^uint32(0)}
}

// Write compresses p. Whole blocks are written to the underlying writer.
func (z *Writer) Write(p []byte) (int, error) {
	if z.closed {
		return 0, errClosed
	}
	for i, b := range p {
		if z.run > 0 && b == z.last && z.run < maxRun {
			z.run++
			continue
		}
		if err := z.endRun(); err != nil {
			return i, err
		}
		z.last, z.run = b, 1
	}
	return len(p), nil
}

// endRun moves the pending run into the block, and writes the block first if the run has no room.
func (z *Writer) endRun() error {
	if len(z.block)+minRun+1 > maxBlock {
		if err := z.endBlock(); err != nil {
			return err
		}
	}
	for range z.run {
		z.crc = z.crc<<8 ^ z.table[byte(z.crc>>24)^z.last]
	}
	for range min(z.run, minRun) {
		z.block = append(z.block, z.last)
	}
	if z.run >= minRun {
		z.block = append(z.block, byte(z.run-minRun))
	}
	z.run = 0
	return nil
}

// endBlock compresses the block.
func (z *Writer) endBlock() error {
	z.begin()
	if len(z.block) == 0 {
		return z.out.err
	}
	crc := ^z.crc
	z.total = (z.total<<1 | z.total>>31) ^ crc
	z.out.write(blockMagic, 48)
	z.out.write(uint64(crc), 32)
	z.out.write(0, 1) // not randomized
	e := encoders.Get().(*encoder)
	e.encode(&z.out, z.block)
	encoders.Put(e)
	z.block, z.crc = z.block[:0], ^uint32(0)
	z.out.flush()
	return z.out.err
}

// begin writes the header of the stream, once.
func (z *Writer) begin() {
	if !z.header {
		z.header = true
		z.out.write('B'<<24|'Z'<<16|'h'<<8|'9', 32)
	}
}

// Close writes the rest of the data and the end of the stream.
func (z *Writer) Close() error {
	if z.closed {
		return z.out.err
	}
	z.closed = true
	if err := z.endRun(); err != nil {
		return err
	}
	if err := z.endBlock(); err != nil {
		return err
	}
	z.out.write(endMagic, 48)
	z.out.write(uint64(z.total), 32)
	z.out.write(0, -z.out.n&7)
	z.out.flush()
	z.block = nil
	return z.out.err
}

// A bitWriter writes bits, the highest first. It keeps the first error.
type bitWriter struct {
	w    io.Writer
	buf  []byte
	bits uint64 // the last n bits of it are not in buf yet
	n    int    // below 8 between calls
	err  error
}

// write appends the low n bits of x, at most 48.
func (b *bitWriter) write(x uint64, n int) {
	b.bits, b.n = b.bits<<n|x, b.n+n
	for b.n >= 8 {
		b.n -= 8
		b.buf = append(b.buf, byte(b.bits>>b.n))
	}
}

// flush writes all whole bytes.
func (b *bitWriter) flush() {
	if b.err == nil {
		_, b.err = b.w.Write(b.buf)
	}
	b.buf = b.buf[:0]
}

// crcTable returns the table for CRC-32 with the highest bit first, unlike hash/crc32.
var crcTable = sync.OnceValue(func() *[256]uint32 {
	var table [256]uint32
	for i := range table {
		c := uint32(i) << 24
		for range 8 {
			c = c<<1 ^ 0x04c11db7*(c>>31)
		}
		table[i] = c
	}
	return &table
})
