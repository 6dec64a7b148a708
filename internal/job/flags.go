package job

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Flags holds the command-line flags that define a job. They override the job file. Transform flags are
// appended to the steps of the job file in the order typed.
type Flags struct {
	set       *pflag.FlagSet
	sources   Formats
	formatOf  func(path string) string
	command   Command
	JobFile   string
	steps     []stepFlag
	options   []string
	sinkOpts  []string
	conf      []string
	tables    []string
	tableOpts []string
	text      map[string]*string
	numRows   int
	maxBad    int64
	maxLine   int64
	maxWidth  int
	truncate  bool
	timestamp bool
	reconnect bool
	once      bool
	available bool
	follow    bool
	fromEnd   bool
	untilNow  bool
	dstream   bool
}

// A Command is one that runs one stream from flags; its name is that of the source.
type Command string

// The commands.
const (
	FileCommand   Command = "file"
	SocketCommand Command = "socket"
	KafkaCommand  Command = "kafka"
)

// NewFlags registers the flags of a command. formatOf returns the source format that files of a path probably have, or "".
func NewFlags(fs *pflag.FlagSet, command Command, sources, sinks Formats, formatOf func(path string) string) *Flags {
	f := &Flags{set: fs, command: command, sources: sources, formatOf: formatOf, text: map[string]*string{}}
	fs.StringVar(&f.JobFile, "job", "", "job file with one stream; flags override it")
	switch command {
	case SocketCommand:
		f.str("host", "", "HOST", "host to connect to")
		f.str("port", "", "PORT", "port to connect to")
		f.str("listen", "", "[HOST]:PORT", "accept connections instead of connecting")
		fs.BoolVar(&f.timestamp, "include-timestamp", false, "add the column timestamp")
		fs.BoolVar(&f.reconnect, "reconnect", false, "reconnect when the server is unavailable or closes the connection")
	case KafkaCommand:
		f.str("brokers", "", "HOST:PORT,…", "brokers to begin with")
		f.str("topic", "", "NAMES", "topics, separated by commas")
		f.str("from", "", "POINT", "where to begin without a checkpoint: latest (default), earliest, or a time")
		fs.BoolVar(&f.untilNow, "until-now", false, "same as --available-now")
	default:
		f.str("dir", "", "DIR", "directory or glob of input files")
		f.str("format", "", "FORMAT", Choices(sources.Names(OfFiles), defaultFiles)+"; without it, the ending of a file or glob such as in/*.json decides")
		f.str("schema", "", "SCHEMA", "schema file, DDL, or Spark's StructType JSON")
		fs.BoolVar(&f.follow, "follow", false, "read on in files that grow, across rotation, like tail -F; starts with what they hold")
		fs.BoolVar(&f.fromEnd, "from-end", false, "with --follow, start at the ends of the files that are there at the first start")
	}
	fs.Int64Var(&f.maxLine, "max-line-bytes", 256<<20, "maximum length of a record (socket: 33554432); a longer one is malformed")
	fs.StringArrayVar(&f.options, "option", nil, "option `NAME=VALUE` of the source, by Spark's name (repeatable)")
	f.transforms()
	f.tableFlags()
	f.sinks(sinks)
	f.Shared()
	fs.BoolVar(&f.dstream, "dstream", false, "run as a discretized stream, with one batch per interval")
	f.str("batch-interval", "", "DURATION", "interval of --dstream")
	return f
}

// The formats of jobs that name none.
const (
	DefaultSink  = "console"
	defaultFiles = "csv"
)

// DefaultSource returns the source format of a command if no other is given.
func DefaultSource(c Command) string {
	if c == FileCommand {
		return defaultFiles
	}
	return string(c)
}

// Choices lists names as help does: "csv (default), json or text".
func Choices(names []string, def string) string {
	if i := slices.Index(names, def); i >= 0 {
		names[i] += " (default)"
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// NewMultiFlags registers the flags of the command multi.
func NewMultiFlags(fs *pflag.FlagSet) *Flags {
	f := &Flags{set: fs, text: map[string]*string{}}
	f.Shared()
	return f
}

func (f *Flags) str(name, short, typ, usage string) {
	f.text[name] = f.set.StringP(name, short, "", usage)
	f.set.Lookup(name).Value = typed{f.set.Lookup(name).Value, typ}
}

// typed overrides the placeholder for a flag's value in the help.
type typed struct {
	pflag.Value
	typ string
}

func (t typed) Type() string { return t.typ }

func (f *Flags) sinks(table Formats) {
	f.str("sink", "", "FORMAT", Choices(table.Names(func(f *Format) bool { return f.Files || !f.Stdout }), DefaultSink))
	f.str("path", "", "DIR", "directory of a file sink")
	f.str("partition-by", "", "NAMES", "partition the output of a file sink by these columns (directories k=v)")
	f.str("output-mode", "", "MODE", "append (default), update or complete")
	f.set.IntVar(&f.numRows, "num-rows", 20, "number of rows of each batch that the console prints")
	f.set.BoolVar(&f.truncate, "truncate", true, "truncate the console's cells to 20 characters")
	f.set.IntVar(&f.maxWidth, "max-width", 0, "truncate the console's cells to `N` characters")
	f.str("output", "o", "FORMAT", strings.Join(table.Names(OnStdout), "|")+"; rows on standard output, at least once with --checkpoint")
	f.set.StringArrayVar(&f.sinkOpts, "sink-option", nil, "option `NAME=VALUE` of the sink, by Spark's name (repeatable)")
	f.str("rejects", "", "FILE", "list malformed and late records in a file, as JSON lines; - is standard output, if rows go elsewhere")
	f.set.Int64Var(&f.maxBad, "max-bad-rows", 0, "fail if more than `N` records are malformed")
	f.str("checkpoint", "", "DIR", "continue where the last run stopped, which is kept there; file sinks are exactly-once, standard output is at-least-once")
}

// Shared registers the flags that file, socket and multi share.
func (f *Flags) Shared() {
	f.str("name", "", "NAME", "name of the job")
	f.str("trigger", "", "INTERVAL", "run a batch every \"5 seconds\" (default: as soon as there is data)")
	f.set.BoolVar(&f.once, "once", false, "process all available input in one batch, then exit")
	f.set.BoolVar(&f.available, "available-now", false, "process the input available at the start, then exit")
	f.str("timeout", "", "DURATION", "stop after this time; default: run until stopped")
	f.set.StringArrayVarP(&f.conf, "conf", "c", nil, "Spark setting `NAME=VALUE` (repeatable)")
	f.str("properties-file", "", "FILE", "properties file with Spark settings")
}
