package function

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// urlFunctions parse URLs and escape strings for them.
func urlFunctions() []*expr.Function {
	return []*expr.Function{
		parseURL("parse_url", "an error if the URL is invalid.", false),
		parseURL("try_parse_url", "NULL if the URL is invalid.", true),
		{
			Name: "url_encode", Group: "url_funcs", Usage: "url_encode(str)", Doc: "The string encoded as a form value for URLs.",
			Example: "url_encode('https://spark.apache.org')", Result: "https%3A%2F%2Fspark.apache.org", MinArgs: 1, MaxArgs: 1,
			Resolve: nullable(returns(types.String, coerce.String)), Compile: eachText(urlEncode),
		},
		urlDecode("url_decode", "an error if an escape is invalid.", false),
		urlDecode("try_url_decode", "NULL if an escape is invalid.", true),
	}
}

func parseURL(name, doc string, try bool) *expr.Function {
	return &expr.Function{
		Name: name, Group: "url_funcs", Usage: name + "(url, partToExtract[, key])",
		Doc:     "A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY or USERINFO, or the value of a query key; " + doc,
		Example: name + "('http://spark.apache.org/path?query=1', 'QUERY', 'query')", Result: "1", MinArgs: 2, MaxArgs: 3,
		Resolve: nullable(expects(types.String, coerce.String)),
		Compile: eachRow(func(r *row) error {
			if len(r.text(0)) == 0 || len(r.args) == 3 && string(r.text(1)) != "QUERY" {
				r.setNull()
				return nil
			}
			u, ok := readURI(&r.Steps, string(r.java(0)))
			if !ok && !try {
				return sparkerr.New("INVALID_URL", "url", string(r.java(0))).WithHint("try_parse_url returns NULL instead")
			}
			part, found := "", false
			if ok {
				part, found = u.part(string(r.text(1)))
			}
			if found && len(r.args) == 3 {
				part, found = queryValue(&r.Steps, part, string(r.text(1)), string(r.text(2)))
			}
			if found {
				r.setString(part)
			} else {
				r.setNull()
			}
			return nil
		}),
	}
}

// A uri is an address split like java.net.URI; missing parts are nil.
type uri struct{ scheme, authority, userInfo, host, path, query, fragment *string }

// readURI splits an address. (RFC 2396, appendix B.)
func readURI(steps *halt.Steps, s string) (u uri, ok bool) {
	if s == "" || strings.HasPrefix(s, ":") {
		return u, false
	}
	rest, fragment, found := strings.Cut(s, "#")
	if found {
		u.fragment = &fragment
	}
	rest, query, found := strings.Cut(rest, "?")
	if found {
		u.query = &query
	}
	if at := strings.IndexAny(rest, ":/"); at > 0 && rest[at] == ':' {
		scheme := rest[:at]
		u.scheme, rest = &scheme, rest[at+1:]
	}
	if behind, found := strings.CutPrefix(rest, "//"); found {
		authority, slash := behind, strings.IndexByte(behind, '/')
		if rest = ""; slash >= 0 {
			authority, rest = behind[:slash], behind[slash:]
		}
		u.authority = &authority
	}
	u.path = &rest
	if u.scheme != nil && !isScheme(*u.scheme) {
		return u, false
	}
	if u.authority != nil && *u.authority == "" {
		if u.authority = nil; *u.path == "" {
			return u, false
		}
	}
	if u.scheme != nil && u.authority == nil && !strings.HasPrefix(*u.path, "/") {
		if *u.path == "" {
			return u, false
		}
		u.path, u.query = nil, nil // opaque, like mailto:a@b
	}
	u.readAuthority(steps)
	for _, part := range []*string{u.authority, u.query, u.fragment} {
		if part != nil && !legalURI(steps, *part, "[]") {
			return u, false
		}
	}
	return u, u.path == nil || legalURI(steps, *u.path, "")
}

func isLetter(c byte) bool        { return letterIndex(c) >= 0 }
func isLetterOrDigit(c byte) bool { return digitValue(c) < 36 }

func isScheme(s string) bool {
	return isLetter(s[0]) && strings.Trim(s, "+.-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// readAuthority splits user and host, unless the authority is registry-based.
func (u *uri) readAuthority(steps *halt.Steps) {
	if u.authority == nil {
		return
	}
	host := *u.authority
	if user, rest, found := strings.Cut(host, "@"); found {
		u.userInfo, host = &user, rest
	}
	if at := strings.LastIndexByte(host, ':'); at >= 0 && strings.Trim(host[at+1:], "0123456789") == "" {
		host = host[:at]
	}
	if isHost(steps, host) {
		u.host = &host
	} else {
		u.userInfo = nil
	}
}

// isHost reports whether s is a host name, an IPv4 address or an IPv6 address in brackets.
func isHost(steps *halt.Steps, s string) bool {
	if inner, ok := strings.CutPrefix(s, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && inner != "" && strings.Trim(inner, ":.%0123456789abcdefABCDEF") == ""
	}
	return isHostName(steps, strings.TrimSuffix(s, ".")) || isIPv4(s)
}

// isHostName requires labels of letters, digits and inner hyphens; the last one must begin with a letter.
func isHostName(steps *halt.Steps, s string) bool {
	last := ""
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || !isLetterOrDigit(label[0]) || !isLetterOrDigit(label[len(label)-1]) {
			return false
		}
		for i := range len(label) {
			if steps.Take(1); !isLetterOrDigit(label[i]) && label[i] != '-' {
				return false
			}
		}
		last = label
	}
	return isLetter(last[0])
}

func isIPv4(s string) bool {
	parts := strings.SplitN(s, ".", 5)
	for _, p := range parts {
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return len(parts) == 4
}

// legalURI reports whether a part contains only characters that Java accepts.
func legalURI(steps *halt.Steps, s, also string) bool {
	for i, c := range s {
		steps.Take(1)
		switch {
		case c == '%':
			if i+2 >= len(s) || digitValue(s[i+1]) > 15 || digitValue(s[i+2]) > 15 {
				return false
			}
		case c < utf8.RuneSelf:
			if digitValue(byte(c)) == 36 && !strings.ContainsRune("-_.!~*'();/?:@&=+$,"+also, c) {
				return false
			}
		case unicode.IsControl(c) || unicode.IsSpace(c):
			return false
		}
	}
	return true
}

func (u *uri) part(name string) (string, bool) {
	var p *string
	switch name {
	case "HOST":
		p = u.host
	case "PATH":
		p = u.path
	case "QUERY":
		p = u.query
	case "REF":
		p = u.fragment
	case "PROTOCOL":
		p = u.scheme
	case "AUTHORITY":
		p = u.authority
	case "USERINFO":
		p = u.userInfo
	case "FILE":
		if u.path != nil && u.query != nil {
			return *u.path + "?" + *u.query, true
		}
		p = u.path
	}
	if p == nil {
		return "", false
	}
	return *p, true
}

// queryValue returns the value of a key in a query.
func queryValue(steps *halt.Steps, query, part, key string) (string, bool) {
	if part != "QUERY" {
		return "", false
	}
	for pair := range strings.SplitSeq(query, "&") {
		steps.Take(1)
		if name, value, ok := strings.Cut(pair, "="); ok && name == key {
			return value, true
		}
	}
	return "", false
}

func urlEncode(r *row, dst []byte) []byte {
	for _, c := range r.java(0) {
		r.Take(1)
		switch {
		case digitValue(c) < 36 || strings.IndexByte(".-*_", c) >= 0:
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

func urlDecode(name, doc string, try bool) *expr.Function {
	return &expr.Function{
		Name: name, Group: "url_funcs", Usage: name + "(str)", Doc: "The string decoded from a form value in a URL; " + doc,
		Example: name + "('https%3A%2F%2Fspark.apache.org')", Result: "https://spark.apache.org", MinArgs: 1, MaxArgs: 1,
		Resolve: nullable(returns(types.String, coerce.String)),
		Compile: eachRow(func(r *row) error {
			text, ok := unescapeURL(&r.Steps, r.java(0))
			switch {
			case ok:
				r.setBytes(text)
			case try:
				r.setNull()
			default:
				return sparkerr.New("CANNOT_DECODE_URL", "url", string(r.text(0))).WithHint("try_url_decode returns NULL instead")
			}
			return nil
		}),
	}
}

func unescapeURL(steps *halt.Steps, s []byte) ([]byte, bool) {
	if bytes.IndexByte(s, '%') < 0 && bytes.IndexByte(s, '+') < 0 {
		return s, true
	}
	var out []byte
	for i := 0; i < len(s); i++ {
		steps.Take(1)
		switch c := s[i]; c {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(s) || digitValue(s[i+1]) > 15 || digitValue(s[i+2]) > 15 {
				return nil, false
			}
			out = append(out, byte(digitValue(s[i+1])<<4|digitValue(s[i+2])))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return appendValid(steps, nil, out), true
}
