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

// portabilityRules is the table of everything that prevents a job from running on Spark. It is used by
// --master, export and validate --portable.
var portabilityRules = []portabilityRule{
	{find: discretized, text: "a job of mode dstream has no translation to PySpark", hint: "mode: structured runs on both engines"},
	{find: standardInput, text: "Spark does not read standard input", hint: "put the rows into files in a directory"},
	{find: standardOutput, text: "Spark does not write rows to standard output", hint: "use the console sink, or write files and read them"},
	{find: sourceOption("listen"), text: "Spark's socket source connects and cannot listen", hint: "options: {host: localhost, port: 9999}, with nc -lk 9999 on the other side"},
	{find: sourceOption("reconnect"), text: "Spark's socket source does not reconnect", hint: "remove the option reconnect"},
	{find: sourceOption(MaxConnections), text: "Spark has no option " + MaxConnections + "", hint: "Spark's socket source connects to one server; remove the option"},
	{find: sourceOption(MaxLineBytes), text: "Spark has no option " + MaxLineBytes + "", hint: "Spark reads records of up to 2 GB; remove the option"},
	{find: sourceOption(RejectsPath), text: "Spark does not list malformed records", hint: "remove --rejects, or keep the records in a column: the options mode: PERMISSIVE and columnNameOfCorruptRecord"},
	{find: sourceOption(MaxBadRows), text: "Spark does not count malformed records", hint: "the source option mode: FAILFAST fails at the first one"},
	{find: sinkOption("maxWidth"), text: "Spark's console cuts cells to 20 characters or not at all", hint: "options: {truncate: true}"},
	{find: singleFile, text: "Spark's file source reads directories and globs, not one file", hint: "name the directory; the option pathGlobFilter picks the file"},
	{find: fileReferences, text: "a program on Spark cannot read ${file:…} on this machine", hint: "${env:NAME} is resolved where the program runs"},
	{note: true, find: localPaths, text: "this path is on this machine", hint: "on a cluster, the driver and every worker must see it: use a shared file system, or hdfs:, s3a:, …"},
	{note: true, find: kafka, text: "Kafka is not part of Spark's download", hint: "--packages org.apache.spark:spark-sql-kafka-0-10_2.13:VERSION"},
}

// Portability lists what in the job does not run on Apache Spark as it does here, and what a job needs there.
// It looks at formats, options and paths, not at steps and expressions, which are Spark's own.
func (j *Job) Portability() (refused, notes Errors) {
	for _, s := range j.Streams {
		for _, r := range portabilityRules {
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

func standardInput(_ *Job, s *Stream) []*sparkerr.Place {
	return when(s.Source.Path == "-", s.Source.PathPlace)
}

func standardOutput(_ *Job, s *Stream) []*sparkerr.Place {
	at := s.Sink.FormatPlace
	if at == nil {
		at = s.Sink.Place
	}
	return when(s.Sink.Path == "-", at)
}

func sourceOption(name string) func(*Job, *Stream) []*sparkerr.Place {
	return func(_ *Job, s *Stream) []*sparkerr.Place { return s.Source.Options.places(name) }
}

func sinkOption(name string) func(*Job, *Stream) []*sparkerr.Place {
	return func(_ *Job, s *Stream) []*sparkerr.Place { return s.Sink.Options.places(name) }
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

func fileReferences(_ *Job, s *Stream) []*sparkerr.Place {
	var out []*sparkerr.Place
	for _, o := range slices.Concat(s.Source.Options, s.Sink.Options) {
		out = append(out, when(strings.Contains(o.Written, "${file:"), o.Place)...)
	}
	return out
}

func singleFile(j *Job, s *Stream) []*sparkerr.Place {
	if s.Source.Path == "" || s.Source.Path == "-" {
		return nil
	}
	info, err := os.Stat(j.Resolve(s.Source.Path))
	return when(err == nil && info.Mode().IsRegular(), s.Source.PathPlace)
}

// localPaths returns the places of paths without a remote file system.
func localPaths(_ *Job, s *Stream) []*sparkerr.Place {
	var out []*sparkerr.Place
	for _, p := range []struct {
		path string
		at   *sparkerr.Place
	}{{s.Source.Path, s.Source.PathPlace}, {s.Sink.Path, s.Sink.Place}, {s.Sink.Checkpoint, s.Sink.Place}} {
		if p.path == "" || p.path == "-" {
			continue
		}
		if Local(p.path) && !slices.Contains(out, p.at) {
			out = append(out, p.at)
		}
	}
	return out
}

func kafka(_ *Job, s *Stream) []*sparkerr.Place {
	out := when(strings.EqualFold(s.Source.Format, "kafka"), s.Source.FormatPlace)
	return append(out, when(strings.EqualFold(s.Sink.Format, "kafka"), s.Sink.FormatPlace)...)
}

func when(found bool, at *sparkerr.Place) []*sparkerr.Place {
	if !found {
		return nil
	}
	return []*sparkerr.Place{at}
}
