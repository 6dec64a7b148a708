package codec

import (
	"strings"
	"testing"
)

func TestLinesAreCountedAcrossPieces(t *testing.T) {
	for _, c := range []struct {
		text, sep string
		ends      int64
	}{
		{"a\nb\r\nc\rd\r\r\n\n", "", 6},
		{"a|b\n|c", "|", 2},
		{"a||b|||c", "||", 2},
		{"aXYbXXYc", "XY", 2},
		{"a\r\nb\n", "\n", 2},
	} {
		for size := 1; size <= len(c.text); size++ {
			l := Lines{}
			if c.sep != "" {
				l.Sep = []byte(c.sep)
			}
			for text := c.text; text != ""; {
				n := min(size, len(text))
				l.Add([]byte(text[:n]))
				text = text[n:]
			}
			if l.Ends != c.ends {
				t.Errorf("%q cut at %q, %d bytes at a time: %d line ends, want %d", c.text, c.sep, size, l.Ends, c.ends)
			}
		}
	}
}

func TestLinesOfPositionsInAnyOrder(t *testing.T) {
	text := []byte("xx" + strings.Repeat("a\n", 5))
	lines := TextLines{From: 2}
	for _, c := range []struct {
		place int
		line  int64
	}{{2, 1}, {4, 2}, {10, 5}, {6, 3}, {3, 1}, {12, 6}, {2, 1}} {
		if got := lines.At(text, c.place); got != c.line {
			t.Errorf("place %d is in line %d, want %d", c.place, got, c.line)
		}
	}
}
