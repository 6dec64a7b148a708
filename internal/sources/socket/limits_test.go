package socket

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sources"
)

// listening starts a source that listens; what it logs goes to the buffer.
func listening(t *testing.T, pairs ...string) (*Source, *logged) {
	t.Helper()
	o, err := ParseOptions(given(append(pairs, "listen", "127.0.0.1:0")...))
	if err != nil {
		t.Fatal(err)
	}
	log := &logged{}
	s, err := New(t.Context(), o, &sources.Env{Log: slog.New(slog.NewTextHandler(log, nil)), Now: time.Now, Say: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, log
}

type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func connect(t *testing.T, s *Source) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for start := time.Now(); !condition(); time.Sleep(time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// peak looks at the memory of unfinished lines until it is stopped.
func peak(s *Source) (stop func() int) {
	var most int
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			s.mu.Lock()
			most = max(most, s.unfinished)
			s.mu.Unlock()
			select {
			case <-done:
				return
			case <-time.After(100 * time.Microsecond):
			}
		}
	}()
	return func() int {
		close(done)
		<-stopped
		return most
	}
}

func TestALineThatNeverEndsTakesBoundedMemory(t *testing.T) {
	s, _ := listening(t)
	stop := peak(s)
	c := connect(t, s)
	part := bytes.Repeat([]byte("a"), 1<<20)
	for range 3 * DefaultLineBytes >> 20 {
		if _, err := c.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = io.WriteString(c, "\nshort\n")
	var from sources.Offset
	if got := lines(t, s, &from, 2); !slices.Equal(got, []string{"short"}) {
		t.Errorf("lines %.100q", got)
	}
	if most := stop(); most > DefaultLineBytes {
		t.Errorf("%d bytes were held", most)
	}
	_ = c.Close()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) { // the count follows the lines
		s.mu.Lock()
		unfinished, first := s.unfinished, s.first
		s.mu.Unlock()
		if unfinished == 0 && first == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are counted at the end", unfinished)
		}
	}
}

// TestManyLongLinesAtOnceAreAllRead has clients begin more than they may together before any of them ends a line.
func TestManyLongLinesAtOnceAreAllRead(t *testing.T) {
	s, _ := listening(t)
	stop := peak(s)
	const clients, size = 60, 1 << 20
	var sent sync.WaitGroup
	for i := range clients {
		c := connect(t, s)
		sent.Go(func() {
			half := strings.Repeat(fmt.Sprintf("%02d", i), size/4)
			_, _ = io.WriteString(c, half)
			time.Sleep(50 * time.Millisecond)
			_, _ = io.WriteString(c, half+"\n")
		})
	}
	var from sources.Offset
	got := map[string]bool{}
	for len(got) < clients {
		for _, line := range lines(t, s, &from, 1) {
			if len(line) != size || strings.Count(line, line[:2]) < size/2 {
				t.Fatalf("a line of %d bytes", len(line))
			}
			got[line[:2]] = true
		}
	}
	sent.Wait()
	if most := stop(); most > maxUnfinished+size {
		t.Errorf("%d bytes were held", most)
	}
}

// TestASilentClientThatHoldsMemoryHasToGo has a client begin a line that takes the memory, and say no more.
func TestASilentClientThatHoldsMemoryHasToGo(t *testing.T) {
	s, log := listening(t)
	s.silence = 50 * time.Millisecond
	begin := func(n int) net.Conn {
		c := connect(t, s)
		before := 0
		s.mu.Lock()
		before = s.unfinished
		s.mu.Unlock()
		_, _ = c.Write(bytes.Repeat([]byte("a"), n))
		eventually(t, "the beginning has come", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.unfinished == before+n-freeBytes
		})
		return c
	}
	begin(20 << 20)
	begin(20 << 20)
	time.Sleep(3 * s.silence)
	if text := log.String(); strings.Contains(text, "was lost") {
		t.Fatalf("a client that hampers no other one was ended: %s", text)
	}
	c := connect(t, s)
	go func() { _, _ = io.WriteString(c, strings.Repeat("c", 1<<20)+"\n") }()
	eventually(t, "a silent client is ended", func() bool { return strings.Contains(log.String(), "while others waited for the memory") })
	var from sources.Offset
	seen := false
	for !seen {
		for _, line := range lines(t, s, &from, 1) {
			seen = seen || line[0] == 'c'
		}
	}
}

func TestClientsBeyondTheLimitWaitForTheirTurn(t *testing.T) {
	s, log := listening(t, "maxConnections", "2")
	a, b := connect(t, s), connect(t, s)
	_, _ = io.WriteString(a, "a\n")
	_, _ = io.WriteString(b, "b\n")
	var from sources.Offset
	if got := lines(t, s, &from, 2); len(got) != 2 {
		t.Fatalf("lines %q", got)
	}
	for i := range 20 {
		c := connect(t, s)
		_, _ = fmt.Fprintf(c, "%d\n", i)
		_ = c.Close()
	}
	eventually(t, "the message", func() bool { return strings.Contains(log.String(), "2 clients are connected") })
	s.mu.Lock()
	if s.next != 2 || s.clients != 2 {
		t.Errorf("%d lines of %d clients", s.next, s.clients)
	}
	s.mu.Unlock()
	_ = a.Close()
	if got := lines(t, s, &from, 20); len(got) != 20 {
		t.Errorf("lines %q", got)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d messages:\n%s", n, log)
	}
}

func TestAClientThatHasNeverSentALineMakesRoom(t *testing.T) {
	s, log := listening(t, "maxConnections", "2")
	s.silence = 10 * time.Millisecond
	talks, _ := connect(t, s), connect(t, s)
	_, _ = io.WriteString(talks, "a\n")
	var from sources.Offset
	lines(t, s, &from, 1)
	c := connect(t, s)
	_, _ = io.WriteString(c, "c\n")
	if got := lines(t, s, &from, 1); !slices.Equal(got, []string{"c"}) {
		t.Errorf("lines %q", got)
	}
	_, _ = io.WriteString(talks, "b\n")
	if got := lines(t, s, &from, 1); !slices.Equal(got, []string{"b"}) {
		t.Errorf("lines %q", got)
	}
	if !strings.Contains(log.String(), "it has not sent a line, and others wait to connect") {
		t.Error(log)
	}
}

// TestClientsLeaveDescriptorsForTheQuery lowers the number of descriptors that clients may use up.
func TestClientsLeaveDescriptorsForTheQuery(t *testing.T) {
	s, log := listening(t)
	first := connect(t, s)
	_, _ = io.WriteString(first, "x\n")
	var from sources.Offset
	lines(t, s, &from, 1)
	s.mu.Lock()
	for p := range s.peers {
		s.files = descriptor(p.conn) + 20
	}
	s.mu.Unlock()
	const clients = 100
	for i := range clients {
		c := connect(t, s)
		go func() {
			_, _ = fmt.Fprintf(c, "%d\n", i)
			time.Sleep(10 * time.Millisecond)
			_ = c.Close()
		}()
	}
	most := 0
	got := 0
	for got < clients {
		got += len(lines(t, s, &from, 1))
		s.mu.Lock()
		most = max(most, s.clients)
		s.mu.Unlock()
	}
	if most > 40 { // some descriptors below that of the first client may have been free
		t.Errorf("%d clients at the same time", most)
	}
	if !strings.Contains(log.String(), "few descriptors are left, ulimit -n allows for more") {
		t.Error(log)
	}
}

func TestALineThatIsTooLongIsReportedBeforeItsEnd(t *testing.T) {
	var got []string
	s := splitter{limit: 3 * shownBytes, emit: func(line []byte, tooLong bool) { got = append(got, fmt.Sprintf("%d %v", len(line), tooLong)) }}
	for range 10 {
		s.feed(bytes.Repeat([]byte("x"), shownBytes))
	}
	if !slices.Equal(got, []string{fmt.Sprintf("%d true", shownBytes)}) || s.size() != 0 {
		t.Errorf("%q, %d bytes are held", got, s.size())
	}
	s.feed([]byte("\nab\n"))
	s.end()
	if !slices.Equal(got[1:], []string{"2 false"}) {
		t.Errorf("%q", got)
	}
}

// TestALineIsWithinTheLimitOfMemory has maxLineBytes allow more than the limit of memory leaves for a line.
func TestALineIsWithinTheLimitOfMemory(t *testing.T) {
	memory.Limit(4 << 20)
	defer memory.Limit(0)
	s, _ := listening(t)
	stop := peak(s)
	c := connect(t, s)
	go func() {
		_, _ = io.WriteString(c, strings.Repeat("a", 1<<20-1)+"\n"+strings.Repeat("b", 8<<20)+"\nshort\n")
	}()
	var from sources.Offset
	var got []string
	for len(got) < 2 {
		got = append(got, lines(t, s, &from, 1)...)
	}
	if len(got[0]) != 1<<20-1 || got[1] != "short" {
		t.Errorf("lines %.50q", got)
	}
	if most := stop(); most > 2<<20 {
		t.Errorf("%d bytes were held", most)
	}
	if n, why := s.longestLine(); n != 1<<20 || why != "the line is longer than 1048576 bytes, an eighth of the memory limit" {
		t.Errorf("%d, %s", n, why)
	}
}
