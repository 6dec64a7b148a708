package xpath

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

const blanks = " \t\r\n"

// A malformedError says why a text is not well-formed XML.
type malformedError struct{ reason string }

func (e *malformedError) Error() string { return "the text is not well-formed XML: " + e.reason }

func malformed(format string, args ...any) error {
	return &malformedError{fmt.Sprintf(format, args...)}
}

// A DoctypeError is the error for a document type with declarations or an external part.
type DoctypeError struct{}

func (*DoctypeError) Error() string {
	return "the XML text has a document type with declarations or an external part, which are not read: entities stay off"
}

// syntax converts an error of encoding/xml.
func syntax(err error) error {
	if s := (*xml.SyntaxError)(nil); errors.As(err, &s) {
		return malformed("%s", s.Msg)
	}
	return malformed("%s", strings.TrimPrefix(err.Error(), "xml: "))
}

// skipDeclaration checks the XML declaration at the beginning of a text and returns the rest. The text is already decoded, so
// the encoding has no effect.
func skipDeclaration(text []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(text, []byte("<?xml"))
	if !ok || len(rest) == 0 || !isBlank(rest[0]) {
		return text, nil
	}
	declaration, rest, ok := bytes.Cut(rest, []byte("?>"))
	if !ok {
		return nil, malformed("the XML declaration has no end")
	}
	tag := []byte("<xml" + string(declaration) + "/>")
	token, err := xml.NewDecoder(bytes.NewReader(tag)).RawToken()
	if ok, _ := scanValues(tag); err != nil || !ok {
		return nil, malformed("the XML declaration has the form version=\"1.0\" encoding=\"…\" standalone=\"…\"")
	}
	parts, _ := token.(xml.StartElement)
	return rest, checkDeclaration(parts.Attr)
}

// checkDeclaration checks version, encoding and standalone, which must be in this order; only the version is mandatory.
func checkDeclaration(attrs []xml.Attr) error {
	order := []string{"version", "encoding", "standalone"}
	for _, a := range attrs {
		name := fullName(a.Name)
		for len(order) > 0 && order[0] != name && order[0] != "version" {
			order = order[1:]
		}
		switch {
		case len(order) == 0 || order[0] != name:
			return malformed("the XML declaration must have a version, and may have an encoding and standalone behind it")
		case name == "version" && a.Value != "1.0" && a.Value != "1.1":
			return malformed("XML version %q is not known", a.Value)
		case name == "standalone" && a.Value != "yes" && a.Value != "no":
			return malformed("standalone must be yes or no, not %q", a.Value)
		}
		order = order[1:]
	}
	if len(attrs) == 0 {
		return malformed("the XML declaration has no version")
	}
	return nil
}

// checkTag rejects what encoding/xml accepts in a start tag with the source text raw: attributes without blanks between them,
// and duplicates. Tabs and line ends in values become blanks unless they are written as references. The attributes are
// returned sorted by name.
func checkTag(t xml.StartElement, raw []byte) (xml.StartElement, error) {
	if len(t.Attr) == 0 {
		return t, nil
	}
	ok, breaks := scanValues(raw)
	switch {
	case refersToHalf(raw):
		return t, malformed("a reference to half of a surrogate pair")
	case !ok:
		return t, malformed("the attributes of the element %s have no blank between them", fullName(t.Name))
	case breaks:
		token, err := xml.NewDecoder(bytes.NewReader(withBlanks(raw))).RawToken()
		if err != nil {
			return t, syntax(err)
		}
		t, _ = token.(xml.StartElement)
	}
	return sortAttributes(t)
}

// sortAttributes sorts attributes by name, the order in which DOM keeps them.
func sortAttributes(t xml.StartElement) (xml.StartElement, error) {
	slices.SortFunc(t.Attr, func(a, b xml.Attr) int { return strings.Compare(fullName(a.Name), fullName(b.Name)) })
	for i, a := range t.Attr {
		if i > 0 && a.Name == t.Attr[i-1].Name {
			return t, malformed("the element %s has the attribute %s twice", fullName(t.Name), fullName(a.Name))
		}
	}
	return t, nil
}

// scanValues reports whether a blank, or the end of the tag, follows each quoted value, and whether a value contains tabs or
// line ends.
func scanValues(raw []byte) (ok, breaks bool) {
	quote, ok := byte(0), true
	for i, c := range raw {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote && quote != 0:
			quote = 0
			if i+1 < len(raw) && !isBlank(raw[i+1]) && raw[i+1] != '/' && raw[i+1] != '>' {
				ok = false
			}
		case quote != 0 && c != ' ' && isBlank(c):
			breaks = true
		}
	}
	return ok, breaks
}

// withBlanks returns a tag with tabs and line ends replaced by blanks.
func withBlanks(raw []byte) []byte {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte(" "))
	for i, c := range raw {
		if isBlank(c) {
			raw[i] = ' '
		}
	}
	return raw
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// refersToHalf reports whether raw has a reference to a surrogate, which encoding/xml replaces.
func refersToHalf(raw []byte) bool {
	for {
		_, rest, found := bytes.Cut(raw, []byte("&#"))
		if !found {
			return false
		}
		digits, _, _ := bytes.Cut(rest, []byte(";"))
		number, base := string(digits), 10
		if hex, ok := strings.CutPrefix(number, "x"); ok {
			number, base = hex, 16
		}
		if n, err := strconv.ParseUint(number, base, 32); err == nil && utf16.IsSurrogate(rune(n)) {
			return true
		}
		raw = rest
	}
}
