package json

import (
	"strings"
	"testing"
)

// slowSkip is skip without its fast path.
func slowSkip(s *scanner) bool {
	k, _, ok := s.begin()
	if !ok {
		return false
	}
	switch k {
	case object:
		more, ok := s.open('}')
		for more && ok {
			if _, ok = s.name(); !ok || !slowSkip(s) {
				return false
			}
			more, ok = s.next('}')
		}
		return ok
	case array:
		more, ok := s.open(']')
		for more && ok {
			if !slowSkip(s) {
				return false
			}
			more, ok = s.next(']')
		}
		return ok
	}
	return s.skipRest(k)
}

func FuzzSkipMatchesSlowSkip(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,2.5e3,-0,{"b":{}}],"c":"x\n","d":[]} ,`, `[{"é":null,"long name":true}]`, `{'a':1}`, `{"a":01}`, `[1,]`, `{"a" : "12345678\u0041"}`,
		`{"a":/* */1}`, `[NaN,+INF]`, `"tab	"`, "\"\xff\"", `{"a":"1234567` + "\xc3", strings.Repeat("[", 70) + strings.Repeat("]", 70), `{"a":1}}`, `[[1]`,
	} {
		f.Add([]byte(text), uint8(0))
		f.Add([]byte(text), uint8(255))
	}
	f.Fuzz(func(t *testing.T, input []byte, options uint8) {
		rules := syntax{
			singleQuotes: options&1 != 0, comments: options&2 != 0, controls: options&4 != 0, nonNumeric: options&8 != 0,
			leadingZeros: options&16 != 0, unquotedNames: options&32 != 0, anyEscape: options&64 != 0,
		}
		fast, slow := &scanner{syntax: rules}, &scanner{syntax: rules}
		for _, s := range []*scanner{fast, slow} {
			s.buf, s.end = append([]byte(nil), input...), len(input)
		}
		ok, want := fast.skip(), slowSkip(slow)
		if ok != want || ok && (fast.pos != slow.pos || fast.depth != slow.depth) {
			t.Errorf("%q: %t to %d, want %t to %d", input, ok, fast.pos, want, slow.pos)
		}
	})
}

func FuzzPlainExtractMatchesExtract(f *testing.F) {
	for _, text := range []string{
		`{"id":1,"user":{"name":"Ann","age":4},"tags":["a"]}`, `{"user":{"x":1},"user":{"name":"B"}}`, `{"user":null,"user":{"name":-1.5}}`,
		`{"user" : {"name" : "é" } } x`, `{"user":{}}`, `{}`, `{"user":{"name":17}}`, `{"user":{"name":017}}`, `{"a":{"user":{"name":"n"}}}`, `{"user":[1]}`,
		`{"user":{"name":"a\"b"}}`, `{"user":{"name":true,"b":[1,2]}}`, `{"user":{"name":"x"},"b":}`,
	} {
		f.Add([]byte(text))
	}
	x := NewExtractor()
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, p := range []string{"$.user.name", "$.user", "$.id"} {
			path, _ := ParsePath(p, func() {})
			got, found, ok := plainExtract(nil, text, path)
			if !ok {
				continue
			}
			x.start(text)
			want, wanted, whole := x.evaluate(nil, raw, path)
			if wanted = wanted && whole; found != wanted || found && string(got) != string(want) {
				t.Errorf("%s of %q: %q %t, want %q %t", p, text, got, found, want, wanted)
			}
		}
	})
}
