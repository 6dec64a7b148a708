package file

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

const (
	headBlock  = 64 // the beginning is marked in blocks, so that a shorter copy can be compared with it
	headBlocks = 16
	tailBytes  = 256
	headDigits = 8
)

// A mark recognises the first bytes of a content, so many of them as were taken, in another file: by their beginning and their end. Log files
// that begin alike differ at their ends.
type mark struct {
	Head string `json:"head,omitempty"` // a CRC of the bytes up to the end of each of the first whole blocks, in hexadecimal
	Tail string `json:"tail,omitempty"` // a hash of the last bytes
}

// markOf returns the mark of the first n bytes of a content.
func markOf(r io.ReaderAt, n int64) (mark, error) {
	head := make([]byte, min(n, headBlock*headBlocks))
	if err := readFull(r, head, 0); err != nil {
		return mark{}, err
	}
	tail := make([]byte, min(n, tailBytes))
	if err := readFull(r, tail, n-int64(len(tail))); err != nil {
		return mark{}, err
	}
	return mark{headOf(head), tailOf(tail)}, nil
}

func headOf(b []byte) string {
	var text strings.Builder
	sum := uint32(0)
	for ; len(b) >= headBlock; b = b[headBlock:] {
		sum = crc32.Update(sum, crc32.IEEETable, b[:headBlock])
		fmt.Fprintf(&text, "%0*x", headDigits, sum)
	}
	return text.String()
}

func tailOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// beginsLike reports whether b, all of a content, is the beginning of what was marked. It takes no shorter evidence than two equal lines,
// since different files may have the same header.
func (m *mark) beginsLike(b []byte) bool {
	b = b[:min(len(b), headBlock*headBlocks)]
	covered := len(b) / headBlock * headBlock
	first := bytes.IndexByte(b[:covered], '\n')
	if first < 0 || covered < headBlock*headBlocks && bytes.IndexByte(b[first+1:covered], '\n') < 0 {
		return false
	}
	return strings.HasPrefix(m.Head, headOf(b))
}

// A marker computes the mark of a content that can only be read from its beginning to its end, and counts its bytes.
type marker struct {
	head, tail []byte
	size       int64
}

func (m *marker) Write(p []byte) (int, error) {
	m.size += int64(len(p))
	if more := headBlock*headBlocks - len(m.head); more > 0 {
		m.head = append(m.head, p[:min(more, len(p))]...)
	}
	m.tail = append(m.tail, p[max(0, len(p)-tailBytes):]...)
	m.tail = m.tail[max(0, len(m.tail)-tailBytes):]
	return len(p), nil
}

func (m *marker) mark() mark { return mark{headOf(m.head), tailOf(m.tail)} }

// readFull fills p from an offset on.
func readFull(r io.ReaderAt, p []byte, at int64) error {
	if n, err := r.ReadAt(p, at); n < len(p) {
		return err
	}
	return nil
}
