// Package socket is the source of text lines from the network. It connects to a server as Spark's does, or listens itself.
// Lines that arrive in one read become visible together; they are kept until their batch is done. (Spark:
// TextSocketMicroBatchStream.)
package socket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	// maxBuffered is how much text waits for its batch before peers are made to wait.
	maxBuffered = 64 << 20
	readBytes   = 64 << 10
	retryFirst  = 250 * time.Millisecond
	retryMax    = 5 * time.Second
)

// A Source reads lines from the network.
type Source struct {
	opts *Options
	env  *sources.Env
	wake chan struct{}
	done chan struct{} // no more input
	stop context.CancelFunc
	ctx  context.Context
	work sync.WaitGroup

	listener net.Listener

	mu       sync.Mutex
	room     *sync.Cond // signalled when lines were dropped
	blocks   []*block
	buffered int   // bytes in blocks
	next     int64 // number of the next line
	taken    int64 // number of the next line that is in no batch yet
	err      error
	clients  int
	ended    bool
	frozen   bool
	peers    map[*peer]struct{}

	unfinished int   // bytes of unfinished lines beyond what each peer may have
	first      *peer // the one that may go beyond maxUnfinished
	waiting    int   // peers that wait for it

	files    int // descriptors that clients may use up
	most     int // clients there may be
	toldFull bool
	leaving  chan struct{} // signalled when a client leaves
	silence  time.Duration // idleLimit
}

// New connects, or begins to listen, and starts to receive.
func New(ctx context.Context, opts *Options, env *sources.Env) (*Source, error) {
	s := &Source{opts: opts, env: env, wake: make(chan struct{}, 1), done: make(chan struct{}), peers: map[*peer]struct{}{}, leaving: make(chan struct{}, 1), silence: idleLimit}
	s.room = sync.NewCond(&s.mu)
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	if opts.Listen {
		return s, s.listen()
	}
	conn, err := s.dial(ctx)
	if err != nil && !opts.Reconnect {
		s.stop()
		return nil, s.refused(err)
	}
	if err == nil {
		s.connected()
	}
	s.receiving(func() { s.client(conn, err) })
	return s, nil
}

// receiving runs work until Close. A panic in it ends the query.
func (s *Source) receiving(work func()) {
	s.work.Go(func() {
		err := sparkerr.Caught(func() error {
			work()
			return nil
		})
		if err != nil {
			s.fail(err)
		}
	})
}

func (s *Source) connected() { s.env.Say("connected to " + s.opts.Address) }

// Waiting says whether somebody is connected.
func (s *Source) Waiting() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.peers)
	switch {
	case s.opts.Listen && n == 0:
		return "waiting for a connection on " + s.Addr().String()
	case s.opts.Listen && n > 1:
		return fmt.Sprintf("waiting for lines from %d connections to %s", n, s.Addr())
	case s.opts.Listen:
		return "waiting for lines from a connection to " + s.Addr().String()
	case s.ended:
		return s.opts.Address + " has closed the connection"
	case n == 0:
		return "connecting to " + s.opts.Address
	}
	return "waiting for lines from " + s.opts.Address
}

// accepts says on which address connections are accepted, and how those of other machines are.
func (s *Source) accepts() string {
	text := "listening on " + s.Addr().String()
	if a, ok := s.Addr().(*net.TCPAddr); ok && a.IP.IsLoopback() {
		text += fmt.Sprintf(", for this machine only; --listen 0.0.0.0:%d accepts connections from others", a.Port)
	}
	return text
}

// keepAlive finds out within half a minute that the other end of a connection has gone without a word.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

func (s *Source) dial(ctx context.Context) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: keepAlive}
	return d.DialContext(ctx, "tcp", s.opts.Address)
}

// refused is the error of a connection that did not come about.
func (s *Source) refused(err error) error {
	e := sparkerr.Plain("%s: no connection to %s", capital(sparkerr.Reason(err)), s.opts.Address)
	e.Cause = err
	var lookup *net.DNSError
	switch {
	case errors.As(err, &lookup):
		return e.WithHint("check the name in --host, or give an address such as 127.0.0.1")
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return e.WithHint("a firewall or a sandbox forbids the connection")
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return e.WithHint("check the address and the way to it: ping or nc -vz HOST PORT")
	}
	return e.WithHint("start the server first, let streamctl listen itself (--listen), or try again until it is there (--reconnect)")
}

// capital begins a text as Java's messages do ("Connection refused").
func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// client receives from the one server, over several connections when asked to.
func (s *Source) client(conn net.Conn, err error) {
	first := cmp.Or(s.opts.Retry, retryFirst)
	delay := first
	for {
		if err == nil {
			delay = first
			if err = s.receive(s.newPeer(conn)); err == nil && !s.opts.Reconnect {
				s.env.Log.Warn("the server has closed the connection", "address", s.opts.Address)
				break
			}
		}
		if !s.opts.Reconnect {
			e := sparkerr.Plain("the connection to %s was lost: %s", s.opts.Address, sparkerr.Reason(err))
			s.fail(e.WithHint("--reconnect connects again; lines sent meanwhile may be lost"))
			break
		}
		if s.ctx.Err() != nil || s.isFrozen() && err == nil {
			break
		}
		s.env.Log.Warn("connecting again", "address", s.opts.Address, "reason", reason(err), "delay", delay)
		if !s.pause(delay) {
			break
		}
		if s.opts.Retry == 0 {
			delay = min(2*delay, retryMax)
		}
		if conn, err = s.dial(s.ctx); err == nil {
			s.connected()
		}
	}
	s.end()
}

func reason(err error) string {
	if err == nil {
		return "the server has closed the connection"
	}
	return sparkerr.Reason(err)
}

func (s *Source) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Addr is the address that a listening source has.
func (s *Source) Addr() net.Addr { return s.listener.Addr() }

func (s *Source) add(line []byte, now int64, tooLong bool) {
	var b *block
	if n := len(s.blocks); n > 0 {
		b = s.blocks[n-1]
	}
	if b == nil || b.size()+len(line) > blockBytes && len(b.lines) > 0 {
		b = &block{first: s.next}
		s.blocks = append(s.blocks, b)
	}
	if tooLong {
		b.tooLong = append(b.tooLong, s.next)
	}
	b.lines = append(b.lines, vector.View{Off: uint32(len(b.data)), Len: uint32(len(line))})
	if len(line) > blockBytes { // made for this block: it is longer than what is read at a time
		b.data = line
	} else {
		b.data = append(b.data, line...)
	}
	if s.opts.Timestamp {
		b.times = append(b.times, now)
	}
	s.buffered += len(line) + lineOverhead
	s.next++
}

func (s *Source) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// fail ends the query with err.
func (s *Source) fail(err error) {
	s.mu.Lock()
	if s.err == nil && s.ctx.Err() == nil {
		s.err = err
	}
	s.mu.Unlock()
	s.signal()
}

// end notes that all peers have ended: the end of the query when it reads only what there is.
func (s *Source) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.closeDone()
}

func (s *Source) closeDone() {
	if !s.frozen || !s.ended || s.clients > 0 {
		return
	}
	select {
	case <-s.done:
	default:
		close(s.done)
		s.signal()
	}
}

func (s *Source) isFrozen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frozen
}

// Describe names the source as Spark does.
func (s *Source) Describe() string {
	host, port, _ := net.SplitHostPort(s.opts.Address) // JoinHostPort made it
	return fmt.Sprintf("TextSocketV2[host: %s, port: %s]", host, port)
}

// Recover refuses: Spark fails with "Offsets committed out of order".
func (s *Source) Recover(context.Context, sources.Logged) error {
	return sparkerr.Plain("a socket cannot go on from a checkpoint: the lines of the last run are gone").
		WithHint("start with a new checkpoint directory, or without one")
}

// LatestOffset returns the number of the newest line. As in Spark, the first batch is always empty.
func (s *Source) LatestOffset(_ context.Context, from sources.Offset, _ bool) (sources.Offset, error) {
	if from == "" {
		return "-1", nil
	}
	n, err := strconv.ParseInt(string(from), 10, 64)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(n)
	s.taken = s.next
	if s.next-1 > n { // lines come before the error that followed them
		return sources.Offset(strconv.FormatInt(s.next-1, 10)), nil
	}
	return from, s.err
}

// Lag returns how many lines have arrived that are in no batch yet.
func (s *Source) Lag() sources.Lag {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sources.Lag{Rows: s.next - s.taken}
}

// drop forgets the lines up to number n: their batch is done.
func (s *Source) drop(n int64) {
	for len(s.blocks) > 0 && s.blocks[0].first <= n {
		b := s.blocks[0]
		if b.next() <= n+1 {
			s.forget(b.lines)
			s.blocks = s.blocks[1:]
			continue
		}
		k := n + 1 - b.first
		rest := &block{first: n + 1, data: b.data, lines: b.lines[k:], tooLong: b.tooLong}
		if s.opts.Timestamp {
			rest.times = b.times[k:]
		}
		s.forget(b.lines[:k])
		s.blocks[0] = rest
		break
	}
	s.room.Broadcast()
}

// forget makes the room of lines available again.
func (s *Source) forget(lines []vector.View) {
	for _, v := range lines {
		s.buffered -= int(v.Len) + lineOverhead
	}
}

// FreezeEnd lets the query end when the peer does.
func (s *Source) FreezeEnd(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = true
	s.closeDone()
	return nil
}

// Plan returns a partition per block of lines, in the order of arrival.
func (s *Source) Plan(_ context.Context, from, to sources.Offset, scan *sources.Scan) ([]sources.Partition, error) {
	first, last := int64(-1), int64(0)
	var err error
	if from != "" {
		if first, err = strconv.ParseInt(string(from), 10, 64); err != nil {
			return nil, err
		}
	}
	if last, err = strconv.ParseInt(string(to), 10, 64); err != nil {
		return nil, err
	}
	if scan.Empty {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var parts []sources.Partition
	_, why := s.longestLine()
	for _, b := range s.blocks {
		i, j := max(first+1-b.first, 0), min(last+1-b.first, int64(len(b.lines)))
		if i >= j {
			continue
		}
		p := &segment{scan: scan, first: b.first + i, data: b.data, lines: b.lines[i:j:j], tooLong: b.tooLong, why: why}
		for len(p.tooLong) > 0 && p.tooLong[0] < p.first {
			p.tooLong = p.tooLong[1:]
		}
		if s.opts.Timestamp {
			p.times = b.times[i:j:j]
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// Wake tells of new lines.
func (s *Source) Wake() <-chan struct{} { return s.wake }

// Done is closed at the end of the input when the query reads only what there is; Spark's source idles otherwise.
func (s *Source) Done() <-chan struct{} {
	if s.isFrozen() {
		return s.done
	}
	return nil
}

// Close ends all connections.
func (s *Source) Close() error {
	s.stop()
	if s.listener != nil {
		_ = s.listener.Close()
	}
	s.mu.Lock()
	for p := range s.peers {
		_ = p.conn.Close()
	}
	s.room.Broadcast()
	s.mu.Unlock()
	s.work.Wait()
	return nil
}
