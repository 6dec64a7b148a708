package javaregexp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestMatchesEqualJava(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          string // the text with matches in <>
	}{
		{`a*?`, "aaa", "<>a<>a<>a<>"},
		{`a*`, "baac", "<>b<aa><>c<>"},
		{`(?m)^`, "line1\nline2\n", "<>line1\n<>line2\n"},
		{`b$`, "ab\n", "a<b>\n"},
		{`b$`, "ab\r\n", "a<b>\r\n"},
		{`b\z`, "ab\n", "ab\n"},
		{`.`, "a\r\u2028b", "<a>\r\u2028<b>"},
		{`(?s).`, "a\n", "<a><\n>"},
		{`(?i)k`, "kK\u212A", "<k><K>\u212A"},
		{`(?iu)k`, "kK\u212A", "<k><K><\u212A>"},
		{`\s`, "a\vb", "a<\v>b"},
		{`\w+`, "aé_1", "<a>é<_1>"},
		{`\bb`, "éb b", "éb <b>"},
		{`[a-z&&[^bc]]+`, "abcd", "<a>bc<d>"},
		{`[a[xy]]`, "abx", "<a>b<x>"},
		{`a++b`, "aaab", "<aaab>"},
		{`(?>a+)b`, "aab", "<aab>"},
		{`(a)\1`, "aab", "<aa>b"},
		{`(?<x>a)\k<x>`, "aab", "<aa>b"},
		{`a(?=b)`, "abac", "<a>bac"},
		{`(?<!a)b`, "abb", "ab<b>"},
		{`\Qa.b\E+`, "a.bbab", "<a.bb>ab"},
		{`\x41\u0042\0103\t`, "ABC\t", "<ABC\t>"},
		{`\p{Lu}\p{IsLatin}\pN`, "Éé1", "<Éé1>"},
		{`[\p{Punct}&&[^.]]`, "a.!", "a.<!>"},
		{`(?x) a b # rest`, "ab", "<ab>"},
		{`a{2,3}`, "aaaa", "<aaa>a"},
		{`x{1001}`, "x", "x"},
		{`a|ab`, "ab", "<a>b"},
		{`\d{3}-\d{2}`, "111-22-3333", "<111-22>-3333"},
		{`\R`, "a\r\nb", "a<\r\n>b"},
		{`\h`, "a\u00a0b", "a<\u00a0>b"},
		{`]`, "]", "<]>"},
		{`[]a]`, "]", "<]>"},
		{`[^]a]`, "]b", "]<b>"},
		{`[a\-z]`, "-", "<->"},
		{`日+`, "日日x", "<日日>x"},
		{`(?:)`, "ab", "<>a<>b<>"},
	} {
		r, err := Compile(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		out, last := "", 0
		if err := r.All([]byte(c.text), func(loc []int) bool {
			out += c.text[last:loc[0]] + "<" + c.text[loc[0]:loc[1]] + ">"
			last = loc[1]
			return true
		}); err != nil {
			t.Error(err)
		}
		if out += c.text[last:]; out != c.want {
			t.Errorf("%q on %q: %q, want %q", c.pattern, c.text, out, c.want)
		}
		if ok, _ := r.Match([]byte(c.text)); ok != (out != c.text) {
			t.Errorf("%q on %q: Match is %v", c.pattern, c.text, ok)
		}
	}
}

func TestEnginesAgree(t *testing.T) {
	patterns := []string{`a`, `[^a]b?`, `(a|b)+c`, `a.c$`, `\d+|\w`, `(a)?(b)`, `^a`, `(?i)abc`, `[\s\S]`, `a{2}`, `\Bb`, `\b`, `(?m)^(a)|c`, `\b(\w)?`}
	texts := []string{"", "abc", "aabbcc", "a1 b2", "ABCabc", "xx\nab", "a c"}
	for _, p := range patterns {
		r, err := Compile(p)
		if err != nil {
			t.Fatal(p, err)
		}
		backtracking := &Regexp{groups: r.groups, tree: r.tree, loc: make([]int, len(r.loc))}
		long := reading(r)
		for _, s := range texts {
			if got, want := matches(long, s), matches(backtracking, s); !slices.Equal(got, want) {
				t.Errorf("%q on %q as a long text: %v and %v", p, s, got, want)
			}
			if got, want := matches(r, s), matches(backtracking, s); !slices.Equal(got, want) {
				t.Errorf("%q on %q: %v and %v", p, s, got, want)
			}
		}
	}
}

// reading returns r with an engine that treats every text as long.
func reading(r *Regexp) *Regexp {
	long := *r
	long.pass, long.size, long.loc = nil, 1<<60, make([]int, len(r.loc))
	return &long
}

func matches(r *Regexp, s string) (out []string) {
	_ = r.All([]byte(s), func(loc []int) bool {
		out = append(out, fmt.Sprint(loc))
		return true
	})
	return out
}

func TestInvalidPatternsAreRefused(t *testing.T) {
	for _, p := range []string{`(`, `[`, `a)`, `*a`, `a**`, `{`, `a{2`, `a{3,2}`, `\`, `\y`, `(?<n`, `(?y)`, `\p{Foo}`, `[b-a]`, `\k<x>`, `\xZZ`, `(?<a>x)(?<a>y)`} {
		if _, err := Compile(p); err == nil {
			t.Errorf("%q is accepted", p)
		}
	}
}

// Java remembers the positions from which a loop has failed, so these take polynomial time there too.
func TestNestedRepetitionsAreNotExponential(t *testing.T) {
	text := strings.Repeat("a", 1000) + "b"
	for _, pattern := range []string{`^(a+)+(?=c)$`, `(a|a)*(?!.)c`, `(?=x)?(a|aa)+$`, `(?>(a+)+c)`} {
		r, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := r.Match([]byte(text)); found || err != nil {
			t.Errorf("%s: %v, %v", pattern, found, err)
		}
	}
}

func TestSearchOfTooManyStepsFailsAndNamesThePattern(t *testing.T) {
	for _, pattern := range []string{`^(a+)+\1?(?=c)$`, `(\w+)*\1c`, `(a{0,60}){0,60}(?=c)`} {
		r, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		text := []byte(strings.Repeat("a", 60) + "b")
		_, err = r.Match(text)
		if err == nil || !strings.Contains(err.Error(), strconv.Quote(pattern)) || !strings.Contains(err.Error(), "61 bytes") {
			t.Errorf("%s: %v", pattern, err)
		}
		if err := r.All(text, func([]int) bool { return true }); err == nil {
			t.Errorf("%s: All has no error", pattern)
		}
	}
}

func TestSearchCanBeStopped(t *testing.T) {
	r, err := Compile(`(\w+)*\1c`)
	if err != nil {
		t.Fatal(err)
	}
	stopped := errors.New("stopped")
	asked := 0
	r.Stop = func() error {
		if asked++; asked == 3 {
			return stopped
		}
		return nil
	}
	if _, err := r.Match([]byte(strings.Repeat("a", 60))); !errors.Is(err, stopped) {
		t.Errorf("%v after %d questions", err, asked)
	}
}

func TestDeeplyNestedGroupsAreRefused(t *testing.T) {
	if _, err := Compile(strings.Repeat("(", 1_000_000)); err == nil {
		t.Error("accepted")
	}
	if _, err := Compile(strings.Repeat("(", 1000) + "a" + strings.Repeat(")", 1000)); err != nil {
		t.Error(err)
	}
}

// A search in a text of a megabyte checks Stop at least every 64 KB, whatever the pattern.
func TestLongSearchesOfEveryEngineCheckStop(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine works on huge values: minutes with the race detector, which would find nothing")
	}
	ascii, wide := strings.Repeat("ab ", 1<<20/3), strings.Repeat("äb ", 1<<20/4)
	for _, pattern := range []string{
		`(a|b)*c{1,100}`, `^(a+)+(?=c)$`, `(a|ab|b )*x`, `\bc\b`, `(?m)^c$`, `a.{1,200}c`, `\w+\s\w+c`, `(?=c)c`, `(\w) \1c`, `.*?c|x`,
	} {
		r, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{ascii, wide} {
			if r.re2 != nil {
				r.pass, r.size = nil, max(r.size, 2*longSteps/len(text))
			}
			looks := 0
			r.Stop = func() error { looks++; return nil }
			if found, err := r.Match([]byte(text)); found || err != nil && !strings.Contains(err.Error(), "steps") {
				t.Errorf("%q: %v, %v", pattern, found, err)
			}
			if looks < len(text)>>16 {
				t.Errorf("%q looks %d times at a flag in a text of %d bytes", pattern, looks, len(text))
			}
			stopped := errors.New("stopped")
			r.Stop = func() error {
				if looks -= 4; looks < 0 {
					return stopped
				}
				return nil
			}
			if err := r.All([]byte(text), func([]int) bool { return true }); !errors.Is(err, stopped) {
				t.Errorf("%q goes on: %v", pattern, err)
			}
		}
	}
}

func TestAutomatonChecksStop(t *testing.T) {
	stopped := errors.New("stopped")
	for pattern, text := range map[string]string{`[äö]+c`: strings.Repeat("äö", 1<<18), `a[bc]+d`: strings.Repeat("abb", 1<<18), `[a-z]+[äö]+c`: strings.Repeat("aä", 1<<18)} {
		a, _ := newOnePass(pattern)
		looks := 0
		*a.stop = func() error {
			if looks++; looks == 3 {
				return stopped
			}
			return nil
		}
		if a.search([]byte(text), 0, nil); !errors.Is(a.err, stopped) {
			t.Errorf("%q: %v after %d looks", pattern, a.err, looks)
		}
	}
}

func TestPatternsAreBounded(t *testing.T) {
	if _, err := Compile(strings.Repeat("a", maxPattern+1)); err == nil || !strings.Contains(err.Error(), "may have at most 131072 characters") {
		t.Error(err)
	}
	r, err := Compile(strings.Repeat(`\pL`, 10_000))
	if err != nil || r.re2 != nil {
		t.Error("RE2 compiles a pattern of", len(r.re2.String()), "bytes", err)
	}
}

func TestTextsThatLackWhatEveryMatchContainsAreNotSearched(t *testing.T) {
	for pattern, want := range map[string]string{
		`(&|^)channel_id=([^&]*)`: "channel_id=",
		`a(bc)(?:d)e?fg`:          "abcd",
		`x+(abc)+y`:               "abc",
		`(?i)k==v`:                "==",
		`ab|ac`:                   "",
		`(?=abc)xy`:               "xy",
		`(?!abc)xy`:               "xy",
		`(abc)?de`:                "de",
		`(abc){0}de`:              "de",
		`[^0-9]+x`:                "", // a single byte is too common
		`(abc){2}d`:               "abc",
		`a.b日本`:                   "b日本",
		`ab\b-c`:                  "ab",
		`\uFFFDab`:                "", // also matches bytes that are not UTF-8
	} {
		r, err := Compile(pattern)
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		if got := string(r.required); got != want {
			t.Errorf("%s: required %q, want %q", pattern, got, want)
		}
	}
	r, err := Compile(`(a+)+\1bc`) // would take exponential time
	if err != nil {
		t.Fatal(err)
	}
	if found, err := r.Match([]byte(strings.Repeat("a", 1000))); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestSearchesBeginShortlyBeforeWhatEveryMatchContains(t *testing.T) {
	for pattern, lead := range map[string]int{
		`(&|^)channel_id=([^&]*)`: 1,
		`a(bc)(?:d)e?fg`:          0,
		`x{2,3}(é|日本)?key=\d+`:    3 + 6,
		`.key(a|bc)`:              4,
		`[^&]*key`:                unlimited,
		`(a|b*)key`:               unlimited,
		`(?:ab){2}-key`:           4,
		`\bkey\b`:                 0,
		`(?m)^key`:                0,
		`(a)\1key`:                unlimited,
	} {
		r, err := Compile(pattern)
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		if r.lead != lead {
			t.Errorf("%s: %q comes after at most %d bytes, want %d", pattern, r.required, r.lead, lead)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"key=", "&", "a", "é", "日", "x", "\n", " ", "1", "ke", "\xff", "k"}
	for _, pattern := range []string{`(&|^)key=([^&]*)`, `(?m)^key=(.)`, `\bkey=(\w*)`, `[^a]key=(1*)a`, `é?.key=(?:a|(x))`, `(x|日){0,2}key=`} {
		r, err := Compile(pattern)
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		for range 2000 {
			var text []byte
			for range random.IntN(8) {
				text = append(text, pieces[random.IntN(len(pieces))]...)
			}
			got, err := r.First(text)
			if want := r.re2.FindSubmatchIndex(text); err != nil || r.linear(text) && !slices.Equal(got, want) {
				t.Fatalf("%s in %q: %v, %v, want %v", pattern, text, got, err, want)
			}
		}
	}
}
