package compress

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/s2"
	"github.com/pierrec/lz4/v4"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Hadoop has a separate framing for snappy and lz4: the length of a block, then the compressed length and the data of each of
// its pieces; all lengths are four bytes, big endian. (Hadoop: BlockCompressorStream.) Files written by the command-line
// tools are read too: their magic number would be an impossible length.

const (
	// The amount of data per block, as in Hadoop: 256 KiB less the room that incompressible data may need.
	snappyBlock = 256<<10 - (256<<10/6 + 32)
	lz4Block    = 256<<10 - (256<<10/255 + 16)
	// maxBlock is the length beyond which a block is considered damaged.
	maxBlock = 64 << 20
)

// A blockReader reads Hadoop's framing.
type blockReader struct {
	in     io.Reader
	decode func(dst, src []byte) ([]byte, error) // decodes a piece into dst, whose length is the rest of the block

	left  int // rest of the current block, not read yet
	src   []byte
	dst   []byte
	ready []byte
}

func (b *blockReader) Read(p []byte) (int, error) {
	for len(b.ready) == 0 {
		if err := b.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.ready)
	b.ready = b.ready[n:]
	return n, nil
}

// next reads a piece.
func (b *blockReader) next() error {
	if b.left == 0 {
		n, err := b.length()
		if err != nil {
			return err
		}
		if b.left = n; n == 0 {
			return nil
		}
	}
	n, err := b.length()
	if err != nil {
		return unexpected(err)
	}
	b.src = sized(b.src, n)
	if _, err := io.ReadFull(b.in, b.src); err != nil {
		return unexpected(err)
	}
	b.dst = sized(b.dst, b.left)
	if b.ready, err = b.decode(b.dst, b.src); err != nil {
		return err
	}
	if len(b.ready) == 0 {
		return damaged("a piece is empty")
	}
	b.left -= len(b.ready)
	return nil
}

// length reads four bytes; it returns io.EOF if there are none.
func (b *blockReader) length() (int, error) {
	var l [4]byte
	if _, err := io.ReadFull(b.in, l[:]); err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(l[:])
	if n > maxBlock {
		return 0, damaged("a block claims to be too long")
	}
	return int(n), nil
}

func sized(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func damaged(what string) error { return sparkerr.Plain("the compressed data is damaged: %s", what) }

func readSnappy(r io.Reader) (io.Reader, error) {
	in := bufio.NewReader(r)
	if begin, _ := in.Peek(4); bytes.Equal(begin, []byte{0xff, 6, 0, 0}) {
		return s2.NewReader(in), nil
	}
	return &blockReader{in: in, decode: func(dst, src []byte) ([]byte, error) {
		if n, err := s2.DecodedLen(src); err != nil || n > len(dst) {
			return nil, damaged("a piece is longer than its block")
		}
		return s2.Decode(dst, src)
	}}, nil
}

func readLZ4(r io.Reader) (io.Reader, error) {
	in := bufio.NewReader(r)
	if begin, _ := in.Peek(4); bytes.Equal(begin, []byte{4, 0x22, 0x4d, 0x18}) {
		return lz4.NewReader(in), nil
	}
	return &blockReader{in: in, decode: func(dst, src []byte) ([]byte, error) {
		n, err := lz4.UncompressBlock(src, dst)
		if err != nil {
			return nil, damaged("a piece cannot be decoded")
		}
		return dst[:n], nil
	}}, nil
}

// A blockWriter writes Hadoop's framing.
type blockWriter struct {
	out    io.Writer
	encode func(dst, src []byte) ([]byte, error)
	block  []byte
	dst    []byte
}

func (b *blockWriter) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		n := min(len(p), cap(b.block)-len(b.block))
		b.block = append(b.block, p[:n]...)
		p = p[n:]
		if len(b.block) == cap(b.block) {
			if err := b.flush(); err != nil {
				return 0, err
			}
		}
	}
	return total, nil
}

// Close writes the last block.
func (b *blockWriter) Close() error { return b.flush() }

func (b *blockWriter) flush() error {
	if len(b.block) == 0 {
		return nil
	}
	piece, err := b.encode(b.dst, b.block)
	if err != nil {
		return err
	}
	b.dst = piece[:cap(piece)]
	var head [8]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(b.block)))
	binary.BigEndian.PutUint32(head[4:], uint32(len(piece)))
	b.block = b.block[:0]
	if _, err := b.out.Write(head[:]); err != nil {
		return err
	}
	_, err = b.out.Write(piece)
	return err
}

func writeSnappy(w io.Writer) io.WriteCloser {
	return &blockWriter{out: w, block: make([]byte, 0, snappyBlock), encode: func(dst, src []byte) ([]byte, error) {
		return s2.EncodeSnappy(dst, src), nil
	}}
}

func writeLZ4(w io.Writer) io.WriteCloser {
	var c lz4.Compressor
	return &blockWriter{out: w, block: make([]byte, 0, lz4Block), encode: func(dst, src []byte) ([]byte, error) {
		dst = sized(dst, lz4.CompressBlockBound(len(src)))
		n, err := c.CompressBlock(src, dst)
		return dst[:n], err
	}}
}
