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

func TestDigitsAreRounded(t *testing.T) {
	for _, c := range []struct {
		digits string
		drop   int
		mode   Mode
		away   bool
		up     string
	}{
		{"125", 1, HalfUp, true, "13"}, {"125", 1, HalfEven, false, "13"}, {"135", 1, HalfEven, true, "14"}, {"1251", 2, HalfEven, true, "13"},
		{"124", 1, HalfUp, false, "13"}, {"999", 1, HalfUp, true, "100"}, {"5", 1, HalfUp, true, "1"}, {"5", 1, HalfEven, false, "1"},
	} {
		if got := RoundsAway([]byte(c.digits), c.drop, c.mode); got != c.away {
			t.Errorf("RoundsAway(%s, %d, %v) is %t", c.digits, c.drop, c.mode, got)
		}
		if got := string(Increment([]byte(c.digits), c.drop)); got != c.up {
			t.Errorf("Increment(%s, %d) is %s, want %s", c.digits, c.drop, got, c.up)
		}
	}
	if digits, exponent := SplitExponent([]byte("1.25e-07")); string(digits) != "125" || exponent != -7 {
		t.Errorf("%s, %d", digits, exponent)
	}
}
