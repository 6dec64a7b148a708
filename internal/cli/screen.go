package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

// clearLine moves to the start of the line and clears it.
const clearLine = "\r\x1b[K"

// A screen is standard error on a terminal, with a status line, or several, at the bottom. Any other output,
// including output to standard output, replaces them.
type screen struct {
	file *os.File

	mu    sync.Mutex
	shown int // how many lines are shown
}

// Write prints a message.
func (s *screen) Write(p []byte) (int, error) {
	s.before()
	defer s.after()
	return s.file.Write(p)
}

// status shows lines, none of which is longer than the terminal is wide, nor are they more than it is high. There
// may be none.
func (s *screen) status(lines ...string) {
	s.before()
	defer s.after()
	width, height, err := term.GetSize(int(s.file.Fd()))
	if err == nil && height > 1 && len(lines) >= height {
		lines = lines[:height-1]
	}
	if err == nil && width > 1 {
		for i := range lines {
			lines[i] = fitting(lines[i], width-1)
		}
	}
	s.shown = len(lines)
	_, _ = io.WriteString(s.file, strings.Join(lines, "\r\n"))
}

// width returns the width of the terminal, or 80.
func (s *screen) width() int {
	if width, _, err := term.GetSize(int(s.file.Fd())); err == nil && width > 1 {
		return width
	}
	return 80
}

// before clears the status lines and holds them until after is called.
func (s *screen) before() {
	s.mu.Lock()
	s.clear()
}

func (s *screen) clear() {
	if s.shown > 1 {
		_, _ = fmt.Fprintf(s.file, "\r\x1b[%dA\x1b[J", s.shown-1)
	} else if s.shown == 1 {
		_, _ = io.WriteString(s.file, clearLine)
	}
	s.shown = 0
}

func (s *screen) after() { s.mu.Unlock() }

// leave clears the status lines for good, unless a blocked write holds them.
func (s *screen) leave() {
	if s.mu.TryLock() {
		s.clear()
	}
}
