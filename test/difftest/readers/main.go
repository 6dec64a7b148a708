// Command readers finds differences between the CSV and JSON readers of streamctl and Apache Spark. It
// generates schemas, options and texts, reads them with both, shrinks those that differ, and prints the
// differences as a table.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/test/difftest/ask"
	"github.com/streamctl/streamctl/test/evaluate"
)

var (
	count  = flag.Int("count", 2000, "files to compare")
	seed   = flag.Uint64("seed", 1, "seed of the files")
	only   = flag.String("format", "", "csv or json; both when empty")
	python = flag.String("python", "python3", "a Python with pyspark")
	driver = flag.String("driver", "scripts/difffuzz/readers.py", "the program that asks Spark")
	record = flag.String("record", "", "append the differences to this file, in the form of the conformance corpus")
)

// batchSize is the number of files to send at a time.
const batchSize = 100

func main() {
	flag.Parse()
	found, err := run()
	if err == nil && *record != "" {
		err = recordAll(found, *record)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "readers:", err)
		os.Exit(2)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
}

// A question is a file and the way it is read.
type question struct {
	Format  string            `json:"format"`
	Schema  string            `json:"schema"`
	Options map[string]string `json:"options"`
	Select  []string          `json:"select"`
	Data    []byte            `json:"base64"`
}

// An answer is the rows of a file, or the error from reading it.
type answer struct {
	Columns [][2]string `json:"columns"`
	Rows    [][]*string `json:"rows"`
	Error   *struct {
		Phase     string `json:"phase"`
		Condition string `json:"condition"`
		SQLState  string `json:"sqlState"`
		Message   string `json:"message"`
		Class     string `json:"class"`
	} `json:"error"`
}

// A finding is a file that the readers read differently.
type finding struct {
	question
	want *answer
	got  string
	done bool // nothing smaller differs
}

func run() ([]*finding, error) {
	random := rand.New(rand.NewPCG(*seed, 1))
	s, err := ask.Start(*python, *driver)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var list []*finding
	start := time.Now()
	for done := 0; done < *count; done += batchSize {
		questions := make([]question, min(batchSize, *count-done))
		for i := range questions {
			questions[i] = draw(random, *only)
		}
		found, err := compare(s, questions)
		if err != nil {
			return nil, err
		}
		list = append(list, slices.DeleteFunc(found, func(f *finding) bool { return f == nil })...)
		fmt.Fprintf(os.Stderr, "readers: %d of %d files, %d differences, %s\n", done+len(questions), *count, len(list), time.Since(start).Round(time.Second))
	}
	for range 12 {
		if more, err := shrink(s, list); err != nil || !more {
			list = distinct(list)
			report(os.Stdout, list)
			return list, err
		}
	}
	list = distinct(list)
	report(os.Stdout, list)
	return list, nil
}

// compare returns a finding for each file that is read differently.
func compare(s *ask.Session, questions []question) ([]*finding, error) {
	answers, err := ask.All[question, *answer](s, questions)
	if err != nil {
		return nil, err
	}
	found := make([]*finding, len(questions))
	for i, q := range questions {
		if got := difference(&q, answers[i]); got != "" {
			found[i] = &finding{question: q, want: answers[i], got: got}
		}
	}
	return found, nil
}

// difference reads a file with streamctl and returns the result if it differs from Spark's, else "". Errors
// that have no name in Spark only need to occur.
func difference(q *question, want *answer) string {
	file := evaluate.File{Format: q.Format, Schema: q.Schema, Options: q.Options, Select: q.Select, Data: q.Data}
	rows, fail := file.Read()
	switch e := want.Error; {
	case fail != nil && fail.Phase == evaluate.Panic:
		return "panic: " + fail.Err.Error()
	case fail != nil && e == nil:
		return fail.Err.Error()
	case fail != nil && e.Condition != "" && !strings.HasPrefix(e.Condition, "_LEGACY") && e.Condition != "INTERNAL_ERROR" &&
		(fail.Condition() != e.Condition || fail.SQLState() != e.SQLState):
		return fail.Err.Error()
	case fail != nil:
		return ""
	case e != nil || len(rows) != len(want.Rows):
		return show(rows)
	}
	for i, row := range want.Rows {
		for k, cell := range row {
			if got := rows[i][k]; cell == nil && got != evaluate.Null || cell != nil && got != *cell {
				return show(rows)
			}
		}
	}
	return ""
}

func show(rows [][]string) string {
	b, _ := json.Marshal(rows)
	return strings.ReplaceAll(string(b), `"\u0000NULL"`, "NULL")
}

func (a *answer) show() string {
	if a.Error != nil {
		text := a.Error.Condition
		if text == "" {
			text = a.Error.Class + " " + a.Error.Message
		}
		return text
	}
	b, _ := json.Marshal(a.Rows)
	return strings.ReplaceAll(string(b), "null", "NULL")
}

// report prints the findings as a table.
func report(out io.Writer, list []*finding) {
	fmt.Fprintf(out, "seed %d: %d files, %d differences\n", *seed, *count, len(list))
	if len(list) == 0 {
		return
	}
	fmt.Fprint(out, "\n| format | schema | options | columns | text | Spark | streamctl |\n|---|---|---|---|---|---|---|\n")
	bar := strings.NewReplacer("|", `\|`, "\n", `\n`)
	for _, f := range list {
		options, _ := json.Marshal(f.Options)
		fmt.Fprintf(out, "| %s | %s | %s | %s | %q | %s | %s |\n", f.Format, bar.Replace(f.Schema), bar.Replace(string(options)),
			strings.Join(f.Select, ","), bar.Replace(string(f.Data)), bar.Replace(cut(f.want.show())), bar.Replace(cut(f.got)))
	}
}

func cut(s string) string {
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return s
}
