package socket

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
)

const (
	// DefaultLineBytes is the longest line of a socket: a peer can send one without ever ending it.
	DefaultLineBytes = 32 << 20
	// freeBytes is how much of an unfinished line each peer may have, whatever the others have.
	freeBytes = 64 << 10
	// maxUnfinished is how many bytes of incomplete lines all peers together may hold, in addition to what each may hold freely. One of them
	// may exceed it, up to the longest line, so that lines are completed even if all peers have begun long ones.
	maxUnfinished = 32 << 20
)

// A peer is the other end of a connection.
type peer struct {
	conn     net.Conn
	split    splitter
	held     int       // bytes of its unfinished line that count against maxUnfinished
	lines    int64     // that it has sent
	heard    time.Time // when something came from it
	deadline bool      // reading from it ends at some time
	ended    string    // why it was ended from this side
}

func (s *Source) newPeer(conn net.Conn) *peer {
	longest, _ := s.longestLine()
	return &peer{conn: conn, split: splitter{limit: longest}, heard: s.env.Now()}
}

// longestLine is how many bytes a line may have, and why a longer one is left out. With a limit of memory that is an eighth of it at most: a
// client must not be able to end the query by a line that does not fit.
func (s *Source) longestLine() (bytes int, why string) {
	asked := cmp.Or(s.env.MaxLine, DefaultLineBytes)
	if bytes = memory.Share(asked, 4); bytes < asked {
		return bytes, fmt.Sprintf("the line is longer than %d bytes, an eighth of the memory limit", bytes)
	}
	return bytes, codec.TooLong
}

// receive takes lines until the peer ends; what came after the last line end is a line too.
func (s *Source) receive(p *peer) error {
	s.mu.Lock()
	s.peers[p] = struct{}{}
	s.mu.Unlock()
	defer s.forgetPeer(p)
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	buf := make([]byte, readBytes)
	for {
		n, err := p.conn.Read(buf)
		if n > 0 {
			s.publish(p, buf[:n], false)
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && !s.hampers(p) {
			err = nil
		}
		if err != nil {
			s.publish(p, nil, true)
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		s.setDeadline(p)
	}
}

func (s *Source) forgetPeer(p *peer) {
	s.mu.Lock()
	delete(s.peers, p)
	s.mu.Unlock()
	_ = p.conn.Close()
}

// setDeadline bounds the silence of a peer that holds memory.
func (s *Source) setDeadline(p *peer) {
	if p.held == 0 && !p.deadline {
		return
	}
	var at time.Time
	if p.deadline = p.held > 0; p.deadline {
		at = time.Now().Add(s.silence)
	}
	_ = p.conn.SetReadDeadline(at)
}

// hampers decides about a peer that has begun a long line and fallen silent: it has to go when others wait for the memory.
func (s *Source) hampers(p *peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == 0 {
		return false
	}
	p.ended = "it has sent the beginning of a long line and then nothing, while others waited for the memory"
	return true
}

// publish makes the complete lines of b visible, all at once. It waits while too much is buffered.
func (s *Source) publish(p *peer, b []byte, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.buffered >= memory.Share(maxBuffered, 4) && s.ctx.Err() == nil {
		s.room.Wait()
	}
	s.reserve(p, b)
	before, at := s.next, s.env.Now()
	p.heard = at
	now := at.UnixMilli() * 1000
	p.split.emit = func(line []byte, tooLong bool) { s.add(validText(line), now, tooLong) }
	p.split.feed(b)
	if last {
		p.split.end()
	}
	s.hold(p)
	p.lines += s.next - before
	if s.next > before {
		s.signal()
	}
}

// reserve waits until there is room for b, if that makes an unfinished line longer.
func (s *Source) reserve(p *peer, b []byte) {
	more := p.split.size() + len(b) - freeBytes - p.held
	if more <= 0 || p.split.skip || bytes.IndexByte(b, '\n') >= 0 || bytes.IndexByte(b, '\r') >= 0 {
		return
	}
	for s.unfinished+more > memory.Share(maxUnfinished, 4) && s.first != p && s.ctx.Err() == nil {
		if s.first == nil {
			s.first = p
			return
		}
		s.waiting++
		s.room.Wait()
		s.waiting--
	}
}

// hold counts what a peer has of an unfinished line.
func (s *Source) hold(p *peer) {
	before := p.held
	p.held = max(p.split.size()-freeBytes, 0)
	s.unfinished += p.held - before
	if p.held == 0 && s.first == p {
		s.first = nil
	}
	if p.held < before {
		s.room.Broadcast()
	}
}
