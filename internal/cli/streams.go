package cli

import (
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/system"
)

// streams holds the standard streams of the process and what is known about them.
type streams struct {
	In       io.Reader
	Out, Err io.Writer

	InTerminal, OutTerminal, ErrTerminal bool

	InClosed bool // standard input was closed at the start

	screen *screen // standard error, if it is a terminal
}

func processStreams() *streams {
	s := &streams{
		In: os.Stdin, Out: os.Stdout, Err: &redactor{w: os.Stderr},
		InTerminal: isTerminal(os.Stdin), OutTerminal: isTerminal(os.Stdout), ErrTerminal: isTerminal(os.Stderr),
		InClosed: system.ClosedAtStart(0),
	}
	if s.ErrTerminal {
		s.screen = &screen{file: os.Stderr}
		s.Err = &redactor{w: s.screen}
	}
	if system.ClosedAtStart(1) {
		s.Out = closedStream{}
	}
	return s
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// hide masks values from ${env:…} and ${file:…} in everything written to standard error.
func (s *streams) hide(secrets []string) {
	if r, ok := s.Err.(*redactor); ok {
		r.hide(secrets)
	}
}

// mask returns a text with the values that hide has masked.
func (s *streams) mask(text string) string {
	if r, ok := s.Err.(*redactor); ok {
		return r.text(text)
	}
	return text
}

// minSecret is the minimum length of a secret: masking every "1" would garble all messages.
const minSecret = 4

// A redactor masks secrets in each message and escapes control characters, since messages contain names and
// data from elsewhere.
type redactor struct {
	w io.Writer

	mu       sync.Mutex
	pairs    []string // of secrets and what is shown instead
	replacer *strings.Replacer
}

// hide masks secrets from now on, in addition to those that are masked already.
func (r *redactor) hide(secrets []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range secrets {
		if len(s) >= minSecret {
			r.pairs = append(r.pairs, s, "*********(redacted)")
		}
	}
	if len(r.pairs) > 0 {
		r.replacer = strings.NewReplacer(r.pairs...)
	}
}

// Write writes p with its secrets masked.
func (r *redactor) Write(p []byte) (int, error) { return r.write(p, sparkerr.Visible) }

func (r *redactor) write(p []byte, visible func([]byte) []byte) (int, error) {
	if _, err := r.w.Write(visible([]byte(boundLines(r.text(string(p)))))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// longestLine is the maximum length of a line of a message, even with -v.
const longestLine = 64 << 10

// boundLines cuts the middle out of lines that are too long. All messages pass through here, and they contain
// names and data of any length.
func boundLines(text string) string {
	if len(text) <= longestLine {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		body, end := strings.CutSuffix(line, "\n")
		if lines[i] = sparkerr.CutMiddle(body, longestLine); end {
			lines[i] += "\n"
		}
	}
	return strings.Join(lines, "")
}

// painted returns a writer for text with color sequences, which it keeps. All other control characters are
// escaped.
func (s *streams) painted() io.Writer {
	if r, ok := s.Err.(*redactor); ok {
		return painted{r}
	}
	return s.Err
}

type painted struct{ r *redactor }

func (p painted) Write(text []byte) (int, error) { return p.r.write(text, sparkerr.VisiblePainted) }

// text returns standard output for output that people read.
func (s *streams) text() io.Writer { return &sparkerr.VisibleWriter{W: s.Out} }

// data returns standard output for output that programs read. On a terminal, control characters are escaped.
func (s *streams) data() io.Writer {
	if s.OutTerminal {
		return s.text()
	}
	return s.Out
}

// text returns s with its secrets masked.
func (r *redactor) text(s string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.replacer == nil {
		return s
	}
	return r.replacer.Replace(s)
}

// status shows status lines. It must only be called if there is a screen.
func (s *streams) status(lines ...string) {
	for i := range lines {
		lines[i] = sparkerr.Printable(s.mask(lines[i]))
	}
	s.screen.status(lines...)
}

// colour reports whether to use color on a stream. It honors NO_COLOR, TERM=dumb and CLICOLOR_FORCE.
func colour(mode string, terminal bool) bool {
	switch {
	case mode == "always":
		return true
	case mode == "never", os.Getenv("NO_COLOR") != "":
		return false
	case os.Getenv("CLICOLOR_FORCE") != "" && os.Getenv("CLICOLOR_FORCE") != "0":
		return true
	}
	return terminal && os.Getenv("TERM") != "dumb"
}
