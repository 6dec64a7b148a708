package javaregexp

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestRandomPatternsMatchJava compares all three engines with the java.util.regex installed on the machine. CASES and SEED
// select how many patterns are tested, and which.
func TestRandomPatternsMatchJava(t *testing.T) {
	java, err := exec.LookPath("java")
	if err != nil {
		t.Skip("no java to compare with")
	}
	cases := randomCases(number("CASES", 10_000), uint64(number("SEED", 1)))
	var in strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&in, "%s\t%s\n", url.QueryEscape(c[0]), url.QueryEscape(c[1]))
	}
	cmd := exec.Command(java, "-XX:TieredStopAtLevel=1", "testdata/Matches.java")
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(string(bytes.TrimSuffix(out, []byte{'\n'})), "\n")
	if len(answers) != len(cases) {
		t.Fatalf("%d answers to %d questions", len(answers), len(cases))
	}
	refused, groups := 0, 0
	for i, c := range cases {
		if answers[i] == "refused" {
			refused++
		}
		for engine, got := range allEngines(c[0], c[1]) {
			switch {
			case got == answers[i] || answers[i] == "overflow":
			case wholes(got) == wholes(answers[i]):
				groups++
				t.Logf("groups of %s: %q on %q: %s, Java has %s", engine, c[0], c[1], got, answers[i])
			default:
				t.Errorf("%s: %q on %q: %s, Java has %s", engine, c[0], c[1], got, answers[i])
			}
		}
	}
	t.Logf("%d patterns, %d refused, %d with other groups", len(cases), refused, groups)
	if groups > 2+len(cases)/500 {
		t.Error("too many differences in groups")
	}
}

// wholes returns the matches without their groups. Java leaves groups set by a part of the pattern that failed later,
// depending on how it runs a repetition; our engines reproduce most of these cases.
func wholes(answer string) string { return afterFirst.ReplaceAllString(answer, "$1)") }

var afterFirst = regexp.MustCompile(`(\(\d+-\d+ )[^)]*\)`)

func number(name string, def int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return def
}

// allEngines returns the matches found by the engines that Compile selects, and by the backtracking engine alone.
func allEngines(pattern, text string) map[string]string {
	r, err := Compile(pattern)
	if err != nil {
		return map[string]string{"parser": "refused"}
	}
	alone := &Regexp{groups: r.groups, tree: r.tree, loc: make([]int, len(r.loc))}
	return map[string]string{"chosen": javaForm(r, text), "backtracking": javaForm(alone, text), "as a long text": javaForm(reading(r), text)}
}

func javaForm(r *Regexp, text string) string {
	var all strings.Builder
	err := r.All([]byte(text), func(loc []int) bool {
		all.WriteByte('(')
		for i := 0; i < len(loc); i += 2 {
			if loc[i] < 0 {
				all.WriteString("null ")
			} else {
				fmt.Fprintf(&all, "%d-%d ", loc[i], loc[i+1])
			}
		}
		all.WriteByte(')')
		return true
	})
	if err != nil {
		return err.Error()
	}
	return all.String()
}

// randomCases builds patterns from parts of every kind, and texts that they may match.
func randomCases(n int, seed uint64) [][2]string {
	random := rand.New(rand.NewPCG(seed, 3))
	cases := make([][2]string, n)
	letters := []string{"a", "b", "c", "A", "1", "_", " ", "\n", "\r", "\r\n", "\u0085", "é", "É", "\u0301", "K", "\u212a", "ß", "-", "\u2028", "日"}
	for i := range cases {
		text := ""
		for range random.IntN(9) {
			text += letters[random.IntN(len(letters)-random.IntN(len(letters)-3))]
		}
		cases[i] = [2]string{randomPattern(random, 3), text}
	}
	return cases
}

var patternAtoms = strings.Fields(`a b c a b c . \w \d \s \W \b \B ^ $ \Z \z \A \G [ab] [^a] [a-c&&[^b]] é K ß (?i)a (?iu)k (?m)^ (?m)$ (?s). \R \X \h (?d). (?dm)$ (?dm)^ (?d)$
	\1 \2 \k<n> (?<n>a) \Qa.\E \p{L} \p{Lu} (?i)\1 (?U)\b [\s\S] 日 \x61 () (?=) _`)

func randomPattern(random *rand.Rand, depth int) string {
	var out strings.Builder
	for range 1 + random.IntN(4) {
		atom := patternAtoms[random.IntN(len(patternAtoms))]
		if depth > 0 && random.IntN(3) == 0 {
			open := []string{"(", "(", "(?:", "(?>", "(?=", "(?!", "(?<=", "(?<!", "(?i:"}[random.IntN(9)]
			atom = open + randomPattern(random, depth-1) + ")"
		}
		out.WriteString(atom)
		if random.IntN(3) == 0 {
			out.WriteString([]string{"*", "+", "?", "{2}", "{1,2}", "{2,}", "{0,1}"}[random.IntN(7)])
			out.WriteString([]string{"", "", "?", "+"}[random.IntN(4)])
		}
		if random.IntN(8) == 0 {
			out.WriteByte('|')
		}
	}
	return out.String()
}
