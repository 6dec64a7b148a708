package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A pipeline is a job that several tools can run.
type pipeline struct {
	name, text string
	peers      func(in inputs, out string) []peer
	same       func(path string) (string, error) // describes a result, to compare the tools
}

// inputs holds the paths of the data.
type inputs struct {
	csv, json, parquet, text, many, gz string
	orders                             orders
}

const (
	filesOf10  = 20_000 // small files
	gzipped    = 4      // compressed files
	regexpText = `([A-Za-z]+),[0-9]+,`
)

func pipelines() []pipeline {
	return append([]pipeline{
		{"csv-csv", "CSV → concat(fname,'-',age), upper(fname) → CSV", csvToCSV, fingerprint},
		{"csv-json", "CSV → age >= 90, two columns → JSON lines", csvToJSON, fingerprint},
		{"json-csv", "JSON lines → two columns → CSV", jsonToCSV, fingerprint},
		{"csv-parquet", "CSV → Parquet", csvToParquet, parquetFingerprint},
		{"parquet-csv", "Parquet → age >= 90, two columns → CSV", parquetToCSV, fingerprint},
		{"text-csv", "text → match of a regular expression → CSV", textToCSV, fingerprint},
		{"many", strconv.Itoa(filesOf10) + " CSV files of 10 rows → CSV", manyFiles, fingerprint},
		{"gz", strconv.Itoa(gzipped) + " gzipped CSV files → two columns → CSV", gzFiles, fingerprint},
	}, lookups()...)
}

// streamctlFile returns the command for a job of the measured binary.
func streamctlFile(in, schema string, more ...string) []string {
	return append([]string{*streamctl, "file", in, "--schema", schema, "--available-now", "-q"}, more...)
}

func csvToCSV(in inputs, out string) []peer {
	return []peer{
		{"streamctl", streamctlFile(in.csv, people, "--select", "concat(fname,'-',age) AS result, upper(fname) AS u", "-o", "csv")},
		{"DuckDB", duckdbCopy("SELECT fname || '-' || age AS result, upper(fname) AS u FROM "+duckdbPeople(in.csv), "/dev/stdout", "FORMAT csv, HEADER")},
		{"Polars", polarsRun(polarsPeople(in.csv) + `.select(pl.concat_str([pl.col("fname"), pl.col("age").cast(pl.String)], separator="-").alias("result"), pl.col("fname").str.to_uppercase().alias("u")).sink_csv("/dev/stdout")`)},
		{"chdb", chdbRun("SELECT concat(fname,'-',toString(age)) AS result, upper(fname) AS u FROM "+chdbPeople(in.csv, "CSV"), out, "CSVWithNames")},
		{"Miller", []string{"mlr", "--icsv", "--implicit-csv-header", "--ocsv", "put", `$* = {"result": $1 . "-" . $4, "u": toupper($1)}`, in.csv}},
		{"mawk", []string{"mawk", "-F,", `BEGIN {print "result,u"} {print $1 "-" $4 "," toupper($1)}`, in.csv}},
		{"Spark", sparkRun(`    spark.read.schema("` + people + `").csv("` + in.csv + `").selectExpr("concat(fname,'-',age) AS result", "upper(fname) AS u").write.mode("overwrite").csv("` + out + `.spark")`)},
	}
}

func csvToJSON(in inputs, out string) []peer {
	return []peer{
		{"streamctl", streamctlFile(in.csv, people, "--where", "age >= 90", "--select", "fname, age", "-o", "json")},
		{"DuckDB", duckdbCopy("SELECT fname, age FROM "+duckdbPeople(in.csv)+" WHERE age >= 90", "/dev/stdout", "FORMAT json")},
		{"Polars", polarsRun(polarsPeople(in.csv) + `.filter(pl.col("age") >= 90).select("fname", "age").sink_ndjson("/dev/stdout")`)},
		{"chdb", chdbRun("SELECT fname, age FROM "+chdbPeople(in.csv, "CSV")+" WHERE age >= 90", out, "JSONEachRow")},
		{"Miller", []string{"mlr", "--icsv", "--implicit-csv-header", "--ojsonl", "filter", "$4 >= 90", "then", "cut", "-f", "1,4", "then", "rename", "1,fname,4,age", in.csv}},
		{"mawk", []string{"mawk", "-F,", `$4 >= 90 {printf "{\"fname\":\"%s\",\"age\":%s}\n", $1, $4}`, in.csv}},
	}
}

func jsonToCSV(in inputs, out string) []peer {
	return []peer{
		{"streamctl", streamctlFile(in.json, people, "--format", "json", "--select", "fname, age", "-o", "csv")},
		{"DuckDB", duckdbCopy("SELECT fname, age FROM read_json('"+in.json+"', format='newline_delimited', columns={'fname':'VARCHAR','age':'INTEGER'})", "/dev/stdout", "FORMAT csv, HEADER")},
		{"Polars", polarsRun(`pl.scan_ndjson("` + in.json + `", schema={"fname": pl.String, "mname": pl.String, "lname": pl.String, "age": pl.Int32, "ssn": pl.String}).select("fname", "age").sink_csv("/dev/stdout")`)},
		{"chdb", chdbRun("SELECT fname, age FROM "+chdbPeople(in.json, "JSONEachRow"), out, "CSVWithNames")},
		{"Miller", []string{"mlr", "--ijsonl", "--ocsv", "cut", "-o", "-f", "fname,age", in.json}},
	}
}

func csvToParquet(in inputs, out string) []peer {
	write := `rm -rf "$1" "$1.checkpoint"; exec "$2" file "$3" --schema "$4" --available-now -q --sink parquet --path "$1" --checkpoint "$1.checkpoint"`
	return []peer{
		{"streamctl", []string{"sh", "-c", write, "sh", out + ".d", *streamctl, in.csv, people}},
		{"DuckDB", duckdbCopy("SELECT * FROM "+duckdbPeople(in.csv), out, "FORMAT parquet")},
		{"Polars", polarsRun(polarsPeople(in.csv) + `.sink_parquet("` + out + `", compression="snappy")`)},
		{"chdb", chdbRun("SELECT * FROM "+chdbPeople(in.csv, "CSV"), out, "Parquet")},
	}
}

func parquetToCSV(in inputs, out string) []peer {
	return []peer{
		{"streamctl", streamctlFile(in.parquet, people, "--format", "parquet", "--where", "age >= 90", "--select", "fname, age", "-o", "csv")},
		{"DuckDB", duckdbCopy("SELECT fname, age FROM '"+in.parquet+"/*.parquet' WHERE age >= 90", "/dev/stdout", "FORMAT csv, HEADER")},
		{"Polars", polarsRun(`pl.scan_parquet("` + in.parquet + `/*.parquet").filter(pl.col("age") >= 90).select("fname", "age").sink_csv("/dev/stdout")`)},
		{"chdb", chdbRun("SELECT fname, age FROM file('"+in.parquet+"/*.parquet','Parquet') WHERE age >= 90", out, "CSVWithNames")},
	}
}

func textToCSV(in inputs, out string) []peer {
	return []peer{
		{"streamctl", streamctlFile(in.text, "value STRING", "--format", "text", "--select", "regexp_extract(value, '"+regexpText+"', 1) AS l", "-o", "csv")},
		{"DuckDB", duckdbCopy("SELECT regexp_extract(value, '"+regexpText+"', 1) AS l FROM read_csv('"+in.text+"', header=false, sep='\x01', quote='', columns={'value':'VARCHAR'})", "/dev/stdout", "FORMAT csv, HEADER")},
		{"Polars", polarsRun(`pl.scan_csv("` + in.text + `", has_header=False, separator="\x01", quote_char=None, schema={"value": pl.String}).select(pl.col("value").str.extract(r"` + regexpText + `", 1).alias("l")).sink_csv("/dev/stdout")`)},
		{"chdb", chdbRun("SELECT extract(value, '"+regexpText+"') AS l FROM file('"+in.text+"','LineAsString','value String')", out, "CSVWithNames")},
		{"mawk", []string{"mawk", `BEGIN {print "l"} match($0, /[A-Za-z]+,[0-9]+,/) {s = substr($0, RSTART, RLENGTH); sub(/,.*/, "", s); print s}`, in.text}},
	}
}

func manyFiles(in inputs, _ string) []peer {
	all := in.many + "/*.csv"
	return []peer{
		{"streamctl", streamctlFile(in.many, people, "-o", "csv")},
		{"cat", []string{"sh", "-c", "cat " + all}},
		{"DuckDB", duckdbCopy("SELECT * FROM "+duckdbPeople(all), "/dev/stdout", "FORMAT csv, HEADER")},
		{"Polars", polarsRun(polarsPeople(all) + `.sink_csv("/dev/stdout")`)},
	}
}

func gzFiles(in inputs, _ string) []peer {
	all := in.gz + "/*.csv.gz"
	return []peer{
		{"streamctl", streamctlFile(in.gz, people, "--select", "fname, age", "-o", "csv")},
		{"gzip", []string{"sh", "-c", "gzip -dc " + all}},
		{"DuckDB", duckdbCopy("SELECT fname, age FROM "+strings.Replace(duckdbPeople(all), "header=false", "header=false, compression='gzip'", 1), "/dev/stdout", "FORMAT csv, HEADER")},
		{"Polars", polarsRun(polarsPeople(all) + `.select("fname", "age").sink_csv("/dev/stdout")`)},
	}
}

// benchPipelines runs each job with every installed tool, compares the results, and then times the tools
// alternately.
func benchPipelines(dir string) error {
	wanted, err := regexp.Compile(*match)
	if err != nil {
		return err
	}
	versions := present()
	in, size, err := makeInputs(dir)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d rows, %s as CSV; data and output on %s; medians of %d runs in turn, RSS the largest. A ratio is that of the other tool to streamctl.\n",
		*rows, mb(size), *ramdisk, *runs)
	for _, p := range pipelines() {
		if !wanted.MatchString(p.name) {
			continue
		}
		if err := p.bench(in, filepath.Join(dir, "out"), versions); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

func (p *pipeline) bench(in inputs, out string, versions map[string]string) error {
	peers := slices.DeleteFunc(p.peers(in, out), func(t peer) bool { return versions[t.name] == "" })
	fmt.Printf("\n### %s\n\n", p.text)
	if err := p.compare(peers, out); err != nil {
		return err
	}
	var commands [][]string
	for _, t := range peers {
		if t.name != "Spark" {
			commands = append(commands, t.argv)
		}
	}
	m, err := medians(*runs, out, commands...)
	if err != nil {
		return err
	}
	fmt.Printf("| tool | wall | CPU | RSS | wall ratio | CPU ratio |\n|---|---|---|---|---|---|\n")
	for i, t := range peers {
		if t.name == "Spark" {
			s, err := seconds(t.argv, out)
			if err != nil {
				return err
			}
			fmt.Printf("| Spark, query only, one run | %.2f s | – | – | %.2f | – |\n", s, s/m[0].wall.Seconds())
			continue
		}
		fmt.Printf("| %s | %s | %s | %s | %.2f | %.2f |\n", t.name, sec(m[i].wall), sec(m[i].cpu), mb(m[i].rss),
			float64(m[i].wall)/float64(m[0].wall), float64(m[i].cpu)/float64(m[0].cpu))
	}
	return nil
}

// compare runs every tool once and compares the results.
func (p *pipeline) compare(peers []peer, out string) error {
	if err := os.RemoveAll(out + ".d"); err != nil {
		return err
	}
	want := ""
	for _, t := range peers {
		if slices.Contains([]string{"Spark", "cat", "gzip"}, t.name) { // their output is different, or they do only part of the job
			continue
		}
		if _, err := timed(out, t.argv...); err != nil {
			return err
		}
		result := out
		if _, err := os.Stat(out + ".d"); err == nil && t.name == "streamctl" {
			result = out + ".d"
		}
		got, err := p.same(result)
		if err != nil {
			return fmt.Errorf("result of %s: %w", t.name, err)
		}
		if want == "" {
			want = got
		} else if got != want {
			return fmt.Errorf("%s gives %s, streamctl %s", t.name, got, want)
		}
	}
	return nil
}

// seconds runs a program that prints how long its work took.
func seconds(argv []string, out string) (float64, error) {
	if _, err := timed(out, argv...); err != nil {
		return 0, err
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
}

// makeInputs writes the same rows in every format.
func makeInputs(dir string) (in inputs, size int64, err error) {
	at := func(name string) string { return filepath.Join(dir, name) }
	in = inputs{csv: at("people.csv"), json: at("people.json"), parquet: at("people.parquet"), text: at("people.csv"), many: at("many"), gz: at("gz")}
	if size, err = generatePeople(in.csv, *rows); err != nil {
		return in, 0, err
	}
	if _, err = timed(in.json, streamctlFile(in.csv, people, "-o", "json")...); err != nil {
		return in, 0, err
	}
	if _, err = timed("", streamctlFile(in.csv, people, "--sink", "parquet", "--path", in.parquet, "--checkpoint", at("checkpoint"))...); err != nil {
		return in, 0, err
	}
	if err = makeMany(in.many); err != nil {
		return in, 0, err
	}
	if in.orders, err = makeOrders(dir, *rows); err != nil {
		return in, 0, err
	}
	return in, size, makeGzipped(in.gz)
}

// makeMany writes small files with times old enough for a source to consider them complete.
func makeMany(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	old := time.Now().Add(-time.Hour)
	for i := range filesOf10 {
		name := filepath.Join(dir, fmt.Sprintf("%06d.csv", i))
		text := strings.Repeat(fmt.Sprintf("Ada,B,Low%d,%d,900-00-0001\n", i, i%100), 10)
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
		if err := os.Chtimes(name, old, old); err != nil {
			return err
		}
	}
	return nil
}

func makeGzipped(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for i := range gzipped {
		plain := filepath.Join(dir, "plain")
		if _, err := generatePeople(plain, *rows/gzipped); err != nil {
			return err
		}
		if err := compressFile(plain, filepath.Join(dir, fmt.Sprintf("%d.csv.gz", i))); err != nil {
			return err
		}
		if err := os.Remove(plain); err != nil {
			return err
		}
	}
	return nil
}

func compressFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close()
	z := gzip.NewWriter(out)
	if _, err := io.Copy(z, in); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return out.Close()
}
