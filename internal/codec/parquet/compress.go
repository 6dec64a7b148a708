package parquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// A decompressor decompresses pages. Its codecs are created when the first page needs them.
type decompressor struct {
	codec format.CompressionCodec
	gzip  *gzip.Reader
	zstd  *zstd.Decoder
}

func (d *decompressor) use(codec format.CompressionCodec) error {
	switch codec {
	case format.Uncompressed, format.Snappy, format.Gzip, format.Zstd, format.Lz4, format.Lz4Raw:
		d.codec = codec
		return nil
	}
	return fmt.Errorf("the compression %s of the Parquet file is not in the embedded engine", codec)
}

// expansion is a generous upper bound for the bytes that each algorithm can produce from one byte.
var expansion = map[format.CompressionCodec]int{format.Uncompressed: 1, format.Snappy: 64, format.Gzip: 1100, format.Lz4: 300,
	format.Lz4Raw: 300, format.Zstd: 50_000}

// decompress decompresses src to size bytes in dst, which is reused, followed by padding.
func (d *decompressor) decompress(dst, src []byte, size int) ([]byte, error) {
	if size > expansion[d.codec]*(len(src)+1) { // check before allocating
		return nil, errShortPage
	}
	dst = grow(dst, size+padding)[:size]
	var out []byte
	var err error
	switch d.codec {
	case format.Uncompressed:
		if len(src) != size {
			return nil, errShortPage
		}
		copy(dst, src)
		return dst, nil
	case format.Snappy:
		if n, lenErr := snappy.DecodedLen(src); lenErr != nil || n != size {
			return nil, errShortPage
		}
		out, err = snappy.Decode(dst, src)
	case format.Gzip:
		out, err = d.gunzip(dst, src)
	case format.Zstd:
		if d.zstd == nil {
			if d.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<31), zstd.WithDecodeAllCapLimit(true)); err != nil {
				return nil, err
			}
		}
		out, err = d.zstd.DecodeAll(src, dst[:0])
	case format.Lz4Raw:
		out, err = lz4Block(dst, src)
	case format.Lz4:
		out, err = lz4Hadoop(dst, src)
	}
	if err != nil || len(out) != size {
		return nil, errShortPage
	}
	if cap(out) < size+padding {
		out = append(make([]byte, 0, size+padding), out...)
	}
	return out, nil
}

func (d *decompressor) gunzip(dst, src []byte) ([]byte, error) {
	var err error
	if d.gzip == nil {
		d.gzip, err = gzip.NewReader(bytes.NewReader(src))
	} else {
		err = d.gzip.Reset(bytes.NewReader(src))
	}
	if err != nil {
		return nil, err
	}
	n, err := io.ReadFull(d.gzip, dst)
	return dst[:n], err
}

func lz4Block(dst, src []byte) ([]byte, error) {
	n, err := lz4.UncompressBlock(src, dst)
	return dst[:max(n, 0)], err
}

// lz4Hadoop decodes blocks preceded by their sizes, which older writers produced. Other writers used bare blocks under the
// same name.
func lz4Hadoop(dst, src []byte) ([]byte, error) {
	done, rest := 0, src
	for len(rest) >= 8 {
		size, packed := int(binary.BigEndian.Uint32(rest)), int(binary.BigEndian.Uint32(rest[4:]))
		if packed > len(rest)-8 || size > len(dst)-done {
			break
		}
		n, err := lz4.UncompressBlock(rest[8:8+packed], dst[done:])
		if err != nil || n != size {
			break
		}
		done, rest = done+n, rest[8+packed:]
	}
	if len(rest) == 0 && done == len(dst) {
		return dst, nil
	}
	return lz4Block(dst, src)
}

func (d *decompressor) close() {
	if d.zstd != nil {
		d.zstd.Close()
	}
}

// A compression is a value of the option compression. (Spark: ParquetOptions.shortParquetCompressionCodecNames.)
type compression struct {
	name, extension string
	codec           format.CompressionCodec
}

var compressions = []compression{
	{"none", "", format.Uncompressed},
	{"uncompressed", "", format.Uncompressed},
	{"snappy", ".snappy", format.Snappy},
	{"gzip", ".gz", format.Gzip},
	{"zstd", ".zstd", format.Zstd},
	{"lz4", ".lz4hadoop", format.Lz4},
	{"lz4_raw", ".lz4raw", format.Lz4Raw},
}

// A compressor compresses pages.
type compressor struct {
	codec format.CompressionCodec
	gzip  *gzip.Writer
	zstd  *zstd.Encoder
}

// pack appends src in compressed form to dst.
func (c *compressor) pack(dst, src []byte) ([]byte, error) {
	switch c.codec {
	case format.Snappy:
		return s2.EncodeSnappy(dst[:cap(dst)], src), nil // snappy.Encode would spend more time on compression
	case format.Gzip:
		buf := bytes.NewBuffer(dst)
		if c.gzip == nil {
			c.gzip = gzip.NewWriter(buf)
		} else {
			c.gzip.Reset(buf)
		}
		if _, err := c.gzip.Write(src); err != nil {
			return nil, err
		}
		err := c.gzip.Close()
		return buf.Bytes(), err
	case format.Zstd:
		if c.zstd == nil {
			var err error
			if c.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault)); err != nil {
				return nil, err
			}
		}
		return c.zstd.EncodeAll(src, dst), nil
	case format.Lz4Raw:
		return c.lz4(dst, src)
	case format.Lz4: // as Hadoop has it: the sizes in front
		out, err := c.lz4(append(dst, make([]byte, 8)...), src)
		binary.BigEndian.PutUint32(out, uint32(len(src)))
		binary.BigEndian.PutUint32(out[4:], uint32(len(out)-8))
		return out, err
	}
	return append(dst, src...), nil
}

// lz4 appends a compressed block.
func (c *compressor) lz4(dst, src []byte) ([]byte, error) {
	at := len(dst)
	dst = append(dst, make([]byte, lz4.CompressBlockBound(len(src)))...)
	n, err := lz4.CompressBlock(src, dst[at:], nil)
	return dst[:at+n], err
}
