package state

import (
	"errors"
	"io"
	"sync"

	"github.com/pierrec/lz4/v4"
)

// The files of a store are LZ4 block streams: blocks of a magic word, a method with the level of compression, the compressed size, the size and a
// checksum, in 21 bytes, and the data. A block of size 0 ends the stream. (net.jpountz.lz4: LZ4BlockOutputStream.)
const (
	blockMagic  = "LZ4Block"
	blockHead   = 21
	blockBytes  = 32 << 10 // of the blocks written here
	blockLevel  = 5        // blockBytes = 1<<(10+blockLevel)
	maxLevel    = 15       // of the blocks read
	blockStored = 0x10
	blockPacked = 0x20
	checkSeed   = 0x9747b28c
	checkMask   = 0x0fffffff
)

var compressors = sync.Pool{New: func() any { return new(lz4.Compressor) }}

// appendBlock appends a block with the given data.
func appendBlock(dst, data []byte) []byte {
	at := len(dst)
	dst = extend(append(dst, blockMagic...), blockHead-len(blockMagic))
	clear(dst[at+len(blockMagic):])
	method, size := byte(blockStored), len(data)
	if size > 0 {
		from := len(dst)
		dst = extend(dst, lz4.CompressBlockBound(size))
		c := compressors.Get().(*lz4.Compressor)
		n, err := c.CompressBlock(data, dst[from:])
		compressors.Put(c)
		if err == nil && 0 < n && n < size {
			method, size = blockPacked, n
		} else {
			copy(dst[from:], data)
		}
		dst = dst[:from+size]
		little.PutUint32(dst[at+17:], xxHash32(data, checkSeed)&checkMask)
	}
	dst[at+8] = method | blockLevel
	little.PutUint32(dst[at+9:], uint32(size))
	little.PutUint32(dst[at+13:], uint32(len(data)))
	return dst
}

// A blockReader reads the data of a block stream.
type blockReader struct {
	r      io.Reader
	packed []byte
}

var (
	errTorn    = errors.New("it ends in the middle of a block: it was not written to its end")
	errForeign = errors.New("it is not a file of a state store in LZ4 format")
)

// next appends the data of the next block. It returns io.EOF after the last one, having checked that nothing follows.
func (b *blockReader) next(dst []byte) ([]byte, error) {
	var head [blockHead]byte
	if n, err := io.ReadFull(b.r, head[:]); err != nil {
		return dst, torn(head[:n], err)
	}
	method, level := head[8]&0xf0, head[8]&0x0f
	packed, size, check := little.Uint32(head[9:]), little.Uint32(head[13:]), little.Uint32(head[17:])
	switch {
	case string(head[:8]) != blockMagic:
		return dst, errForeign
	case method != blockStored && method != blockPacked,
		size > 1<<(10+level), packed > uint32(lz4.CompressBlockBound(int(size))),
		method == blockStored && packed != size, size == 0 != (packed == 0), size == 0 && check != 0:
		return dst, errors.New("the head of a block is damaged")
	case size == 0:
		return dst, b.end()
	}
	if cap(b.packed) < int(packed) {
		b.packed = make([]byte, packed)
	}
	data := b.packed[:packed]
	if n, err := io.ReadFull(b.r, data); err != nil {
		return dst, torn(data[:n], err)
	}
	return unpack(dst, data, method, int(size), check)
}

// unpack appends the data of a block.
func unpack(dst, packed []byte, method byte, size int, check uint32) ([]byte, error) {
	from := len(dst)
	if method == blockStored {
		dst = append(dst, packed...)
	} else {
		dst = extend(dst, size)
		if n, err := lz4.UncompressBlock(packed, dst[from:]); err != nil || n != size {
			return dst[:from], errors.New("a block cannot be decompressed")
		}
	}
	if xxHash32(dst[from:], checkSeed)&checkMask != check {
		return dst[:from], errors.New("the checksum of a block is wrong")
	}
	return dst, nil
}

// end checks that the stream ends here.
func (b *blockReader) end() error {
	var one [1]byte
	n, err := io.ReadFull(b.r, one[:])
	if n > 0 {
		return errors.New("there is data after its end mark")
	}
	return err // io.EOF, or why the file cannot be read
}

// torn returns the error for a part of a block.
func torn(part []byte, err error) error {
	switch {
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case len(part) > 0 && len(part) < len(blockMagic) && string(part) != blockMagic[:len(part)]:
		return errForeign
	}
	return errTorn
}

// extend lengthens b by n bytes with undefined contents.
func extend(b []byte, n int) []byte {
	if cap(b)-len(b) < n {
		b = append(make([]byte, 0, max(2*cap(b), len(b)+n)), b...)
	}
	return b[:len(b)+n]
}
