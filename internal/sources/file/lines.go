package file

import (
	"io"
	"sync"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/storage"
)

// lineBlock is the distance between places of a file whose line is remembered.
const lineBlock = 1 << 20

// A lineIndex remembers how many lines end in the first bytes of a file, for pieces that begin in the middle. It is filled when
// the first malformed record asks.
type lineIndex struct {
	mu   sync.Mutex
	ends []int64 // lines that end in the first block, in the first two blocks …
	codec.Lines
}

// before returns the number of lines that end before block n.
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
		x.Add(buf)
		x.ends = append(x.ends, x.Ends)
	}
	if n == 0 {
		return 0, nil
	}
	return x.ends[n-1], nil
}

// A lineCounter finds the line numbers of records of the current piece. It reads the file a second time, up to the last of them.
type lineCounter struct {
	fsys  storage.FS
	sep   []byte // what ends a line
	piece *piece
	in    io.ReadCloser
	pos   int64
	lines codec.Lines // up to pos
	buf   []byte
}

// lineAt is the line of the record at an offset of the file's text; 0 when the file cannot be read again.
func (c *lineCounter) lineAt(offset int64) int64 {
	if c.in == nil || offset < c.pos {
		if err := c.open(offset); err != nil {
			return 0
		}
	}
	for c.pos < offset {
		n, err := c.in.Read(c.buf[:min(int64(len(c.buf)), offset-c.pos)])
		c.lines.Add(c.buf[:n])
		c.pos += int64(n)
		if err != nil && c.pos < offset {
			return 0
		}
	}
	return c.lines.Ends + 1
}

// open begins to read at the last block before an offset, or at the beginning of a file that has to be read from there.
func (c *lineCounter) open(offset int64) error {
	c.close()
	in, err := c.piece.open(c.fsys)
	if err != nil {
		return err
	}
	c.in, c.pos, c.lines = in, 0, codec.Lines{Sep: c.sep}
	if c.buf == nil {
		c.buf = make([]byte, 64<<10)
	}
	file, ok := in.(*section)
	if block := offset / lineBlock; ok && c.piece.start > 0 && block > 0 && len(c.sep) <= 1 {
		return c.skip(file, block)
	}
	return nil
}

// skip goes to the beginning of a block whose line is remembered.
func (c *lineCounter) skip(file *section, block int64) error {
	ends, err := c.piece.file.lineIndex(c.sep).before(block, file)
	if err != nil {
		return err
	}
	c.pos, c.lines.Ends = block*lineBlock, ends
	var last [1]byte
	if _, err = file.ReadAt(last[:], c.pos-1); err != nil {
		return err
	}
	c.lines.After = last[0]
	_, err = file.Seek(c.pos, io.SeekStart)
	return err
}

func (c *lineCounter) close() {
	if c.in != nil {
		_ = c.in.Close()
		c.in = nil
	}
}
