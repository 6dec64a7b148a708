package xpath

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

var unlimited = Budget{Take: func(int) {}, Hold: func(int) error { return nil }}

func parse(t *testing.T, text string) *Document {
	t.Helper()
	d := &Document{}
	if err := d.Parse([]byte(text), unlimited); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

func TestParseReusesTheMemoryOfTheDocument(t *testing.T) {
	path, err := Compile("concat(name(*), '=', /, '#', count(//node() | //@*))")
	if err != nil {
		t.Fatal(err)
	}
	d := &Document{}
	for _, c := range [][2]string{
		{"<a><b x='1'>2</b>3</a>", "a=23#5"}, {"<c/>", "c=#1"}, {"<a>" + strings.Repeat("<b/>", 100_000) + "</a>", "a=#100001"}, {"<d>1</d>", "d=1#2"},
	} {
		if err := d.Parse([]byte(c[0]), unlimited); err != nil {
			t.Fatal(err)
		}
		if got, err := path.Text(d, unlimited); err != nil || got != c[1] {
			t.Errorf("%.20s: %s, %v", c[0], got, err)
		}
	}
	if err := d.Parse([]byte("<a><b></a>"), unlimited); err == nil {
		t.Error("no error")
	}
	if err := d.Parse([]byte("<a>1</a>"), unlimited); err != nil {
		t.Error(err)
	}
}

func TestMalformedXMLIsRefusedWithItsPosition(t *testing.T) {
	for text, want := range map[string]string{
		"<a><b></a>":                       "the element b is closed by the end tag a, at byte 6",
		"<?xml version='1.0'?><a>1</a>x":   "there is text outside the root element, at byte 29",
		"<a b='1' b='2'/>":                 "the element a has the attribute b twice, at byte 0",
		"<a b='1'c='2'/>":                  "the attributes of the element a have no blank between them, at byte 0",
		"":                                 "there is no element",
		"<a>&x;</a>":                       "invalid character entity &x;",
		"<?xml version='3.0'?><a/>":        `XML version "3.0" is not known`,
		"<a/><b/>":                         "an element follows the root element",
		"<?xml version='1.0'?>\n\n<a></b>": "the element a is closed by the end tag b, at byte 26",
	} {
		if err := new(Document).Parse([]byte(text), unlimited); err == nil || !strings.Contains(err.Error(), "the text is not well-formed XML: "+want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestDocumentTypesWithDeclarationsAreRefused(t *testing.T) {
	for _, text := range []string{
		`<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`, `<!DOCTYPE a PUBLIC "p" "http://localhost/"><a/>`,
		`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`, `<!DOCTYPE a [<!ENTITY % p "x"> %p;]><a/>`, `<!DOCTYPE a[<!ATTLIST a id ID #IMPLIED>]><a/>`,
		`<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><l>&c;</l>`,
	} {
		var doctype *DoctypeError
		if err := new(Document).Parse([]byte(text), unlimited); !errors.As(err, &doctype) {
			t.Errorf("%s: %v", text, err)
		}
	}
	parse(t, `<!DOCTYPE a><a/>`)
	parse(t, `<!DOCTYPE a [ <!-- nothing --> ]><a/>`)
}

func TestUnsupportedXPathIsNamed(t *testing.T) {
	for expression, want := range map[string]string{
		"a/namespace::*":                "the axis namespace is not in the embedded engine",
		"$v + 1":                        "it has the variable $v, and there are no variables here",
		"current()/a":                   "the function current belongs to XSLT and is not in the embedded engine",
		"lower-case(a)":                 "there is no function lower-case",
		"a[":                            "a path is missing at the end",
		"a b":                           `nothing may follow before "b"`,
		"substring('a')":                "the function substring does not take 1 arguments",
		"1e3":                           "1e3 is not a number",
		"1" + strings.Repeat("+1", 101): "it has more than 100 operators",
		strings.Repeat("(", 11) + "1":   "it has more than 10 groups in parentheses",
	} {
		if _, err := Compile(expression); err == nil || err.Error() != want {
			t.Errorf("%s: %v", expression, err)
		}
	}
}

// In Xalan, the operands of a union extend into what follows it.
func TestUnionsExtendAsInXalan(t *testing.T) {
	d := parse(t, "<a><b>1</b><c>2</c></a>")
	for expression, want := range map[string]string{
		"a/b | a/c + 1": "2", "a/b | a/c + a": "24", "1 + a/b | a/c": "2", "a/b | a/c and 0": "false", "a | 1": "12", "a/c | a/b - 0": "1",
		"a/b | a/c = true()": "| needs nodes, not a number, text or boolean", "count(a) | b": "| needs nodes, not a number, text or boolean",
		"concat(a/b | a/c, a)": "112", "(a/b | a/c)[2] + a": "14", "a/x | a/y and (a)": "true",
	} {
		path, err := Compile(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		got, err := path.Text(d, unlimited)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
	if _, err := Compile("1 | a"); err == nil {
		t.Error("no error")
	}
}

func TestDocumentsHaveLimits(t *testing.T) {
	parse(t, strings.Repeat("<a>", maxDepth)+strings.Repeat("</a>", maxDepth))
	deep := strings.Repeat("<a>", maxDepth+1) + strings.Repeat("</a>", maxDepth+1)
	if err := new(Document).Parse([]byte(deep), unlimited); err == nil || !strings.Contains(err.Error(), "nested more than 10000 deep") {
		t.Error(err)
	}
	full := errors.New("full")
	wide := Budget{Take: func(int) {}, Hold: func(bytes int) error {
		if bytes > 1<<20 {
			return full
		}
		return nil
	}}
	if err := new(Document).Parse([]byte("<a>"+strings.Repeat("<b/>", 1<<20)+"</a>"), wide); !errors.Is(err, full) {
		t.Error(err)
	}
}

// The following takes time quadratic in the length of a text unless the text is accumulated only once.
func TestManySectionsFormOneText(t *testing.T) {
	d := parse(t, "<a>"+strings.Repeat("<![CDATA[xy]]>z", 200_000)+"</a>")
	if len(d.nodes) != 3 || len(d.nodes[2].value) != 600_000 || d.nodes[2].first != 2 {
		t.Errorf("%d nodes", len(d.nodes))
	}
}

func TestStringsOfAnEvaluationAreBounded(t *testing.T) {
	nested := parse(t, strings.Repeat("<a>", 2000)+strings.Repeat("x", 100_000)+"<b/>y"+strings.Repeat("</a>", 2000))
	path, err := Compile("//a != //a")
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	enough := Budget{Hold: unlimited.Hold, Take: func(n int) {
		if steps += n; steps > 30_000_000 {
			panic(failure{errors.New("enough")})
		}
	}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := path.Boolean(nested, enough); err == nil {
		t.Error("no end")
	}
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapSys) - int64(before.HeapSys); held > 150<<20 {
		t.Errorf("%d bytes more", held)
	}
	large := parse(t, "<a>"+strings.Repeat("x", maxText/90)+"</a>")
	if path, err = Compile("string-length(concat(a" + strings.Repeat(", a", 90) + "))"); err != nil {
		t.Fatal(err)
	}
	if _, err := path.Number(large, unlimited); err == nil || !strings.Contains(err.Error(), "more than 268435456 bytes") {
		t.Error(err)
	}
}

func FuzzXPath(f *testing.F) {
	for _, c := range [][2]string{
		{"<a b='1'><c>x</c><!--y--><?p z?></a>", "//c[../@b = 1][last()]/text() | //comment()"},
		{"<?xml version='1.0' encoding='x'?><!DOCTYPE a []><a>&amp;<![CDATA[]]></a>", "substring(a, -1 div 0, 1 div 0)"},
		{"<p:a q:b='1\n2'/>", "name(//*) or ancestor-or-self::p:*[1.5]/preceding::node()"},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(_ *testing.T, text, expression string) {
		d := &Document{}
		if d.Parse([]byte(text), unlimited) != nil {
			return
		}
		path, err := Compile(expression)
		if err != nil {
			return
		}
		_, _ = path.Text(d, unlimited)
		_ = path.Nodes(d, unlimited, func(string, bool) {})
	})
}
