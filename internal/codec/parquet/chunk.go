package parquet

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// windowBytes is the number of bytes of a column read at a time.
const windowBytes = 256 << 10

// A chunk iterates over the pages of a column in a row group. Its buffers are reused.
type chunk struct {
	src      io.ReaderAt
	pos, end int64  // range not yet in the window
	window   []byte // bytes not yet consumed
	store    []byte // backing array of window
	codec    decompressor

	reader  thrift.BytesReader
	decoder *thrift.Decoder
	header  format.PageHeader
	reserve func(*format.PageHeader) error // reserves the memory for a page
}

func newChunk(src io.ReaderAt) *chunk {
	c := &chunk{src: src, reader: new(thrift.CompactProtocol).NewReaderFromBytes(nil)}
	c.decoder = thrift.NewDecoder(c.reader)
	return c
}

// reset moves to the column chunk that meta describes.
func (c *chunk) reset(meta *format.ColumnMetaData, fileSize int64) error {
	start := meta.DataPageOffset
	if d := meta.DictionaryPageOffset; d > 0 && d < start {
		start = d
	}
	if start < 0 || meta.TotalCompressedSize < 0 || start+meta.TotalCompressedSize > fileSize {
		return errShortPage
	}
	c.pos, c.end, c.window = start, start+meta.TotalCompressedSize, nil
	return c.codec.use(meta.Codec)
}

// next reads the header and the bytes of the next page, or returns io.EOF. The bytes are valid until the next call.
func (c *chunk) next() (*format.PageHeader, []byte, error) {
	size, err := c.readHeader()
	if err != nil {
		return nil, nil, err
	}
	c.window = c.window[size:]
	n := int(c.header.CompressedPageSize)
	if n < 0 || c.header.UncompressedPageSize < 0 {
		return nil, nil, errShortPage
	}
	if err := c.reserve(&c.header); err != nil {
		return nil, nil, err
	}
	if err := c.need(n); err != nil {
		return nil, nil, err
	}
	if len(c.window) < n {
		return nil, nil, errShortPage
	}
	body := c.window[:n:n]
	c.window = c.window[n:]
	return &c.header, body, nil
}

// readHeader decodes the page header at the beginning of the window and returns its length.
func (c *chunk) readHeader() (int, error) {
	for want := 64; ; want *= 4 {
		if err := c.need(want); err != nil {
			return 0, err
		}
		if len(c.window) == 0 {
			return 0, io.EOF
		}
		c.header = format.PageHeader{}
		c.reader.ResetBytes(c.window)
		err := c.decoder.Decode(&c.header)
		if err == nil {
			return c.reader.BytesRead(), nil
		}
		if c.pos >= c.end || !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("a page header of the Parquet file is damaged: %w", err)
		}
		want = max(want, len(c.window))
	}
}

// need fills the window to n bytes, or to what is left of the column chunk.
func (c *chunk) need(n int) error {
	if len(c.window) >= n || c.pos >= c.end {
		return nil
	}
	more := min(int64(max(n-len(c.window), windowBytes)), c.end-c.pos)
	old := c.window
	if total := len(old) + int(more); cap(c.store) < total {
		c.store = make([]byte, total)
	}
	c.store = c.store[:cap(c.store)]
	unread := copy(c.store, old)
	read, err := c.src.ReadAt(c.store[unread:unread+int(more)], c.pos)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if read < int(more) {
		return errShortPage
	}
	c.pos += more
	c.window = c.store[:unread+read]
	return nil
}
