package main

import (
	"math/rand/v2"

	"github.com/streamctl/streamctl/internal/types"
)

// classOf returns the class of a type. The generator treats types of one class, such as all decimals, alike.
func classOf(t *types.Type) string {
	switch t.Kind {
	case types.KindDecimal:
		return "decimal"
	case types.KindYearMonth:
		return "year-month"
	case types.KindDayTime:
		return "day-time"
	}
	return t.String()
}

// typeNames lists cast targets for each class of scalars.
var typeNames = map[string][]string{
	"boolean": {"BOOLEAN"}, "tinyint": {"TINYINT"}, "smallint": {"SMALLINT"}, "int": {"INT"}, "bigint": {"BIGINT"},
	"float": {"FLOAT"}, "double": {"DOUBLE"}, "string": {"STRING"}, "binary": {"BINARY"}, "date": {"DATE"},
	"decimal":    {"DECIMAL(10,2)", "DECIMAL(38,18)", "DECIMAL(5,0)", "DECIMAL(20,6)", "DECIMAL(38,0)", "DECIMAL(3,3)"},
	"year-month": {"INTERVAL YEAR TO MONTH", "INTERVAL MONTH"}, "day-time": {"INTERVAL DAY TO SECOND", "INTERVAL HOUR TO MINUTE"},
	"array<int>": {"ARRAY<INT>"}, "array<string>": {"ARRAY<STRING>"}, "map<string,int>": {"MAP<STRING,INT>"},
	"struct<p:int,q:string>": {"STRUCT<p: INT, q: STRING>"},
}

// literals lists constants of each class, plain ones first: shrinking uses the first two.
var literals = map[string][]string{
	"boolean":  {"true", "false"},
	"tinyint":  {"1Y", "0Y", "-1Y", "7Y", "127Y", "-128Y"},
	"smallint": {"1S", "0S", "-1S", "300S", "32767S", "-32768S"},
	"int": {"1", "0", "-1", "2", "3", "5", "10", "-7", "31", "32", "64", "100", "1000", "2024", "65536", "2147483647",
		"-2147483648"},
	"bigint": {"1L", "0L", "-1L", "12L", "86400L", "2147483648L", "1704067200000L", "9223372036854775807L",
		"-9223372036854775808L"},
	"float":  {"1.0F", "0.0F", "-1.5F", "0.1F", "1.17549435E-38F", "3.4028235E38F", "float('NaN')", "float('-Infinity')"},
	"double": {"1.0D", "0.0D", "-0.0D", "0.5D", "-2.5D", "1e10", "0.1D", "1e-7", "123456789.125D", "9007199254740993D", "1.7976931348623157E308", "4.9E-324D", "double('NaN')", "double('Infinity')"},
	"decimal": {"1.5", "0.00", "-0.05", "12.345", "99999999.99", "0.000001", "1e2BD", "12345678901234567890.123456789",
		"99999999999999999999999999999999999999", "2.5", "-3.5"},
	"string": {"'a'", "''", "' '", "'abc'", "'Abc Def'", "'  x '", "'12'", "'-1.5'", "'1e3'", "'true'", "'a,b,,c'", "'a1b22'",
		"'naïve Ünïcode'", "'日本語'", "'😀x'", "'2024-02-29'", "'2024-02-29 12:34:56.789'", "'1969-12-31T23:59:59Z'", "'%'", "'NaN'",
		"'1 day'", "'1-2'", "'a\\nb\\tc'", "'x\\\\y'", "'9223372036854775808'", "'ß'", "'{\"p\":1}'", "'Infinity'", "'AQID'", "'zz'"},
	"binary":        {"X'61'", "X''", "X'00FF'", "X'C3A9'", "X'FFFE80'", "X'53706172'"},
	"date":          {"DATE'2024-02-29'", "DATE'1970-01-01'", "DATE'1969-12-31'", "DATE'2023-12-31'", "DATE'0001-01-01'", "DATE'9999-12-31'", "DATE'1582-10-04'", "DATE'2000-01-31'"},
	"timestamp":     {"TIMESTAMP'2024-02-29 12:34:56.789123'", "TIMESTAMP'1970-01-01 00:00:00'", "TIMESTAMP'1969-12-31 23:59:59.999999'", "TIMESTAMP'0001-01-01 00:00:00'", "TIMESTAMP'9999-12-31 23:59:59.999999'", "TIMESTAMP'2023-03-26 01:30:00 Europe/Berlin'"},
	"timestamp_ntz": {"TIMESTAMP_NTZ'2024-02-29 12:34:56.789123'", "TIMESTAMP_NTZ'1970-01-01 00:00:00'", "TIMESTAMP_NTZ'1900-01-01 00:00:00.5'", "TIMESTAMP_NTZ'9999-12-31 23:59:59'"},
	"year-month":    {"INTERVAL '1' MONTH", "INTERVAL '0' YEAR", "INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '-13' MONTH", "INTERVAL '178956970-7' YEAR TO MONTH"},
	"day-time": {"INTERVAL '1' DAY", "INTERVAL '0' SECOND", "INTERVAL '1 02:03:04.5' DAY TO SECOND", "INTERVAL '-36' HOUR", "INTERVAL '90' MINUTE",
		"INTERVAL '106751991 04:00:54.775807' DAY TO SECOND"},
	"interval":               {"make_interval(0, 1)", "make_interval(1, 2, 3, 4, 5, 6, 7.5)", "make_interval(0, 0, 0, -1)"},
	"array<int>":             {"array(1)", "array(1, NULL, 3)", "array(3, 1, 2, 1)", "array(-1, 2147483647)"},
	"array<string>":          {"array('a')", "array('b', NULL, 'a')", "array('', 'x', 'X')"},
	"map<string,int>":        {"map('p', 1)", "map('p', 1, 'q', CAST(NULL AS INT))"},
	"struct<p:int,q:string>": {"named_struct('p', 1, 'q', 'a')", "named_struct('p', CAST(NULL AS INT), 'q', 'z')"},
}

// classes lists the classes that have columns, in the order of columns.
func classes() []string {
	var out []string
	seen := map[string]bool{}
	for _, c := range columns {
		if !seen[c.class] {
			seen[c.class] = true
			out = append(out, c.class)
		}
	}
	return out
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
