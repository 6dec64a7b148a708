package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"path/filepath"

	"github.com/streamctl/streamctl/internal/atomicfile"
)

// open opens a log file. If Hadoop has put a checksum beside it, reading ends with an error where the file is not what was written.
func (l *batchLog) open(name string) (io.ReadCloser, error) {
	path := filepath.Join(l.dir, name)
	f, err := l.fs.Open(path)
	if err != nil || !l.summed[name] {
		return f, err
	}
	sums, err := atomicfile.Read(l.fs, filepath.Join(l.dir, "."+name+".crc"))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s, ok := newSummed(f, path, sums)
	if !ok {
		return f, nil // Hadoop has another form for them
	}
	return s, nil
}

// A summed reader compares a file with Hadoop's checksums: "crc" and a NUL, the number of bytes of a piece in 4 bytes, and 4 bytes
// CRC-32 of each piece. (Hadoop: ChecksumFileSystem.)
type summed struct {
	io.ReadCloser
	path  string
	sums  []byte // of the pieces that are not complete yet
	piece int
	crc   uint32 // of the beginning of a piece
	n     int    // its length
}

func newSummed(f io.ReadCloser, path string, sums []byte) (*summed, bool) {
	sums, ok := bytes.CutPrefix(sums, []byte("crc\x00"))
	if !ok || len(sums) < 4 {
		return nil, false
	}
	piece := int(binary.BigEndian.Uint32(sums))
	return &summed{ReadCloser: f, path: path, sums: sums[4:], piece: piece}, piece > 0
}

// Read reads on, and checks each piece that is complete.
func (s *summed) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	for rest := p[:n]; len(rest) > 0; {
		part := rest[:min(len(rest), s.piece-s.n)]
		rest = rest[len(part):]
		s.crc = crc32.Update(s.crc, crc32.IEEETable, part)
		if s.n += len(part); s.n == s.piece && !s.check() {
			return 0, s.mismatch()
		}
	}
	if errors.Is(err, io.EOF) && (s.n > 0 && !s.check() || len(s.sums) > 0) {
		return 0, s.mismatch()
	}
	return n, err
}

// check compares the sum of a piece and begins the next one.
func (s *summed) check() bool {
	ok := len(s.sums) >= 4 && binary.BigEndian.Uint32(s.sums) == s.crc
	s.sums, s.crc, s.n = s.sums[min(4, len(s.sums)):], 0, 0
	return ok
}

func (s *summed) mismatch() error {
	return malformed(s.path, "it does not agree with its checksum in ."+filepath.Base(s.path)+".crc")
}
