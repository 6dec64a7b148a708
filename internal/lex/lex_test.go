package lex

import (
	"strings"
	"testing"
)

// render formats the tokens as kind:text; the suffix of a number follows a slash.
func render(text string) string {
	names := map[Kind]string{Word: "w", Quoted: "q", String: "s", Integer: "i", Decimal: "d", Double: "e", Symbol: "", Unknown: "?"}
	s := scanner{text: text, open: -1}
	var parts []string
	for _, t := range s.scan() {
		if t.Kind == End {
			break
		}
		part := t.Text
		if n := names[t.Kind]; n != "" {
			part = n + ":" + t.Digits()
		}
		if t.Suffix != "" {
			part += "/" + t.Suffix
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

func TestTokensMatchSpark(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a+1", "w:a + i:1"},
		{"1 1L 1s 1Y 1.5 .5 5. 1.5BD 1bd 1e3 1E-3 1.e3 2D 2.5f 1e3F 1e3bd", "i:1 i:1/L i:1/S i:1/Y d:1.5 d:.5 d:5. d:1.5/BD d:1/BD e:1e3 e:1E-3 e:1.e3 e:2/D e:2.5/F e:1e3/F d:1e3/BD"},
		{"1a 0x1F 1e 1Lx _1 1_", "w:1a w:0x1F w:1e w:1Lx w:_1 w:1_"},
		{"1.x 1.5.x 1.5x 1..2 1.e", "i:1 . w:x d:1.5 . w:x i:1 . w:5x d:1. d:.2 i:1 . w:e"},
		{"x->y=>z::a<=>b||c<>d!=e<=f>=g!<h!>i==j", "w:x -> w:y => w:z :: w:a <=> w:b || w:c <> w:d != w:e <= w:f >= w:g !< w:h !> w:i == w:j"},
		{"a>>b>>>c<<d", "w:a > > w:b > > > w:c << w:d"},
		{"'a''b' 'c\\'d' \"e\"\"f\" r'\\' R\"x\"", "s:'a''b' s:'c\\'d' s:\"e\"\"f\" s:r'\\' s:R\"x\""},
		{"'open", "?:' w:open"}, {"\"open", "?:\" w:open"}, {"`open", "?:` w:open"}, {"r'open", "w:r ?:' w:open"}, {"'a\\'", "?:' w:a ?:\\ ?:'"},
		{"'a'''", "s:'a'''"},
		{"'a'' ", "s:'a' ?:'"},
		{"`a``b` ``", "q:`a``b` q:``"},
		{"a -- c\n b -- c \\\n still\n d --", "w:a w:b w:d"},
		{"a/* x /* y */ z */b /**/ /*+ h */", "w:a w:b /*+ w:h */"},
		{"é日本 a\u00a0b\u3000c", "w:é日本 w:a w:b w:c"},
		{"s3://bucket s://a-b/c.d x", "w:s3 : / / w:bucket w:s://a-b/c.d w:x"},
		{"@ # $ { }", "?:@ ?:# ?:$ ?:{ ?:}"},
	} {
		if got := render(c.text); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestUnquoteResolvesEscapes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`'abc'`, "abc"}, {`''`, ""}, {`'it''s'`, "it's"}, {`"say ""hi"""`, `say "hi"`}, {`'"'`, `"`},
		{`'\0\b\n\r\t\Z\\\'\"'`, "\x00\b\n\r\t\x1a\\'\""},
		{`'\%\_'`, `\%\_`}, {`'\q\f\x41'`, "qfx41"}, {`'\é'`, "é"},
		{`'\u0041\u00e9\U0001F600'`, "Aé😀"}, {`'\ud83d\ude00'`, "😀"}, {`'\ud83dx'`, "?x"}, {`'\u00z1'`, "u00z1"},
		{`'\101\060\199\777'`, "A0199777"},
		{`r'\n\t\'`, `\n\t\`}, {`R"a\d+"`, `a\d+`},
	} {
		if got := Unquote(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestNameResolvesBackticks(t *testing.T) {
	c, err := New("`a``b` plain")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Next().Name() + "," + c.Next().Name(); got != "a`b,plain" {
		t.Errorf("got %s", got)
	}
}
