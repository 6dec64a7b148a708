package parquet

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// textFile returns a file of one row group with a column of n strings, different of which are distinct.
func textFile(t *testing.T, n, different, length int) ([]byte, []types.Field) {
	t.Helper()
	fields := []types.Field{{Name: "a", Type: types.String, Nullable: true}}
	o, err := ParseWriteOptions(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEncoder(fields, o)
	if err != nil {
		t.Fatal(err)
	}
	v := vector.New(types.String, n)
	for i := range n {
		v.SetString(i, strings.Repeat(string(rune('a'+i%different%26)), length+i%different))
	}
	frames, err := e.AppendBatch(nil, &vector.Batch{N: n, Cols: []*vector.Vector{v}})
	if err == nil {
		frames, err = e.AppendEnd(frames)
	}
	if err != nil {
		t.Fatal(err)
	}
	j, err := NewJoiner(fields, o)
	if err != nil {
		t.Fatal(err)
	}
	var file []byte
	write := func(p []byte) error { file = append(file, p...); return nil }
	if err := errors.Join(j.Join(frames, write), j.End(write)); err != nil {
		t.Fatal(err)
	}
	return file, fields
}

// batches reads a file and returns the number of rows and the maximum text of a batch.
func batches(t *testing.T, file []byte, fields []types.Field) (rows, most int, _ error) {
	t.Helper()
	r, err := NewReader(codec.FromBytes(nil, file), nil, &codec.Scan{Fields: fields}, new(Footers))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for {
		b, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return rows, most, nil
		}
		if err != nil {
			return rows, most, err
		}
		rows, most = rows+b.Rows(), max(most, b.TextBytes(1<<40))
	}
}

func TestBatchesOfLargeTextsAreBounded(t *testing.T) {
	for name, different := range map[string]int{"in a dictionary": 10, "in pages": 500} {
		const rows, length = 500, 100_000
		file, fields := textFile(t, rows, different, length)
		got, most, err := batches(t, file, fields)
		if err != nil || got != rows || most > batchBytes+batchBytes/8 {
			t.Errorf("%s: %d rows, at most %d bytes in a batch, %v", name, got, most, err)
		}
	}
}

func TestPagesStayWithinTheMemoryLimit(t *testing.T) {
	for name, different := range map[string]int{"dictionary": 8, "page": 64} {
		file, fields := textFile(t, 64, different, 100_000)
		memory.Limit(500_000)
		_, _, err := batches(t, file, fields)
		var large *memory.Exceeded
		if !errors.As(err, &large) || !strings.Contains(err.Error(), "row group 0, column a: ") {
			t.Errorf("%s: %v", name, err)
		}
		if room := new(memory.Holding).Room(); room != 500_000 {
			t.Errorf("%s: after the reader has closed the room is %d", name, room)
		}
		memory.Limit(50_000_000)
		if rows, _, err := batches(t, file, fields); err != nil || rows != 64 {
			t.Errorf("%s: with a higher limit %d rows, %v", name, rows, err)
		}
		memory.Limit(0)
	}
}

func TestPagesThatClaimTooMuchAreRefusedWithoutALimit(t *testing.T) {
	var l ledger
	var a, b int
	if err := l.set(&a, maxHeld-10); err != nil {
		t.Fatal(err)
	}
	if err := l.set(&b, 11); err == nil || !strings.Contains(err.Error(), "the limit is 4294967296") {
		t.Error(err)
	}
}
