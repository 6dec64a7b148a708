package types

import (
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

func TestParseDDLReadsSchemas(t *testing.T) {
	for _, c := range []struct{ ddl, want string }{
		{"a INT", "a INT"},
		{"fname STRING, mname STRING, age INT", "fname STRING,mname STRING,age INT"},
		{"a int not null comment 'c', b Struct<x: Int, y: MAP<STRING,DOUBLE>>", "a INT NOT NULL COMMENT 'c',b STRUCT<x: INT, y: MAP<STRING, DOUBLE>>"},
		{"a ARRAY<ARRAY<MAP<STRING,ARRAY<INT>>>>", "a ARRAY<ARRAY<MAP<STRING, ARRAY<INT>>>>"},
		{"s STRUCT<x INT NOT NULL COMMENT 'it''s', y: STRING>", `s STRUCT<x: INT NOT NULL COMMENT 'it\'s', y: STRING>`},
		{"s STRUCT<>", "s STRUCT<>"},
		{"`a.b` INT, `x``y` LONG", "`a.b` INT,`x``y` BIGINT"},
		{"select INT, from LONG, comment STRING, null DATE", "select INT,from BIGINT,comment STRING,null DATE"},
		{"a INT, A STRING", "a INT,A STRING"},
		{"1a INT -- comment\n, b /* c */ BYTE", "`1a` INT,b TINYINT"},
		{"a DECIMAL, b DEC(5), c NUMERIC(38,37)", "a DECIMAL(10,0),b DECIMAL(5,0),c DECIMAL(38,37)"},
		{"a CHAR(3), b VARCHAR(10), c CHARACTER(1)", "a CHAR(3),b VARCHAR(10),c CHAR(1)"},
		{"a TIMESTAMP, b TIMESTAMP_LTZ, c TIMESTAMP_NTZ, d TIMESTAMP WITHOUT TIME ZONE", "a TIMESTAMP,b TIMESTAMP,c TIMESTAMP_NTZ,d TIMESTAMP_NTZ"},
		{"a TIME, b TIME(0)", "a TIME(6),b TIME(0)"},
		{"a INTERVAL DAY TO SECOND, b INTERVAL YEAR, c INTERVAL", "a INTERVAL DAY TO SECOND,b INTERVAL YEAR,c INTERVAL"},
		{"a STRING COLLATE UTF8_BINARY, b VARIANT, c VOID, d REAL", "a STRING,b VARIANT,c VOID,d FLOAT"},
	} {
		s, err := ParseDDL(c.ddl)
		if err != nil {
			t.Errorf("%s: %v", c.ddl, err)
			continue
		}
		if got := s.DDL(); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.ddl, got, c.want)
		}
	}
}

func TestParseDDLRefusesWhatSparkRefuses(t *testing.T) {
	for _, c := range []struct{ ddl, condition, fragment, hint string }{
		{"a STRNG, b INT", "UNSUPPORTED_DATATYPE", "STRNG", "did you mean STRING?"},
		{"a INT(5)", "UNSUPPORTED_DATATYPE", "INT(5)", ""},
		{"a STRING b INT,,", "PARSE_SYNTAX_ERROR", "b", ""},
		{"a: INT", "PARSE_SYNTAX_ERROR", ":", ""},
		{"a INT NULL", "PARSE_SYNTAX_ERROR", "NULL", ""},
		{"a INT DEFAULT 1", "PARSE_SYNTAX_ERROR", "DEFAULT", ""},
		{"a INT,", "PARSE_SYNTAX_ERROR", "", ""},
		{"struct<a: INT>", "PARSE_SYNTAX_ERROR", "<", ""},
		{"a", "PARSE_SYNTAX_ERROR", "", ""},
		{"", "PARSE_EMPTY_STATEMENT", "", ""},
		{"  \n", "PARSE_EMPTY_STATEMENT", "", ""},
		{"a ARRAY", "INCOMPLETE_TYPE_DEFINITION.ARRAY", "ARRAY", ""},
		{"a MAP", "INCOMPLETE_TYPE_DEFINITION.MAP", "MAP", ""},
		{"a STRUCT", "INCOMPLETE_TYPE_DEFINITION.STRUCT", "STRUCT", ""},
		{"a DECIMAL(5,6)", "DECIMAL_SCALE_EXCEEDS_PRECISION", "DECIMAL(5,6)", ""},
		{"a DECIMAL(39)", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "DECIMAL(39)", ""},
		{"a CHAR", "DATATYPE_MISSING_SIZE", "CHAR", ""},
		{"a STRING COLLATE UTF8_LCASE", "", "COLLATE UTF8_LCASE", ""}, // not in Spark
		{"a TIME(10)", "UNSUPPORTED_TIME_PRECISION", "TIME(10)", ""},
		{"a INTERVAL MINUTE TO HOUR", "_LEGACY_ERROR_TEMP_0028", "MINUTE TO HOUR", ""},
		{"a-b INT", "INVALID_IDENTIFIER", "a-b", ""},
		{"é INT", "INVALID_IDENTIFIER", "é", ""},
		{"a INT /* open", "UNCLOSED_BRACKETED_COMMENT", "/* open", ""},
		{"a " + strings.Repeat("ARRAY<", 5000) + "INT", "FAILED_TO_PARSE_TOO_COMPLEX", "ARRAY", ""},
	} {
		_, err := ParseDDL(c.ddl)
		name := c.ddl[:min(len(c.ddl), 30)]
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if err.Condition != c.condition || err.Hint != c.hint {
			t.Errorf("%s: %v (hint %q)", name, err, err.Hint)
		}
		if got := fragment(err); got != c.fragment {
			t.Errorf("%s: marks %q, want %q", name, got, c.fragment)
		}
	}
}

func fragment(e *sparkerr.Error) string { return e.Fragment.Text[e.Fragment.Start:e.Fragment.End] }

func TestParseTypeReadsOneType(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"int", "int"}, {"array<int>", "array<int>"}, {"struct<a:int,b:array<string>>", "struct<a:int,b:array<string>>"},
		{"decimal(10,2)", "decimal(10,2)"}, {"interval year to month", "interval year to month"},
	} {
		got, err := ParseType(c.text)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %v, %v", c.text, got, err)
		}
	}
	if _, err := ParseType("a int"); err == nil {
		t.Error("ParseType accepted a schema")
	}
}

func FuzzParseDDL(f *testing.F) {
	for _, s := range []string{"a INT NOT NULL COMMENT 'c', b STRUCT<x: INT, y: MAP<STRING,DOUBLE>>", "`a` DECIMAL(3,1)", "a <>", "x /*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseDDL(text)
		if err != nil {
			if p := err.Fragment; p == nil || p.Start < 0 || p.Start > p.End || p.End > len(text) {
				t.Errorf("%q: fragment %+v", text, p)
			}
			return
		}
		again, err := ParseDDL(s.DDL())
		if err != nil || !StructOf(again.Fields...).Equal(StructOf(s.Fields...)) {
			t.Errorf("%q: %q does not parse to the same schema: %v", text, s.DDL(), err)
		}
	})
}
