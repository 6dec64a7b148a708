// Package fileuri converts local paths to and from the URIs that Spark uses in logs, columns and messages.
package fileuri

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FromPath returns the URI of a local file in the form of Spark's logs: file:///a%20b. Non-ASCII letters are
// not escaped.
func FromPath(path string) string { return string(AppendFromPath(nil, path)) }

// AppendFromPath appends FromPath(path) to b.
func AppendFromPath(b []byte, path string) []byte {
	return appendEscaped(append(b, "file://"...), path)
}

// Escape percent-encodes the characters that Java's URI class does not allow in a path.
func Escape(path string) string { return string(appendEscaped(nil, path)) }

func appendEscaped(b []byte, path string) []byte {
	for i := 0; i < len(path); {
		r, n := utf8.DecodeRuneInString(path[i:])
		if uriLegal(r, n) {
			b = append(b, path[i:i+n]...)
		} else {
			for _, c := range []byte(path[i : i+n]) {
				b = append(b, '%', "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
			}
		}
		i += n
	}
	return b
}

// uriLegal reports whether java.net.URI leaves r unescaped in a path: an ASCII path character, or a non-ASCII
// character that is neither a control nor a space. (Observed on Spark 4.3.0 with one file per character.)
func uriLegal(r rune, n int) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-!.~'()*:@&=+$,;/", r)
	}
	return !(r == utf8.RuneError && n == 1) && !unicode.IsControl(r) && !unicode.In(r, unicode.Z)
}

// ToPath is the inverse of FromPath. It also accepts file:/a and plain paths.
func ToPath(uri string) string {
	path := uri
	if rest, ok := strings.CutPrefix(uri, "file:"); ok {
		path = rest
		path = strings.TrimPrefix(path, "//")
	}
	if strings.IndexByte(path, '%') < 0 {
		return path
	}
	b := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		if path[i] == '%' && i+2 < len(path) {
			if c, err := strconv.ParseUint(path[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(c))
				i += 2
				continue
			}
		}
		b = append(b, path[i])
	}
	return string(b)
}

// WellFormed reports whether each % in a URI is followed by two hexadecimal digits.
func WellFormed(uri string) bool {
	for i := strings.IndexByte(uri, '%'); i >= 0; i = strings.IndexByte(uri, '%') {
		if i+2 >= len(uri) {
			return false
		}
		if _, err := strconv.ParseUint(uri[i+1:i+3], 16, 8); err != nil {
			return false
		}
		uri = uri[i+3:]
	}
	return true
}
