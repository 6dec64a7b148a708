package cli

import (
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// streams are the process's standard streams and what is known of them.
type streams struct {
	In       io.Reader
	Out, Err io.Writer

	InTerminal, OutTerminal, ErrTerminal bool

	InClosed bool // standard input was closed at the start

	screen *screen // standard error, when it is a terminal
}

func processStreams() *streams {
	s := &streams{
		In: os.Stdin, Out: os.Stdout, Err: &redactor{w: os.Stderr},
		InTerminal: isTerminal(os.Stdin), OutTerminal: isTerminal(os.Stdout), ErrTerminal: isTerminal(os.Stderr),
		InClosed: closedAtStart(0),
	}
	if s.ErrTerminal {
		s.screen = &screen{file: os.Stderr}
		s.Err = &redactor{w: s.screen}
	}
	if closedAtStart(1) {
		s.Out = closedStream{}
	}
	return s
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// hide makes values that came from ${env:…} and ${file:…} unreadable in everything written to standard error.
func (s *streams) hide(secrets []string) {
	if r, ok := s.Err.(*redactor); ok {
		r.hide(secrets)
	}
}

// minSecret is the length from which on a value is taken for a secret: replacing every "1" would garble all messages.
const minSecret = 4

// A redactor replaces secrets in what is written, a whole message at a time, and makes visible what a terminal would act on: messages
// hold names and data of others.
type redactor struct {
	w io.Writer

	mu       sync.Mutex
	replacer *strings.Replacer
}

func (r *redactor) hide(secrets []string) {
	var pairs []string
	for _, s := range secrets {
		if len(s) >= minSecret {
			pairs = append(pairs, s, "*********(redacted)")
		}
	}
	if len(pairs) > 0 {
		r.mu.Lock()
		r.replacer = strings.NewReplacer(pairs...)
		r.mu.Unlock()
	}
}

// Write writes p without the secrets.
func (r *redactor) Write(p []byte) (int, error) { return r.write(p, sparkerr.Visible) }

func (r *redactor) write(p []byte, visible func([]byte) []byte) (int, error) {
	if _, err := r.w.Write(visible([]byte(boundLines(r.text(string(p)))))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// longestLine is the most characters that a line of a message has, also with -v.
const longestLine = 64 << 10

// boundLines cuts the middle out of lines that are too long. What is printed is made of data and names of others; this is the place
// that all of it passes.
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

// painted is where text with colours goes whose other parts do nothing to a terminal.
func (s *streams) painted() io.Writer {
	if r, ok := s.Err.(*redactor); ok {
		return painted{r}
	}
	return s.Err
}

type painted struct{ r *redactor }

func (p painted) Write(text []byte) (int, error) { return p.r.write(text, sparkerr.VisiblePainted) }

// text is standard output for what people read.
func (s *streams) text() io.Writer { return &sparkerr.VisibleWriter{W: s.Out} }

// data is standard output for what programs read; a terminal gets it visible.
func (s *streams) data() io.Writer {
	if s.OutTerminal {
		return s.text()
	}
	return s.Out
}

// text gives a text without the secrets.
func (r *redactor) text(s string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.replacer == nil {
		return s
	}
	return r.replacer.Replace(s)
}

// status shows a text in the line that comes and goes; there must be a screen.
func (s *streams) status(text string) {
	if r, ok := s.Err.(*redactor); ok {
		text = r.text(text)
	}
	s.screen.status(sparkerr.Printable(text))
}

// colour decides about colour on a stream: NO_COLOR, TERM=dumb and CLICOLOR_FORCE are honoured.
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
