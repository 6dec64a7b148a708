package stdin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/types"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var schema = &types.Schema{Fields: []types.Field{{Name: "a", Type: types.String, Nullable: true}}}

func open(t *testing.T, format string, in io.Reader, opts job.Options) *Source {
	t.Helper()
	d, err := map[string]*codec.Codec{"csv": csv.Codec, "text": text.Codec}[format].NewDecoder(opts.Values(), schema)
	if err != nil {
		t.Fatal(err)
	}
	s := New(d, &sources.Env{Stdin: in})
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// batch reads the lines after from.
func batch(t *testing.T, s *Source, from *sources.Offset) []string {
	t.Helper()
	ctx := context.Background()
	to, err := s.LatestOffset(ctx, *from, false)
	if err != nil {
		t.Fatal(err)
	}
	if to == *from {
		return nil
	}
	parts, err := s.Plan(ctx, *from, to, &sources.Scan{Scan: codec.Scan{Schema: schema, Fields: schema.Fields}})
	if err != nil {
		t.Fatal(err)
	}
	*from = to
	var rows []string
	for _, p := range parts {
		r, err := p.Open(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for {
			b, err := r.Next(ctx)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.N {
				rows = append(rows, string(b.Cols[0].Bytes(i)))
			}
		}
	}
	return rows
}

// rest reads batches until the end.
func rest(t *testing.T, s *Source) []string {
	t.Helper()
	var rows []string
	var from sources.Offset
	for {
		done := false
		select {
		case <-s.Done():
			done = true
		default:
		}
		b := batch(t, s, &from)
		rows = append(rows, b...)
		if done && b == nil {
			return rows
		}
		if b == nil {
			select {
			case <-s.Wake():
			case <-time.After(5 * time.Second):
				t.Fatal("no more input")
			}
		}
	}
}

func TestABatchIsTheCompleteLines(t *testing.T) {
	in, feed := io.Pipe()
	s := open(t, "text", in, nil)
	var from sources.Offset
	for _, step := range []struct {
		text string
		want []string
	}{{"a\nb", []string{"a"}}, {"\nc\nd\n", []string{"b", "c", "d"}}} {
		if _, err := io.WriteString(feed, step.text); err != nil {
			t.Fatal(err)
		}
		<-s.Wake()
		if got := batch(t, s, &from); !slices.Equal(got, step.want) {
			t.Errorf("batch %q, want %q", got, step.want)
		}
	}
	_, _ = io.WriteString(feed, "no end")
	_ = feed.Close()
	<-s.Done()
	if got := batch(t, s, &from); !slices.Equal(got, []string{"no end"}) {
		t.Errorf("last batch %q", got)
	}
}

func TestManyBuffersKeepOrder(t *testing.T) {
	var text strings.Builder
	var want []string
	for i := range 700_000 {
		line := "line " + strconv.Itoa(i)
		want = append(want, line)
		text.WriteString(line + "\n")
	}
	long := strings.Repeat("x", 3*bufferBytes) // a line longer than a buffer
	want = append(want, long, "end")
	text.WriteString(long + "\nend")
	if got := rest(t, open(t, "text", strings.NewReader(text.String()), nil)); !slices.Equal(got, want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

func TestOnlyTheFirstChunkHasAHeader(t *testing.T) {
	opts := job.Options{{Name: "header", Value: "true"}}
	in, feed := io.Pipe()
	s := open(t, "csv", in, opts)
	var from sources.Offset
	for _, step := range []struct{ text, want string }{{"a\n1\n", "1"}, {"2\n", "2"}} {
		_, _ = io.WriteString(feed, step.text)
		<-s.Wake()
		if got := batch(t, s, &from); !slices.Equal(got, []string{step.want}) {
			t.Errorf("rows %q, want %q", got, step.want)
		}
	}
	_ = feed.Close()
	<-s.Done()
}

func TestRecordsThatSpanLinesAreReadAtTheEnd(t *testing.T) {
	s := open(t, "csv", iotest.OneByteReader(strings.NewReader("\"a\nb\"\nc\n")), job.Options{{Name: "multiLine", Value: "true"}})
	if got := rest(t, s); !slices.Equal(got, []string{"a\nb", "c"}) {
		t.Errorf("rows %q", got)
	}
}

func TestAReadErrorComesAfterTheRows(t *testing.T) {
	s := open(t, "text", io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(errors.New("broken"))), nil)
	<-s.Done()
	var from sources.Offset
	if got := batch(t, s, &from); !slices.Equal(got, []string{"a"}) {
		t.Errorf("rows %q", got)
	}
	if _, err := s.LatestOffset(context.Background(), from, false); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("error %v", err)
	}
}

func TestALongLineIsMalformedAndTakesBoundedMemory(t *testing.T) {
	const limit, length = 1000, 40 << 20 // far more than all buffers together
	in := io.MultiReader(strings.NewReader("a\n"), io.LimitReader(endless('x'), length), strings.NewReader("\nb\n"),
		io.LimitReader(endless('y'), length), strings.NewReader("\nc\n"))
	rows, rejects := readLong(t, in, limit)
	if rows != "a NULL b NULL c" {
		t.Errorf("rows %.100s", rows)
	}
	want := []string{"line 2 at 2: x", fmt.Sprintf("line 4 at %d: y", 2+length+3)}
	if !slices.Equal(rejects, want) {
		t.Errorf("rejected %q, want %q", rejects, want)
	}
}

func TestALongFirstLineBehindAMarkIsMalformed(t *testing.T) {
	in := io.MultiReader(strings.NewReader("\ufeff"), io.LimitReader(endless('x'), 2<<20), strings.NewReader("\nb\n"))
	if rows, rejects := readLong(t, in, 1000); rows != "NULL b" || !slices.Equal(rejects, []string{"line 1 at 3: x"}) {
		t.Errorf("rows %.100s, rejected %q", rows, rejects)
	}
}

// readLong reads CSV with a limit to the length of records, and gives the first column and the malformed records.
func readLong(t *testing.T, in io.Reader, limit int) (first string, rejects []string) {
	t.Helper()
	d, err := csv.Codec.NewDecoder(nil, schema)
	if err != nil {
		t.Fatal(err)
	}
	s := New(d, &sources.Env{Stdin: in, MaxLine: limit})
	t.Cleanup(func() { _ = s.Close() })
	scan := &sources.Scan{Scan: codec.Scan{Schema: schema, Fields: schema.Fields, MaxLineBytes: limit, OnMalformed: func(m *codec.Malformed) {
		m.FindLine()
		rejects = append(rejects, fmt.Sprintf("line %d at %d: %c", m.Line, m.Offset, m.Record[0]))
	}}}
	<-s.Done()
	ctx := context.Background()
	to, err := s.LatestOffset(ctx, "", false)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.Plan(ctx, "", to, scan)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, p := range parts {
		r, err := p.Open(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for b, err := r.Next(ctx); !errors.Is(err, io.EOF); b, err = r.Next(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.N {
				if b.Cols[0].IsNull(i) {
					rows = append(rows, "NULL")
				} else {
					rows = append(rows, string(b.Cols[0].Bytes(i)))
				}
			}
		}
	}
	return strings.Join(rows, " "), rejects
}

// endless returns the same byte forever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}
