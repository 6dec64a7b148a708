package function

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/streamctl/streamctl/internal/halt"
)

// The patterns of RFC 2396, appendix B, and of the hosts that java.net.URI accepts.
var (
	uriPattern    = regexp.MustCompile(`^(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$`)
	schemePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)
	hostPattern   = regexp.MustCompile(`^(?:(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.%]+\])$`)
)

func TestURLsAreSplitLikeThePatterns(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "http", ":", "/", "//", "?", "#", "@", ".", "-", "1", "255.", "[::1]", "b.c", "&k=v", "8080", "%41", "ä"}
	known := 0
	for range 200_000 {
		s := ""
		for range 1 + random.IntN(8) {
			s += pieces[random.IntN(len(pieces))]
		}
		if got, want := isHost(&halt.Steps{}, s), hostPattern.MatchString(s); got != want {
			t.Fatalf("isHost(%q) is %v", s, got)
		}
		if got, want := isScheme(s), schemePattern.MatchString(s); got != want {
			t.Fatalf("isScheme(%q) is %v", s, got)
		}
		u, ok := readURI(&halt.Steps{}, s)
		if !ok || u.path == nil {
			continue
		}
		known++
		m := uriPattern.FindStringSubmatch(s)
		for i, part := range []*string{u.scheme, u.authority, u.path, u.query, u.fragment} {
			if text := value(part); text != m[i+1] {
				t.Fatalf("part %d of %q is %q, want %q", i+1, s, text, m[i+1])
			}
		}
	}
	if known < 10_000 {
		t.Error("only", known, "of the texts are URLs")
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
