package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/test/pyarrow"
)

type keptValue struct {
	ddl            string
	first, second  string // in JSON
	arrow, parquet string // types; "" if the format does not support it
	python         [2]string
}

// kept lists values of every type, in JSON and as printed by pyarrow. Times are compared as numbers.
var kept = []keptValue{
	{"BOOLEAN", "true", "false", "bool", "bool", [2]string{"True", "False"}},
	{"TINYINT", "-128", "127", "int8", "int8", [2]string{"-128", "127"}},
	{"SMALLINT", "-32768", "32767", "int16", "int16", [2]string{"-32768", "32767"}},
	{"INT", "-2147483648", "2147483647", "int32", "int32", [2]string{"-2147483648", "2147483647"}},
	{"BIGINT", "-9223372036854775808", "9223372036854775807", "int64", "int64", [2]string{"-9223372036854775808", "9223372036854775807"}},
	{"FLOAT", "0.1", `"NaN"`, "float", "float", [2]string{"0.10000000149011612", "nan"}},
	{"DOUBLE", "-0.0", `"-Infinity"`, "double", "double", [2]string{"-0.0", "-inf"}},
	{"DECIMAL(9,2)", "-1234567.89", "0.01", "decimal128(9, 2)", "decimal128(9, 2)", [2]string{"Decimal('-1234567.89')", "Decimal('0.01')"}},
	{"DECIMAL(18,0)", "-999999999999999999", "0", "decimal128(18, 0)", "decimal128(18, 0)", [2]string{"Decimal('-999999999999999999')", "Decimal('0')"}},
	{"DECIMAL(38,10)", "1234567890123456789012345678.0123456789", "-1E-10", "decimal128(38, 10)", "decimal128(38, 10)",
		[2]string{"Decimal('1234567890123456789012345678.0123456789')", "Decimal('-1E-10')"}},
	{"STRING", `"é😀\n"`, `""`, "string", "string", [2]string{`'é😀\n'`, "''"}},
	{"BINARY", `"AP8="`, `""`, "binary", "binary", [2]string{`b'\x00\xff'`, "b''"}},
	{"DATE", `"0001-01-01"`, `"9999-12-31"`, "date32[day]", "date32[day]", [2]string{"datetime.date(1, 1, 1)", "datetime.date(9999, 12, 31)"}},
	{"TIMESTAMP", `"1969-12-31T23:59:59.999999Z"`, `"2024-02-29T12:34:56.789012+01:00"`, "timestamp[us, tz=Asia/Kolkata]", "timestamp[us, tz=UTC]", [2]string{"-1", "1709206496789012"}},
	{"TIMESTAMP_NTZ", `"1969-12-31T23:59:59.999999"`, `"0001-01-01T00:00:00"`, "timestamp[us]", "timestamp[us]", [2]string{"-1", "-62135596800000000"}},
	{"INTERVAL YEAR TO MONTH", `"INTERVAL '-1-2' YEAR TO MONTH"`, `"INTERVAL '178956970-7' YEAR TO MONTH"`, "month_interval", "int32", [2]string{"-14", "2147483647"}},
	{"INTERVAL DAY TO SECOND", `"INTERVAL '1 02:03:04.5' DAY TO SECOND"`, `"INTERVAL '-0 00:00:00.000001' DAY TO SECOND"`, "duration[us]", "int64", [2]string{"93784500000", "-1"}},
	{"INTERVAL", `"-13 months 3 days 7 milliseconds"`, `"1 microsecond"`, "month_day_nano_interval", "", [2]string{"MonthDayNano(months=-13, days=3, nanoseconds=7000000)", "MonthDayNano(months=0, days=0, nanoseconds=1000)"}},
	{"ARRAY<INT>", "[1, null, -3]", "[]", "list<element: int32>", "list<element: int32>", [2]string{"[1, None, -3]", "[]"}},
	{"ARRAY<ARRAY<STRING>>", `[["a"], null, [null, ""]]`, "[[]]", "list<element: list<element: string>>", "list<element: list<element: string>>", [2]string{"[['a'], None, [None, '']]", "[[]]"}},
	{"MAP<STRING, BIGINT>", `{"b": 1, "a": null}`, "{}", "map<string, int64>", "map<string, int64 ('c20')>", [2]string{"[('b', 1), ('a', None)]", "[]"}},
	{"STRUCT<x: INT, y: STRUCT<z: STRING>>", `{"x": 1, "y": {"z": "deep"}}`, `{"y": null}`, "struct<x: int32, y: struct<z: string>>", "struct<x: int32, y: struct<z: string>>",
		[2]string{"{'x': 1, 'y': {'z': 'deep'}}", "{'x': None, 'y': None}"}},
	{"ARRAY<STRUCT<m: MAP<STRING, ARRAY<DATE>>>>", `[{"m": {"k": ["1970-01-02", null]}}, null, {}]`, `[{"m": {"": null}}]`,
		"list<element: struct<m: map<string, list<element: date32[day]>>>>", "list<element: struct<m: map<string, list<element: date32[day]> ('m')>>>",
		[2]string{"[{'m': [('k', [datetime.date(1970, 1, 2), None])]}, None, {'m': None}]", "[{'m': [('', None)]}]"}},
}

// prints defines the Python function show(table), which prints a line for each column with its name, type and
// values.
const prints = `
import sys, pyarrow as pa, pyarrow.parquet as pq
def values(c):
    if str(c.type) == "month_interval": # there is no Python object for it
        return [x.strip("[], M").replace("null", "None") for x in c.to_string(window=100).split() if x.strip("[],")]
    if pa.types.is_temporal(c.type) and not pa.types.is_date(c.type) and c.type != pa.month_day_nano_interval():
        c = c.cast(pa.int64())
    return [repr(x) for x in c.to_pylist()]
def show(table):
    table.validate(full=True)
    for name in table.column_names:
        print(name, "|", table[name].type, "|", " ".join(values(table[name])))
`

// stream reads standard input, files reads the files in the arguments.
const (
	stream = prints + "show(pa.ipc.open_stream(sys.stdin.buffer).read_all())"
	files  = prints + "show(pa.concat_tables(pq.ParquetFile(f).read() for f in sys.argv[1:]))"
)

// writeKept writes two files with rows of all types that a format supports; the second has some NULLs. It
// returns their schema and the expected output of show.
func writeKept(t *testing.T, dir string, format func(i int) string) (ddl, want string) {
	t.Helper()
	var fields, columns []string
	var first, second []string
	for i, k := range kept {
		if format(i) == "" {
			continue
		}
		name := fmt.Sprint("c", i)
		if k.ddl == "INTERVAL" { // no file format supports it
			fields = append(fields, name+" STRING")
		} else {
			fields = append(fields, name+" "+k.ddl)
		}
		first = append(first, fmt.Sprintf("%q:%s", name, k.first))
		second = append(second, fmt.Sprintf("%q:%s", name, k.second))
		columns = append(columns, fmt.Sprintf("%s | %s | %s None %s\n", name, format(i), k.python[0], k.python[1]))
	}
	writeFile(t, filepath.Join(dir, "in", "1.json"), "{"+strings.Join(first, ",")+"}\n{}\n")
	writeFile(t, filepath.Join(dir, "in", "2.json"), "{"+strings.Join(second, ",")+"}\n")
	return strings.Join(fields, ", "), strings.Join(columns, "")
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// readJSON returns the arguments of a query on the JSON files of a directory.
func readJSON(dir, ddl string, more ...string) []string {
	return append([]string{"file", "--dir", filepath.Join(dir, "in"), "--format", "json", "--schema", ddl, "--available-now"}, more...)
}

// rowsOn returns the standard output of a query.
func rowsOn(t *testing.T, args []string) []byte {
	t.Helper()
	out, err := exec.Command("streamctl", args...).Output()
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return out
}

func TestPyarrowReadsTheArrowStream(t *testing.T) {
	dir := t.TempDir()
	ddl, want := writeKept(t, dir, func(i int) string { return kept[i].arrow })
	interval := "c" + strconv.Itoa(slices.IndexFunc(kept, func(k keptValue) bool { return k.ddl == "INTERVAL" }))
	args := readJSON(dir, ddl, "-o", "arrow", "--conf", "spark.sql.session.timeZone=Asia/Kolkata", "--with-column", interval+"=CAST("+interval+" AS INTERVAL)")
	for name, more := range map[string][]string{"one batch": nil, "two": {"--option", "maxFilesPerTrigger=1"}} {
		if got := pyarrow.Run(t, stream, rowsOn(t, append(args, more...))); got != want {
			t.Errorf("%s:\n%swant\n%s", name, got, want)
		}
	}
	if got, want := pyarrow.Run(t, stream, rowsOn(t, append(args, "--sql", "SELECT c0, NULL AS none FROM stream"))), "c0 | bool | True None False\nnone | null | None None None\n"; got != want {
		t.Errorf("%swant\n%s", got, want)
	}
}

func TestPyarrowReadsAnEmptyArrowStream(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in", "1.json"), `{"a":1}`)
	for _, where := range []string{"false", "a > 1"} {
		got := pyarrow.Run(t, stream, rowsOn(t, readJSON(dir, "a INT, b ARRAY<STRING>", "-o", "arrow", "--where", where)))
		if want := "a | int32 | \nb | list<element: string> | \n"; got != want {
			t.Errorf("where %s:\n%swant\n%s", where, got, want)
		}
	}
}

func TestPyarrowReadsManyArrowBatches(t *testing.T) {
	const rows = 10_000
	var in strings.Builder
	for n := range rows {
		fmt.Fprintf(&in, "{\"n\":%d}\n", n)
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in", "1.json"), in.String())
	const check = "import sys, pyarrow as pa\nbatches = list(pa.ipc.open_stream(sys.stdin.buffer))\n" +
		"n = [x for b in batches for x in b['n'].to_pylist()]\ns = [x for b in batches for x in b['s'].to_pylist()]\n" +
		"print(len(batches) > 3, n == list(range(10_000)), all(y == (None if x % 7 == 0 else 'é' * (x % 5)) for x, y in zip(n, s)))"
	args := readJSON(dir, "n INT", "-o", "arrow", "--with-column", "s=IF(n % 7 = 0, NULL, repeat('é', n % 5))")
	if got := pyarrow.Run(t, check, rowsOn(t, args)); got != "True True True\n" {
		t.Error(got)
	}
}

func TestPyarrowReadsPartFilesOfTheParquetSink(t *testing.T) {
	for i, c := range []struct {
		options []string
		unit    string // of timestamps
	}{
		{nil, "us, tz=UTC"},
		{[]string{"--sink-option", "compression=zstd", "--conf", "spark.sql.parquet.outputTimestampType=INT96"}, "ns"},
		{[]string{"--sink-option", "compression=gzip", "--sink-option", "maxRecordsPerFile=1"}, "us, tz=UTC"},
		{[]string{"--sink-option", "compression=lz4_raw", "--conf", "spark.sql.parquet.outputTimestampType=TIMESTAMP_MILLIS"}, "ms, tz=UTC"},
		{[]string{"--sink-option", "compression=none"}, "us, tz=UTC"},
	} {
		dir := t.TempDir()
		ddl, want := writeKept(t, dir, func(i int) string { return kept[i].parquet })
		const micros = "us, tz=UTC] | -1 None 1709206496789012"
		switch c.unit {
		case "ns": // INT96 in pyarrow
			want = strings.Replace(want, micros, "ns] | -1000 None 1709206496789012000", 1)
		case "ms, tz=UTC":
			want = strings.Replace(want, micros, "ms, tz=UTC] | -1 None 1709206496789", 1)
		}
		run(t, 0, append(readJSON(dir, ddl, "--sink", "parquet", "--path", filepath.Join(dir, "out"), "--checkpoint", filepath.Join(dir, "ckpt")), c.options...)...)
		parts, _ := filepath.Glob(filepath.Join(dir, "out", "*.parquet"))
		if got := pyarrow.Run(t, files, nil, parts...); got != want {
			t.Errorf("options %d, %d files:\n%swant\n%s", i, len(parts), got, want)
		}
	}
}
