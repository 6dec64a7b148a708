package types

import "testing"

func TestMergeSchemasMatchesSpark(t *testing.T) {
	for _, c := range []struct{ left, right, want, conflict string }{
		{"a INT", "a INT", "a INT", ""},
		{"a INT", "b STRING", "a INT, b STRING", ""},
		{"a INT, b DATE", "B DATE, c INT", "a INT, b DATE, c INT", ""},
		{"a INT", "a BIGINT", "", "a"},
		{"d DECIMAL(5,2)", "d DECIMAL(9,2)", "d DECIMAL(9,2)", ""},
		{"d DECIMAL(5,2)", "d DECIMAL(9,3)", "", "d"},
		{"s STRUCT<x: INT>", "s STRUCT<y: INT>", "s STRUCT<x: INT, y: INT>", ""},
		{"s STRUCT<x: INT>", "s STRUCT<x: STRING>", "", "s.x"},
		{"l ARRAY<STRUCT<x: INT>>, m MAP<STRING, INT>", "l ARRAY<STRUCT<y: INT>>, m MAP<STRING, INT>", "l ARRAY<STRUCT<x: INT, y: INT>>, m MAP<STRING, INT>", ""},
	} {
		left, _ := ParseDDL(c.left)
		right, _ := ParseDDL(c.right)
		merged, conflict, ok := MergeSchemas(left, right)
		if ok != (c.conflict == "") || conflict != c.conflict {
			t.Errorf("%s and %s: conflict %q", c.left, c.right, conflict)
			continue
		}
		if want, _ := ParseDDL(c.want); ok && merged.DDL() != want.DDL() {
			t.Errorf("%s and %s: %s", c.left, c.right, merged.DDL())
		}
	}
}
