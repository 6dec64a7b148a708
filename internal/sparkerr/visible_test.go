package sparkerr

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestVisibleTextIsSafeOnATerminal(t *testing.T) {
	for r := range rune(0x3000) {
		got := string(Visible([]byte("a" + string(r) + "b")))
		if ActsOnTerminal(r) && r != '\n' && r != '\t' {
			if strings.ContainsRune(got, r) {
				t.Errorf("%U comes out as %q", r, got)
			}
			var back string
			if err := json.Unmarshal([]byte(`"`+got+`"`), &back); err != nil || back != "a"+string(r)+"b" {
				t.Errorf("%U in JSON: %q, %v", r, back, err)
			}
		} else if got != "a"+string(r)+"b" {
			t.Errorf("%U comes out as %q", r, got)
		}
	}
	for in, want := range map[string]string{
		"\x1b]0;owned\a": `\u001b]0;owned\u0007`, "\x9b31m": `\x9b31m`, "\u009b31m": `\u009b31m`, "a\u202ecba\u2069": `a\u202ecba\u2069`,
		"line\r\n\tx": "line\\u000d\n\tx", "\x7f": `\u007f`, "全角 é 👩‍🚒": "全角 é 👩‍🚒",
	} {
		if got := string(Visible([]byte(in))); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestOnlyColoursPassAmongPaintedText(t *testing.T) {
	got := string(VisiblePainted([]byte("\x1b[31;1merror:\x1b[0m a\x1b[2Jb\x1b]0;x\a")))
	if want := "\x1b[31;1merror:\x1b[0m a\\u001b[2Jb\\u001b]0;x\\u0007"; got != want {
		t.Errorf("%q", got)
	}
}

func TestCharactersThatAreWrittenInPiecesStayWhole(t *testing.T) {
	text := "é全👩\u202E\x1bx"
	for n := 1; n < len(text); n++ {
		var out strings.Builder
		w := &VisibleWriter{W: &out}
		for i := 0; i < len(text); i += n {
			if _, err := w.Write([]byte(text[i:min(i+n, len(text))])); err != nil {
				t.Fatal(err)
			}
		}
		if out.String() != `é全👩\u202e\u001bx` {
			t.Errorf("in pieces of %d: %q", n, out.String())
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add([]byte("a\x1b[31mb\xff\u202E"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got := Visible(text)
		if !utf8.Valid(got) || anyActs(got) {
			t.Errorf("%q comes out as %q", text, got)
		}
		if again := Visible(got); string(again) != string(got) {
			t.Errorf("%q changes again to %q", got, again)
		}
	})
}
