package socket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/test/freeport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func given(pairs ...string) job.Options {
	var o job.Options
	for i := 0; i < len(pairs); i += 2 {
		o = append(o, job.Option{Name: pairs[i], Value: pairs[i+1]})
	}
	return o
}

func open(t *testing.T, pairs ...string) (*Source, error) {
	t.Helper()
	o, err := ParseOptions(given(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(context.Background(), o, &sources.Env{Log: slog.New(slog.DiscardHandler), Now: time.Now, Say: func(string) {}})
	if err == nil {
		t.Cleanup(func() { _ = s.Close() })
	}
	return s, err
}

// server listens for the source to connect.
func server(t *testing.T) (net.Listener, []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	host, port, _ := net.SplitHostPort(l.Addr().String())
	return l, []string{"host", host, "port", port}
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := freeport.Get()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func accept(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// lines waits until n lines have come after from and reads them.
func lines(t *testing.T, s *Source, from *sources.Offset, n int) []string {
	t.Helper()
	ctx := context.Background()
	if *from == "" {
		*from = "-1"
	}
	var to sources.Offset
	for start := time.Now(); ; {
		var err error
		if to, err = s.LatestOffset(ctx, *from, false); err != nil {
			t.Fatal(err)
		}
		var a, b int
		_, _ = fmt.Sscan(string(*from), &a)
		_, _ = fmt.Sscan(string(to), &b)
		if b-a >= n {
			break
		}
		if time.Since(start) > time.Minute {
			t.Fatalf("%d lines, want %d", b-a, n)
		}
		select {
		case <-s.Wake():
		case <-time.After(time.Second):
		}
	}
	parts, err := s.Plan(ctx, *from, to, &sources.Scan{Scan: codec.Scan{Fields: s.opts.Schema().Fields}})
	if err != nil {
		t.Fatal(err)
	}
	*from = to
	var out []string
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
			for i := range b.N {
				if b.Sel == nil || slices.Contains(b.Sel, int32(i)) {
					out = append(out, string(b.Cols[0].Bytes(i)))
				}
			}
		}
	}
	return out
}

func TestLinesEndAsInJava(t *testing.T) {
	for text, want := range map[string][]string{
		"a\nb\n":         {"a", "b"},
		"a\r\nb\r\n":     {"a", "b"},
		"a\rb\r\r\n\n":   {"a", "b", "", ""},
		"\n\n":           {"", ""},
		"a\nhalf":        {"a", "half"},
		"":               nil,
		"bad\xff\xc3(\n": {"bad\uFFFD\uFFFD("},
		"héé\n":          {"héé"},
	} {
		for _, size := range []int{1, 2, 100} {
			if got := splitLines(text, size, 100); !slices.Equal(got, want) {
				t.Errorf("%q in pieces of %d gives %q, want %q", text, size, got, want)
			}
		}
	}
}

// splitLines cuts a text that arrives in pieces; lines that are too long end in "…".
func splitLines(text string, piece, limit int) (got []string) {
	s := splitter{limit: limit, emit: func(line []byte, tooLong bool) {
		got = append(got, string(validText(line)))
		if tooLong {
			got[len(got)-1] += "…"
		}
	}}
	for rest := []byte(text); len(rest) > 0; {
		n := min(piece, len(rest))
		s.feed(rest[:n])
		rest = rest[n:]
	}
	s.end()
	return got
}

func TestOfALongLineTheBeginningIsKept(t *testing.T) {
	want := []string{"123", "1234…", "", "1234", "1234…"}
	for piece := 1; piece < 30; piece++ {
		if got := splitLines("123\n12345\n\r\n1234\r123456789", piece, 4); !slices.Equal(got, want) {
			t.Errorf("in pieces of %d: %q, want %q", piece, got, want)
		}
	}
}

func TestLinesThatAreTooLongAreMalformed(t *testing.T) {
	l, opts := server(t)
	o, err := ParseOptions(given(opts...))
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(t.Context(), o, &sources.Env{Log: slog.New(slog.DiscardHandler), Now: time.Now, Say: func(string) {}, MaxLine: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	c := accept(t, l)
	_, _ = io.WriteString(c, "a\nbcdefgh\nij\n")
	var from sources.Offset
	if got := lines(t, s, &from, 3); !slices.Equal(got, []string{"a", "ij"}) {
		t.Errorf("lines %q", got)
	}
}

func TestLinesWithoutTextFillTheBufferToo(t *testing.T) {
	s := &Source{opts: &Options{}, env: &sources.Env{Now: time.Now}, wake: make(chan struct{}, 1), ctx: t.Context()}
	s.room = sync.NewCond(&s.mu)
	s.publish(&peer{split: splitter{limit: 10}}, bytes.Repeat([]byte("\n"), 100_000), true)
	if s.buffered < 100_000*lineOverhead || len(s.blocks) < 2 {
		t.Errorf("%d bytes in %d blocks", s.buffered, len(s.blocks))
	}
	s.drop(s.next - 1)
	if s.buffered != 0 || len(s.blocks) > 0 {
		t.Errorf("%d bytes in %d blocks are left", s.buffered, len(s.blocks))
	}
}

func TestAClientReadsLinesInTheOrderOfArrival(t *testing.T) {
	l, opts := server(t)
	s, err := open(t, opts...)
	if err != nil {
		t.Fatal(err)
	}
	c := accept(t, l)
	if first, err := s.LatestOffset(context.Background(), "", false); err != nil || first != "-1" {
		t.Errorf("the first batch ends at %s, %v", first, err)
	}
	var from sources.Offset
	_, _ = io.WriteString(c, "one\ntwo\nthr")
	if got := lines(t, s, &from, 2); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("lines %q", got)
	}
	_, _ = io.WriteString(c, "ee\nlast")
	if got := lines(t, s, &from, 1); !slices.Equal(got, []string{"three"}) {
		t.Errorf("lines %q", got)
	}
	_ = c.Close()
	if got := lines(t, s, &from, 1); !slices.Equal(got, []string{"last"}) {
		t.Errorf("lines %q", got)
	}
	if s.Done() != nil {
		t.Error("the query would end, but Spark's idles")
	}
}

func TestARefusedConnectionIsAnError(t *testing.T) {
	if _, err := open(t, "host", "127.0.0.1", "port", freePort(t)); err == nil || !strings.HasPrefix(err.Error(), "Connection refused") {
		t.Errorf("error %v", err)
	}
}

func TestReconnectWaitsForTheServerAndComesBack(t *testing.T) {
	port := freePort(t)
	s, err := open(t, "host", "127.0.0.1", "port", port, "reconnect", "true")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var from sources.Offset
	for _, text := range []string{"a", "b"} {
		c := accept(t, l)
		_, _ = io.WriteString(c, text)
		_ = c.Close()
		if got := lines(t, s, &from, 1); !slices.Equal(got, []string{text}) {
			t.Errorf("lines %q", got)
		}
	}
}

func TestALostConnectionFailsAfterItsLinesAreRead(t *testing.T) {
	l, opts := server(t)
	s, err := open(t, opts...)
	if err != nil {
		t.Fatal(err)
	}
	c := accept(t, l).(*net.TCPConn)
	_, _ = io.WriteString(c, "a\n")
	var from sources.Offset
	lines(t, s, &from, 1)
	_ = c.SetLinger(0) // reset
	_ = c.Close()
	if err := failure(t, s, from); !strings.Contains(err.Error(), "was lost") {
		t.Errorf("error %v", err)
	}
}

// failure waits for the error that follows the lines up to from. A wake-up may be left over from a line that was read already.
func failure(t *testing.T, s *Source, from sources.Offset) error {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for {
		if _, err := s.LatestOffset(context.Background(), from, false); err != nil {
			return err
		}
		select {
		case <-s.Wake():
		case <-deadline:
			t.Fatal("no error came")
		}
	}
}

func TestListeningTakesSeveralClients(t *testing.T) {
	s, err := open(t, "listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dial := func() net.Conn {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var from sources.Offset
	a, b := dial(), dial()
	_, _ = io.WriteString(a, "a1\nhalf of ")
	_, _ = io.WriteString(b, "b1\n")
	if got := lines(t, s, &from, 2); !slices.Contains(got, "a1") || !slices.Contains(got, "b1") {
		t.Errorf("lines %q", got)
	}
	_, _ = io.WriteString(a, "a line")
	_ = a.Close()
	_ = b.Close()
	if got := lines(t, s, &from, 1); !slices.Equal(got, []string{"half of a line"}) {
		t.Errorf("lines %q", got)
	}
	c := dial()
	_, _ = io.WriteString(c, "c1\n")
	if got := lines(t, s, &from, 1); !slices.Equal(got, []string{"c1"}) {
		t.Errorf("lines %q", got)
	}
	if err := s.FreezeEnd(context.Background()); err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	select {
	case <-s.Done():
	case <-time.After(5 * time.Second):
		t.Error("the end of the last client does not end the query")
	}
}

func TestAPortInUseIsAnError(t *testing.T) {
	l, _ := server(t)
	if _, err := open(t, "listen", l.Addr().String()); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("error %v", err)
	}
}

func TestFullBuffersMakeThePeerWait(t *testing.T) {
	l, opts := server(t)
	s, err := open(t, opts...)
	if err != nil {
		t.Fatal(err)
	}
	c := accept(t, l)
	line := strings.Repeat("x", 64<<10-1) + "\n"
	sent := 0
	for {
		_ = c.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		n, err := io.WriteString(c, line)
		sent += n
		if err != nil {
			var timeout net.Error
			if !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Fatal(err)
			}
			break
		}
		if sent > 4*maxBuffered {
			t.Fatal("the buffer has no bound")
		}
	}
	var from sources.Offset
	lines(t, s, &from, 1000)
	if _, err := s.LatestOffset(context.Background(), from, false); err != nil {
		t.Fatal(err)
	}
	_ = c.SetWriteDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, "\n"); err != nil {
		t.Errorf("the peer still waits: %v", err)
	}
}

func TestTimestampsAreAnOption(t *testing.T) {
	o, err := ParseOptions(given("host", "h", "port", "1", "includeTimestamp", "TRUE"))
	if err != nil || len(o.Schema().Fields) != 2 {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestOptionErrors(t *testing.T) {
	for want, opts := range map[string]job.Options{
		`Set a host to read from with option("host", ...).`:         nil,
		`Set a port to read from with option("port", ...).`:         given("host", "h"),
		`IncludeTimestamp must be set to either "true" or "false".`: given("host", "h", "port", "1", "includeTimestamp", "x"),
		"is not a port":                         given("host", "h", "port", "x"),
		"leave out the option host or listen":   given("host", "h", "listen", ":1"),
		"the option reconnect must be true":     given("host", "h", "port", "1", "reconnect", "maybe"),
		`cannot listen on "9999": it must be [`: given("listen", "9999"),
	} {
		if _, err := ParseOptions(opts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if o, err := ParseOptions(given("listen", ":9999")); err != nil || o.Address != "127.0.0.1:9999" {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestTheSourceSaysWhatItWaitsFor(t *testing.T) {
	var said []string
	env := &sources.Env{Log: slog.New(slog.DiscardHandler), Now: time.Now, Say: func(text string) { said = append(said, text) }}
	start := func(o *Options) *Source {
		t.Helper()
		s, err := New(t.Context(), o, env)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	until := func(s *Source, want string) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); s.Waiting() != want; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%q, want %q", s.Waiting(), want)
			}
		}
	}
	server := start(&Options{Address: "127.0.0.1:0", Listen: true})
	address := server.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	until(server, "waiting for a connection on "+address)
	client := start(&Options{Address: address})
	until(client, "waiting for lines from "+address)
	until(server, "waiting for lines from a connection to "+address)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	until(client, address+" has closed the connection")
	want := []string{"listening on " + address + ", for this machine only; --listen 0.0.0.0:" + port + " accepts connections from others", "connected to " + address}
	if !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}
