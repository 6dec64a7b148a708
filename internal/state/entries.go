package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

var bigEndian = binary.BigEndian

// The contents of a delta or snapshot are entries: size of the key, key, size of the value, value. A size of -1 for the value is a removal, and
// for the key it ends the file.
const noEntry = 1<<32 - 1

// appendEntry appends an entry. A nil value is a removal.
func appendEntry(dst, key, value []byte) []byte {
	dst = append(bigEndian.AppendUint32(dst, uint32(len(key))), key...)
	if value == nil {
		return bigEndian.AppendUint32(dst, noEntry)
	}
	return append(bigEndian.AppendUint32(dst, uint32(len(value))), value...)
}

// An entryReader reads the entries of a delta or snapshot.
type entryReader struct {
	blocks blockReader
	buf    []byte
	at     int // of the next entry in buf
}

func newEntryReader(r io.Reader) *entryReader { return &entryReader{blocks: blockReader{r: r}} }

// next returns the next entry; the value is nil for a removal. The slices are valid until the next call. After the last entry, and if the file is
// complete, it returns io.EOF.
func (r *entryReader) next() (key, value []byte, err error) {
	keySize, err := r.size(0)
	if err != nil {
		return nil, nil, err
	}
	if keySize == noEntry {
		return nil, nil, r.end()
	}
	valueSize, err := r.size(4 + keySize)
	if err != nil {
		return nil, nil, err
	}
	total := 8 + keySize
	if valueSize != noEntry {
		total += valueSize
	}
	if err := r.need(total); err != nil {
		return nil, nil, err
	}
	e := r.buf[r.at : r.at+total : r.at+total]
	r.at += total
	key = e[4 : 4+keySize : 4+keySize]
	if valueSize != noEntry {
		value = e[8+keySize:]
	}
	return key, value, nil
}

// size returns the size that is offset bytes after the start of the entry.
func (r *entryReader) size(offset int) (int, error) {
	if err := r.need(offset + 4); err != nil {
		return 0, err
	}
	n := bigEndian.Uint32(r.buf[r.at+offset:])
	if n > 1<<31-1 && n != noEntry {
		return 0, fmt.Errorf("an entry has the size %d", int32(n))
	}
	return int(n), nil
}

// need reads until n bytes from the start of the entry on are in the buffer.
func (r *entryReader) need(n int) error {
	for len(r.buf)-r.at < n {
		if r.at > 0 {
			r.buf = r.buf[:copy(r.buf, r.buf[r.at:])]
			r.at = 0
		}
		var err error
		if r.buf, err = r.blocks.next(r.buf); errors.Is(err, io.EOF) {
			return errors.New("it ends in the middle of an entry")
		} else if err != nil {
			return err
		}
	}
	return nil
}

// end checks that nothing follows the end mark.
func (r *entryReader) end() error {
	if len(r.buf) == r.at+4 {
		if _, err := r.blocks.next(nil); err != nil {
			return err // io.EOF if the file is complete
		}
	}
	return errors.New("there are entries after its end mark")
}
