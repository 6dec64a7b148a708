package types

import (
	"strings"
	"testing"
)

func TestJSONMatchesSpark(t *testing.T) {
	s, err := ParseDDL("a INT NOT NULL COMMENT 'the \"a\"', m MAP<STRING,DOUBLE>, l ARRAY<BYTE>, s STRUCT<x: LONG, d: DECIMAL(5,2)>, i INTERVAL DAY TO SECOND")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"struct","fields":[` +
		`{"name":"a","type":"integer","nullable":false,"metadata":{"comment":"the \"a\""}},` +
		`{"name":"m","type":{"type":"map","keyType":"string","valueType":"double","valueContainsNull":true},"nullable":true,"metadata":{}},` +
		`{"name":"l","type":{"type":"array","elementType":"byte","containsNull":true},"nullable":true,"metadata":{}},` +
		`{"name":"s","type":{"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{}},` +
		`{"name":"d","type":"decimal(5,2)","nullable":true,"metadata":{}}]},"nullable":true,"metadata":{}},` +
		`{"name":"i","type":"interval day to second","nullable":true,"metadata":{}}]}`
	if got := s.JSON(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	back, jsonErr := ParseJSON([]byte(want))
	if jsonErr != nil || !StructOf(back.Fields...).Equal(StructOf(s.Fields...)) || back.Fields[0].Comment != `the "a"` {
		t.Errorf("read back: %v, %v", back, jsonErr)
	}
}

func TestParseJSONAppliesDefaults(t *testing.T) {
	s, err := ParseJSON([]byte(`{"type":"struct","fields":[{"name":"a","type":{"type":"array","elementType":"integer","containsNull":false}},
		{"name":"n","type":"null","nullable":false}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.DDL(); got != "a ARRAY<INT>,n VOID NOT NULL" || s.Fields[0].Type.ContainsNull {
		t.Errorf("got %s", got)
	}
}

func TestParseJSONRefusesOtherJSON(t *testing.T) {
	for _, c := range []struct{ json, want string }{
		{``, "a type is missing"},
		{`{`, "not valid JSON"},
		{`"integer"`, "not int"},
		{`{"type":"struct","fields":[{"type":"integer"}]}`, "no name"},
		{`{"type":"struct","fields":[{"name":"a"}]}`, "missing"},
		{`{"type":"struct","fields":[{"name":"a","type":"integr"}]}`, "integr"},
		{`{"type":"struct","fields":[{"name":"a","type":"INTEGER"}]}`, "INTEGER"},
		{`{"type":"struct","fields":[{"name":"a","type":{"type":"list"}}]}`, "list"},
		{`{"type":"struct","fields":[{"name":"a","type":` + strings.Repeat(`{"type":"array","elementType":`, 1100) + `"integer"` + strings.Repeat("}", 1100) + `}]}`, "nested"},
	} {
		_, err := ParseJSON([]byte(c.json))
		if err == nil {
			t.Errorf("%.60s: no error", c.json)
		} else if c.want != "nested" && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s: %v", c.json, err)
		}
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"type":"struct","fields":[{"name":"a","type":"integer","nullable":true,"metadata":{"comment":"c"}}]}`))
	f.Add([]byte(`{"type":"struct","fields":[{"name":"a","type":{"type":"map","keyType":"string","valueType":"double"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseJSON(data)
		if err != nil {
			return
		}
		back, err := ParseJSON([]byte(s.JSON()))
		if err != nil || !StructOf(back.Fields...).Equal(StructOf(s.Fields...)) {
			t.Errorf("%s does not read back: %v", s.JSON(), err)
		}
	})
}
