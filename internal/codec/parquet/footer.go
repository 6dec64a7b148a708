package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/vector"
)

const (
	magic          = "PAR1"
	encryptedMagic = "PARE"
	// maxFooter limits how much a damaged length can make the reader load.
	maxFooter = 256 << 20
)

// A footer holds the metadata at the end of a file: schema, row groups, and the writer's additions.
type footer struct {
	meta *format.FileMetaData
	root *node
}

// readFooter reads the footer of a file of size bytes.
func readFooter(r io.ReaderAt, size int64) (f *footer, err error) {
	defer recovered(&err)
	if size < int64(2*len(magic)+4) {
		return nil, fmt.Errorf("it is not a Parquet file: %d bytes are too few", size)
	}
	var tail [8]byte
	if _, err := r.ReadAt(tail[:], size-8); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch string(tail[4:]) {
	case magic:
	case encryptedMagic:
		return nil, errors.New("the file is encrypted")
	default:
		return nil, fmt.Errorf("it is not a Parquet file: expected %q at its end, found %q", magic, tail[4:])
	}
	length := int64(binary.LittleEndian.Uint32(tail[:]))
	if length > size-12 || length > maxFooter {
		return nil, fmt.Errorf("the Parquet file is damaged: a footer of %d bytes in a file of %d", length, size)
	}
	data := make([]byte, length)
	if _, err := r.ReadAt(data, size-8-length); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	f = &footer{meta: new(format.FileMetaData)}
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), data, f.meta); err != nil {
		return nil, fmt.Errorf("the footer of the Parquet file is damaged: %w", err)
	}
	f.root, err = newTree(f.meta.Schema)
	return f, err
}

// value returns the value of a key that the writer added.
func (f *footer) value(key string) (string, bool) {
	for _, kv := range f.meta.KeyValueMetadata {
		if kv.Key == key {
			return kv.Value, true
		}
	}
	return "", false
}

// recovered converts a panic of the library's decoders, caused by damaged data, into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the Parquet file is damaged: %v", p)
	}
}

// Footers caches the footer read last, since the pieces of a file follow one another. It is safe for concurrent use.
type Footers struct {
	mu   sync.Mutex
	file *vector.File
	last *footer
}

func (c *Footers) read(file *vector.File, r io.ReaderAt, size int64) (*footer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if file != nil && c.file == file {
		return c.last, nil
	}
	f, err := readFooter(r, size)
	if err == nil {
		c.file, c.last = file, f
	}
	return f, err
}
