package cli

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

func TestTheHeadOfAnInputIsReadTwice(t *testing.T) {
	long := strings.Repeat("a line\n", 100_000)
	for _, c := range []struct {
		name, text string
		in         func(string) io.Reader
		limit      int
		ended      bool
	}{
		{"whole", "a\nb\n", func(s string) io.Reader { return strings.NewReader(s) }, 1 << 20, true},
		{"byte by byte", "a\nb", func(s string) io.Reader { return iotest.OneByteReader(strings.NewReader(s)) }, 1 << 20, true},
		{"end with data", "a\nb", func(s string) io.Reader { return iotest.DataErrReader(strings.NewReader(s)) }, 1 << 20, true},
		{"more than the limit", long, func(s string) io.Reader { return strings.NewReader(s) }, 100_000, false},
		{"nothing", "", func(s string) io.Reader { return strings.NewReader(s) }, 1 << 20, true},
	} {
		head, rest, ended, err := readHead(c.in(c.text), c.limit, time.Hour)
		if err != nil || ended != c.ended || !strings.HasPrefix(c.text, string(head)) || ended != (len(head) == len(c.text)) {
			t.Errorf("%s: %d bytes, %t, %v", c.name, len(head), ended, err)
		}
		if all, err := io.ReadAll(rest); err != nil || string(all) != c.text {
			t.Errorf("%s: %d bytes in all, %v", c.name, len(all), err)
		}
	}
	if _, _, _, err := readHead(iotest.ErrReader(io.ErrUnexpectedEOF), 10, 0); err == nil {
		t.Error("the error is lost")
	}
}

// An input that goes on, as of tail -f, is not waited for once there is a line.
func TestTheHeadOfASlowInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		go func() {
			for _, part := range []string{"a", ",b\n", "1,2\n3"} {
				time.Sleep(headPause - 1)
				_, _ = io.WriteString(w, part)
			}
			time.Sleep(10 * headPause)
			_, _ = io.WriteString(w, ",4\n")
			_ = w.Close()
		}()
		head, rest, ended, err := readHead(r, 1<<20, headPause)
		if string(head) != "a,b\n1,2\n3" || ended || err != nil {
			t.Errorf("%q, %t, %v", head, ended, err)
		}
		if all, err := io.ReadAll(rest); string(all) != "a,b\n1,2\n3,4\n" || err != nil {
			t.Errorf("%q, %v", all, err)
		}
	})
}
