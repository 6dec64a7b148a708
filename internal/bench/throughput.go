package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A peer is another tool that can do the throughput job.
type peer struct {
	name    string
	version []string // command that prints the version
	argv    []string // command that writes the result to standard output
}

// benchThroughput runs fname,mname,lname,age,ssn → result, upper(fname) → CSV with every tool that is there.
func benchThroughput(dir string) error {
	in := filepath.Join(dir, "people.csv")
	size, err := generatePeople(in, *rows)
	if err != nil {
		return err
	}
	fmt.Printf("%d rows, %s; CSV → concat(fname,'-',age), upper(fname) → CSV on standard output, data and output on %s\n\n", *rows, mb(size), *ramdisk)
	tools := []peer{{
		name:    "streamctl",
		version: []string{*streamctl, "version"},
		argv: []string{*streamctl, "file", in, "--schema", people, "--select", "concat(fname,'-',age) AS result, upper(fname) AS u",
			"--available-now", "-o", "csv", "-q"},
	}}
	for _, p := range otherTools(in) {
		if _, err := exec.LookPath(p.argv[0]); err != nil {
			fmt.Printf("%s is missing and left out\n\n", p.name)
			continue
		}
		tools = append(tools, p)
	}
	out := filepath.Join(dir, "out.csv")
	if err := sameOutputs(tools, out); err != nil {
		return err
	}
	commands := make([][]string, len(tools))
	for i, t := range tools {
		commands[i] = t.argv
	}
	m, err := medians(*runs, out, commands...)
	if err != nil {
		return err
	}
	fmt.Printf("| tool | version | wall | CPU | RSS | wall against streamctl |\n|---|---|---|---|---|---|\n")
	for i, t := range tools {
		fmt.Printf("| %s | %s | %s | %s | %s | %.2f |\n", t.name, versionOf(t), sec(m[i].wall), sec(m[i].cpu), mb(m[i].rss),
			float64(m[i].wall)/float64(m[0].wall))
	}
	fmt.Println()
	for _, t := range tools {
		fmt.Printf("    %s\n", strings.ReplaceAll(strings.Join(t.argv, " "), dir, "DIR"))
	}
	return nil
}

// otherTools are what a shell user might pick instead.
func otherTools(in string) []peer {
	return []peer{
		{
			name:    "DuckDB",
			version: []string{duckdbPath(), "--version"},
			argv: []string{duckdbPath(), "-c",
				`COPY (SELECT fname || '-' || age AS result, upper(fname) AS u FROM read_csv('` + in + `', header=false, ` +
					`columns={'fname':'VARCHAR','mname':'VARCHAR','lname':'VARCHAR','age':'INTEGER','ssn':'VARCHAR'})) ` +
					`TO '/dev/stdout' (FORMAT csv, HEADER)`},
		},
		{
			name:    "Polars",
			version: []string{pythonPath(), "-c", "import polars; print(polars.__version__)"},
			argv: []string{pythonPath(), "-c", `
import polars as pl
s = {"fname": pl.String, "mname": pl.String, "lname": pl.String, "age": pl.Int32, "ssn": pl.String}
pl.scan_csv("` + in + `", has_header=False, schema=s).select(
    pl.concat_str([pl.col("fname"), pl.col("age").cast(pl.String)], separator="-").alias("result"),
    pl.col("fname").str.to_uppercase().alias("u")).sink_csv("/dev/stdout")`},
		},
		{
			name:    "mawk",
			version: []string{"mawk", "-W", "version"},
			argv:    []string{"mawk", "-F,", `BEGIN {print "result,u"} {print $1 "-" $4 "," toupper($1)}`, in},
		},
	}
}

func versionOf(p peer) string {
	out, err := exec.Command(p.version[0], p.version[1:]...).CombinedOutput()
	if err != nil {
		return "?"
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line)
}

// sameOutputs runs every tool once and compares what they write.
func sameOutputs(tools []peer, out string) error {
	var want string
	for i, t := range tools {
		if _, err := timed(out, t.argv...); err != nil {
			return err
		}
		f, err := os.Open(out)
		if err != nil {
			return err
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		f.Close()
		if err != nil {
			return err
		}
		got := fmt.Sprintf("%d bytes, %x", n, h.Sum(nil)[:8])
		if i == 0 {
			want = got
		} else if got != want {
			return fmt.Errorf("%s wrote %s, %s wrote %s", t.name, got, tools[0].name, want)
		}
	}
	return nil
}

// generatePeople writes n rows of invented people; the same n gives the same bytes.
func generatePeople(path string, n int) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	first := []string{"Annabell", "Bogdan", "Cornelia", "Dmitri", "Elisabeth", "Fredegard", "Grace", "Hedwig", "Ingeborg", "Johannes"}
	last := []string{"Andersen", "Bakerfield", "Chowdhury", "Dvorakova", "Eklund", "Fontainebleau", "Garcia", "Holmgren"}
	r := rand.New(rand.NewPCG(1, 2))
	w := bufio.NewWriterSize(f, 1<<20)
	var line []byte
	for range n {
		line = append(line[:0], first[r.IntN(len(first))]...)
		line = append(line, ',', byte('A'+r.IntN(26)), ',')
		line = append(line, last[r.IntN(len(last))]...)
		line = fmt.Appendf(line, ",%d,900-%02d-%04d\n", r.IntN(100), r.IntN(100), r.IntN(10000))
		if _, err := w.Write(line); err != nil {
			return 0, err
		}
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
