package job

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

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
		f.str("format", "", "FORMAT", "csv (default), json or text")
		f.str("schema", "", "SCHEMA", "schema file, DDL text or Spark's StructType JSON")
	}
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
		{"select", "EXPR,…", "keep these columns and expressions"},
		{"drop", "NAME,…", "drop columns"},
		{"rename", "OLD=NEW", "rename a column"},
		{"sql", "QUERY", "SELECT … FROM stream …"},
	} {
		f.set.Var(stepValue{&f.steps, t.name, t.typ}, t.name, t.usage)
	}
}

func (f *Flags) sinks() {
	f.str("sink", "", "FORMAT", "console (default), csv, json, text, noop")
	f.str("path", "", "DIR", "directory of a file sink")
	f.str("output-mode", "", "MODE", "append (default), update or complete")
	f.set.IntVar(&f.numRows, "num-rows", 20, "rows the console prints of each batch")
	f.set.BoolVar(&f.truncate, "truncate", true, "cut the console's cells to 20 characters")
	f.set.IntVar(&f.maxWidth, "max-width", 0, "cut the console's cells to `N` characters")
	f.str("output", "o", "FORMAT", "rows to standard output: json, csv, tsv or text")
	f.set.StringArrayVar(&f.sinkOpts, "sink-option", nil, "option `NAME=VALUE` of the sink, by Spark's name (repeatable)")
	f.str("checkpoint", "", "DIR", "checkpoint directory: go on where the last run stopped")
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

// Build makes the job of file or socket; args are the positional arguments.
func (f *Flags) Build(args []string) (*Job, error) {
	j := &Job{Streams: []*Stream{{Sink: Sink{Format: "console"}}}}
	if f.JobFile != "" {
		var err error
		if j, err = Load(f.JobFile); err != nil {
			return nil, err
		}
		if len(j.Streams) != 1 {
			return nil, sparkerr.Plain("%s has %d streams; this command runs one", f.JobFile, len(j.Streams)).
				WithHint("streamctl multi %s", f.JobFile)
		}
	}
	b := &builder{f: f, job: j, stream: j.Streams[0]}
	b.source(args)
	b.steps()
	b.sink()
	b.shared()
	return j, b.errs.err()
}

// Apply changes the job of multi.
func (f *Flags) Apply(j *Job) error {
	b := &builder{f: f, job: j}
	b.shared()
	return b.errs.err()
}

// A builder puts flags into a job and collects mistakes.
type builder struct {
	f      *Flags
	job    *Job
	stream *Stream
	errs   Errors
}

// given gives the text of a flag that was typed, and its place.
func (b *builder) given(name string) (string, *sparkerr.Place, bool) {
	v, ok := b.f.text[name]
	if !ok || !b.f.set.Changed(name) {
		return "", nil, false
	}
	return *v, flagPlace(name, *v), true
}

func flagPlace(name, text string) *sparkerr.Place {
	return &sparkerr.Place{Flag: "--" + name, Col: 1, LineText: text, Exact: true}
}

// path keeps a path typed on the command line relative to the process's directory, wherever the job file is.
func (b *builder) path(path string) string {
	if b.job.File == "" || path == "-" || path == "" || strings.Contains(path, ":/") {
		return path
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func (b *builder) source(args []string) {
	s := &b.stream.Source
	if s.Place == nil {
		s.Place = &sparkerr.Place{}
	}
	if b.f.socket {
		b.socket(s, args)
		return
	}
	if s.Format == "" {
		s.Format = "csv"
	}
	if v, at, ok := b.given("format"); ok {
		s.Format, s.FormatPlace = v, at
	}
	if v, at, ok := b.given("dir"); ok {
		s.Path, s.PathPlace = b.path(v), at
		if len(args) > 0 {
			b.errs.addf(at, "both --dir and the path %s are given", args[0])
		}
	} else if len(args) > 0 {
		s.Path = b.path(args[0])
	}
	if len(args) > 1 {
		b.errs.addf(nil, "one path is expected, not %d", len(args)).Hint = "put a glob in quotes, so that the shell leaves it alone: 'in/*.csv'"
	}
	if v, at, ok := b.given("schema"); ok {
		s.Schema = Schema{Place: at}
		if err := s.Schema.read(v, ""); err != nil {
			b.errs.add(at, err)
		}
	}
	s.Options = append(s.Options, b.pairs("option", b.f.options)...)
}

func (b *builder) socket(s *Source, args []string) {
	if len(args) > 0 {
		b.errs.addf(nil, "socket takes no path, got %q", args[0]).Hint = "streamctl socket --host localhost --port 9999"
	}
	if s.Format == "" {
		s.Format = "socket"
	}
	for _, name := range []string{"host", "port", "listen"} {
		if v, at, ok := b.given(name); ok {
			s.Options = append(s.Options, Option{Name: name, Value: v, Place: at})
		}
	}
	b.boolOption(s, "include-timestamp", "includeTimestamp", b.f.timestamp)
	b.boolOption(s, "reconnect", "reconnect", b.f.reconnect)
	s.Options = append(s.Options, b.pairs("option", b.f.options)...)
}

func (b *builder) boolOption(s *Source, flag, name string, value bool) {
	if b.f.set.Changed(flag) {
		text := strconv.FormatBool(value)
		s.Options = append(s.Options, Option{Name: name, Value: text, Place: flagPlace(flag, text)})
	}
}

// pairs reads NAME=VALUE flags.
func (b *builder) pairs(flag string, texts []string) Options {
	var out Options
	for _, text := range texts {
		at := flagPlace(flag, text)
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			b.errs.addf(at, "--%s takes NAME=VALUE, not %q", flag, text)
			continue
		}
		value, secrets, err := Expand(value, "")
		if err != nil {
			b.errs.add(at, err)
			continue
		}
		b.job.Secrets = append(b.job.Secrets, secrets...)
		out = append(out, Option{Name: name, Value: value, Place: within(at, name+"="), NamePlace: at})
	}
	return out
}

func (b *builder) steps() {
	for _, s := range b.f.steps {
		b.step(s)
	}
}

func (b *builder) step(s stepFlag) {
	at := flagPlace(s.flag, s.text)
	one := func(kind StepKind, items ...Item) {
		b.stream.Steps = append(b.stream.Steps, Step{Kind: kind, Items: items, Place: at})
	}
	switch s.flag {
	case "with-column":
		if item, ok := b.assignment(s, at, "NAME=EXPR"); ok {
			one(WithColumn, item)
		}
	case "rename":
		if item, ok := b.assignment(s, at, "OLD=NEW"); ok {
			item.Text = unquote(item.Text)
			one(WithColumnRenamed, item)
		}
	case "where", "filter":
		one(Filter, Item{Text: s.text, Place: at})
	case "select":
		one(Select, splitList(s.text, at)...)
	case "drop":
		items := splitList(s.text, at)
		for i := range items {
			items[i].Text = unquote(items[i].Text)
		}
		one(Drop, items...)
	case "sql":
		one(SQL, Item{Text: s.text, Place: at})
	}
}

// assignment splits NAME=TEXT; the name may stand in backticks.
func (b *builder) assignment(s stepFlag, at *sparkerr.Place, form string) (Item, bool) {
	end := 0
	if strings.HasPrefix(s.text, "`") {
		end = min(closing(s.text, 0)+1, len(s.text))
	}
	i := strings.IndexByte(s.text[end:], '=')
	if i < 0 || strings.TrimSpace(s.text[:end+i]) == "" || strings.TrimSpace(s.text[end+i+1:]) == "" {
		b.errs.addf(at, "--%s takes %s, not %q", s.flag, form, s.text)
		return Item{}, false
	}
	i += end
	rest := s.text[i+1:]
	lead := len(rest) - len(strings.TrimLeft(rest, " "))
	return Item{
		Name: unquote(strings.TrimSpace(s.text[:i])), Text: strings.TrimSpace(rest), Place: within(at, s.text[:i+1+lead]),
	}, true
}

// unquote takes the backticks off a name.
func unquote(name string) string {
	if len(name) >= 2 && name[0] == '`' && name[len(name)-1] == '`' {
		return strings.ReplaceAll(name[1:len(name)-1], "``", "`")
	}
	return name
}

func (b *builder) sink() {
	k := &b.stream.Sink
	if k.Place == nil {
		k.Place = b.stream.Place
	}
	sink, sinkAt, hasSink := b.given("sink")
	out, outAt, hasOut := b.given("output")
	switch {
	case hasSink && hasOut:
		b.errs.addf(outAt, "--sink and --output exclude each other")
	case hasSink:
		*k = Sink{Format: sink, FormatPlace: sinkAt, Place: sinkAt, Checkpoint: k.Checkpoint, Trigger: k.Trigger, OutputMode: k.OutputMode}
	case hasOut:
		*k = Sink{Format: out, Path: "-", FormatPlace: outAt, Place: outAt, Checkpoint: k.Checkpoint, Trigger: k.Trigger, OutputMode: k.OutputMode}
	}
	if v, at, ok := b.given("path"); ok {
		if hasOut {
			b.errs.addf(at, "--path belongs to a file sink, --output writes to standard output").Hint = "--sink csv --path DIR --checkpoint DIR writes files"
		}
		k.Path = b.path(v)
	}
	if v, at, ok := b.given("output-mode"); ok {
		k.OutputMode, k.ModePlace = v, at
	}
	if v, _, ok := b.given("checkpoint"); ok {
		k.Checkpoint = b.path(v)
	}
	b.sinkOption("num-rows", "numRows", strconv.Itoa(b.f.numRows))
	b.sinkOption("truncate", "truncate", strconv.FormatBool(b.f.truncate))
	b.sinkOption("max-width", "maxWidth", strconv.Itoa(b.f.maxWidth))
	k.Options = append(k.Options, b.pairs("sink-option", b.f.sinkOpts)...)
}

func (b *builder) sinkOption(flag, name, value string) {
	if b.f.set.Changed(flag) {
		at := flagPlace(flag, value)
		b.stream.Sink.Options = append(b.stream.Sink.Options, Option{Name: name, Value: value, Place: at, NamePlace: at})
	}
}

// shared puts the flags of the whole job into place.
func (b *builder) shared() {
	if v, _, ok := b.given("name"); ok {
		b.job.Name = v
	}
	if v, at, ok := b.given("timeout"); ok {
		b.job.Timeout = b.duration("timeout", v, at)
	}
	if v, at, ok := b.given("batch-interval"); ok {
		b.job.BatchInterval = b.duration("batch-interval", v, at)
	}
	if b.f.dstream {
		b.job.Mode = DStream
	}
	b.trigger()
	b.settings()
}

func (b *builder) trigger() {
	var t Trigger
	given := 0
	if v, at, ok := b.given("trigger"); ok {
		d, err := ParseTrigger(v)
		if err != nil {
			b.errs.add(at, err)
		}
		t = Trigger{Kind: ProcessingTime, Interval: d, Place: at}
		given++
	}
	if b.f.once {
		t = Trigger{Kind: Once, Place: flagPlace("once", "")}
		given++
	}
	if b.f.available {
		t = Trigger{Kind: AvailableNow, Place: flagPlace("available-now", "")}
		given++
	}
	if given > 1 {
		b.errs.addf(nil, "--trigger, --once and --available-now exclude each other")
	}
	if given == 1 {
		for _, s := range b.job.Streams {
			s.Sink.Trigger = t
		}
	}
}
