package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/streamctl/streamctl/test/evaluate"
)

// A column is a column that expressions read, defined by an expression over the CSV fields.
type column struct{ name, class, from string }

var columns = []column{
	{"i", "int", "i"}, {"j", "int", "coalesce(i, 7)"}, {"y", "tinyint", "y"}, {"h", "smallint", "h"}, {"l", "bigint", "l"},
	{"f", "float", "f"}, {"d", "double", "d"}, {"c", "decimal", "c"}, {"e", "decimal", "e"}, {"b", "boolean", "b"},
	{"s", "string", "s"}, {"u", "string", "coalesce(s2, 'zz')"}, {"x", "binary", "unhex(x)"}, {"dt", "date", "dt"},
	{"t", "timestamp", "t"}, {"n", "timestamp_ntz", "n"},
	{"ym", "year-month", "make_ym_interval(0, months)"}, {"dy", "day-time", "make_dt_interval(0, 0, 0, seconds)"},
	{"iv", "interval", "make_interval(0, months, 0, small, 0, 0, seconds)"},
	{"a", "array<int>", "if(many = 0, NULL, slice(array(i, small, i2), 1, many - 1))"},
	{"w", "array<string>", "if(many = 1, NULL, slice(array(s, s2, 'k'), 1, many))"},
	{"m", "map<string,int>", "if(many = 2, NULL, map('p', small, 'q', i))"},
	{"st", "struct<p:int,q:string>", "if(many = 3, NULL, named_struct('p', small, 'q', s))"},
}

// A field is a column of the CSV text with its possible values. "\N" is NULL.
type field struct {
	name, ddl string
	values    []string
}

var someInts = []string{"0", "1", "-1", "2", "3", "10", "42", "-100", "2147483647", "-2147483648"}

var someStrings = []string{"", " ", "a", "abc", "Hello World", "12", "-7", "3.25", "true", "2024-02-29", "2024-01-31 10:20:30", "ÀÉß",
	"日本語", "😀a", "a,b,c", "100%_x", "O'Neil", "  pad ", "AbCabc", "1e5", "x=1&y=2", "UTC"}

var fields = []field{
	{"y", "TINYINT", []string{"0", "1", "-1", "5", "127", "-128"}},
	{"h", "SMALLINT", []string{"0", "1", "-1", "70", "32767", "-32768"}},
	{"i", "INT", someInts},
	{"i2", "INT", someInts},
	{"l", "BIGINT", []string{"0", "1", "-1", "4", "1000000", "1704067200", "9223372036854775807", "-9223372036854775808"}},
	{"f", "FLOAT", []string{"0", "1.5", "-1.5", "0.1", "100.25", "3.4028235E38", "1.4E-45", "NaN", "Inf", "-0.0"}},
	{"d", "DOUBLE", []string{"0", "2.5", "-2.5", "0.1", "-0.0", "1e10", "12345.678", "1.7976931348623157E308", "4.9E-324", "NaN", "-Inf"}},
	{"c", "DECIMAL(10,2)", []string{"0", "12.34", "-12.35", "0.05", "99999999.99", "-1.00", "1000"}},
	{"e", "DECIMAL(38,18)", []string{"0", "0.5", "1.234567", "-0.000000000000000001", "99999999999999999999.999999999999999999", "7"}},
	{"b", "BOOLEAN", []string{"true", "false"}},
	{"s", "STRING", someStrings},
	{"s2", "STRING", someStrings},
	{"x", "STRING", []string{"", "61", "00FF", "C3A9", "FFFE", "48656C6C6F", "E697A5"}},
	{"dt", "DATE", []string{"2024-02-29", "1970-01-01", "1969-12-31", "2000-12-31", "0001-01-01", "9999-12-31", "2023-01-31", "1582-10-04"}},
	{"t", "TIMESTAMP", []string{"2024-02-29T12:34:56.789123Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2023-07-01T08:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"}},
	{"n", "TIMESTAMP_NTZ", []string{"2024-02-29T12:34:56.789123", "1970-01-01T00:00:00", "1999-12-31T23:59:59", "1582-10-04T00:00:00", "9999-12-31T23:59:59"}},
	{"months", "INT", []string{"0", "1", "-1", "14", "25", "-1200", "2147483647"}},
	{"seconds", "DECIMAL(18,6)", []string{"0", "1.5", "-86400", "93784.005006", "-0.000001", "31536000"}},
	{"small", "INT", []string{"0", "1", "2", "3", "-1", "9"}},
	{"many", "INT", []string{"0", "1", "2", "3", "4", "4", "4"}},
}

// A tableSpec defines the rows for both engines.
type tableSpec struct {
	Schema  string            `json:"schema"`
	CSV     string            `json:"csv"`
	Options map[string]string `json:"options"`
	Select  []string          `json:"select"`
}

const null = `\N`

// newTable generates rows. One value in eight is NULL.
func newTable(r *rand.Rand, rows int) tableSpec {
	spec := tableSpec{Options: map[string]string{"nullValue": null, "emptyValue": "", "escape": `"`}}
	var ddl []string
	for _, f := range fields {
		ddl = append(ddl, f.name+" "+f.ddl)
	}
	spec.Schema = strings.Join(ddl, ", ")
	for _, c := range columns {
		spec.Select = append(spec.Select, c.from+" AS "+c.name)
	}
	var csv strings.Builder
	for range rows {
		for i, f := range fields {
			if i > 0 {
				csv.WriteByte(',')
			}
			value := null
			if f.name == "many" || r.IntN(8) > 0 {
				value = `"` + strings.ReplaceAll(pick(r, f.values), `"`, `""`) + `"`
			}
			csv.WriteString(value)
		}
		csv.WriteByte('\n')
	}
	spec.CSV = csv.String()
	return spec
}

func (s *tableSpec) read() (*evaluate.Table, error) {
	t, err := evaluate.ReadTable(s.Schema, s.CSV, s.Options, s.Select)
	if err != nil {
		return nil, fmt.Errorf("input rows: %w", err)
	}
	return t, nil
}
