package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources/file"
	"github.com/streamctl/streamctl/internal/sources/kafka"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

const fileExample = `  streamctl file --dir in --schema schema.yaml --with-column "result=concat(fname,'-',age)"
  streamctl file 'logs/*.txt' --format text --where "value LIKE '%ERROR%'"
  streamctl file --dir in --schema schema.yaml --truncate=false --num-rows 3 --timeout 60s
  streamctl file --dir in --schema "name STRING, age INT" --available-now --checkpoint ckpt -o json
  streamctl file '/var/log/app.log*' --follow -o json
  cat people.csv | streamctl file - --schema "name STRING, age INT" --where "age > 18" -o csv
  cat access.csv | streamctl file - --once --schema "status INT, bytes BIGINT" --group-by status --agg "count(*) AS n" --output-mode complete -o csv
  streamctl file --dir logs --schema "ts TIMESTAMP, status INT" --watermark "ts=10 minutes" --group-by "window(ts,'5 minutes') AS w, status" --sink json --path out --checkpoint ckpt`

func (a *app) fileCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "file [DIR | GLOB | -]", Short: "run a stream over files in a directory, or over standard input",
		Long: `Reads files as they are moved into a directory, or standard input (-), and applies the steps to each micro-batch. --follow reads
files that grow.`,
		Example: fileExample, Args: cobra.ArbitraryArgs,
	}
	return a.streamCommand(cmd, job.FileCommand)
}

const socketExample = `  streamctl socket --host localhost --port 9999
  streamctl socket --host localhost --port 9999 --with-column "value=split(value,',')[1]"
  streamctl socket --listen :9999 --where "length(value) > 0" -o json
  streamctl socket --host localhost --port 9999 --select "explode(split(value,' ')) AS word" --group-by word --output-mode update`

func (a *app) socketCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "socket", Short: "run a stream over lines from a network connection",
		Long:    `Connects to a server such as "nc -lk 9999", or accepts connections with --listen. Each line becomes a row with one column, value.`,
		Example: socketExample, Args: cobra.ArbitraryArgs,
	}
	return a.streamCommand(cmd, job.SocketCommand)
}

const kafkaExample = `  streamctl kafka --brokers localhost:9092 --topic clicks --from earliest --select "CAST(value AS STRING) AS v, partition, offset" -o json
  streamctl kafka --brokers localhost:9092 --topic clicks --sink parquet --path out --checkpoint ckpt --available-now
  streamctl kafka --brokers localhost:9092 --topic clicks --watermark "timestamp=1 minute" --group-by "window(timestamp,'1 minute') AS w" --agg "count(*) AS n" -o table`

func (a *app) kafkaCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "kafka", Short: "run a stream over topics of Apache Kafka",
		Long: `Reads records: key and value (BINARY), topic, partition, offset, timestamp and timestampType. Options of the Kafka client begin with kafka., as in
Java: --option kafka.security.protocol=SSL.`,
		Example: kafkaExample, Args: cobra.ArbitraryArgs,
	}
	return a.streamCommand(cmd, job.KafkaCommand)
}

// streamCommand adds the flags and the action of a command that runs one stream.
func (a *app) streamCommand(cmd *cobra.Command, command job.Command) *cobra.Command {
	flags := job.NewFlags(cmd.Flags(), command, formats.Sources, formats.Sinks, formatOfFiles)
	var options runOptions
	options.register(cmd)
	onSpark := newSparkFlags(cmd)
	cmd.Flags().SortFlags = false
	var dryRun bool
	cmd.Flags().BoolVarP(&dryRun, "dry-run", "n", false, "check the job and show its plan and schema, without reading data")
	var inferSchema bool
	if command == job.FileCommand {
		cmd.Flags().BoolVar(&inferSchema, "infer-schema", false, "infer the columns from the files there at the start, or from the first MB of standard input")
	}
	groupStreamFlags(cmd.Flags())
	completeStream(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := onSpark.check(); err != nil {
			return err
		}
		j, err := flags.Build(args)
		if err != nil {
			return refused(err)
		}
		a.hide(j.Secrets)
		if inferSchema {
			if err := a.inferInto(j); err != nil {
				return refused(err)
			}
		}
		if dryRun {
			return a.explain(cmd.Context(), j, "text")
		}
		return a.startOn(cmd.Context(), onSpark, j, options)
	}
	return cmd
}

// formatOfFiles returns the source format that the extension of a path implies, or that of the first file in a directory or glob; "" if none does.
func formatOfFiles(path string) string {
	if name := formats.OfPath(path); name != "" {
		return name
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	files, _ := file.Files(storage.OS, abs, nil) // what is wrong with the path is found when it is read
	for _, f := range files {
		if name := formats.OfPath(f); name != "" {
			return name
		}
	}
	return ""
}

// terminalInput tells a user at a terminal that rows can be typed.
func (a *app) terminalInput(j *job.Job) {
	for _, s := range j.Streams {
		if j.StandardInputs(s) > 0 && a.InTerminal && !a.settings.quiet {
			fmt.Fprintln(a.Err, "streamctl: reading standard input; end it with Ctrl-D; to read files instead, name a directory or use cat FILE | streamctl file - …")
		}
	}
}

// completeStream registers shell completion for flag values.
func completeStream(cmd *cobra.Command) {
	fixed := func(flag string, values ...string) {
		if cmd.Flags().Lookup(flag) != nil {
			_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	fixed("format", formats.Sources.Names(nil)...)
	fixed("sink", formats.Sinks.Names(nil)...)
	fixed("output", formats.Sinks.Names(job.OnStdout)...)
	fixed("output-mode", "append", "update", "complete")
	options := func(table job.Formats, flag, def string) cobra.CompletionFunc {
		return func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			name := def
			if f := cmd.Flags().Lookup(flag); f != nil && f.Changed {
				name = f.Value.String()
			}
			var out []string
			if f, ok := table.Describe(name); ok {
				out = optionValues(f, typed)
			}
			return out, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
		}
	}
	source := job.DefaultSource(job.Command(cmd.Name()))
	_ = cmd.RegisterFlagCompletionFunc("option", options(formats.Sources, "format", source))
	_ = cmd.RegisterFlagCompletionFunc("sink-option", options(formats.Sinks, "sink", job.DefaultSink))
	columns := func(suffix string, of func(types.Field) bool, flags ...string) {
		for _, flag := range flags {
			_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
				return columnNames(cmd, suffix, of), cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
			})
		}
	}
	anyColumn := func(types.Field) bool { return true }
	columns("", anyColumn, "drop", "drop-duplicates", "drop-duplicates-within-watermark", "partition-by")
	columns("=", anyColumn, "rename")
	if cmd.Flags().Lookup("topic") != nil {
		_ = cmd.RegisterFlagCompletionFunc("topic", completeTopics)
	}
	fixed("from", "earliest", "latest")
	completeExpressions(cmd, false, "where", "filter", "select", "group-by", "agg", "order-by", "sql")
	completeExpressions(cmd, true, "with-column")
	columns("=", func(f types.Field) bool { return f.Type.Kind == types.KindTimestamp }, "watermark")
}

// columnNames returns the columns of the schema given on the command line so far that meet a condition.
func columnNames(cmd *cobra.Command, suffix string, of func(types.Field) bool) []string {
	var s *types.Schema
	switch job.Command(cmd.Name()) {
	case job.SocketCommand:
		s = socketColumns(cmd)
	case job.KafkaCommand:
		s = kafka.Schema(false)
	default:
		f := cmd.Flags().Lookup("schema")
		if f == nil || !f.Changed {
			return nil
		}
		var err error
		if s, err = job.ReadSchema(f.Value.String()); err != nil {
			return nil
		}
	}
	var out []string
	for _, c := range s.Fields {
		if of(c) {
			out = append(out, c.Name+suffix)
		}
	}
	return out
}

// completeTopics asks the brokers given so far for the names of their topics.
func completeTopics(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	brokers := cmd.Flags().Lookup("brokers").Value.String()
	first := typed[:strings.LastIndexByte(typed, ',')+1]
	var out []string
	for _, name := range kafka.Topics(cmd.Context(), brokers) {
		out = append(out, first+name)
	}
	return out, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

func socketColumns(cmd *cobra.Command) *types.Schema {
	s := &types.Schema{Fields: []types.Field{{Name: "value", Type: types.String}}}
	if on, _ := cmd.Flags().GetBool("include-timestamp"); on {
		s.Fields = append(s.Fields, types.Field{Name: "timestamp", Type: types.Timestamp})
	}
	return s
}
