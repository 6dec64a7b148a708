package job

import (
	"os"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A portabilityRule describes something in a stream that does not run on Apache Spark as it does here, or that
// has a requirement there.
type portabilityRule struct {
	note       bool // it runs there if the hint is followed
	find       func(j *Job, s *Stream) []*sparkerr.Place
	text, hint string
}

// portabilityRules is the table of what prevents a job from running on Spark whatever its formats. What a format or an option needs there
// is in its description. --master, export and validate --portable use both.
var portabilityRules = []portabilityRule{
	{find: discretized, text: "a job of mode dstream has no translation to PySpark", hint: "mode: structured runs on both engines"},
	{find: standardInput, text: "Spark does not read standard input", hint: "put the rows into files in a directory"},
	{find: standardOutput, text: "Spark does not write rows to standard output", hint: "use the console sink, or write files and read them"},
	{find: sourceOption(MaxLineBytes), text: "Spark has no option " + MaxLineBytes + "", hint: "Spark reads records of up to 2 GB; remove the option"},
	{find: sourceOption(RejectsPath), text: "Spark does not list malformed or late records", hint: "remove --rejects, or keep the records in a column: the options mode: PERMISSIVE and columnNameOfCorruptRecord"},
	{find: sourceOption(MaxBadRows), text: "Spark does not count malformed records", hint: "the source option mode: FAILFAST fails at the first one"},
	{find: singleFile, text: "Spark's file source reads directories and globs, not one file", hint: "name the directory; the option pathGlobFilter picks the file"},
	{find: fileReferences, text: "a program on Spark cannot read ${file:…} on this machine", hint: "${env:NAME} is resolved where the program runs"},
	{note: true, find: defaultPartitions, text: "Spark runs 200 tasks for each stateful step in every batch", hint: "conf: {spark.sql.shuffle.partitions: N}, with the number of cores; a checkpoint keeps the number of its first run"},
	{note: true, find: localPaths, text: "this path is on this machine", hint: "on a cluster, the driver and every worker must see it: use a shared file system, or hdfs:, s3a:, …"},
}

// Portability lists what in the job does not run on Apache Spark as it does here, and what a job needs there.
// It looks at formats, options and paths, not at steps and expressions, which are Spark's own.
func (j *Job) Portability(sources, sinks Formats) (refused, notes Errors) {
	for _, s := range j.Streams {
		rules := slices.Concat(portabilityRules, formatRules(sinks, s.Sink.Format, s.Sink.Options, s.Sink.FormatPlace))
		for _, in := range j.inputsOf(s) {
			rules = append(rules, formatRules(sources, in.Format, in.Options, in.FormatPlace)...)
		}
		for _, r := range rules {
			for _, at := range r.find(j, s) {
				list := &refused
				if r.note {
					list = &notes
				}
				list.addf(at, "%s", r.text).Hint = r.hint
			}
		}
	}
	refused.sort()
	notes.sort()
	return refused, notes
}

// discretized reports the mode once per job, at the first stream.
func discretized(j *Job, s *Stream) []*sparkerr.Place {
	return when(j.Mode == DStream && s == j.Streams[0], s.Place)
}

// inputsOf lists the sources and tables that a stream may read.
func (j *Job) inputsOf(s *Stream) []*Source { return slices.Concat(j.SourcesOf(s), j.TablesOf(s)) }

func standardInput(j *Job, s *Stream) (out []*sparkerr.Place) {
	for _, in := range j.SourcesOf(s) {
		out = append(out, when(in.Path == "-", in.PathPlace)...)
	}
	return out
}

func standardOutput(_ *Job, s *Stream) []*sparkerr.Place {
	at := s.Sink.FormatPlace
	if at == nil {
		at = s.Sink.Place
	}
	return when(s.Sink.Path == "-", at)
}

func sourceOption(name string) func(*Job, *Stream) []*sparkerr.Place {
	return func(j *Job, s *Stream) (out []*sparkerr.Place) {
		for _, in := range j.inputsOf(s) {
			out = append(out, in.Options.places(name)...)
		}
		return out
	}
}

// formatRules are those of a format, named at a place, and its options.
func formatRules(table Formats, name string, options Options, at *sparkerr.Place) []portabilityRule {
	f, ok := table.Describe(name)
	if !ok {
		return nil
	}
	var rules []portabilityRule
	for _, r := range []struct {
		remark *Remark
		note   bool
	}{{f.NotInSpark, false}, {f.OnSpark, true}} {
		if r.remark != nil {
			rules = append(rules, portabilityRule{r.note, func(*Job, *Stream) []*sparkerr.Place { return []*sparkerr.Place{at} }, r.remark.Text, r.remark.Hint})
		}
	}
	for _, o := range f.Options {
		if o.NotInSpark != nil {
			rules = append(rules, portabilityRule{false, func(*Job, *Stream) []*sparkerr.Place { return options.places(o.Name) }, o.NotInSpark.Text, o.NotInSpark.Hint})
		}
	}
	return rules
}

// places returns where an option is set.
func (o Options) places(name string) []*sparkerr.Place {
	var out []*sparkerr.Place
	for _, opt := range o {
		if !equalFold(opt.Name, name) {
			continue
		}
		if opt.NamePlace != nil {
			out = append(out, opt.NamePlace)
		} else {
			out = append(out, opt.Place)
		}
	}
	return out
}

func fileReferences(j *Job, s *Stream) (out []*sparkerr.Place) {
	options := s.Sink.Options
	for _, in := range j.inputsOf(s) {
		options = slices.Concat(in.Options, options)
	}
	for _, o := range options {
		out = append(out, when(strings.Contains(o.Written, "${file:"), o.Place)...)
	}
	return out
}

// singleFile finds streams of one file. Spark reads tables of one.
func singleFile(j *Job, s *Stream) (out []*sparkerr.Place) {
	for _, in := range j.SourcesOf(s) {
		if in.Path == "" || in.Path == "-" {
			continue
		}
		info, err := os.Stat(j.Resolve(in.Path))
		out = append(out, when(err == nil && info.Mode().IsRegular(), in.PathPlace)...)
	}
	return out
}

// defaultPartitions returns the place of the first stateful step if the number of tasks is not set.
func defaultPartitions(j *Job, s *Stream) []*sparkerr.Place {
	if _, given := j.Conf["spark.sql.shuffle.partitions"]; given {
		return nil
	}
	for _, step := range s.Steps {
		switch step.(type) {
		case GroupBy, Distinct, DropDuplicates:
			return []*sparkerr.Place{step.At()}
		}
	}
	return nil
}

// localPaths returns the places of paths without a remote file system.
func localPaths(j *Job, s *Stream) []*sparkerr.Place {
	type path struct {
		path string
		at   *sparkerr.Place
	}
	var paths []path
	for _, in := range j.inputsOf(s) {
		paths = append(paths, path{in.Path, in.PathPlace})
	}
	var out []*sparkerr.Place
	for _, p := range append(paths, path{s.Sink.Path, s.Sink.Place}, path{s.Sink.Checkpoint, s.Sink.Place}) {
		if p.path == "" || p.path == "-" {
			continue
		}
		if Local(p.path) && !slices.Contains(out, p.at) {
			out = append(out, p.at)
		}
	}
	return out
}

func when(found bool, at *sparkerr.Place) []*sparkerr.Place {
	if !found {
		return nil
	}
	return []*sparkerr.Place{at}
}
