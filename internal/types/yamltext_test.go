package types

import (
	"strings"
	"testing"
)

func TestSchemaYAMLRoundTrips(t *testing.T) {
	for _, ddl := range []string{
		"a INT, b STRING NOT NULL, c DECIMAL(10,2) COMMENT 'it''s \"so\"'",
		"`a.b` STRING, `no` INT, `x: y` DATE, `-` INT, ` lead` INT, `a,b` INT, `é` STRING, `1` INT, `tab\t` INT, `a\"b\\c` INT",
		"s STRUCT<a: INT NOT NULL, `b c`: ARRAY<MAP<STRING, INT>>>, ts TIMESTAMP_NTZ, i INTERVAL YEAR TO MONTH",
	} {
		s, err := ParseDDL(ddl)
		if err != nil {
			t.Fatal(err)
		}
		again, yamlErr := ParseSchemaYAML([]byte(s.YAML()), "schema.yaml")
		if yamlErr != nil {
			t.Errorf("%v\n%s", yamlErr, s.YAML())
			continue
		}
		if again.DDL() != s.DDL() {
			t.Errorf("%s\nwant %s\n%s", again.DDL(), s.DDL(), s.YAML())
		}
	}
	plain, err := ParseDDL("fname STRING, age INT")
	if err != nil {
		t.Fatal(err)
	}
	if got := plain.YAML(); strings.Contains(got, `"`) {
		t.Errorf("needless quotes: %s", got)
	}
}
