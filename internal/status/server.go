package status

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Limits of the server. A client that is slow or stuck holds one of its connections for a while, and nothing else.
const (
	mostClients    = 64 // connections at a time; further ones are refused
	mostReports    = 2  // that are made at a time, so that clients take little of the processor and of the locks of the queries
	headerTimeout  = 5 * time.Second
	readTimeout    = 10 * time.Second
	writeTimeout   = 15 * time.Second
	idleTimeout    = 30 * time.Second
	longestHeaders = 16 << 10
	shutdownGrace  = 500 * time.Millisecond
)

// A Server shows a Model over HTTP. It only reads.
type Server struct {
	model    *Model
	token    string // "": none is asked for
	cookie   string // the name of the cookie that stands for the token
	listener net.Listener
	http     *http.Server
	served   sync.WaitGroup
	log      *slog.Logger
	making   chan struct{} // has room for reports that are made at a time
}

// Listen begins to listen on an address that CheckAddress accepts. Port 0 is a free one. The caller has to Close the server.
func Listen(address, token string, m *Model, log *slog.Logger) (*Server, error) {
	if err := CheckAddress(address, token); err != nil {
		return nil, err
	}
	host, port, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		e := sparkerr.Plain("the status page cannot listen on %s: %s", net.JoinHostPort(host, port), sparkerr.Reason(err)).
			WithHint("choose another port, or 0 for a free one: --status 0")
		e.Cause = err
		return nil, e
	}
	s := &Server{model: m, token: token, listener: l, log: log, cookie: "streamctl-" + port, making: make(chan struct{}, mostReports)}
	s.http = &http.Server{
		Handler: s.guarded(s.routes()), ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: longestHeaders, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	s.served.Go(func() {
		err := sparkerr.Caught(func() error { return s.http.Serve(&limited{Listener: l, room: make(chan struct{}, mostClients)}) })
		if !errors.Is(err, http.ErrServerClosed) {
			log.Warn("the status page has ended", "reason", err)
		}
	})
	return s, nil
}

// URL returns the address of the page.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/" }

// Close ends the server. Answers that are being written get a moment.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	s.served.Wait()
}

// routes returns what answers each path.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", s.page)
	mux.HandleFunc("/style.css", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, "text/css; charset=utf-8", style)
	})
	mux.HandleFunc("/api/status", func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, s.report()) })
	mux.HandleFunc("/api/queries", s.queries)
	mux.HandleFunc("/api/queries/{name}", s.query)
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", []byte(exposed(s.report())))
	})
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok") })
	mux.HandleFunc("/readyz", s.ready)
	return mux
}

// open are the paths that need no token: they say nothing about the job, and what asks for them often has none.
var open = map[string]bool{"/healthz": true, "/readyz": true}

// guarded lets only those requests through that may read.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			text(w, http.StatusMethodNotAllowed, "only GET is answered")
			return
		case s.token == "" && !localHost(r.Host):
			text(w, http.StatusForbidden, "the header Host does not name this machine: use localhost or 127.0.0.1")
			return
		case s.token != "" && !open[r.URL.Path] && !s.admit(w, r):
			return
		}
		err := sparkerr.Caught(func() error {
			next.ServeHTTP(w, r)
			return nil
		})
		if err != nil {
			s.log.Warn("the status page has failed", "path", r.URL.Path, "reason", err)
			text(w, http.StatusInternalServerError, "streamctl has a bug: see its log")
		}
	})
}

// admit looks for the token: as a bearer, as the cookie that stands for it, or in the address, from where it moves into the cookie.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) bool {
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && equal(given, s.token) {
		return true
	}
	if c, err := r.Cookie(s.cookie); err == nil && equal(c.Value, s.pass()) {
		return true
	}
	q := r.URL.Query()
	if given := q.Get("token"); given != "" && equal(given, s.token) {
		http.SetCookie(w, &http.Cookie{Name: s.cookie, Value: s.pass(), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		q.Del("token")
		to := "/" + strings.TrimLeft(r.URL.EscapedPath(), "/") // never to another host
		if rest := q.Encode(); rest != "" {
			to += "?" + rest
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
		return false
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="streamctl"`)
	text(w, http.StatusUnauthorized, "a token is needed: open /?token=TOKEN, or send the header Authorization: Bearer TOKEN")
	return false
}

// pass is the value of the cookie, from which the token cannot be computed.
func (s *Server) pass() string {
	sum := sha256.Sum256([]byte("streamctl cookie " + s.token))
	return hex.EncodeToString(sum[:])
}

// equal compares in a time that does not depend on where the texts differ, nor on their lengths.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// report returns what is known now, when it is the turn of the caller.
func (s *Server) report() *Report {
	s.making <- struct{}{}
	defer func() { <-s.making }()
	return s.model.Report()
}

func (s *Server) queries(w http.ResponseWriter, _ *http.Request) {
	list := []*Query{}
	for _, q := range s.report().Queries {
		list = append(list, q.Summary())
	}
	answerJSON(w, map[string]any{"queries": list})
}

func (s *Server) query(w http.ResponseWriter, r *http.Request) {
	q := s.report().Query(r.PathValue("name"))
	if q == nil {
		text(w, http.StatusNotFound, "there is no such query; /api/queries lists them")
		return
	}
	answerJSON(w, q)
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	code := http.StatusOK
	ok, why := s.report().Ready()
	if !ok {
		code = http.StatusServiceUnavailable
	}
	text(w, code, why)
}

func text(w http.ResponseWriter, code int, line string) {
	answer(w, code, "text/plain; charset=utf-8", []byte(line+"\n"))
}

func answerJSON(w http.ResponseWriter, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		text(w, http.StatusInternalServerError, err.Error())
		return
	}
	answer(w, http.StatusOK, "application/json", append(b, '\n'))
}

// answer writes a whole answer. Nothing is held while a client reads it slowly.
func answer(w http.ResponseWriter, code int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(code)
	_, _ = w.Write(body)
}

// limited is a listener that closes connections when there are too many, so that those that are stuck do not make others wait.
type limited struct {
	net.Listener
	room chan struct{}
}

// Accept waits for a connection that has room.
func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.room <- struct{}{}:
			return &counted{Conn: c, leave: func() { <-l.room }}, nil
		default:
			_ = c.Close()
		}
	}
}

// counted is a connection that makes room when it is closed.
type counted struct {
	net.Conn
	once  sync.Once
	leave func()
}

// Close closes the connection.
func (c *counted) Close() error {
	c.once.Do(c.leave)
	return c.Conn.Close()
}
