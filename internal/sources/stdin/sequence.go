package stdin

import (
	"context"
	"errors"
	"io"

	"github.com/streamctl/streamctl/internal/vector"
)

// A sequence is chunks that one reader after the other reads.
type sequence []*partition

// Task is 0: all of a batch goes into one part.
func (s sequence) Task() int { return 0 }

// Small reports a single chunk that is small.
func (s sequence) Small() bool { return len(s) == 1 && s[0].Small() }

// Open returns a reader of all chunks.
func (s sequence) Open(context.Context) (vector.Reader, error) { return &sequenceReader{rest: s}, nil }

type sequenceReader struct {
	rest    sequence
	current vector.Reader // nil: none is open
	last    *reader       // opened last; it knows the lines of its records
}

// Next returns the next batch of the current chunk, or of the following ones.
func (r *sequenceReader) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if r.current == nil {
			if len(r.rest) == 0 {
				return nil, io.EOF
			}
			opened, err := r.rest[0].Open(ctx)
			if err != nil {
				return nil, err
			}
			r.current, r.rest = opened, r.rest[1:]
			r.last, _ = opened.(*reader)
		}
		b, err := r.current.Next(ctx)
		if !errors.Is(err, io.EOF) {
			return b, err
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
}

// LineAt is the line of an offset of the chunk that was opened last.
func (r *sequenceReader) LineAt(offset int64) int64 {
	if r.last == nil {
		return 0
	}
	return r.last.LineAt(offset)
}

// Close closes the current chunk.
func (r *sequenceReader) Close() error {
	if r.current == nil {
		return nil
	}
	err := r.current.Close()
	r.current = nil
	return err
}
