package job

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Validate finds all mistakes of a job that can be found without reading data or analyzing expressions. sources
// and sinks are the tables of formats.
func (j *Job) Validate(sources, sinks Formats) error {
	return j.validate(&validator{job: j, sources: sources, sinks: sinks})
}

// ValidateForSpark is like Validate, for a job that will run on Apache Spark. It accepts formats, options,
// settings and file systems that only the embedded engine lacks.
func (j *Job) ValidateForSpark(sources, sinks Formats) error {
	return j.validate(&validator{job: j, sources: sources, sinks: sinks, spark: true})
}

// ValidateAnywhere is like Validate, for a job that need not run on this machine: note is called for each path on a file system that only
// Apache Spark reads and writes.
func (j *Job) ValidateAnywhere(sources, sinks Formats, note func(error)) error {
	return j.validate(&validator{job: j, sources: sources, sinks: sinks, remote: note})
}

func (j *Job) validate(v *validator) error {
	j.sound = nil
	v.conf()
	v.mode()
	general := len(v.errs)
	for _, s := range j.Streams {
		before := len(v.errs)
		v.stream(s)
		if general == 0 && len(v.errs) == before {
			j.sound = append(j.sound, s)
		}
	}
	v.inputs()
	v.names()
	v.oneOutput()
	v.sameRejects()
	return v.errs.err()
}

// Sound returns a copy of the job with only the streams in which Validate found no mistake. They can be
// analyzed even though the job is refused.
func (j *Job) Sound() *Job {
	c := *j
	c.Streams = j.sound
	return &c
}

type validator struct {
	job            *Job
	sources, sinks Formats
	spark          bool        // the job will run on Apache Spark
	remote         func(error) // reports paths that are not on the local file system; nil: they are mistakes
	errs           Errors
}

// local refuses a path that is not on the local file system.
func (v *validator) local(at *sparkerr.Place, path string) {
	_, err := localPath(path)
	switch {
	case err == nil || v.spark:
	case v.remote != nil:
		err.Place = at
		v.remote(err.WithHint("only --master runs the job"))
	default:
		v.errs.add(at, err)
	}
}

// mode checks the settings of the whole job.
func (v *validator) mode() {
	j := v.job
	if j.Mode == DStream && j.BatchInterval <= 0 {
		v.errs.addf(nil, "a dstream job needs a batch interval").Hint = "batchInterval: 1s, or --batch-interval 1s"
	}
	if j.Mode != DStream && j.BatchInterval > 0 {
		v.errs.addf(nil, "batchInterval belongs to the mode dstream").Hint = "mode: dstream, or --dstream; structured streams have a trigger"
	}
}

// names refuses streams that share a name, a checkpoint, an output, or standard input.
func (v *validator) names() {
	names, stdin := map[string]bool{}, 0
	directories := map[string]*Stream{}
	for _, s := range v.job.Streams {
		if s.Name != "" && names[s.Name] {
			v.errs.addf(s.Place, "Cannot start query with name %s as a query with that name is already active in this SparkSession", s.Name).
				Hint = "give each stream a unique name"
		}
		names[s.Name] = true
		v.ownDirectory(directories, s, "checkpointLocation", s.Sink.Checkpoint)
		v.ownDirectory(directories, s, "output path", s.Sink.Path)
		stdin += v.job.StandardInputs(s)
	}
	if stdin > 1 {
		v.errs.addf(nil, "only one stream can read standard input")
	}
}

// oneOutput refuses several streams on standard output if one of them has a form that cannot be mixed with others.
func (v *validator) oneOutput() {
	var all []*Stream
	binary := -1
	for _, s := range v.job.Streams {
		f, ok := v.sinks.Describe(s.Sink.Format)
		if !ok || s.Sink.Path != "-" && !f.Prints {
			continue
		}
		if all = append(all, s); f.Binary {
			binary = len(all) - 1
		}
	}
	if binary >= 0 && len(all) > 1 {
		s := all[binary]
		v.errs.addf(s.Sink.Place, "several streams write to standard output, and %s cannot be mixed with others", s.Sink.Format).
			Hint = "write files, or run the streams one by one: --only NAME"
	}
}

// StandardInputs returns how many sources of a stream read standard input.
func (j *Job) StandardInputs(s *Stream) (n int) {
	for _, in := range j.SourcesOf(s) {
		if in.Path == "-" {
			n++
		}
	}
	return n
}

// ownDirectory refuses a directory that another stream, or the same sink, also writes to.
func (v *validator) ownDirectory(taken map[string]*Stream, s *Stream, what, path string) {
	if path == "" || path == "-" || !Local(path) {
		return
	}
	full, err := filepath.Abs(v.job.Resolve(path))
	if err != nil {
		full = path
	}
	full = RealPath(full)
	switch other := taken[full]; other {
	case nil:
		taken[full] = s
	case s:
		v.errs.addf(s.Sink.Place, "the sink's path and its checkpointLocation are both %s", path).Hint = "give the checkpoint a separate directory"
	default:
		v.errs.addf(s.Sink.Place, "two streams have the same %s %s", what, path).Hint = otherPlace(other.Sink.Place) + "give each stream a separate directory"
	}
}

// otherPlace returns the start of a hint that locates the other of two conflicting items, if its place is
// known.
func otherPlace(p *sparkerr.Place) string {
	if p == nil || p.Line == 0 {
		return ""
	}
	return fmt.Sprintf("the other one is on line %d; ", p.Line)
}

func (v *validator) stream(s *Stream) {
	source := &Format{}
	if s.From.Text == "" {
		source = v.source(&s.Source)
	} else if f, ok := v.sources.Describe(shortName(s.Source.Format)); ok { // its mistakes are those of the job's source
		source, s.Source.Format = f, f.Name
	}
	v.steps(s.Steps)
	if !v.spark {
		v.encoding(s)
	}
	sink := v.sink(s)
	if v.job.Mode == DStream {
		v.dstream(s, source, sink)
	}
	if s.Sink.Checkpoint != "" && v.job.StandardInputs(s) > 0 {
		v.errs.addf(s.Sink.Place, "standard input cannot be read again, so it cannot have a checkpoint").
			Hint = "read files from a directory, or remove the checkpoint"
	}
}

// format looks up a format and checks its options.
func (v *validator) format(table Formats, what, name string, opts Options, at, formatAt *sparkerr.Place) (*Format, bool) {
	if formatAt == nil {
		formatAt = at
	}
	f, ok := table.Describe(shortName(name))
	if v.spark && (!ok || f.Missing) {
		return nil, false // a format of Spark or of a package: Spark will check it
	}
	if !ok {
		v.errs.add(formatAt, sparkerr.New("DATA_SOURCE_NOT_FOUND", "provider", name)).Hint = FormatHint(name, table.Names(nil))
		return nil, false
	}
	if f.Missing {
		v.errs.addf(formatAt, "the %s %s is not in the embedded engine yet", f.Name, what).
			Hint = "one of: " + strings.Join(table.Names(nil), ", ")
		return nil, false
	}
	for _, o := range opts {
		v.option(f, what, o)
	}
	return f, true
}

// CheckSource checks the format and options of a source against the table, and the settings of the job.
func (j *Job) CheckSource(s *Source, table Formats) error {
	v := &validator{job: j}
	v.format(table, "source", s.Format, s.Options, s.Place, s.FormatPlace)
	v.conf()
	return v.errs.err()
}

// shortName shortens the class names of Spark's built-in formats.
func shortName(name string) string {
	if i := strings.LastIndexByte(name, '.'); strings.HasPrefix(name, "org.apache.spark.sql.") && i > 0 {
		return strings.TrimSuffix(strings.TrimSuffix(name[i+1:], "FileFormat"), "DataSource")
	}
	return name
}

func (v *validator) option(f *Format, what string, o Option) {
	at := o.NamePlace
	if at == nil {
		at = o.Place
	}
	spec, ok := f.Find(o.Name)
	switch {
	case what == "sink" && aboutBadRows(o.Name):
		v.errs.addf(at, "the option %s belongs to the source", o.Name).Hint = "write it under source.options, or use --rejects FILE and --max-bad-rows N"
	case !ok && what == "sink" && v.consoleHas(o.Name):
		v.errs.addf(at, "the %s sink has no option %q", f.Name, o.Name).Hint = "the " + DefaultSink + " sink has it; the step limit (--limit N) keeps the first N rows of the stream"
	case !ok:
		v.errs.addf(at, "the %s %s has no option %q", f.Name, what, o.Name).Hint = DidYouMean(o.Name, f.OptionNames())
	case spec.Effect == Refused && !v.spark:
		v.errs.addf(at, "the option %s of the %s %s is not in the embedded engine yet", spec.Name, f.Name, what)
	}
}

// consoleHas reports whether the default sink has an option.
func (v *validator) consoleHas(option string) bool {
	console, ok := v.sinks.Describe(DefaultSink)
	if ok {
		_, ok = console.Find(option)
	}
	return ok
}

// inputs checks the sources and tables of the job.
func (v *validator) inputs() {
	for _, r := range v.job.Sources {
		v.source(&r.Source)
		v.steps(r.Steps)
	}
	for _, r := range v.job.Tables {
		v.table(&r.Source)
		v.steps(r.Steps)
	}
}

// source checks a source and returns its format, or an empty one if it is unknown.
func (v *validator) source(s *Source) *Format {
	f := v.described(s)
	v.schema(f, s)
	return f
}

// table checks a static table, whose schema may be inferred.
func (v *validator) table(s *Source) {
	f := v.described(s)
	if f.Name != "" && !f.Files {
		v.errs.addf(s.FormatPlace, "the format %s is not that of a table", f.Name).Hint = "define it under sources: to read it as a stream"
	}
	if s.Path == "-" {
		v.errs.addf(s.PathPlace, "standard input is a stream, not a table")
	}
	if s.Schema.Given {
		v.schema(f, s)
	}
}

// described checks what sources and tables have in common.
func (v *validator) described(s *Source) *Format {
	if s.Format == "" {
		return &Format{}
	}
	f, ok := v.format(v.sources, "source", s.Format, s.Options, s.Place, s.FormatPlace)
	if !ok {
		return &Format{}
	}
	s.Format = f.Name
	v.count(s.Options, MaxLineBytes, 1)
	v.count(s.Options, MaxBadRows, 0)
	v.rejects(s)
	if f.Files {
		v.files(f, s)
	} else if s.Path != "" {
		v.errs.addf(s.PathPlace, "the %s source does not take a path", f.Name)
	}
	if f.Check != nil {
		for _, e := range f.Check(s) {
			v.errs.add(s.Place, e)
		}
	}
	return f
}

// files checks the path of a source.
func (v *validator) files(f *Format, s *Source) {
	if path, given := s.Options.Get("path"); given && s.Path == "" {
		s.Path = path
	}
	if s.Path == "" {
		v.errs.addf(s.Place, "'path' is not specified.").Hint = "path: DIR, --dir DIR, or - for standard input"
	} else if s.Path == "-" && f.NotStreamed != "" {
		v.errs.addf(s.PathPlace, "%s", f.NotStreamed).Hint = "put the file into a directory"
	} else {
		v.local(s.PathPlace, s.Path)
	}
}

func (v *validator) schema(f *Format, s *Source) {
	switch {
	case !s.Schema.Given && f.NeedsSchema != nil && f.NeedsSchema(s.Options):
		v.errs.add(s.Place, sparkerr.New("_LEGACY_ERROR_TEMP_2048")).
			Hint = "schema: \"a STRING, b INT\", --schema FILE, or --infer-schema to look into the files"
	case s.Schema.Given && f.NoSchema != nil:
		v.errs.addf(s.Schema.Place, "%s", f.NoSchema.Text).Hint = f.NoSchema.Hint
	case s.Schema.Given:
		if _, err := s.Schema.Types(); err != nil {
			v.errs.add(s.Schema.Place, asSparkError(err))
		}
	}
}

// place returns the place of an option, or of the source if the option is not set.
func (s *Source) place(option string) *sparkerr.Place {
	for _, o := range s.Options {
		if equalFold(o.Name, option) {
			return o.Place
		}
	}
	return s.Place
}

// steps checks the texts of steps that are not expressions.
func (v *validator) steps(steps []Step) {
	for i, step := range steps {
		switch step := step.(type) {
		case Join:
			v.ref(&step.With)
			steps[i] = step
		case Union:
			v.ref(&step.With)
			steps[i] = step
		case WithWatermark:
			if _, _, _, err := datetime.ParseCalendar(step.Delay.Text); err != nil {
				v.errs.add(step.Delay.Place, asSparkError(err))
			}
		case Limit:
			if _, err := strconv.Atoi(strings.TrimSpace(step.Rows.Text)); err != nil {
				v.errs.addf(step.Rows.Place, "limit must be a number of rows, not %q", step.Rows.Text).Hint = "limit: 10"
			}
		}
		for _, text := range step.texts() {
			if strings.TrimSpace(text.Text) == "" {
				v.errs.addf(text.Place, "%s is empty", step.Method()).Hint = emptyHint(text.Place)
			}
		}
	}
}

// ref checks the other input of a step.
func (v *validator) ref(r *Ref) {
	if r.Stream.Text == "" && r.Table.Text == "" {
		v.table(&r.Source)
	}
	v.steps(r.Steps)
}

// sink checks a sink and returns its format, or an empty one if it is unknown.
func (v *validator) sink(s *Stream) *Format {
	k := &s.Sink
	f, ok := v.format(v.sinks, "sink", k.Format, k.Options, k.Place, k.FormatPlace)
	if !ok {
		return &Format{}
	}
	k.Format = f.Name
	v.checkpoint(s)
	if f.Stdout && !f.Files && k.Path != "-" {
		v.errs.addf(k.Place, "%s is a format of standard output", f.Name).Hint = f.InFiles
	}
	v.outputMode(s, f.Files && k.Path != "-")
	switch {
	case k.Path == "-":
		v.standardOutput(f, k)
	case f.Files:
		v.fileSink(s)
	case k.Path != "":
		v.errs.addf(k.Place, "the %s sink does not take a path", k.Format)
	}
	if len(k.PartitionBy) > 0 && (!f.Files || k.Path == "-") {
		v.errs.addf(k.Place, "partitionBy requires a file sink")
	}
	return f
}

// checkpoint sets the checkpoint directory from the option or, for a named stream, from Spark's setting.
func (v *validator) checkpoint(s *Stream) {
	k := &s.Sink
	if dir, given := k.Options.Get("checkpointLocation"); given && k.Checkpoint == "" {
		k.Checkpoint = dir
	}
	base := v.job.Conf["spark.sql.streaming.checkpointLocation"]
	if base != "" && k.Checkpoint == "" && s.Name != "" && v.job.Mode == Structured {
		k.Checkpoint = filepath.Join(base, s.Name)
	}
	v.local(k.Place, k.Checkpoint)
}

// standardOutput refuses options, since each format writes rows to standard output in only one way.
func (v *validator) standardOutput(f *Format, k *Sink) {
	if !f.Stdout {
		v.errs.addf(k.Place, "%s does not write rows to standard output", k.Format).Hint = "one of: " + strings.Join(v.sinks.Names(OnStdout), ", ")
		return
	}
	for _, o := range k.Options {
		if _, known := f.Find(o.Name); !known || aboutBadRows(o.Name) { // already refused
			continue
		}
		v.errs.addf(o.Place, "rows on standard output do not take the option %s", o.Name).Hint = "the options of the " + k.Format + " sink are for files"
	}
}

func (v *validator) outputMode(s *Stream, files bool) {
	mode := strings.ToLower(s.Sink.OutputMode)
	at := s.Sink.ModePlace
	if at == nil {
		at = s.Sink.Place
	}
	switch mode {
	case "", "append":
		if s.Sink.ModePlace == nil {
			s.Sink.ModePlace = aggregatedAt(s)
		}
		if at := neverClosed(s); files && at != nil {
			v.errs.add(at, sparkerr.New("STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "outputMode", "append",
				"operation", "streaming aggregations without watermark on streaming DataFrames/DataSets")).
				Hint = "files only grow: group by a window over the column of withWatermark; -o csv with outputMode: complete prints the table"
		}
	case "update", "complete":
		if files {
			v.errs.add(at, sparkerr.New("STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE", "className", s.Sink.Format, "outputMode", title(mode))).
				Hint = "files only grow: use outputMode: append, and for aggregates withWatermark"
		} else if mode == "complete" && !aggregates(s) {
			v.errs.add(at, NothingAggregated(mode))
		}
	default:
		v.errs.add(at, sparkerr.New("STREAMING_OUTPUT_MODE.INVALID", "outputMode", s.Sink.OutputMode)).
			Hint = DidYouMean(mode, []string{"append", "complete", "update"})
	}
}

// NothingAggregated is the error of an output mode that is for aggregated rows alone.
func NothingAggregated(mode string) *sparkerr.Error {
	return sparkerr.New("STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "outputMode", strings.ToLower(mode),
		"operation", "no streaming aggregations on streaming DataFrames/DataSets").WithHint("outputMode: append, or a groupBy step")
}

// neverClosed returns the place of a groupBy step without a watermark, whose groups are never complete; nil if there is none.
func neverClosed(s *Stream) *sparkerr.Place {
	for _, step := range s.Steps {
		switch step := step.(type) {
		case WithWatermark:
			return nil
		case GroupBy:
			return step.Place
		}
	}
	return nil
}

// aggregatedAt returns the place of the last step that aggregates, which is what a stream without an output mode lacks one for.
func aggregatedAt(s *Stream) *sparkerr.Place {
	for _, step := range slices.Backward(s.Steps) {
		if mayAggregate(step) {
			return step.At()
		}
	}
	return nil
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// aggregates reports whether the stream has a step that aggregates, or might.
func aggregates(s *Stream) bool { return slices.ContainsFunc(s.Steps, mayAggregate) }

// mayAggregate reports whether a step aggregates, or might: only analysis can tell for some steps.
func mayAggregate(step Step) bool {
	switch step.(type) {
	case GroupBy, Select, SQL:
		return true
	}
	return false
}

// fileSink checks what a file sink needs.
func (v *validator) fileSink(s *Stream) {
	k := &s.Sink
	if path, given := k.Options.Get("path"); given && k.Path == "" {
		k.Path = path
	}
	if k.Path == "" {
		v.errs.addf(k.Place, "'path' is not specified.").Hint = "path: DIR, or --path DIR"
	} else {
		v.local(k.Place, k.Path)
	}
	if k.Checkpoint == "" {
		v.errs.add(k.Place, sparkerr.New("_LEGACY_ERROR_TEMP_1298", "configKey", "spark.sql.streaming.checkpointLocation")).
			Hint = "checkpointLocation: DIR, or --checkpoint DIR"
	}
}

// dstream refuses what Spark's older API does not support.
func (v *validator) dstream(s *Stream, source, sink *Format) {
	if s.Sink.Checkpoint != "" {
		v.errs.addf(s.Sink.Place, "a dstream job has no checkpoint").Hint = "remove checkpointLocation, or use a structured stream"
	}
	if s.Sink.Trigger.Kind != Default {
		v.errs.addf(s.Sink.Trigger.Place, "a dstream job has a batch interval, not a trigger").Hint = "batchInterval: 1s"
	}
	if !sink.Intervals && s.Sink.Path != "-" {
		v.errs.addf(s.Sink.Place, "a dstream job prints its rows: the sink must be console, not %s", s.Sink.Format)
	}
	if !source.Intervals || s.Source.Path == "-" {
		v.errs.addf(s.Source.Place, "a dstream job reads files in a directory or a socket")
	}
}

// EmptyFlag is the remedy for a flag whose value is empty.
const EmptyFlag = "give it a value, or leave the flag out; if the value comes from a variable of the shell, that is not set"

// emptyHint is the remedy for an empty part of a step.
func emptyHint(at *sparkerr.Place) string {
	switch {
	case at == nil || at.Flag == "":
		return "write an expression or a name, or remove the step"
	case strings.Contains(at.LineText, ","):
		return "an item between commas is missing"
	}
	return EmptyFlag
}
