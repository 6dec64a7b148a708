package job

import (
	"os"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A portabilityRule says what of a stream does not run on Apache Spark as it does here, or what running there asks for.
type portabilityRule struct {
	note       bool // it runs, if the hint is heeded
	find       func(j *Job, s *Stream) []*sparkerr.Place
	text, hint string
}

// portabilityRules is the one list of what keeps a job from running on Spark. The second engine, export and validate
// --portable read it.
var portabilityRules = []portabilityRule{
	{find: discretized, text: "a job of mode dstream has no translation to PySpark", hint: "mode: structured runs on both engines"},
	{find: standardInput, text: "Spark does not read standard input", hint: "put the rows into files of a directory"},
	{find: standardOutput, text: "Spark does not write rows to standard output", hint: "use the console sink, or write files and read them"},
	{find: sourceOption("listen"), text: "Spark's socket source connects, it does not listen", hint: "options: {host: localhost, port: 9999}, with nc -lk 9999 on the other side"},
	{find: sourceOption("reconnect"), text: "Spark's socket source does not connect again", hint: "leave the option reconnect out"},
	{find: sourceOption(MaxConnections), text: "the option " + MaxConnections + " is not Spark's", hint: "Spark's socket source connects to one server; leave the option out"},
	{find: sourceOption(MaxLineBytes), text: "the option " + MaxLineBytes + " is not Spark's", hint: "Spark reads records of up to 2 GB; leave the option out"},
	{find: sourceOption(RejectsPath), text: "Spark does not list malformed records", hint: "leave --rejects out, or keep them in a column: the options mode: PERMISSIVE and columnNameOfCorruptRecord"},
	{find: sourceOption(MaxBadRows), text: "Spark does not count malformed records", hint: "the option mode: FAILFAST of the source fails at the first one"},
	{find: sinkOption("maxWidth"), text: "Spark's console cuts cells to 20 characters or not at all", hint: "options: {truncate: true}"},
	{find: singleFile, text: "Spark's file source reads directories and globs, not one file", hint: "name the directory; the option pathGlobFilter picks the file"},
	{find: fileReferences, text: "a program on Spark does not read ${file:…} of this machine", hint: "${env:NAME} is looked up where the program runs"},
	{note: true, find: localPaths, text: "this path is on this machine", hint: "on a cluster the driver and every worker must see it: a shared file system, or hdfs:, s3a:, …"},
	{note: true, find: kafka, text: "Kafka is not part of Spark's download", hint: "--packages org.apache.spark:spark-sql-kafka-0-10_2.13:VERSION"},
}

// Portability lists what of the job does not run on Apache Spark as it does here, and what running there asks for. It
// looks at formats, options and paths; steps and expressions are Spark's own.
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

// discretized reports the mode once, at the first stream.
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

// places lists where an option is given.
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

// localPaths finds the paths that name no file system: they are those of the machine.
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
