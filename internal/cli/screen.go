package cli

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// clearLine moves to the beginning of the line and empties it.
const clearLine = "\r\x1b[K"

// A screen is standard error on a terminal, with a line at its bottom that comes and goes. Whatever else is written there, also
// through standard output, takes the place of that line.
type screen struct {
	file *os.File

	mu    sync.Mutex
	shown bool
}

// Write writes a message.
func (s *screen) Write(p []byte) (int, error) {
	s.before()
	defer s.after()
	return s.file.Write(p)
}

// status shows a text in the line, as much of it as fits.
func (s *screen) status(text string) {
	s.before()
	defer s.after()
	width, _, err := term.GetSize(int(s.file.Fd()))
	if r := []rune(text); err == nil && width > 1 && len(r) >= width {
		text = string(r[:width-2]) + "…"
	}
	s.shown = text != ""
	_, _ = io.WriteString(s.file, text)
}

// before takes the line away and keeps it away until after is called.
func (s *screen) before() {
	s.mu.Lock()
	if s.shown {
		_, _ = io.WriteString(s.file, clearLine)
		s.shown = false
	}
}

func (s *screen) after() { s.mu.Unlock() }

// leave takes the line away for good, unless a write that hangs is in the way.
func (s *screen) leave() {
	if s.mu.TryLock() && s.shown {
		_, _ = io.WriteString(s.file, clearLine)
	}
}
