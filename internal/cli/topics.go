package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources"
)

// A topic is a text of the help: streamctl help NAME.
type topic struct {
	name, short string
	text        func() string
	listed      bool // by streamctl --help
}

// topics is the table of help topics. A format is a topic, too, though not listed.
func topics() []topic {
	constant := func(text string) func() string { return func() string { return text } }
	return append([]topic{
		{"exit-codes", "what the end of a run means", constant(exitCodesText), true},
		{"job-file", "the form of a job file", constant(jobFileText), true},
		{"expressions", "the language of expressions", constant(expressionsText), true},
		{"environment", "environment variables and files", constant(environmentText), true},
		{"formats", "formats of sources and sinks, and their options", func() string { return formatsText("") }, true},
	}, formatTopics()...)
}

// formatTopics are the formats of both tables.
func formatTopics() []topic {
	var out []topic
	names := append(sources.Formats.Names(), sinks.Formats.Names()...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		out = append(out, topic{name, "the options of " + name, func() string { return formatsText(name) }, false})
	}
	return out
}

func findTopic(name string) (topic, bool) {
	for _, t := range topics() {
		if strings.EqualFold(t.name, name) {
			return t, true
		}
	}
	return topic{}, false
}

// topicCommands are the listed topics as commands, for which cobra has a place in the help.
func topicCommands() []*cobra.Command {
	var out []*cobra.Command
	for _, t := range topics() {
		if !t.listed {
			continue
		}
		c := &cobra.Command{Use: t.name, Short: t.short, Long: t.short}
		c.SetHelpFunc(func(cmd *cobra.Command, _ []string) { _, _ = io.WriteString(cmd.OutOrStdout(), t.text()) })
		out = append(out, c)
	}
	return out
}

// formatsText describes the tables of formats, or the format of a name.
func formatsText(name string) string {
	var b strings.Builder
	for _, part := range []struct {
		title string
		table job.Formats
	}{{"SOURCES (--option NAME=VALUE)", sources.Formats}, {"SINKS (--sink-option NAME=VALUE)", sinks.Formats}} {
		title := part.title + "\n"
		for _, f := range part.table {
			if f.Missing || name != "" && f.Name != name {
				continue
			}
			b.WriteString(title)
			title = ""
			formatText(&b, f)
		}
	}
	return b.String()
}

func formatText(b *strings.Builder, f job.Format) {
	fmt.Fprintf(b, "  %s: %s\n", f.Name, f.Doc)
	for _, o := range f.Options {
		if o.Effect == job.Implemented {
			fmt.Fprintf(b, "    %-30s %s\n    %-30s %s\n", o.Name, o.Doc, "", takes(o))
		}
	}
	if names := optionsWith(f, job.NoEffect); len(names) > 0 {
		fmt.Fprintf(b, "    without effect here: %s\n", strings.Join(names, ", "))
	}
}

const exitCodesText = `EXIT CODES
  0    done, all input processed, or the timeout reached; also when the reader of the output has gone (| head)
  1    a query failed, or the program has a bug (INTERNAL_ERROR)
  2    refused before the first batch: flags, job file, analysis of expressions
  75   another run holds the checkpoint
  129  stopped by SIGHUP: the terminal has gone
  130  stopped by Ctrl-C (SIGINT)
  131  ended at once by Ctrl-\ (SIGQUIT)
  143  stopped by SIGTERM

  Errors go to standard error. With --log-format json each is a line of JSON, in the form of the log: level ERROR, msg, condition, sqlState,
  file, line, column, path, flag, row, hint.
`

const jobFileText = `JOB FILE
  A job file is YAML. Relative paths in it are relative to the file. Unknown keys are mistakes; keys that begin with x- are ignored.

  name: two-streams
  mode: structured               # or dstream, with batchInterval: 1s
  timeout: 10s                   # 10s, 1m30s, "10 seconds"
  conf: {spark.sql.session.timeZone: UTC}
  streams:
    - name: upper
      source:
        format: csv              # csv json text socket rate rate-micro-batch
        path: data/subdir1       # directory, file or glob (a backslash quotes {}[]*?\ in names); "-" is standard input
        schema: "fname STRING, age INT"   # DDL, a .yaml/.json/.ddl file, or a list of {name, type}
        options: {maxFilesPerTrigger: 1}  # by Spark's names; beside them rejectsPath: bad.jsonl lists malformed records,
                                          # maxBadRows: 100 fails the query when there are more, maxLineBytes bounds a record
      transform:                 # in order; expressions are Spark SQL
        - withColumn: {fname: upper(fname)}
        - withColumnRenamed: {age: years}
        - filter: years > 18
        - select: [fname, "years + 1 AS next"]
        - drop: [next]
        - sql: SELECT fname FROM stream WHERE fname IS NOT NULL
      sink:
        format: console          # console csv json text noop; path "-" is standard output, where a batch
                                 # that was cut off comes again: at least once. Files: exactly once
        outputMode: append
        trigger: {processingTime: 5 seconds}   # or once: true, or availableNow: true
        options: {truncate: false, numRows: 3}
        checkpointLocation: ckpt/upper

  Values of options may refer to ${env:NAME} and ${file:PATH}; what they stand for is never printed.
  Within { } and [ ] YAML ends a value at a comma: put expressions with commas in quotes, {result: "concat(a, b)"}.
  streamctl validate JOB.yaml lists every mistake of a job file.
`

const expressionsText = `EXPRESSIONS
  Expressions are Spark SQL with Spark's types and errors in ANSI mode: an overflow, a division by zero or a text that is no
  number is an error and ends the query. try_cast, try_divide, try_add and get(array, i) give NULL instead.

  concat(fname, '-', age)      split(value, ',')[1]         age > 18 AND lname LIKE 'M%'
  CASE WHEN age < 18 THEN 'minor' ELSE 'adult' END          CAST(value AS INT)

  Column and function names ignore case. Put a name that is no plain word in backticks. Quote expressions for the shell: "…".
`

const environmentText = `ENVIRONMENT
  STREAMCTL_COLOR, STREAMCTL_LOG_FORMAT, STREAMCTL_LOG_LEVEL, STREAMCTL_MEMORY, STREAMCTL_PROGRESS, STREAMCTL_SPARK_HOME,
  STREAMCTL_WORKERS
                        process settings; a flag beats them, they beat the configuration file
  XDG_CONFIG_HOME       the configuration file is $XDG_CONFIG_HOME/streamctl/config.yaml (else ~/.config/…); one that cannot be
                        read costs a warning
  SPARK_HOME, JAVA_HOME, PYSPARK_PYTHON, SPARK_SUBMIT_OPTS, …
                        Apache Spark, for --master and verify
  TZ                    session time zone, unless spark.sql.session.timeZone is set
  TMPDIR                where --master and verify put the programs that they generate; nothing else is written there
  NO_COLOR, CLICOLOR_FORCE, TERM=dumb
                        colour of messages

  streamctl config --show-origin prints every setting and where it comes from.
`
