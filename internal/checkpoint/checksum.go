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

// open opens a log file. If Hadoop left a checksum file next to it, reading fails if the contents do not match.
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
		return f, nil // a checksum file in an unknown format
	}
	return s, nil
}

// A summed reader verifies Hadoop's checksums. A checksum file contains "crc" and a NUL, the chunk size in 4
// bytes, and the CRC-32 of each chunk in 4 bytes. (Hadoop: ChecksumFileSystem.)
type summed struct {
	io.ReadCloser
	path  string
	sums  []byte // of the chunks that are not complete yet
	piece int
	crc   uint32 // of the current chunk so far
	n     int    // length of the current chunk so far
}

func newSummed(f io.ReadCloser, path string, sums []byte) (*summed, bool) {
	sums, ok := bytes.CutPrefix(sums, []byte("crc\x00"))
	if !ok || len(sums) < 4 {
		return nil, false
	}
	piece := int(binary.BigEndian.Uint32(sums))
	return &summed{ReadCloser: f, path: path, sums: sums[4:], piece: piece}, piece > 0
}

// Read reads and verifies each chunk that is complete.
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

// check verifies the current chunk and starts the next one.
func (s *summed) check() bool {
	ok := len(s.sums) >= 4 && binary.BigEndian.Uint32(s.sums) == s.crc
	s.sums, s.crc, s.n = s.sums[min(4, len(s.sums)):], 0, 0
	return ok
}

func (s *summed) mismatch() error {
	return malformed(s.path, "it does not agree with its checksum in ."+filepath.Base(s.path)+".crc")
}
