package json

import "testing"

func TestExtractMatchesSpark(t *testing.T) {
	for _, c := range []struct{ text, path, want string }{
		{`{"a":{"b":[1,2,{"c":3}]}}`, "$.a.b[2].c", "3"},
		{`[[1,2],[3]]`, "$[*][*]", "[1,2,3]"},
		{`{"a":[{"b":1},{"b":2},{"c":3}]}`, "$.a[*].b", "[1,2]"},
		{`{"a":[{"b":"x"}]}`, "$.a[*].b", `"x"`},
		{`{"a":[[1,2],[3,4]]}`, "$.a[*][0]", "[1,3]"},
		{`{"a":[[1,2],[3,4]]}`, "$.a[1][*]", "[3,4]"},
		{`{"a":[{"b":[1,2]},{"b":[3]}]}`, "$.a[*].b[*]", "[[1,2],[3]]"},
		{`{"a.b":{"c d" : "x\"é"}}`, "$['a.b']['c d']", `x"é`},
		{`{"a":{"b" : [1 , 2.50, 1e400, -0, true, null, "\u0001é"]}}`, "$.a", `{"b":[1,2.5,"Infinity",0,true,null,"\u0001é"]}`},
		{`{"a":null,"a":1}`, "$.a", "1"},
		{`[null]`, "$[0]", "null"},
		{`{'a':1} rest`, "$.a", "1"},
		{`{"a":1,"b":2}`, "$.*", ""},
		{`{"a":1}`, "$.b", ""},
		{`{"a":1`, "$.a", ""},
		{`{a:1}`, "$.a", ""},
		{`{"a":[1]}`, "$.a[1]", ""},
		{`{"a":[1]}`, "$.a[*].b", ""},
		{``, "$", ""},
	} {
		path, ok := ParsePath(c.path, func() {})
		if !ok {
			t.Errorf("%s is no path", c.path)
			continue
		}
		got, ok := NewExtractor().Extract([]byte("> "), []byte(c.text), path)
		if !ok {
			got = []byte("> ")
		}
		if string(got) != "> "+c.want {
			t.Errorf("%s of %s: got %s, want %s", c.path, c.text, got[2:], c.want)
		}
	}
}

func TestMalformedPaths(t *testing.T) {
	for _, text := range []string{"", "a", "$a", "$.", "$[", "$[x]", "$[-1]", "$['a]", "$['']", "$.a[", "$..a", "$[9223372036854775808]"} {
		if _, ok := ParsePath(text, func() {}); ok {
			t.Errorf("%q is taken for a path", text)
		}
	}
}

func TestInferredTypes(t *testing.T) {
	o, err := ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"a":12345678901234567890}`:                "STRUCT<a: DECIMAL(20,0)>",
		`[{"b":1},{"b":1.5,"a":""},{"c":[]}]`:       "ARRAY<STRUCT<a: STRING, b: DOUBLE, c: ARRAY<STRING>>>",
		`{"x":{},"a":[{"q":true},{"q":"s"}],"n":1}`: "STRUCT<a: ARRAY<STRUCT<q: STRING>>, n: BIGINT>",
		`{}`:       "STRUCT<>",
		`null`:     "STRING",
		`[1, 2.0]`: "ARRAY<DOUBLE>",
		`{"a":1`:   "",
	} {
		got, ok, err := Infer([]byte(text), o)
		if err != nil || ok != (want != "") || ok && got.SQL() != want {
			t.Errorf("%s: got %v %v %v, want %s", text, got, ok, err, want)
		}
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(`{"a":[{"b":[1,2]},{"b":"\u00e9"}]}`, "$.a[*].b[*]")
	f.Add(`[[1,[2]],[3]]`, "$[*][*][0]['x'].*")
	f.Fuzz(func(t *testing.T, text, path string) {
		p, ok := ParsePath(path, func() {})
		if !ok {
			return
		}
		x := NewExtractor()
		x.Extract(nil, []byte(text), p)
		x.Length([]byte(text))
		x.Members([]byte(text), func([]byte) bool { return true }, func(_, _ []byte) {})
	})
}
