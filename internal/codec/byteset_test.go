package codec

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestByteSetsMeetWhatTheyContain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, members := range []string{"", ",", "\n\r\",", "\x00", "\x1f\\\"", "é,", "\x7f"} {
		s := NewByteSet(members)
		for range 2000 {
			data := make([]byte, random.IntN(40))
			for i := range data {
				data[i] = []byte{'a', 'Z', ' ', ',', '"', '\n', 0, 0x1f, 0x7f, 0x80, 0xff, '\\'}[random.IntN(12)]
			}
			off := random.IntN(len(data) + 1)
			n := random.IntN(len(data) - off + 1)
			want := bytes.ContainsFunc(data[off:off+n], func(r rune) bool { return r < 0x80 && bytes.ContainsRune([]byte(members), r) })
			if got := s.Meets(data, off, n); got != want {
				t.Fatalf("%q in %q: %v, want %v", members, data[off:off+n], got, want)
			}
		}
	}
}
