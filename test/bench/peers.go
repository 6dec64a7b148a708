package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A peer is a tool that runs a job.
type peer struct {
	name string
	argv []string // writes the result to standard output or to out
}

// A tool is a program that a shell user might choose.
type tool struct {
	name    string
	version []string // command that prints the version
}

func tools() []tool {
	python := func(module string) []string {
		return []string{pythonPath(), "-c", "import " + module + "; print(" + module + ".__version__)"}
	}
	return []tool{
		{"streamctl", []string{*streamctl, "version"}},
		{"DuckDB", []string{duckdbPath(), "--version"}},
		{"Polars", python("polars")},
		{"chdb", python("chdb")},
		{"Miller", []string{"mlr", "--version"}},
		{"mawk", []string{"mawk", "-W", "version"}},
		{"Spark", []string{filepath.Join(*sparkVenv, "bin", "python"), "-c", "import pyspark; print(pyspark.__version__)"}},
		{"cat", []string{"cat", "--version"}},
		{"gzip", []string{"gzip", "--version"}},
	}
}

// present returns the versions of the installed tools, and prints which are missing. If names are given, only
// those are considered.
func present(names ...string) map[string]string {
	versions := map[string]string{}
	fmt.Printf("| tool | version |\n|---|---|\n")
	for _, t := range tools() {
		if len(names) > 0 && !slices.Contains(names, t.name) {
			continue
		}
		v, ok := versionOf(t.version)
		if ok {
			versions[t.name] = v
		} else {
			v = "missing, left out"
		}
		fmt.Printf("| %s | %s |\n", t.name, v)
	}
	fmt.Println()
	return versions
}

func versionOf(argv []string) (version string, ok bool) {
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line), err == nil
}

// Commands of the tools. in and out are paths. ext is the output format, for commands that write several.

func duckdbCopy(query, out, options string) []string {
	return []string{duckdbPath(), "-c", "COPY (" + query + ") TO '" + out + "' (" + options + ")"}
}

func duckdbPeople(in string) string {
	return `read_csv('` + in + `', header=false, columns={'fname':'VARCHAR','mname':'VARCHAR','lname':'VARCHAR','age':'INTEGER','ssn':'VARCHAR'})`
}

func polarsRun(program string) []string {
	return []string{pythonPath(), "-c", "import polars as pl\n" + program}
}

func polarsPeople(in string) string {
	return `pl.scan_csv("` + in + `", has_header=False, schema={"fname": pl.String, "mname": pl.String, "lname": pl.String, "age": pl.Int32, "ssn": pl.String})`
}

func chdbRun(query, out, format string) []string {
	return []string{pythonPath(), "-c", `import chdb; chdb.query("` + query + ` INTO OUTFILE '` + out + `' TRUNCATE FORMAT ` + format + `")`}
}

func chdbPeople(in, format string) string {
	return "file('" + in + "','" + format + "','fname String, mname String, lname String, age Int32, ssn String')"
}

// sparkRun prints the seconds that a query takes, without the start of Spark.
func sparkRun(program string) []string {
	return []string{filepath.Join(*sparkVenv, "bin", "python"), "-c", `
import time, shutil
from pyspark.sql import SparkSession, functions as F
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.log.level", "OFF").config("spark.driver.memory", "4g").getOrCreate()
def job():
` + program + `
start = time.time(); job(); print(time.time() - start)`}
}

// fingerprint describes the lines of a text, including a header, independent of order, quotes and blanks.
func fingerprint(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var p print
	err = p.add(bufio.NewReader(f))
	return p.String(), err
}

// rowsFingerprint is fingerprint without the header of a text, or of the files of a directory, which have none.
func rowsFingerprint(path string) (string, error) {
	files, err := filepath.Glob(filepath.Join(path, "*.csv"))
	header := len(files) == 0
	if header {
		files = []string{path}
	}
	var p print
	for _, name := range files {
		f, openErr := os.Open(name)
		if openErr != nil {
			return "", openErr
		}
		in := bufio.NewReader(f)
		if header {
			_, err = in.ReadString('\n')
		}
		err = errors.Join(err, p.add(in), f.Close())
	}
	return p.String(), err
}

// A print is the fingerprint of some lines.
type print struct {
	sum   uint64
	lines int
}

func (p *print) String() string { return fmt.Sprintf("%d lines, %016x", p.lines, p.sum) }

func (p *print) add(r io.Reader) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		line := bytes.Map(func(r rune) rune {
			if r == '"' || r == ' ' || r == '\r' {
				return -1
			}
			return r
		}, in.Bytes())
		h := fnv.New64a()
		_, _ = h.Write(line)
		p.sum += h.Sum64()
		p.lines++
	}
	return in.Err()
}

// parquetFingerprint describes Parquet files, read by Polars.
func parquetFingerprint(path string) (string, error) {
	out, err := exec.Command(pythonPath(), "-c", `
import polars as pl, sys, os
p = sys.argv[1]
d = pl.read_parquet(p + "/*.parquet" if os.path.isdir(p) else p)
print(d.height, d.columns, d["age"].sum(), d["fname"].str.len_bytes().sum())`, path).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return string(out), nil
}
