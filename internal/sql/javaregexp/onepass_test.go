package javaregexp

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The automaton finds the same matches as package regexp, for patterns built from the given parts.
func TestOnePassMatchesRE2(t *testing.T) {
	parts := strings.Fields(`a b [ab] [^a] [a-c]+ b* a? (a) (b+) (a|b) (?:ab|c) (?:a|bc)* .  .* é [é-ü]+ ^ \z (c?) a{2} (?i:k) b+? (?s:.) \x{FFFD}`)
	letters := []string{"a", "b", "c", "é", "k", "\u212A", "\n", "\xff", "ü"}
	r := rand.New(rand.NewPCG(1, 2))
	built := 0
	for range 4000 {
		pattern := ""
		for range 1 + r.IntN(4) {
			if pattern += parts[r.IntN(len(parts))]; r.IntN(6) == 0 {
				pattern += "|"
			}
		}
		a, _ := newOnePass(pattern)
		if a == nil {
			continue
		}
		built++
		re := regexp.MustCompile(pattern)
		loc := make([]int, 2*(re.NumSubexp()+1))
		for range 20 {
			text := ""
			for range r.IntN(8) {
				text += letters[r.IntN(len(letters))]
			}
			want := re.FindStringSubmatchIndex(text)
			found, ok := a.search([]byte(text), 0, loc)
			if !ok {
				t.Fatalf("%q on %q gives up", pattern, text)
			}
			if any, _ := a.search([]byte(text), 0, nil); any != found {
				t.Fatalf("%q on %q: found is %v and %v", pattern, text, found, any)
			}
			if found != (want != nil) || found && !slices.Equal(loc, want) {
				t.Fatalf("%q on %q: %v %v, want %v", pattern, text, found, loc, want)
			}
		}
	}
	if built < 500 {
		t.Errorf("only %d patterns are one-pass", built)
	}
}

func TestOnePassGivesUpBeforeQuadraticTime(t *testing.T) {
	text := []byte(strings.Repeat("a", 100_000))
	search := func(pattern string) (found, ok bool) {
		a, _ := newOnePass(pattern)
		return a.search(text, 0, nil)
	}
	if _, ok := search(`[a-z][a-z]+[.]`); ok {
		t.Error("it did not give up")
	}
	if found, ok := search(`[a-z]+[.]`); found || !ok {
		t.Errorf("a repetition at the beginning: %v %v", found, ok)
	}
	r, err := Compile(`[a-z][a-z]+[.]`)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := r.Match(text); found || err != nil {
		t.Error(found, err)
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, c := range []struct{ name, pattern, text string }{
		{"anchored", `^[a-f][a-z]*[.][a-z]+[0-9]+@`, "elisabeth.fontainebleau42@mail.example.com"},
		{"group", `@([a-z]+)[.]`, "elisabeth.fontainebleau42@mail.example.com"},
		{"class", `[^0-9]`, "+49 (171) 555-0123"},
		{"words", `\w+ \w+`, "elisabeth.fontainebleau42@mail example.com"},
		{"repetition first", `([A-Za-z]+),[0-9]+,`, "Elisabeth,B,Fontainebleau,36,900-00-0001"},
	} {
		b.Run(c.name, func(b *testing.B) {
			r, err := Compile(c.pattern)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			text := []byte(c.text)
			for b.Loop() {
				_ = r.All(text, func([]int) bool { return true })
			}
		})
	}
}
