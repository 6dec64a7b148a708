package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
)

// A topic is a help text: streamctl help NAME.
type topic struct {
	name, short string
	text        func() string
	listed      bool // listed in streamctl --help
}

// topics is the table of help topics. Formats are topics, too, but are not listed.
func topics() []topic {
	constant := func(text string) func() string { return func() string { return text } }
	return append([]topic{
		{"exit-codes", "exit codes", constant(exitCodesText), true},
		{"job-file", "the job file format", jobFileHelp, true},
		{"expressions", "the expression language", constant(expressionsText), true},
		{"tests", "the tests of a job file", constant(testsText), true},
		{"state", "aggregations, windows, watermarks and their state", constant(stateText), true},
		{"follow", "files that grow and are rotated", constant(followText), true},
		{"status", "a page, JSON, metrics and messages of a run", constant(statusText), true},
		{"environment", "environment variables and files", constant(environmentText), true},
		{"spark-flags", "flags of runs on Apache Spark", sparkFlagsText, true},
		{"process-flags", "flags of all commands", processFlagsText, true},
		{"formats", "source and sink formats and their options", func() string { return formatsText("") }, true},
	}, formatTopics()...)
}

// formatTopics returns a topic for each source and sink format.
func formatTopics() []topic {
	var out []topic
	for _, name := range formatNames() {
		out = append(out, topic{name, "the options of " + name, func() string { return formatsText(name) }, false})
	}
	return out
}

// formatNames lists the source and sink formats in alphabetical order.
func formatNames() []string {
	names := append(formats.Sources.Names(nil), formats.Sinks.Names(nil)...)
	slices.Sort(names)
	return slices.Compact(names)
}

func findTopic(name string) (topic, bool) {
	for _, t := range topics() {
		if strings.EqualFold(t.name, name) {
			return t, true
		}
	}
	return topic{}, false
}

// topicCommands returns the listed topics as commands, since cobra's help lists commands only.
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

// formatsText describes all formats, or the one with the given name.
func formatsText(name string) string {
	var b strings.Builder
	for _, part := range []struct {
		title string
		table job.Formats
	}{{"SOURCES (--option NAME=VALUE)", formats.Sources}, {"SINKS (--sink-option NAME=VALUE)", formats.Sinks}} {
		title := part.title + "\n"
		for _, f := range part.table.All() {
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

func formatText(b *strings.Builder, f *job.Format) {
	fmt.Fprintf(b, "  %s: %s\n", f.Name, f.Doc)
	for _, o := range f.Options {
		if o.Effect == job.Implemented {
			fmt.Fprintf(b, "    %-30s %s\n    %-30s %s\n", o.Name, o.Doc, "", takes(o))
		}
	}
	if names := optionsWith(f, job.NoEffect); len(names) > 0 {
		fmt.Fprintf(b, "    no effect here: %s\n", strings.Join(names, ", "))
	}
}

const exitCodesText = `EXIT CODES
  0    success: all input was processed, the timeout was reached, or the reader of the output closed the pipe (| head)
  1    a query failed, or streamctl has a bug (INTERNAL_ERROR)
  2    refused before the first batch: invalid flags, job file or expressions
  75   another run holds the checkpoint or output
  129  stopped by SIGHUP: the terminal was closed
  130  stopped by Ctrl-C (SIGINT)
  131  aborted by Ctrl-\ (SIGQUIT)
  143  stopped by SIGTERM

  Errors are written to standard error. With --log-format json, each is a JSON log line with level ERROR, msg, condition, sqlState,
  file, line, column, path, flag, row and hint.
`

// jobFileHelp returns the help of job files, with the names of the formats.
func jobFileHelp() string {
	files := func(f *job.Format) bool { return f.Files || !f.Stdout }
	return strings.NewReplacer("SOURCES", strings.Join(formats.Sources.Names(nil), " "), "SINKS", strings.Join(formats.Sinks.Names(files), " ")).Replace(jobFileText)
}

const jobFileText = `JOB FILE
  A job file is YAML. Relative paths are resolved against its directory. Unknown keys are errors; keys that begin with x- are ignored.

  name: two-streams
  mode: structured               # or dstream, with batchInterval: 1s
  timeout: 10s                   # 10s, 1m30s, "10 seconds"
  conf: {spark.sql.session.timeZone: UTC}
  sources:                       # further streams, which steps and SQL text name; each may have a transform
    more: {format: csv, path: more, schema: "fname STRING, age INT"}
  tables:                        # static; read again when their files change
    towns: {format: csv, path: towns.csv, options: {header: true}}
  streams:
    - name: upper
      source:
        format: csv              # SOURCES
        path: data/subdir1       # directory, file or glob (escape {}[]*?\ in names with a backslash); "-" is standard input
        schema: "fname STRING, age INT"   # DDL, a .yaml/.json/.ddl file, or a list of {name, type}
        options: {maxFilesPerTrigger: 1}  # Spark's options; also rejectsPath: bad.jsonl to list malformed and late records,
                                          # maxBadRows: 100 to fail if there are more, maxLineBytes to limit a record
      transform:                 # applied in order; expressions are Spark SQL
        - withColumn: {fname: upper(fname)}
        - withColumnRenamed: {age: years}
        - filter: years > 18
        - select: [fname, "years + 1 AS next"]
        - drop: [next]
        - sql: SELECT fname FROM stream WHERE fname IS NOT NULL
        - withWatermark: {eventTime: ts, delayThreshold: 10 minutes}   # see streamctl help state, for the next six
        - groupBy: {keys: ["window(ts, '5 minutes') AS w", fname], agg: [count(*) AS n]}
        - dropDuplicates: [fname]        # true for all columns; also dropDuplicatesWithinWatermark
        - distinct: true
        - orderBy: [n DESC]              # of aggregates, with outputMode: complete
        - limit: 10
        - join: {with: {table: towns}, on: [fname], how: left}   # or with: {stream: more}, on: "l.fname = r.fname AND …"
        - union: {with: {stream: more}, byName: true}            # byName is optional
        - repartition: [fname]   # equal values to the same task and file; spark.sql.shuffle.partitions of them
      sink:
        format: console          # SINKS; path "-" is standard output, which is
                                 # at-least-once: an interrupted batch is repeated. Files are exactly-once
        outputMode: append       # or update, complete
        trigger: {processingTime: 5 seconds}   # or once: true, or availableNow: true
        options: {truncate: false, numRows: 3}
        checkpointLocation: ckpt/upper

  Option values may contain ${env:NAME} and ${file:PATH}. The substituted values are never printed.
  Within { } and [ ], a comma ends a YAML value: quote expressions that contain commas, {result: "concat(a, b)"}.
  streamctl schema job prints a JSON Schema of job files, so that editors complete and check them.
  streamctl validate JOB.yaml reports every mistake in a job file. Data that is not on this machine is only noted, unless --strict is set.
`

const expressionsText = `EXPRESSIONS
  Expressions are Spark SQL in ANSI mode, with Spark's types and errors: an overflow, a division by zero, or a string that is not
  a number fails the query. try_cast, try_divide, try_add and get(array, i) return NULL instead.

  concat(fname, '-', age)      split(value, ',')[1]         age > 18 AND lname LIKE 'M%'
  CASE WHEN age < 18 THEN 'minor' ELSE 'adult' END          CAST(value AS INT)

  Column and function names are case-insensitive. Put names that are not plain words in backticks. Quote expressions for the shell:
  "…".
`

const testsText = `TESTS
  A test gives a stream input, batch by batch, and says what must come out. Tests are under tests: in a job file, or in NAME.test.yaml
  next to NAME.yaml. streamctl test runs them in memory, with a virtual clock; --master runs them on Apache Spark.

    tests:
      - name: a window comes out once
        stream: levels                      # needed only if the job has several streams
        start: 2024-01-01 00:00:00          # of the virtual clock; this is the default
        batches:
          - rows:                           # what arrives: rows, with their values by name or by position
              - {ts: 2024-01-01 00:01:00, level: WARN}
              - [2024-01-01 00:02:00, WARN]
            expect: []                      # no row comes out
          - text: |                         # or records in the format of the source; or files: [PATH, ...]
              2024-01-01 00:20:00,INFO
              oops,INFO
            advance: 5 minutes              # the clock moves on before the batch
            expect:
              - {level: WARN, n: 2}
            rejected: 1                     # malformed records: how many, or a list of them
            late: 0                         # rows that come too late
            watermark: 2024-01-01 00:10:00  # after the batch

  Several inputs:  rows: {clicks: [...], customers: [...]} names sources and tables; text and files take names, too. A table that gets no
                   rows is read from its own path.
  expect           The rows of all micro-batches that the input causes, in any order unless the job sorts them or ordered: true is set.
                   Columns that no row names are not compared. In complete mode it is the last table.
  error: CONDITION The batch ends the stream with this error: a condition such as DIVIDE_BY_ZERO, or a part of the message.

  streamctl test --update writes the rows that come out into the file.
  On Apache Spark, rows and errors are compared; the clock is that of the machine, and late, rejected and watermark are not checked.
`

const stateText = `STATE
  Aggregations, windows, duplicates and limits keep state between batches.

  --group-by "k" --agg "count(*) AS n"    counts per key; --agg alone aggregates all rows; --where after them is HAVING
  --watermark "ts=10 minutes"             the column ts is the event time, and rows may be 10 minutes late
  --group-by "window(ts,'5 minutes') AS w"
                                          counts per five minutes
  --drop-duplicates id, --distinct        the first row of each value, of each row
  --drop-duplicates-within-watermark id   the same, forgetting values after the delay of the watermark
  --order-by "n DESC" --limit 10          the top ten, in complete mode; NULLs come first with ASC and last with DESC,
                                          unless the key ends with NULLS LAST or NULLS FIRST

  When rows come out:
  --output-mode append     (default) groups that are complete, once: needs --watermark, and a window or the event time as a key
  --output-mode update     groups that the batch has changed
  --output-mode complete   all groups after each batch
  File sinks take append only.

  The watermark is the newest event time minus the delay, and moves after a batch. A window closes when the watermark reaches its end. Later
  rows of that window are dropped and counted. Only new rows move the watermark.

  streamctl checkpoint show DIR     rows and bytes of the state, and when the oldest window closes
  streamctl checkpoint state DIR    keys and values, of a running query, too
  streamctl explain JOB.yaml        what each step keeps, and when it forgets it

  Without a watermark, the state keeps every key. --state-memory 2GB ends a query whose state needs more. With --checkpoint, the state
  is durable, and the next run goes on from it. Its files are those of Spark's default state store.
  If aggregates, keys or windows have changed since, the run is refused; --accept-changes goes on with the old state.
`

const followText = `FOLLOW
  --follow reads on in files that grow (text, csv, json), across rotation. Each line is read once, also when the run is stopped or killed.

  streamctl file '/var/log/app.log*' --follow --where "value LIKE '%ERROR%'" -o json
  streamctl file '/var/log/app.log*' --follow --sink json --path out --checkpoint ckpt

  path               'app.log*' also reads rotated files that the command has not seen. With app.log alone, a rotated file is read to its end
                     if the command had begun to read it.
  where it starts    with all that the files hold; --from-end starts at their ends. With a checkpoint, a run goes on where the last one
                     stopped.
  rotation           A file is recognised by device, inode and its first and last bytes read: renamed, copied and truncated, compressed
                     (.gz, .zst, .bz2 …), or removed while the command runs.
  last line          A line without line end waits for its end, or for 30 seconds without a change: --option lastLineAfter=5min
  size of a batch    --option maxBytesPerTrigger=100000000 also divides a file. A compressed file is one batch.
  what is lost       is reported with file and bytes: a file that was removed or truncated before it was read.

  A copy that looks like a file that is still there is held back for 5 seconds, since logrotate's copytruncate first copies, then
  truncates. Lines that a program writes between the two are lost, whoever reads the files.
  Spark does not follow files. A checkpoint belongs to a job with follow, or to one without.
`

const statusText = `STATUS
  --status ADDRESS shows a run while it goes on: a page for browsers, JSON and metrics for programs. It only reads, and never makes a query wait.

  streamctl multi job.yaml --status 4040        http://127.0.0.1:4040/, for this machine only
  streamctl multi job.yaml --status 0           on a free port, which is printed
  export STREAMCTL_STATUS_TOKEN=...             needed if other machines can reach the address
  streamctl multi job.yaml --status 0.0.0.0:4040

  /                     the page; it needs no JavaScript and refreshes itself
  /api/queries          the queries in JSON, with the names of Spark's progress events
  /api/queries/NAME     one of them, with its recent batches, samples of malformed and late rows, warnings, plan and settings
  /api/status           all of that, and the process
  /metrics              for Prometheus
  /healthz, /readyz     200 while the process lives; 200 once all queries have completed their start, and 503 if not or if one has failed

  A token is sent as "Authorization: Bearer TOKEN", or once as /?token=TOKEN, which a cookie replaces. /healthz and /readyz need none. Give it as
  STREAMCTL_STATUS_TOKEN, in the configuration file, or as --status-token '${file:PATH}': other users see the arguments of a process.
  streamctl top [URL]   shows the same in a terminal; --progress live does so for the run itself, without --status

  --notify URL          posts {"event": "progress", "job": ..., "progress": {...}} after each batch and {"event": "terminated", ...} at the end of a query.
                        A server that is slow never makes a query wait: events that find no room are dropped, and counted at the end
  --on-failure COMMAND  runs a shell command when a query fails, for at most 30 seconds. It has the variables STREAMCTL_JOB, STREAMCTL_QUERY, STREAMCTL_QUERY_ID,
                        STREAMCTL_RUN_ID, STREAMCTL_CONDITION, STREAMCTL_MESSAGE and STREAMCTL_CHECKPOINT. The exit code stays that of the failure

  There is no TLS. Secrets of the job are masked, but rows are not: malformed and late rows are shown.
`

const environmentText = `ENVIRONMENT
  STREAMCTL_COLOR, STREAMCTL_LOG_FORMAT, STREAMCTL_LOG_LEVEL, STREAMCTL_MEMORY, STREAMCTL_NOTIFY, STREAMCTL_ON_FAILURE, STREAMCTL_PROGRESS,
  STREAMCTL_SPARK_HOME, STREAMCTL_STATE_MEMORY, STREAMCTL_STATUS, STREAMCTL_STATUS_TOKEN, STREAMCTL_WAIT_LOCK, STREAMCTL_WORKERS
                        process settings; they override the configuration file, and flags override them
  XDG_CONFIG_HOME       the configuration file is $XDG_CONFIG_HOME/streamctl/config.yaml (default ~/.config/…); if it cannot be
                        read, there is a warning
  SPARK_HOME, JAVA_HOME, PYSPARK_PYTHON, SPARK_SUBMIT_OPTS, …
                        used to run Apache Spark for --master and verify
  TZ                    session time zone, unless spark.sql.session.timeZone is set
  TMPDIR                directory for programs that --master and verify generate, and for stack traces with -vv
  NO_COLOR, CLICOLOR_FORCE, TERM=dumb
                        color of messages

  streamctl config --show-origin prints all settings and where they come from.
`
