package compress

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

func readXZ(r io.Reader) (io.Reader, error) {
	return xz.NewReader(&xzWatch{in: bufio.NewReader(r), most: int64(maxWindow()), want: 4, next: (*xzWatch).magic})
}

// An xzWatch follows the structure of xz streams while they are read, and refuses a block whose dictionary is too large: the decompressor takes
// the memory that the header of a block asks for, up to 4 GiB. What it does not understand it leaves to the decompressor.
// (The .xz file format, version 1.2.1.)
type xzWatch struct {
	in   io.Reader
	most int64 // bytes of a dictionary
	err  error

	skip  int64                  // bytes that are of no interest
	want  int                    // bytes that next gets then
	have  []byte                 // of them
	next  func(*xzWatch, []byte) // nil: the rest is of no interest
	check int64                  // bytes of the check behind a block
	size  int64                  // bytes of the block's data, or of the index, so far
	left  uint64                 // numbers of the index to come
	seven uint                   // bits of the number that is being read
}

// Read looks at the bytes before it hands them on.
func (w *xzWatch) Read(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.in.Read(p)
	w.follow(p[:n])
	if w.err != nil {
		return 0, w.err
	}
	return n, err
}

func (w *xzWatch) follow(p []byte) {
	for len(p) > 0 && w.next != nil && w.err == nil {
		if n := min(w.skip, int64(len(p))); n > 0 {
			w.skip, p = w.skip-n, p[n:]
			continue
		}
		n := min(w.want-len(w.have), len(p))
		w.have, p = append(w.have, p[:n]...), p[n:]
		if len(w.have) == w.want {
			b := w.have
			w.have = w.have[:0]
			w.next(w, b)
		}
	}
}

// then has next called with the n bytes behind the next skip ones.
func (w *xzWatch) then(skip int64, n int, next func(*xzWatch, []byte)) {
	w.skip, w.want, w.next = skip, n, next
}

// magic takes the beginning of a stream, or padding between streams.
func (w *xzWatch) magic(b []byte) {
	if binary.LittleEndian.Uint32(b) != 0 {
		w.then(0, 8, (*xzWatch).flags)
	}
}

func (w *xzWatch) flags(b []byte) {
	w.check = [16]int64{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}[b[3]&15]
	w.then(0, 1, (*xzWatch).block)
}

// block takes the length of a block's header, or the 0 that an index begins with.
func (w *xzWatch) block(b []byte) {
	w.size = 0
	if b[0] != 0 {
		w.then(0, 4*int(b[0])+3, (*xzWatch).header)
		return
	}
	w.size, w.left, w.seven = 1, 0, 0
	w.then(0, 1, (*xzWatch).records)
}

// header takes a block's header behind its length: flags, sizes, filters.
func (w *xzWatch) header(b []byte) {
	w.then(0, 1, (*xzWatch).chunk)
	flags, b := b[0], b[1:]
	number := func() (x uint64) {
		x, n := binary.Uvarint(b)
		b = b[max(n, 0):]
		return x
	}
	for bit := byte(0x40); bit != 0; bit <<= 1 {
		if flags&bit != 0 {
			number()
		}
	}
	const lzma2 = 0x21
	for range flags&3 + 1 {
		id, length := number(), number()
		if length > uint64(len(b)) {
			w.next = nil
			return
		}
		if id == lzma2 && length == 1 {
			if size, err := lzma.DecodeDictCap(b[0]); err == nil && size > w.most {
				w.err = tooFarBack("xz --lzma2=dict=", w.most)
			}
		}
		b = b[length:]
	}
}

// chunk takes the first byte of a chunk of LZMA2.
func (w *xzWatch) chunk(b []byte) {
	w.size++
	switch c := b[0]; {
	case c == 0:
		w.then(-w.size&3+w.check, 1, (*xzWatch).block)
	case c <= 2: // a length, and data that is not compressed
		w.then(0, 2, (*xzWatch).data)
	case c >= 0xC0: // lengths of the text and of the data, and properties
		w.size += 2
		w.then(2, 3, (*xzWatch).data)
	case c >= 0x80:
		w.size += 2
		w.then(2, 2, (*xzWatch).data)
	default:
		w.next = nil
	}
}

// data takes the length of a chunk's data, less one, and what is before the data.
func (w *xzWatch) data(b []byte) {
	length := int64(binary.BigEndian.Uint16(b)) + 1
	w.size += int64(len(b)) + length
	w.then(length, 1, (*xzWatch).chunk)
}

// records takes the number of records in an index, byte by byte.
func (w *xzWatch) records(b []byte) {
	w.size++
	w.left |= uint64(b[0]&0x7F) << w.seven
	w.seven += 7
	if b[0] < 0x80 {
		w.left *= 2
		w.then(0, 1, (*xzWatch).sizes)
		w.ended()
	}
}

// sizes takes the two numbers of each record, byte by byte.
func (w *xzWatch) sizes(b []byte) {
	w.size++
	if b[0] < 0x80 {
		w.left--
		w.ended()
	}
}

// ended goes on behind an index when all of its numbers have come: padding, a sum, and the end of the stream.
func (w *xzWatch) ended() {
	if w.left == 0 {
		w.then(-w.size&3+4+12, 4, (*xzWatch).magic)
	}
}
