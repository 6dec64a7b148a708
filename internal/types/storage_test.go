package types_test

import (
	"testing"

	"github.com/streamctl/streamctl/internal/types"
)

func TestTextAsStringReplacesNestedTypes(t *testing.T) {
	for ddl, want := range map[string]string{
		"a CHAR(3)":               "STRING",
		"a STRING":                "STRING",
		"a BINARY":                "BINARY",
		"a ARRAY<VARCHAR(5)>":     "ARRAY<STRING>",
		"a MAP<CHAR(1), INT>":     "MAP<STRING, INT>",
		"a STRUCT<b: VARCHAR(2)>": "STRUCT<b: STRING>",
	} {
		s, err := types.ParseDDL(ddl)
		if err != nil {
			t.Fatalf("%s: %v", ddl, err)
		}
		if got := s.Fields[0].Type.TextAsString().SQL(); got != want {
			t.Errorf("%s becomes %s, want %s", ddl, got, want)
		}
	}
}

func TestDatesAndTimesAreStoredAsIntegers(t *testing.T) {
	for kind, want := range map[types.Kind]types.Kind{
		types.KindDate: types.KindInt, types.KindYearMonth: types.KindInt, types.KindInt: types.KindInt, types.KindTimestamp: types.KindLong,
		types.KindTimestampNTZ: types.KindLong, types.KindTime: types.KindLong, types.KindDayTime: types.KindLong, types.KindShort: types.KindShort,
		types.KindInterval: types.KindInterval, types.KindChar: types.KindChar,
	} {
		if got := kind.Storage(); got != want {
			t.Errorf("%v is stored as %v, want %v", kind, got, want)
		}
	}
}
