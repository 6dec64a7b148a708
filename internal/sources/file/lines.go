package file

import (
	"bytes"
	"io"
	"sync"

	"github.com/streamctl/streamctl/internal/codec"
)

// lineBlock is the distance between places of a file whose line is remembered.
const lineBlock = 1 << 20

// A lineIndex remembers how many lines end in the first bytes of a file, for pieces that begin in the middle. It is filled when
// the first malformed record asks.
type lineIndex struct {
	mu   sync.Mutex
	ends []int64 // lines that end in the first block, in the first two blocks …
	cr   bool    // the last block ended in \r
}

// before gives the lines that end before block n.
func (x *lineIndex) before(n int64, file io.ReaderAt) (int64, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var buf []byte
	for int64(len(x.ends)) < n {
		if buf == nil {
			buf = make([]byte, lineBlock)
		}
		if _, err := file.ReadAt(buf, int64(len(x.ends))*lineBlock); err != nil {
			return 0, err
		}
		total := int64(0)
		if k := len(x.ends); k > 0 {
			total = x.ends[k-1]
		}
		x.ends = append(x.ends, total+lineEnds(buf, &x.cr))
	}
	if n == 0 {
		return 0, nil
	}
	return x.ends[n-1], nil
}

// lineEnds counts \n, \r and \r\n. afterCR says whether the text before ended in \r, and is kept up.
func lineEnds(b []byte, afterCR *bool) int64 {
	n := int64(bytes.Count(b, []byte{'\n'}))
	if *afterCR && len(b) > 0 && b[0] == '\n' {
		n--
	}
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '\r')
		if i < 0 {
			break
		}
		at += i + 1
		if at == len(b) || b[at] != '\n' {
			n++
		}
	}
	if len(b) > 0 {
		*afterCR = b[len(b)-1] == '\r'
	}
	return n
}

// A lineCounter tells the lines of the malformed records of the piece at hand. It reads the file a second time, up to the last of them.
type lineCounter struct {
	piece *piece
	in    io.ReadCloser
	pos   int64
	ends  int64 // lines that end before pos
	cr    bool
	buf   []byte
}

// locate fills in the line of a record; it stays unknown when the file cannot be read again.
func (c *lineCounter) locate(m *codec.Malformed) {
	if m.Offset < 0 {
		return
	}
	if c.in == nil || m.Offset < c.pos {
		if err := c.open(m.Offset); err != nil {
			return
		}
	}
	for c.pos < m.Offset {
		n, err := c.in.Read(c.buf[:min(int64(len(c.buf)), m.Offset-c.pos)])
		c.ends += lineEnds(c.buf[:n], &c.cr)
		c.pos += int64(n)
		if err != nil && c.pos < m.Offset {
			return
		}
	}
	m.Line = c.ends + 1
}

// open begins to read at the last block before an offset, or at the beginning of a file that has to be read from there.
func (c *lineCounter) open(offset int64) error {
	c.close()
	in, err := c.piece.open()
	if err != nil {
		return err
	}
	c.in, c.pos, c.ends, c.cr = in, 0, 0, false
	if c.buf == nil {
		c.buf = make([]byte, 64<<10)
	}
	file, ok := in.(*section)
	if !ok || c.piece.start == 0 {
		return nil
	}
	block := offset / lineBlock
	if c.ends, err = c.piece.file.lineIndex().before(block, file); err != nil {
		return err
	}
	c.pos = block * lineBlock
	if c.pos > 0 { // a \r before counts as a line end already, the \n behind it does not
		var last [1]byte
		_, err = file.ReadAt(last[:], c.pos-1)
		c.cr = last[0] == '\r'
	}
	if err == nil {
		_, err = file.Seek(c.pos, io.SeekStart)
	}
	return err
}

func (c *lineCounter) close() {
	if c.in != nil {
		_ = c.in.Close()
		c.in = nil
	}
}
