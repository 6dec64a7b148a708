package bzip2

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func compress(t testing.TB, portions ...[]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := NewWriter(&out)
	for _, p := range portions {
		if n, err := z.Write(p); n != len(p) || err != nil {
			t.Fatalf("%d of %d bytes written: %v", n, len(p), err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func roundTrip(t testing.TB, data []byte) []byte {
	t.Helper()
	packed := compress(t, data)
	if got, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(packed))); err != nil || !bytes.Equal(got, data) {
		t.Fatalf("%d bytes are read as %d others: %v", len(data), len(got), err)
	}
	return packed
}

func noise(n int) []byte {
	out := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(out)
	return out
}

// prose is text with the word frequencies of a language.
func prose(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 4000)
	for i := range words {
		for range 1 + r.IntN(9) {
			words[i] += string("etaoinshrdlucmfwypvbgkqjxz"[min(r.IntN(26), r.IntN(26))])
		}
	}
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		x := r.Float64()
		b.WriteString(words[int(x*x*x*float64(len(words)))])
		b.WriteByte(" \n"[(i%12)/11])
	}
	return b.Bytes()[:n]
}

func fibonacci(n int) []byte {
	a, b := []byte("a"), []byte("ab")
	for len(b) < n {
		a, b = b, slices.Concat(b, a)
	}
	return b[:n]
}

func TestStreamsAreReadBack(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for name, data := range map[string][]byte{
		"empty": nil, "one byte": {0}, "two equal bytes": []byte("aa"), "all bytes": all, "all bytes often": bytes.Repeat(all, 1000),
		"noise": noise(2_000_000), "two symbols": bytes.Map(func(r rune) rune { return 'a' + r&1 }, []byte(fmt.Sprintf("%x", noise(500_000)))),
		"prose": prose(2_000_000), "short prose": prose(300),
	} {
		t.Run(name, func(t *testing.T) { roundTrip(t, data) })
	}
}

func TestRunsAroundTheLimitsAreReadBack(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 6, 254, 255, 256, 257, 258, 259, 260, 510, 511, 514, 515, 100_000} {
		run := bytes.Repeat([]byte{'x'}, n)
		roundTrip(t, run)
		roundTrip(t, slices.Concat([]byte("ab"), run, []byte("c"), run, run))
	}
}

// The end of a block falls before, into and after runs, and the count of a run.
func TestRunsAtTheEndOfABlockAreReadBack(t *testing.T) {
	filler := bytes.Repeat([]byte("ab"), maxBlock/2+8)
	for room := range 7 {
		for _, run := range []int{1, 4, 600} {
			roundTrip(t, slices.Concat(filler[:maxBlock-room], bytes.Repeat([]byte("z"), run), []byte("end")))
		}
	}
}

func TestPortionsMakeNoDifference(t *testing.T) {
	data := slices.Concat(prose(10_000), bytes.Repeat([]byte("q"), 700), noise(1000))
	want := compress(t, data)
	for _, size := range []int{1, 2, 7, 254, 4096} {
		if got := compress(t, slices.Collect(slices.Chunk(data, size))...); !bytes.Equal(got, want) {
			t.Errorf("portions of %d bytes are compressed differently", size)
		}
	}
}

func TestConcatenatedStreamsAreReadAsOne(t *testing.T) {
	file := slices.Concat(compress(t, []byte("one,")), compress(t), compress(t, []byte("two")))
	if got, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(file))); err != nil || string(got) != "one,two" {
		t.Errorf("%q, %v", got, err)
	}
}

// Sorting by comparison would take minutes for these.
func TestRepetitiveDataTakesLinearTime(t *testing.T) {
	const size = 2 << 20
	limit := 20 * duration(t, prose(size))
	for name, data := range map[string][]byte{
		"one byte": make([]byte, 8*size), "two bytes": bytes.Repeat([]byte("ab"), size/2), "one line": bytes.Repeat([]byte("a,1,2024-01-01\n"), size/15),
		"a long period": bytes.Repeat(noise(300_000), size/300_000), "fibonacci": fibonacci(size),
		"one difference": append(bytes.Repeat([]byte("ab"), size/2), 'c'), "runs": bytes.Repeat([]byte(strings.Repeat("a", 1000)+"b"), size/1001),
	} {
		if took := duration(t, data); took > limit {
			t.Errorf("%s takes %v; %v would be linear", name, took, limit)
		}
	}
}

func duration(t *testing.T, data []byte) time.Duration {
	start := time.Now()
	roundTrip(t, data)
	return time.Since(start)
}

// The sizes are those of bzip2 -9 (1.0.8).
func TestStreamsAreAsSmallAsThoseOfBzip2(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want int
	}{
		"prose": {prose(2_000_000), 554_598}, "short prose": {prose(3000), 1694}, "noise": {noise(1_000_000), 1_005_056}, "empty": {nil, 14},
	} {
		if got := len(compress(t, c.data)); float64(got) > 1.005*float64(c.want) {
			t.Errorf("%s: %d bytes, %d with bzip2", name, got, c.want)
		}
	}
}

func TestSuffixesAreSorted(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		s := make([]byte, 1+r.IntN(40))
		for i := range s {
			s[i] = byte(r.IntN(1 + r.IntN(4)))
		}
		sa := make([]int32, len(s))
		sortSuffixes(s, sa, 256)
		want := make([]int32, len(s))
		for i := range want {
			want[i] = int32(i)
		}
		slices.SortFunc(want, func(a, b int32) int { return bytes.Compare(s[a:], s[b:]) })
		if !slices.Equal(sa, want) {
			t.Fatalf("suffixes of %v: %v, want %v", s, sa, want)
		}
		first := leastRotation(s)
		for i := range s {
			if bytes.Compare(slices.Concat(s[first:], s[:first]), slices.Concat(s[i:], s[:i])) > 0 {
				t.Fatalf("the first rotation of %v begins at %d, not %d", s, i, first)
			}
		}
	}
}

// Frequencies like Fibonacci numbers make the longest codes.
func TestCodesAreNotTooLong(t *testing.T) {
	var h huffman
	freq, lengths := make([]int, maxSymbols), make([]uint8, maxSymbols)
	a, b := 1, 1
	for i := range 28 {
		freq[i] = a
		a, b = b, a+b
	}
	h.lengths(lengths, freq)
	space := 0
	for _, n := range lengths {
		if n == 0 || n > maxLength {
			t.Fatalf("a code of %d bits", n)
		}
		space += 1 << (maxLength - n)
	}
	if space != 1<<maxLength {
		t.Errorf("the code is not complete: %d of %d", space, 1<<maxLength)
	}
}

type broken struct{ after int }

func (b *broken) Write(p []byte) (int, error) {
	if b.after -= len(p); b.after < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestErrorsOfTheUnderlyingWriterAreReturned(t *testing.T) {
	data := noise(2 * maxBlock)
	for _, after := range []int{0, 1_000_000} {
		z := NewWriter(&broken{after})
		if _, err := z.Write(data); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("writing blocks after %d bytes: %v", after, err)
		}
		if err := z.Close(); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("closing after %d bytes: %v", after, err)
		}
		if _, err := z.Write(data); err == nil {
			t.Error("a closed writer accepts data")
		}
	}
}

func FuzzRoundTrip(f *testing.F) {
	for _, seed := range []string{"", "a", "aaaa", "banana", strings.Repeat("x", 259), "mississippi\x00\xff"} {
		f.Add([]byte(seed), uint16(1))
	}
	f.Add([]byte("ab"), uint16(60_000))
	f.Fuzz(func(t *testing.T, data []byte, times uint16) {
		roundTrip(t, bytes.Repeat(data, min(int(times), 2_000_000/max(len(data), 1))))
	})
}

func BenchmarkProse(b *testing.B) {
	data := prose(maxBlock)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		compress(b, data)
	}
}
