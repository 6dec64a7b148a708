package job

import "github.com/spf13/pflag"

// Flags are the command-line flags that say what a job does. They build the same Job as a job file; a flag beats the file,
// and transform flags are appended to its steps in the order typed.
type Flags struct {
	set       *pflag.FlagSet
	socket    bool // the command is socket, not file
	JobFile   string
	steps     []stepFlag
	options   []string
	sinkOpts  []string
	conf      []string
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
	dstream   bool
}

// A stepFlag is a transform flag as typed.
type stepFlag struct{ flag, text string }

// A stepValue makes several flags append to one list, so that their order across kinds is kept.
type stepValue struct {
	steps *[]stepFlag
	flag  string
	typ   string
}

func (v stepValue) Set(text string) error {
	*v.steps = append(*v.steps, stepFlag{v.flag, text})
	return nil
}
func (v stepValue) Type() string   { return v.typ }
func (v stepValue) String() string { return "" }

// NewFlags registers the flags of the commands file and socket.
func NewFlags(fs *pflag.FlagSet, socket bool) *Flags {
	f := &Flags{set: fs, socket: socket, text: map[string]*string{}}
	fs.StringVar(&f.JobFile, "job", "", "job file with one stream; flags beat it")
	if socket {
		f.str("host", "", "HOST", "host to connect to")
		f.str("port", "", "PORT", "port to connect to")
		f.str("listen", "", "[HOST]:PORT", "accept connections instead of connecting")
		fs.BoolVar(&f.timestamp, "include-timestamp", false, "add the column timestamp")
		fs.BoolVar(&f.reconnect, "reconnect", false, "connect again when the server is not there or goes away")
	} else {
		f.str("dir", "", "DIR", "directory or glob of input files")
		f.str("format", "", "FORMAT", "csv (default), json, text or parquet")
		f.str("schema", "", "SCHEMA", "schema file, DDL text or Spark's StructType JSON")
	}
	fs.Int64Var(&f.maxLine, "max-line-bytes", 256<<20, "longest record, of a socket 33554432; a longer one is malformed")
	fs.StringArrayVar(&f.options, "option", nil, "option `NAME=VALUE` of the source, by Spark's name (repeatable)")
	f.transforms()
	f.sinks()
	f.Shared()
	fs.BoolVar(&f.dstream, "dstream", false, "run as a discretized stream: a batch at every interval")
	f.str("batch-interval", "", "DURATION", "interval of --dstream")
	return f
}

// NewMultiFlags registers those of a whole job file.
func NewMultiFlags(fs *pflag.FlagSet) *Flags {
	f := &Flags{set: fs, text: map[string]*string{}}
	f.Shared()
	return f
}

func (f *Flags) str(name, short, typ, usage string) {
	f.text[name] = f.set.StringP(name, short, "", usage)
	f.set.Lookup(name).Value = typed{f.set.Lookup(name).Value, typ}
}

// typed shows a word of our own for the kind of value.
type typed struct {
	pflag.Value
	typ string
}

func (t typed) Type() string { return t.typ }

func (f *Flags) transforms() {
	for _, t := range []struct{ name, typ, usage string }{
		{"with-column", "NAME=EXPR", "add or replace a column"},
		{"where", "EXPR", "keep the rows for which this is true"},
		{"filter", "EXPR", "same as --where"},
		{"select", "EXPRS", "keep these columns and expressions, separated by commas"},
		{"drop", "NAMES", "drop columns, separated by commas"},
		{"rename", "OLD=NEW", "rename a column"},
		{"sql", "QUERY", "SELECT … FROM stream …"},
	} {
		f.set.Var(stepValue{&f.steps, t.name, t.typ}, t.name, t.usage)
	}
}

func (f *Flags) sinks() {
	f.str("sink", "", "FORMAT", "console (default), csv, json, text, parquet, noop")
	f.str("path", "", "DIR", "directory of a file sink")
	f.str("partition-by", "", "NAMES", "columns whose values become directories k=v of a file sink")
	f.str("output-mode", "", "MODE", "append (default), update or complete")
	f.set.IntVar(&f.numRows, "num-rows", 20, "rows the console prints of each batch")
	f.set.BoolVar(&f.truncate, "truncate", true, "cut the console's cells to 20 characters")
	f.set.IntVar(&f.maxWidth, "max-width", 0, "cut the console's cells to `N` characters")
	f.str("output", "o", "FORMAT", "rows to standard output, at least once with --checkpoint: json, csv, tsv, text or arrow")
	f.set.StringArrayVar(&f.sinkOpts, "sink-option", nil, "option `NAME=VALUE` of the sink, by Spark's name (repeatable)")
	f.str("rejects", "", "FILE", "list malformed records in a file of JSON lines")
	f.set.Int64Var(&f.maxBad, "max-bad-rows", 0, "fail when more than `N` records are malformed")
	f.str("checkpoint", "", "DIR", "checkpoint directory: go on where the last run stopped; files are written exactly once, rows on standard output at least once")
}

// Shared registers the flags that file, socket and multi have in common.
func (f *Flags) Shared() {
	f.str("name", "", "NAME", "name of the job")
	f.str("trigger", "", "INTERVAL", "a batch every \"5 seconds\" (default: as soon as there is data)")
	f.set.BoolVar(&f.once, "once", false, "one batch with everything there is, then end")
	f.set.BoolVar(&f.available, "available-now", false, "everything there is at the start, then end")
	f.str("timeout", "", "DURATION", "end after this time; without it, run until killed")
	f.set.StringArrayVarP(&f.conf, "conf", "c", nil, "Spark setting `NAME=VALUE` (repeatable)")
	f.str("properties-file", "", "FILE", "Spark settings in a properties file")
}
