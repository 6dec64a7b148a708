package cli

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// clearLine moves to the start of the line and clears it.
const clearLine = "\r\x1b[K"

// A screen is standard error on a terminal, with a status line at the bottom. Any other output, including
// output to standard output, replaces the status line.
type screen struct {
	file *os.File

	mu    sync.Mutex
	shown bool
}

// Write prints a message.
func (s *screen) Write(p []byte) (int, error) {
	s.before()
	defer s.after()
	return s.file.Write(p)
}

// status shows a text in the status line, truncated to the width of the terminal.
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

// before clears the status line and holds it until after is called.
func (s *screen) before() {
	s.mu.Lock()
	if s.shown {
		_, _ = io.WriteString(s.file, clearLine)
		s.shown = false
	}
}

func (s *screen) after() { s.mu.Unlock() }

// leave clears the status line for good, unless a blocked write holds it.
func (s *screen) leave() {
	if s.mu.TryLock() && s.shown {
		_, _ = io.WriteString(s.file, clearLine)
	}
}
