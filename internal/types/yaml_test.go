package types

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

func TestParseSchemaYAMLReadsAllForms(t *testing.T) {
	for _, c := range []struct{ name, yaml, want string }{
		{"list", "- {name: fname, type: STRING}\n- name: age\n  type: int\n  nullable: false\n  comment: years", "fname STRING,age INT NOT NULL COMMENT 'years'"},
		{"fields", "fields:\n- {name: a, type: 'ARRAY<INT>'}", "a ARRAY<INT>"},
		{"columns of a StructType", "type: struct\ncolumns:\n- {name: a, type: DATE, metadata: {}}", "a DATE"},
		{"schema", "schema:\n  a: INT\n  b: STRING NOT NULL COMMENT 'x'", "a INT,b STRING NOT NULL COMMENT 'x'"},
		{"schema as DDL", "schema: a INT, b STRING", "a INT,b STRING"},
		{"DDL", "a INT, b STRING", "a INT,b STRING"},
		{"DDL that is YAML too", "a INT, b STRUCT<x: INT>", "a INT,b STRUCT<x: INT>"},
		{"DDL in a block", "|\n  a INT,\n  b STRING", "a INT,b STRING"},
		{"mapping in order", "zeta: INT\nalpha: STRING\n\"a.b\": DATE", "zeta INT,alpha STRING,`a.b` DATE"},
		{"columns named as the keys", "fields: INT\nschema: STRING", "fields INT,schema STRING"},
		{"list of pairs", "- a: INT\n- b: STRING", "a INT,b STRING"},
		{"list of DDL", "- a INT NOT NULL\n- b STRING", "a INT NOT NULL,b STRING"},
		{"words of YAML as names", "true: INT\nnull: STRING\n1: DATE", "true INT,null STRING,`1` DATE"},
		{"alias", "- &x {name: a, type: INT}\n- *x", "a INT,a INT"},
	} {
		s, err := ParseSchemaYAML([]byte(c.yaml), "schema.yaml")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := s.DDL(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestParseSchemaYAMLReportsAllMistakesWithPlaces(t *testing.T) {
	for _, c := range []struct{ name, yaml, want string }{
		{"empty", "", "schema.yaml:0:0 the schema file is empty"},
		{"no columns", "[]", "schema.yaml:1:1 the schema has no columns"},
		{"not YAML", "a: [", "schema.yaml:2:1 the schema file is not valid YAML: the text ends where a value is expected"},
		{"type names", "a: STRNG\nb: INT\nc: ' ARRAY<INTT>'", "schema.yaml:1:4 There is no data type \"STRNG\".; schema.yaml:3:5 There is no data type \"INTT\"."},
		{"missing parts", "- {name: a}\n- {type: INT}\n- {}", "schema.yaml:1:3 column \"a\" has no type; schema.yaml:2:3 a column has no name; schema.yaml:3:3 a column has no name; schema.yaml:3:3 column \"\" has no type"},
		{"unknown key", "- {name: a, typ: INT, type: INT}", "schema.yaml:1:13 unknown key \"typ\" of a column"},
		{"nullable", "- {name: a, type: INT, nullable: maybe}", "schema.yaml:1:34 nullable must be true or false, not \"maybe\""},
		{"nested type", "- {name: a, type: {x: INT}}", "schema.yaml:1:19 the type of column \"a\" must be a string such as STRING or ARRAY<INT>"},
		{"DDL", "\n  a INT, b", "schema.yaml:2:3 Syntax error at or near end of input."},
		{"self-reference", "&a\nfields: *a", ""},
	} {
		_, err := ParseSchemaYAML([]byte(c.yaml), "schema.yaml")
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		if got := places(err); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestATypeWithACommaNeedsQuotes(t *testing.T) {
	for text, want := range map[string]string{
		"- {name: a, type: DECIMAL(10,2)}":              `a comma needs quotes: type: "DECIMAL(10,2)"`,
		"- {name: a, type: MAP<INT,INT>}":               `a comma needs quotes: type: "MAP<INT,INT>"`,
		"- {name: a, type: DECIMAL(10), nulable: true}": "did you mean nullable?",
	} {
		_, err := ParseSchemaYAML([]byte(text), "schema.yaml")
		if e, ok := errors.AsType[*sparkerr.Error](err); !ok || e.Hint != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// places renders the positions in an error of ParseSchemaYAML.
func places(err error) string {
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	var parts []string
	for _, err := range list {
		e, _ := errors.AsType[*sparkerr.Error](err)
		parts = append(parts, fmt.Sprintf("%s:%d:%d %s", e.Place.File, e.Place.Line, e.Place.Col, e.Sentence()))
	}
	return strings.Join(parts, "; ")
}

func TestMistakesInSchemaYAMLCanBeUnderlined(t *testing.T) {
	_, err := ParseSchemaYAML([]byte("a: INT\nb: 'ARRAY<STRNG>'"), "s.yaml")
	e, _ := errors.AsType[*sparkerr.Error](err)
	if e == nil || e.Hint != "did you mean STRING?" || !e.Place.Exact || e.Place.LineText != "b: 'ARRAY<STRNG>'" {
		t.Fatalf("%+v", e)
	}
	from := e.Place.Col - 1 + e.Fragment.Start
	if got := e.Place.LineText[from : from+e.Fragment.End-e.Fragment.Start]; got != "STRNG" {
		t.Errorf("marks %q", got)
	}
}

func FuzzParseSchemaYAML(f *testing.F) {
	for _, s := range []string{"- {name: a, type: INT, nullable: false}", "schema:\n  a: INT", "a INT, b STRING", "&a [*a]", "a: &x INT\nb: *x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSchemaYAML(data, "s.yaml")
		if err == nil && len(s.Fields) == 0 {
			t.Errorf("%q gives no columns", data)
		}
	})
}
