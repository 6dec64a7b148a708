// Package pyspark translates jobs to PySpark. The programs look as if a person had written them: a schema and a
// chain of DataFrame calls for each stream, named after the steps, without a framework around them.
package pyspark

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
)

// Program returns a PySpark program that runs a validated job. Anything that Spark does not support is an
// error.
func Program(j *job.Job) (string, error) {
	if refused, _ := j.Portability(formats.Sources, formats.Sinks); len(refused) > 0 {
		return "", refused
	}
	w := &writer{job: j, named: map[*job.Relation]string{}}
	for i, s := range j.Streams {
		if err := w.stream(s, i); err != nil {
			return "", err
		}
	}
	w.await()
	return w.head() + w.body.String(), nil
}

// A writer builds the text of a program.
type writer struct {
	job       *job.Job
	body      strings.Builder
	queries   []string
	functions bool                     // the program uses pyspark.sql.functions
	environ   bool                     // the program uses os.environ
	named     map[*job.Relation]string // variables of the inputs that were written
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(&w.body, format, args...) }

// head returns the part of the program before the streams.
func (w *writer) head() string {
	var b strings.Builder
	if w.environ {
		b.WriteString("import os\n")
	}
	if w.deadline() {
		b.WriteString("import time\n")
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	b.WriteString("from pyspark.sql import SparkSession\n")
	if w.functions {
		b.WriteString("from pyspark.sql import functions as F\n")
	}
	var calls []string
	if w.job.Name != "" {
		calls = append(calls, ".appName("+quote(w.job.Name)+")")
	}
	for _, name := range slices.Sorted(maps.Keys(w.job.Conf)) {
		calls = append(calls, fmt.Sprintf(".config(%s, %s)", quote(name), quote(w.job.Conf[name])))
	}
	b.WriteString("\n" + assign("spark", "SparkSession.builder", append(calls, ".getOrCreate()")))
	return b.String()
}

// assign returns an assignment of a chain of calls, on one line if there is one call.
func assign(name, start string, calls []string) string {
	if len(calls) == 0 {
		return fmt.Sprintf("%s = %s\n", name, start)
	}
	if len(calls) == 1 {
		return fmt.Sprintf("%s = %s%s\n", name, start, calls[0])
	}
	return fmt.Sprintf("%s = (\n    %s\n    %s\n)\n", name, start, strings.Join(calls, "\n    "))
}

// stream writes the DataFrame and the query of a stream.
func (w *writer) stream(s *job.Stream, i int) error {
	name := w.variable(s, i)
	w.printf("\n# %s\n", strings.Join(strings.Fields("stream "+s.Name), " "))
	if err := w.rows(s, name); err != nil {
		return err
	}
	w.query(s, name)
	return nil
}

// rows writes the DataFrame of a stream.
func (w *writer) rows(s *job.Stream, name string) error {
	if s.From.Text != "" {
		start, err := w.input(s.From.Text, false)
		if err != nil {
			return err
		}
		return (&chain{writer: w, name: name, start: start}).steps(s.Steps)
	}
	reader, err := w.reader("spark.readStream", &s.Source)
	if err != nil {
		return err
	}
	return (&chain{writer: w, name: name, start: reader[0], calls: reader[1:]}).steps(s.Steps)
}

// variable returns the name of a stream's DataFrame in the program.
func (w *writer) variable(s *job.Stream, i int) string {
	name := identifier(s.Name, fmt.Sprintf("stream_%d", i))
	name += "_rows" // the suffix avoids Python keywords and the other names of the program
	if slices.Contains(w.queries, name) {
		name = fmt.Sprintf("%s_%d", name, i)
	}
	return name
}

// identifier returns a name as far as it can be one of Python, or other.
func identifier(name, other string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
	name = strings.Trim(name, "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		return other
	}
	return name
}

// reader returns the calls that read a source.
func (w *writer) reader(start string, s *job.Source) ([]string, error) {
	calls := []string{start + ".format(" + quote(s.Format) + ")"}
	if s.Schema.Given {
		t, err := s.Schema.Types()
		if err != nil {
			return nil, err
		}
		calls = append(calls, ".schema("+quote(t.DDL())+")")
	}
	calls = append(calls, w.options(s.Options, "path")...)
	if s.Path == "" {
		return append(calls, ".load()"), nil
	}
	return append(calls, ".load("+quote(w.path(s.Path))+")"), nil
}

// options returns option calls, except for options that are passed in another way.
func (w *writer) options(options job.Options, except ...string) []string {
	var calls []string
	for _, o := range options {
		if slices.ContainsFunc(except, func(name string) bool { return strings.EqualFold(name, o.Name) }) {
			continue
		}
		calls = append(calls, fmt.Sprintf(".option(%s, %s)", quote(o.Name), w.value(o)))
	}
	return calls
}

// value returns an option's value as a Python expression. References to the environment remain references.
func (w *writer) value(o job.Option) string {
	if o.Written == "" {
		return quote(o.Value)
	}
	var parts []string
	text := o.Written
	for {
		before, rest, found := strings.Cut(text, "${env:")
		if before != "" {
			parts = append(parts, quote(before))
		}
		if !found {
			break
		}
		w.environ = true
		name, after, _ := strings.Cut(rest, "}")
		parts = append(parts, "os.environ["+quote(name)+"]")
		text = after
	}
	return strings.Join(parts, " + ")
}

// query writes the call that starts a stream.
func (w *writer) query(s *job.Stream, rows string) {
	k := &s.Sink
	calls := []string{".format(" + quote(k.Format) + ")"}
	if s.Name != "" {
		calls = append(calls, ".queryName("+quote(s.Name)+")")
	}
	if k.OutputMode != "" {
		calls = append(calls, ".outputMode("+quote(k.OutputMode)+")")
	}
	calls = append(calls, w.options(k.Options, "path", "checkpointLocation")...)
	if len(k.PartitionBy) > 0 {
		calls = append(calls, ".partitionBy("+quoteAll(k.PartitionBy)+")")
	}
	if k.Checkpoint != "" {
		calls = append(calls, `.option("checkpointLocation", `+quote(w.path(k.Checkpoint))+")")
	}
	if t := trigger(k.Trigger); t != "" {
		calls = append(calls, ".trigger("+t+")")
	}
	path := ""
	if k.Path != "" {
		path = quote(w.path(k.Path))
	}
	name := strings.Replace(rows, "_rows", "_query", 1)
	w.queries = append(w.queries, name)
	w.printf("%s", assign(name, rows+".writeStream", append(calls, ".start("+path+")")))
}

func trigger(t job.Trigger) string {
	switch t.Kind {
	case job.ProcessingTime:
		return fmt.Sprintf(`processingTime="%d milliseconds"`, t.Interval.Milliseconds())
	case job.Once:
		return "once=True"
	case job.AvailableNow:
		return "availableNow=True"
	}
	return ""
}

// deadline reports whether the program needs a clock: it has several streams and a timeout.
func (w *writer) deadline() bool { return w.job.Timeout > 0 && len(w.job.Streams) > 1 }

// await writes the wait for the queries: until all of them have ended, the timeout expires, or one fails, which
// raises an exception.
func (w *writer) await() {
	timeout := seconds(w.job.Timeout)
	if len(w.queries) == 1 {
		w.printf("\n%s.awaitTermination(%s)\n", w.queries[0], timeout)
		if timeout != "" {
			w.printf("%s.stop()\n", w.queries[0])
		}
		return
	}
	w.printf("\nqueries = [%s]\n", strings.Join(w.queries, ", "))
	running, wait := "any(query.isActive for query in queries)", ""
	if w.deadline() {
		w.printf("end = time.monotonic() + %s\n", timeout)
		running, wait = "time.monotonic() < end and "+running, "max(end - time.monotonic(), 0.001)"
	}
	w.printf("while %s:\n    spark.streams.awaitAnyTermination(%s)\n    spark.streams.resetTerminated()\n", running, wait)
	w.printf("for query in queries:\n    query.stop()\n    if query.exception():\n        raise query.exception()\n")
}

func seconds(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strings.TrimSuffix(fmt.Sprintf("%.3f", d.Seconds()), ".000")
}
