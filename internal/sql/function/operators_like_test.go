package function

import (
	"regexp"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/halt"
)

func TestLikeMatchesLikeRegexp(t *testing.T) {
	patterns := []string{"", "%", "%%", "_", "a", "a%", "%a", "%a%", "a_", "_a", "a%b", "%a_b%", "_%_", "é%", "%_😀", "a%a", "%ab%ab%", `\%`, `a\_%`, `\\`}
	texts := []string{"", "a", "b", "ab", "aa", "aab", "aXb", "éa", "😀", "x😀", "%", "a_", "a_b", `\`, "abab", "abxab", "a\nb"}
	for _, pattern := range patterns {
		p, err := compileLike(&halt.Steps{}, pattern, `\`)
		if err != nil {
			t.Fatal(err)
		}
		re := regexp.MustCompile("(?s)^" + likeRegexp(pattern) + "$")
		for _, text := range texts {
			if got, want := p.match(&halt.Steps{}, []byte(text)), re.MatchString(text); got != want {
				t.Errorf("%q like %q is %v", text, pattern, got)
			}
		}
	}
}

func likeRegexp(pattern string) string {
	var b strings.Builder
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}

func TestEscapeMustPrecedeASpecialCharacter(t *testing.T) {
	for pattern, want := range map[string]string{`a\b`: "INVALID_FORMAT.ESC_IN_THE_MIDDLE", `ab\`: "INVALID_FORMAT.ESC_AT_THE_END", `a\\b\%\_`: ""} {
		_, err := compileLike(&halt.Steps{}, pattern, `\`)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}
