package job

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Build returns the job of the command file or socket. args are the positional arguments.
func (f *Flags) Build(args []string) (*Job, error) {
	j := &Job{Streams: []*Stream{{Sink: Sink{Format: DefaultSink}}}}
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
	b.readTables()
	b.steps()
	b.unusedTables()
	b.sink()
	b.shared()
	return j, b.errs.err()
}

// Apply changes the job of the command multi.
func (f *Flags) Apply(j *Job) error {
	b := &builder{f: f, job: j}
	b.shared()
	return b.errs.err()
}

// A builder applies flags to a job and collects mistakes.
type builder struct {
	f      *Flags
	job    *Job
	stream *Stream
	tables []*Relation // of --table
	errs   Errors

	previous string // name of the transform flag before the current one
}

// given returns the text and place of a flag, if it was set.
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

// path keeps a path from the command line relative to the working directory, regardless of where the job file
// is.
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
	switch b.f.command {
	case SocketCommand:
		b.socket(s, args)
		return
	case KafkaCommand:
		b.kafka(s, args)
		return
	}
	if s.Format == "" {
		s.Format = DefaultSource(FileCommand)
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
		b.errs.addf(nil, "expected one path, got %d", len(args)).Hint = "quote a glob, so that the shell does not expand it: 'in/*.csv'"
	}
	if v, at, ok := b.given("schema"); ok {
		s.Schema = Schema{Place: at}
		if err := s.Schema.read(v, ""); err != nil {
			b.errs.add(at, err)
		}
	}
	b.formatByName(s)
	b.follow(s)
	b.sourceOptions(s)
}

// formatByName sets the format that the name of a file or glob implies if none is given. A directory may hold files later that it does not hold now.
func (b *builder) formatByName(s *Source) {
	if s.FormatPlace != nil || b.f.JobFile != "" || s.Path == "" || s.Path == Standard || isDirectory(b.job.Resolve(s.Path)) {
		return
	}
	name := b.f.formatOf(s.Path)
	if name != "" && (name != "text" || !s.Schema.Given) { // text has no other columns
		s.Format = name
	}
}

// follow sets the options of --follow. A file whose name and columns say nothing else holds lines of text.
func (b *builder) follow(s *Source) {
	if b.f.fromEnd && !b.f.follow {
		b.errs.addf(flagPlace("from-end", ""), "--from-end has an effect with --follow only")
	}
	if !b.f.follow {
		return
	}
	b.sourceOption("follow", "follow", "true")
	if b.f.fromEnd {
		b.sourceOption("from-end", "startingPosition", "latest")
	}
	if s.FormatPlace == nil && !s.Schema.Given && b.f.JobFile == "" {
		s.Format = cmp.Or(b.f.formatOf(s.Path), "text")
	}
}

// sourceOptions sets the options that all sources share.
func (b *builder) sourceOptions(s *Source) {
	b.sourceOption("max-line-bytes", MaxLineBytes, strconv.FormatInt(b.f.maxLine, 10))
	b.sourceOption("max-bad-rows", MaxBadRows, strconv.FormatInt(b.f.maxBad, 10))
	if v, _, ok := b.given("rejects"); ok {
		b.sourceOption("rejects", RejectsPath, b.path(v))
	}
	s.Options = append(s.Options, b.pairs("option", b.f.options)...)
}

func (b *builder) socket(s *Source, args []string) {
	if len(args) > 0 {
		b.errs.addf(nil, "socket does not take a path, got %q", args[0]).Hint = "streamctl socket --host localhost --port 9999"
	}
	if s.Format == "" {
		s.Format = DefaultSource(SocketCommand)
	}
	for _, name := range []string{"host", "port", "listen"} {
		if v, at, ok := b.given(name); ok {
			s.Options = append(s.Options, Option{Name: name, Value: v, Place: at})
		}
	}
	b.sourceOption("include-timestamp", "includeTimestamp", strconv.FormatBool(b.f.timestamp))
	b.sourceOption("reconnect", "reconnect", strconv.FormatBool(b.f.reconnect))
	b.sourceOptions(s)
}

func (b *builder) kafka(s *Source, args []string) {
	if len(args) > 0 {
		b.errs.addf(nil, "kafka does not take a path, got %q", args[0]).Hint = "streamctl kafka --brokers localhost:9092 --topic clicks"
	}
	if s.Format == "" {
		s.Format = DefaultSource(KafkaCommand)
	}
	for flag, name := range map[string]string{"brokers": "kafka.bootstrap.servers", "topic": "subscribe"} {
		if v, at, ok := b.given(flag); ok {
			s.Options = append(s.Options, Option{Name: name, Value: v, Place: at})
		} else if _, given := s.Options.Get(name); !given && b.f.JobFile == "" && !b.names(name) {
			b.errs.addf(nil, "the flag --%s is missing", flag).Hint = "streamctl kafka --brokers localhost:9092 --topic clicks"
		}
	}
	if v, at, ok := b.given("from"); ok {
		o, err := startingPoint(v)
		if err != nil {
			b.errs.add(at, err)
		}
		o.Place = at
		s.Options = append(s.Options, o)
	}
	b.sourceOptions(s)
}

// names reports whether --option sets an option of the source, or another way to choose topics.
func (b *builder) names(option string) bool {
	for _, text := range b.f.options {
		name, _, _ := strings.Cut(text, "=")
		if equalFold(name, option) || option == "subscribe" && (equalFold(name, "subscribePattern") || equalFold(name, "assign")) {
			return true
		}
	}
	return false
}

// startingPoint returns the option that --from stands for. Times without an offset are local.
func startingPoint(text string) (Option, *sparkerr.Error) {
	word := strings.ToLower(strings.TrimSpace(text))
	if word == "earliest" || word == "latest" {
		return Option{Name: "startingOffsets", Value: word}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, strings.TrimSpace(text), time.Local); err == nil {
			return Option{Name: "startingTimestamp", Value: strconv.FormatInt(at.UnixMilli(), 10)}, nil
		}
	}
	return Option{}, sparkerr.Plain("--from is earliest, latest or a time, not %q", text).WithHint("--from '2026-01-31 12:00:00'; the option startingOffsets takes an offset for each partition")
}

// ParseOptions parses the NAME=VALUE arguments of a flag. secrets are the values substituted for ${…}, which
// messages must not show.
func ParseOptions(flag string, texts []string) (options Options, secrets []string, err error) {
	b := &builder{job: &Job{}}
	options = b.pairs(flag, texts)
	return options, b.job.Secrets, b.errs.err()
}

// pairs parses the NAME=VALUE arguments of a flag.
func (b *builder) pairs(flag string, texts []string) Options {
	example := "header=true"
	if flag == "conf" {
		example = "spark.sql.session.timeZone=UTC"
	}
	var out Options
	for _, text := range texts {
		at := flagPlace(flag, text)
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			b.errs.addf(at, "--%s takes NAME=VALUE, not %q", flag, text).Hint = "--" + flag + " " + example
			continue
		}
		text := value
		value, secrets, err := Expand(text, "")
		if err != nil {
			b.errs.add(at, err)
			continue
		}
		if i := slices.IndexFunc(out, func(o Option) bool { return equalFold(o.Name, name) }); i >= 0 && out[i].Value != value {
			b.errs.addf(at, "the option %s is set twice, to %q and %q", out[i].Name, out[i].Value, value).Hint = "remove one of them"
			continue
		}
		b.job.Secrets = append(b.job.Secrets, secrets...)
		out = append(out, Option{Name: name, Value: value, Written: written(text, secrets), Place: within(at, name+"="), NamePlace: at})
	}
	return out
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
		b.errs.addf(outAt, "--sink and --output are mutually exclusive")
	case hasSink:
		*k = Sink{Format: sink, FormatPlace: sinkAt, Place: sinkAt, Checkpoint: k.Checkpoint, Trigger: k.Trigger, OutputMode: k.OutputMode}
	case hasOut:
		if out == "ndjson" || out == "jsonl" { // as other tools call the lines of json
			out = "json"
		}
		*k = Sink{Format: out, Path: "-", FormatPlace: outAt, Place: outAt, Checkpoint: k.Checkpoint, Trigger: k.Trigger, OutputMode: k.OutputMode}
	}
	if v, at, ok := b.given("path"); ok {
		if hasOut {
			b.errs.addf(at, "--path belongs to a file sink, --output writes to standard output").Hint = "--sink csv --path DIR --checkpoint DIR writes files"
		}
		k.Path = b.path(v)
	}
	if v, at, ok := b.given("partition-by"); ok {
		k.PartitionBy = nil
		for _, item := range splitList(v, at) {
			k.PartitionBy = append(k.PartitionBy, unquote(item.Text))
		}
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

// sourceOption sets an option of the source from a flag, if the flag is set.
func (b *builder) sourceOption(flag, name, value string) {
	if b.f.set.Changed(flag) {
		at := flagPlace(flag, value)
		b.stream.Source.Options = append(b.stream.Source.Options, Option{Name: name, Value: value, Place: at, NamePlace: at})
	}
}

func (b *builder) sinkOption(flag, name, value string) {
	if b.f.set.Changed(flag) {
		at := flagPlace(flag, value)
		b.stream.Sink.Options = append(b.stream.Sink.Options, Option{Name: name, Value: value, Place: at, NamePlace: at})
	}
}

// shared applies the flags that concern the whole job.
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
	if b.f.available || b.f.untilNow {
		t = Trigger{Kind: AvailableNow, Place: flagPlace("available-now", "")}
		given++
	}
	if given > 1 {
		b.errs.addf(nil, "--trigger, --once and --available-now are mutually exclusive")
	}
	if given == 1 {
		for _, s := range b.job.Streams {
			s.Sink.Trigger = t
		}
	}
}
