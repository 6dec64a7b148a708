package file

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/storage"
)

func TestGlobNames(t *testing.T) {
	for _, test := range []struct {
		pattern string
		yes, no string // names, separated by blanks
	}{
		{"*.csv", "a.csv .csv", "a.CSV a.csv.gz"},
		{"a?c", "abc aéc", "ac abbc"},
		{"[ab]x", "ax bx", "cx x"},
		{"[a-c]x", "ax cx", "dx"},
		{"[^a]x", "bx", "ax x"},
		{"[!a]x", "bx", "ax"},
		{`\*x`, "*x", "ax"},
		{"{ab,c{d,e}}", "ab cd ce", "c abcd"},
		{"x{,1}", "x x1", "x2"},
		{"*a*b*", "ab xaxbx", "ba"},
		{"f*1", "f1 fx1", "f12"},
		{"*", "a é", ""},
		{"**", "a ab", ""},
		{"*[0-9]", "a1 1", "a 1a"},
		{"*é?", "éb aéb", "é aé"},
		{`[\]a]*`, "]x a", "b"},
	} {
		g, err := compileGlob(test.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(test.yes) {
			if !g.match(name) {
				t.Errorf("%s does not match %s", test.pattern, name)
			}
		}
		for _, name := range strings.Fields(test.no) {
			if g.match(name) {
				t.Errorf("%s matches %s", test.pattern, name)
			}
		}
	}
}

func TestAGlobOfManyStarsTakesNoTimeToSpeakOf(t *testing.T) {
	g, err := compileGlob(strings.Repeat("*a", 300) + "*b")
	if err != nil {
		t.Fatal(err)
	}
	if g.match(strings.Repeat("a", 10_000)) {
		t.Error("it matches")
	}
	if !g.match(strings.Repeat("a", 10_000) + "b") {
		t.Error("it does not match")
	}
}

func TestBracesThatDoubleWithoutEndAreRefused(t *testing.T) {
	if _, err := compileGlob(strings.Repeat("{a,b}", 60)); err == nil {
		t.Error("accepted")
	}
	if g, err := compileGlob(strings.Repeat("{a,b}", 10)); err != nil || len(g.patterns) != 1024 {
		t.Errorf("%v", err)
	}
}

func TestBadGlobsAreErrors(t *testing.T) {
	for _, pattern := range []string{"{a", "[a", "a\\", "x[a"} {
		if _, err := compileGlob(pattern); err == nil {
			t.Errorf("%s is accepted", pattern)
		}
	}
}

func TestGlobPaths(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"in/a/1.csv", "in/b/2.csv", "in/.h/3.csv", "x/a/4.csv", "in/file"} {
		writeFile(t, filepath.Join(dir, f), "")
	}
	for pattern, want := range map[string]string{
		"in/*":       ".h a b file",
		"in/*/*.csv": "3.csv 1.csv 2.csv",
		"{in,x}/a":   "a a",
		"no/*":       "",
		"in/file/*":  "",
	} {
		g, err := compileGlob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		list, err := g.expand(globWalk{tree: tree{storage.OS}})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range list {
			list[i] = filepath.Base(p)
		}
		if got := strings.Join(list, " "); got != want {
			t.Errorf("%s gives %q, want %q", pattern, got, want)
		}
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
