// Package compress reads and writes compressed files like Hadoop's codecs, which Spark uses for text formats: the file name's
// extension determines the compression, and a file may consist of several concatenated compressed streams.
package compress

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	bzip2writer "github.com/streamctl/streamctl/internal/codec/compress/bzip2"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Codec is a compression method.
type Codec struct {
	Name      string // as in the option compression
	Extension string // of file names; "" for no compression
	read      func(r io.Reader) (io.Reader, error)
	write     func(w io.Writer) io.WriteCloser
	spark     bool // Spark can write it
}

// None is the codec for uncompressed files.
var None = &Codec{Name: "none", spark: true}

// codecs is sorted by name.
var codecs = []*Codec{
	{Name: "bzip2", Extension: ".bz2", read: plain(bzip2.NewReader), write: func(w io.Writer) io.WriteCloser { return bzip2writer.NewWriter(w) }, spark: true},
	{Name: "deflate", Extension: ".deflate", read: readDeflate, write: func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, spark: true},
	{Name: "gzip", Extension: ".gz", read: readGzip, write: func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, spark: true},
	{Name: "lz4", Extension: ".lz4", read: readLZ4, write: writeLZ4, spark: true},
	None,
	{Name: "snappy", Extension: ".snappy", read: readSnappy, write: writeSnappy, spark: true},
	{Name: "xz", Extension: ".xz", read: readXZ},
	{Name: "zstd", Extension: ".zst", read: readZstd},
}

// ByPath returns the codec for a file name, None if the extension is unknown. (Hadoop: CompressionCodecFactory.)
func ByPath(path string) *Codec {
	lower := strings.ToLower(path)
	for _, c := range codecs {
		if c != None && strings.HasSuffix(lower, c.Extension) {
			return c
		}
	}
	return None
}

// Names lists the values of the option compression.
func Names() []string {
	var names []string
	for _, c := range codecs {
		if c.spark {
			names = append(names, c.Name)
		}
	}
	return append(names, "uncompressed")
}

// ByName returns the codec for writing with the given name, ignoring case.
func ByName(name string) (*Codec, error) {
	if strings.EqualFold(name, "uncompressed") {
		return None, nil
	}
	for _, c := range codecs {
		if c.spark && strings.EqualFold(c.Name, name) {
			return c, nil
		}
	}
	return nil, sparkerr.New("CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION", "codecName", name,
		"availableCodecs", strings.Join(Names(), ", "))
}

// NewReader returns the decompressed content of f. Closing it closes f.
func (c *Codec) NewReader(f io.ReadCloser) (io.ReadCloser, error) {
	if c == None {
		return f, nil
	}
	r, err := c.read(f)
	if err != nil {
		return nil, err
	}
	return &reader{r, f}, nil
}

// NewWriter returns a writer that compresses to w. Close ends the compressed stream but does not close w.
func (c *Codec) NewWriter(w io.Writer) io.WriteCloser {
	if c.write == nil {
		return open{w}
	}
	return c.write(w)
}

// open is a writer that does not need to be closed.
type open struct{ io.Writer }

func (open) Close() error { return nil }

// A reader owns the decompressor, which may own goroutines, and the file.
type reader struct {
	io.Reader
	file io.Closer
}

// Read decompresses.
func (r *reader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		err = tooFarBack("zstd --long", int64(maxWindow()))
	}
	return n, err
}

// Close closes the decompressor and the file.
func (r *reader) Close() error {
	if z, ok := r.Reader.(*zstd.Decoder); ok {
		z.Close()
	}
	return r.file.Close()
}

func plain(open func(io.Reader) io.Reader) func(io.Reader) (io.Reader, error) {
	return func(r io.Reader) (io.Reader, error) { return open(r), nil }
}

func readGzip(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }

func readZstd(r io.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(uint64(maxWindow())))
}

// maxWindow returns how far back a compressed file may refer, which is how much its reader keeps in memory.
func maxWindow() int { return memory.Share(zstd.MaxWindowSize, 2) }

// tooFarBack returns the error for a file that was compressed with a window of more than most bytes, which option sets.
func tooFarBack(option string, most int64) error {
	remedy := "compress it with a smaller one"
	if memory.Limited() {
		remedy += ", or " + memory.Raise() + ", a quarter of which it may have"
	}
	return fmt.Errorf("it was compressed with a window of more than %d bytes (%s); %s", most, option, remedy)
}

// A deflateReader reads concatenated zlib streams.
type deflateReader struct {
	in *bufio.Reader
	z  io.ReadCloser
}

func readDeflate(r io.Reader) (io.Reader, error) {
	d := &deflateReader{in: bufio.NewReader(r)}
	var err error
	d.z, err = zlib.NewReader(d.in)
	return d, err
}

func (d *deflateReader) Read(p []byte) (int, error) {
	n, err := d.z.Read(p)
	if err != io.EOF {
		return n, err
	}
	if _, more := d.in.Peek(1); more != nil {
		return n, io.EOF
	}
	return n, d.z.(zlib.Resetter).Reset(d.in, nil)
}
