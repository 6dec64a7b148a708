package codec_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// file returns an input that reads data from a reader.
func file(data string) codec.Input {
	return codec.Input{File: &vector.File{Path: "/in/f"}, Length: -1, Chunk: 1 << 10, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader([]byte(data))), nil
	}}
}

// count reads an input to its end.
func count(t *testing.T, r vector.Reader, err error) (rows int, _ error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for {
		b, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows += b.Rows()
	}
}

// Each reader fails if a record or file exceeds the memory limit, names it, and reads it once the limit is raised. Nothing is
// held after the reader has closed.
func TestReadersStayWithinTheMemoryLimit(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	for name, c := range map[string]struct {
		format, ddl, data string
		options           map[string]string
		want              string
		offset            int64
	}{
		"text line":      {"text", "value STRING", "a\n" + long + "\n", nil, "a record that has not ended after", 2},
		"whole text":     {"text", "value STRING", long, map[string]string{"wholetext": "true"}, "a file that is read as a whole", 0},
		"csv line":       {"csv", "a STRING", "a\n" + long + "\n", nil, "a record that has not ended after", 2},
		"csv multiLine":  {"csv", "a STRING", "a\n\"" + long + "\"\n", map[string]string{"multiLine": "true"}, "a file that is read as a whole", 0},
		"json line":      {"json", "a STRING", "{}\n{\"a\":\"" + long + "\"}\n", nil, "a record that has not ended after", 3},
		"json multiLine": {"json", "a STRING", "{\"a\":\"" + long + "\"}\n", map[string]string{"multiLine": "true"}, "a file that is read as a whole", 0},
		"json list":      {"json", "a ARRAY<BIGINT>", "{}\n{\"a\":[1" + strings.Repeat(",1", 25_000) + "]}\n", nil, "bytes of memory are needed", 3},
	} {
		schema, serr := types.ParseDDL(c.ddl)
		if serr != nil {
			t.Fatal(serr)
		}
		read := func() (int, error) {
			scan := &codec.Scan{Fields: schema.Fields, Schema: schema}
			switch c.format {
			case "csv":
				o, err := csv.ParseOptions(c.options)
				if err != nil {
					t.Fatal(err)
				}
				r, err := csv.NewReader(file(c.data), o, scan)
				return count(t, r, err)
			case "json":
				o, err := json.ParseOptions(c.options)
				if err != nil {
					t.Fatal(err)
				}
				r, err := json.NewReader(file(c.data), o, scan)
				return count(t, r, err)
			}
			o, err := text.ParseOptions(c.options)
			if err != nil {
				t.Fatal(err)
			}
			r, err := text.NewReader(file(c.data), o, scan)
			return count(t, r, err)
		}
		memory.Limit(150_000)
		_, err := read()
		var large *memory.Exceeded
		var at *vector.RecordError
		if !errors.As(err, &large) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if !errors.As(err, &at) || at.Offset != c.offset {
			t.Errorf("%s: the place is %+v", name, at)
		}
		if room := new(memory.Holding).Room(); room != 150_000 {
			t.Errorf("%s: after the reader has closed the room is %d", name, room)
		}
		memory.Limit(10_000_000)
		rows, err := read()
		if want := 1 + strings.Count(c.data, "\n") - 1; err != nil || rows != max(want, 1) {
			t.Errorf("%s: with a higher limit %d rows, %v", name, rows, err)
		}
		memory.Limit(0)
	}
}
