package socket

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/system"
)

const (
	// idleLimit is how long a client may be silent that keeps others waiting: with the beginning of a long line, or without ever
	// having sent a line.
	idleLimit = time.Minute
	// fullCheck is how often a full listener looks for a silent client, and for descriptors that have become free.
	fullCheck = time.Second
	// reservedFiles are the descriptors, and the share of all, that clients leave to the rest of the program.
	reservedFiles = 16
	reservedShare = 4
)

// listen takes any number of clients, at once and one after the other; those beyond the limit wait for their turn.
func (s *Source) listen() error {
	config := net.ListenConfig{KeepAliveConfig: keepAlive}
	l, err := config.Listen(s.ctx, "tcp", s.opts.Address)
	if err != nil {
		s.stop()
		e := sparkerr.Plain("cannot listen on %s: %s", s.opts.Address, sparkerr.Reason(err))
		e.Cause = err
		return e.WithHint("%s", listenHint(err))
	}
	s.listener = l
	s.files, s.most = fileLimit(), s.opts.mostClients()
	s.env.Say(s.accepts())
	s.receiving(s.acceptAll)
	return nil
}

// listenHint is what to do about an address that cannot be listened on.
func listenHint(err error) string {
	var lookup *net.DNSError
	switch {
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return "ports below 1024 need a privilege: choose a higher one, such as :9999"
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program uses the port: choose another one, or find it with ss -ltnp"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "the address is not one of this machine: listen on :PORT, or on 0.0.0.0:PORT for all of its addresses"
	case errors.As(err, &lookup):
		return "listen on :PORT, on an address of this machine, or on 0.0.0.0:PORT for all of them"
	}
	return "choose another address or port"
}

// fileLimit is the number of descriptors that clients may use up: the limit of the process but for those that the rest of the program
// needs.
func fileLimit() int {
	limit := system.Current().Files
	if !limit.OK || limit.Value > 1<<30 {
		return 1 << 30
	}
	n := int(limit.Value)
	return n - max(reservedFiles, n/reservedShare)
}

// acceptAll accepts clients until Close.
func (s *Source) acceptAll() {
	for s.waitForRoom() {
		conn, err := s.listener.Accept()
		if s.ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return
		}
		switch {
		case err == nil:
			s.accepted(conn)
		case temporary(err):
			s.tellFull("clients wait to be accepted: " + sparkerr.Reason(err))
			if !s.pause(fullCheck) {
				return
			}
		default:
			s.fail(sparkerr.Plain("listening on %s failed: %s", s.opts.Address, sparkerr.Reason(err)))
			return
		}
	}
}

// temporary reports an error of accepting that says nothing about the listener: the client has gone, or descriptors or memory are
// short.
func temporary(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.EPROTO, syscall.EPERM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (s *Source) accepted(conn net.Conn) {
	p := s.newPeer(conn)
	s.env.Log.Info("a client has connected", "client", conn.RemoteAddr().String())
	s.mu.Lock()
	s.clients++
	if descriptor(conn) >= s.files {
		s.most = s.clients
	}
	s.mu.Unlock()
	s.receiving(func() { s.serve(p) })
}

// descriptor is the number of the descriptor of a connection. The lowest free one is taken, so it says how many are in use.
func descriptor(conn net.Conn) int {
	number := 0
	if c, ok := conn.(syscall.Conn); ok {
		if raw, err := c.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { number = int(fd) })
		}
	}
	return number
}

// waitForRoom waits while as many clients as may are connected; false at Close. Others wait in the queue of the system, which loses
// nothing of what they have sent. A client that has never sent a line makes room for them once it has been silent for a while.
func (s *Source) waitForRoom() bool {
	for s.ctx.Err() == nil {
		s.mu.Lock()
		clients, most := s.clients, s.most
		s.mu.Unlock()
		if clients < most {
			return true
		}
		if s.pending() {
			why := "maxConnections"
			if most < s.opts.mostClients() {
				why = "few descriptors are left, ulimit -n allows for more"
			}
			s.tellFull(fmt.Sprintf("%d clients are connected, no more are accepted (%s): others wait until one leaves", clients, why))
			s.endSilent()
		}
		s.pauseUntilLeft(fullCheck)
	}
	return false
}

// pending reports whether somebody waits to be accepted.
func (s *Source) pending() bool {
	l, ok := s.listener.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := l.SyscallConn()
	if err != nil {
		return false
	}
	waits := false
	_ = raw.Control(func(fd uintptr) { waits = system.Readable(fd) })
	return waits
}

// tellFull says once why no clients are accepted.
func (s *Source) tellFull(text string) {
	if !s.toldFull {
		s.toldFull = true
		s.env.Log.Warn(text)
	}
}

// endSilent ends the client that has been silent for the longest time among those that have never sent a line.
func (s *Source) endSilent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var silent *peer
	for p := range s.peers {
		if p.lines == 0 && (silent == nil || p.heard.Before(silent.heard)) {
			silent = p
		}
	}
	if silent != nil && s.env.Now().Sub(silent.heard) >= s.silence {
		silent.ended = "it has not sent a line, and others wait to connect"
		_ = silent.conn.Close()
	}
}

// left notes that a client is gone.
func (s *Source) left(p *peer) {
	s.mu.Lock()
	s.clients--
	if s.clients < s.most/2 {
		s.most = s.opts.mostClients()
	}
	last := s.clients == 0
	s.mu.Unlock()
	select {
	case s.leaving <- struct{}{}:
	default:
	}
	if last && !s.pending() {
		s.end()
	}
}

// pauseUntilLeft waits until a client leaves, for some time at most.
func (s *Source) pauseUntilLeft(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.ctx.Done():
	case <-s.leaving:
	case <-t.C:
	}
}

// serve receives from one client. A client that disconnects early does not fail the query.
func (s *Source) serve(p *peer) {
	defer s.left(p)
	err := s.receive(p)
	if err == nil || s.ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	why := cmp.Or(p.ended, sparkerr.Reason(err))
	s.mu.Unlock()
	s.env.Log.Warn("a client was lost", "client", p.conn.RemoteAddr().String(), "reason", why)
}
