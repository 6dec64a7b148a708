package decimal

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestShortIntegers(t *testing.T) {
	for n := 1; n <= 8; n++ {
		for _, text := range []string{"12345678", "00000000", "99999999", "1234x678", "-1234567", "12 45678", "\x00\xff345678", "12345/7:"} {
			want, err := strconv.ParseUint(text[:n], 10, 64)
			got, ok := ShortInteger(binary.LittleEndian.Uint64([]byte(text)), n)
			if ok != (err == nil) || ok && got != int64(want) {
				t.Errorf("%q: %d, %v", text[:n], got, ok)
			}
		}
	}
}

func TestPlainNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		b := make([]byte, random.IntN(19))
		for i := range b {
			b[i] = "0123456789.-+ex/:"[random.IntN(10+random.IntN(8))]
		}
		v, decimals, plain := ParsePlain(b)
		text := strings.TrimLeft(string(b), "+-")
		whole, fraction, _ := strings.Cut(text, ".")
		want, err := strconv.ParseInt(whole+fraction, 10, 64)
		ok := err == nil && len(b)-len(text) <= 1 && !strings.ContainsAny(whole+fraction, "+-")
		if ok && b[0] == '-' {
			want = -want
		}
		if plain != ok || ok && (v != want || decimals != len(fraction)) {
			t.Fatalf("%q: %d/%d %v, want %d/%d %v", b, v, decimals, plain, want, len(fraction), ok)
		}
	}
}
