package codec

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

func TestRepairOfMalformedTextMatchesJava(t *testing.T) {
	for in, want := range map[string]string{
		"a\xff\xfeb":       "a\ufffd\ufffdb",
		"\xe2\x82":         "\ufffd",
		"\xc3(":            "\ufffd(",
		"\xed\xa0\x80x":    "\ufffdx",
		"\xf0\x9f\x98":     "\ufffd",
		"\xf4\x90\x80\x80": "\ufffd\ufffd\ufffd\ufffd",
		"\xe0\x80\x80":     "\ufffd\ufffd\ufffd",
		"é日😀":              "é日😀",
	} {
		if got := string(AppendRepaired(nil, []byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestCharsets(t *testing.T) {
	for _, name := range Charsets {
		cs, ok := LookupCharset(strings.ToUpper(name))
		if !ok {
			t.Errorf("%s is unknown", name)
			continue
		}
		text := "aé😀\n"
		if cs != nil && cs.width == 1 {
			text = "az\n"
		}
		if got := string(cs.AppendText(nil, cs.AppendEncoded(nil, text))); got != text {
			t.Errorf("%s: %q", name, got)
		}
	}
	for in, want := range map[string]string{"\xff\xfea\x00": "a", "\x00a\xd8\x3dx": "a\ufffdx", "\x00": "\ufffd"} {
		cs, _ := LookupCharset("UTF-16")
		if in == "\x00a\xd8\x3dx" {
			want = "a\ufffd\ufffd"
		}
		if got := string(cs.AppendText(nil, []byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// slowReader reads a few bytes at a time.
type slowReader struct{ *bytes.Reader }

func (r slowReader) Read(b []byte) (int, error) { return r.Reader.Read(b[:min(len(b), 7)]) }

func (slowReader) Close() error { return nil }

func TestChunksAreWholeRecords(t *testing.T) {
	data := []byte(strings.Repeat("0123456789\r\nabc\rxyz\n", ChunkBytes/10))
	in := Input{Length: -1, Open: func() (io.ReadCloser, error) { return slowReader{bytes.NewReader(data)}, nil }}
	c := NewChunks(in, nil, DefaultMaxLineBytes)
	var all []byte
	for {
		from, to, offset, err := c.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		chunk := c.Buf()[from:to]
		if int(offset) != len(all) || chunk[len(chunk)-1] != '\n' {
			t.Fatalf("chunk at %d, want %d, ends in %q", offset, len(all), chunk[len(chunk)-1])
		}
		all = append(all, chunk...)
	}
	if !bytes.Equal(all, data) {
		t.Errorf("%d bytes of %d", len(all), len(data))
	}
}

// chunksOf returns the chunks of a partition, read few bytes at a time.
func chunksOf(t *testing.T, data, sep string, start, length int64, size, limit int) (chunks []string) {
	t.Helper()
	c := NewChunks(Input{Start: start, Length: length, Chunk: size, Open: func() (io.ReadCloser, error) {
		return struct {
			*strings.Reader
			io.Closer
		}{strings.NewReader(data), io.NopCloser(nil)}, nil
	}}, []byte(sep), limit)
	for {
		from, to, _, err := c.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return chunks
		}
		if err != nil {
			t.Fatal(err)
		}
		chunks = append(chunks, string(c.Buf()[from:to]))
	}
}

func TestSeparatorAcrossPartitionEnd(t *testing.T) {
	const data = "one<>two<>three"
	for cut := int64(1); cut < int64(len(data)); cut++ {
		for size := 1; size < 20; size++ {
			first := strings.Join(chunksOf(t, data, "<>", 0, cut, size, 100), "")
			second := strings.Join(chunksOf(t, data, "<>", cut, int64(len(data))-cut, size, 100), "")
			if first+second != data || !strings.HasSuffix(first, ">") && second != "" {
				t.Errorf("cut at %d, %d bytes at a time: %q, %q", cut, size, first, second)
			}
		}
	}
}

func TestOverlappingSeparatorsCountFromTheBeginning(t *testing.T) {
	for size := 1; size < 12; size++ {
		if got := chunksOf(t, "a|||b||c", "||", 0, -1, size, 100); strings.Join(got, "") != "a|||b||c" || slices.Contains(got, "a|||") {
			t.Errorf("%d bytes at a time: %q", size, got)
		}
	}
	for sep, want := range map[string]bool{"\n": false, "||": true, "\r\n": false, "aba": true, "ab": false, "": false} {
		if Overlaps([]byte(sep)) != want {
			t.Errorf("%q overlaps: %t", sep, !want)
		}
	}
}

func TestByteOrderMarkDoesNotCountTowardsRecordLength(t *testing.T) {
	for _, length := range []int{10, 11} { // the longest record, and one that is too long
		got := chunksOf(t, "\ufeff"+strings.Repeat("x", length)+"\ny", "\n", 0, -1, 1, 10)
		if cut := len(got[0]) - MarkBytes; length == 10 && cut != 11 || length == 11 && cut < 11 {
			t.Errorf("of %d bytes: %q", length, got)
		}
	}
}

func TestLimitAppliesToSmallFilesReadAsAWhole(t *testing.T) {
	for _, in := range []Input{FromBytes(nil, make([]byte, 11)), {Length: -1, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(make([]byte, 11))), nil }}} {
		for limit, want := range map[int]bool{10: true, 11: false} {
			_, _, _, err := NewWhole(in, limit).Next(context.Background())
			if _, tooLong := errors.AsType[*FileTooLong](err); tooLong != want {
				t.Errorf("limit %d: %v", limit, err)
			}
		}
	}
}

func TestScratchSurvivesUntilTheNextChunk(t *testing.T) {
	c := NewChunks(FromBytes(nil, []byte("a\nb\n")), nil, DefaultMaxLineBytes)
	from, to, _, err := c.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c.Keep(append(c.Buf(), "more"...))
	if got := string(c.Buf()[from:to]); got != "a\nb\n" {
		t.Errorf("%q", got)
	}
	if _, _, _, err := c.Next(context.Background()); !errors.Is(err, io.EOF) {
		t.Errorf("error %v", err)
	}
}

func TestDecimalsOfLocales(t *testing.T) {
	tests := []struct{ locale, in, want string }{
		{"", "1,234.5", "1234.50"}, {"de-DE", "1.234,5", "1234.50"}, {"de-DE", "1.5", "15.00"}, {"de", "x", ""},
		{"fr-FR", "1\u202f234,5", "1234.50"}, {"de", "-0,005", "-0.01"}, {"de", "+1", ""}, {"", "1e2", "100.00"},
	}
	for _, test := range tests {
		v, ok := NewDecimalParser(test.locale).Parse([]byte(test.in), 10, 2)
		got := ""
		if ok {
			got = string(decimal.Append(nil, v, 2))
		}
		if got != test.want {
			t.Errorf("%s %q: %q, want %q", test.locale, test.in, got, test.want)
		}
	}
}

func TestDecimalsInFiles(t *testing.T) {
	for want, d := range map[string]struct {
		v     int64
		scale int
	}{"1.50": {150, 2}, "1E-8": {1, 8}, "-1.5E-7": {-15, 8}, "0.00000100": {100, 8}, "0E-10": {0, 10}, "0.000000": {0, 6}} {
		if got := string(AppendDecimal([]byte{}, decimal.FromInt64(d.v), d.scale)); got != want {
			t.Errorf("%d scale %d: %s, want %s", d.v, d.scale, got, want)
		}
	}
}

func TestFileURIs(t *testing.T) {
	if got, want := FileURI("/a b/é%.csv"), "file:/a%20b/é%25.csv"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestOptionNamesIgnoreCase(t *testing.T) {
	v := NewValues(map[string]string{"MultiLine": "TRUE", "delimiter": ";"})
	if on, err := v.Bool("multiline", false); !on || err != nil {
		t.Errorf("%t %v", on, err)
	}
	if s, ok := v.Lookup("sep", "delimiter"); s != ";" || !ok {
		t.Errorf("%q %t", s, ok)
	}
	if !slices.Contains(Charsets, "utf-8") {
		t.Error("no UTF-8")
	}
}

// endless yields the same byte forever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestMemoryForALongLineIsBounded(t *testing.T) {
	const limit, length = 1 << 20, 64 << 20
	in := Input{Length: -1, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(io.LimitReader(endless('x'), length), strings.NewReader("\nb\n"))), nil
	}}
	c := NewChunks(in, nil, limit)
	var sizes []int
	for {
		from, to, offset, err := c.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, to-from)
		if len(sizes) == 2 && offset != length+1 {
			t.Errorf("the next line begins at %d", offset)
		}
	}
	if len(sizes) != 2 || sizes[0] != limit+MarkBytes+1 || sizes[1] != 2 || cap(c.buf) > limit+2*ChunkBytes {
		t.Errorf("chunks of %d bytes, a buffer of %d", sizes, cap(c.buf))
	}
}

func TestFilesReadAsAWholeHaveALimit(t *testing.T) {
	in := Input{Length: -1, Open: func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(endless('x'), 4<<20)), nil }}
	_, _, _, err := NewWhole(in, 1<<20).Next(context.Background())
	var long *FileTooLong
	if !errors.As(err, &long) {
		t.Errorf("error %v", err)
	}
}

// Spark: DataStreamReader.schema, CheckAnalysis.
func TestUnsupportedColumnsAreRefused(t *testing.T) {
	for ddl, want := range map[string]string{
		"a INT, b STRUCT<c: ARRAY<STRING>>": "",
		"a VARCHAR(3)":                      "UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING",
		"a MAP<CHAR(2), INT>":               "UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING",
		"a INT, A TIME":                     "COLUMN_ALREADY_EXISTS",
		"a STRUCT<b: ARRAY<TIME(3)>>":       "UNSUPPORTED_TIME_TYPE",
	} {
		schema, parseErr := types.ParseDDL(ddl)
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		err := CheckColumns(schema)
		if got, _ := err.(*sparkerr.Error); want == "" && err != nil || want != "" && (got == nil || got.Condition != want) {
			t.Errorf("%s: %v, want %q", ddl, err, want)
		}
	}
}
