package sources

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
)

// Formats is the table of source formats. With the path "-" csv, json and text read standard input.
var Formats = job.Formats{
	{Name: "csv", Doc: "CSV files in a directory or glob, or standard input", Options: slices.Concat(fileOptions, read(csv.Codec))},
	{Name: "json", Doc: "files of JSON, a record per line, or standard input", Options: slices.Concat(fileOptions, read(json.Codec))},
	{Name: "text", Doc: "lines of files or of standard input, in the column value", Options: slices.Concat(fileOptions, partitionZone, read(text.Codec))},
	{Name: "parquet", Doc: "Parquet files, columns by name", Options: slices.Concat(fileOptions, partitionZone, read(parquet.Codec))},
	{Name: "socket", Doc: "lines from the network, in the column value", Options: []job.OptionSpec{
		{Name: "host", Doc: "server to connect to", Kind: option.Text("the name or address of a machine")},
		{Name: "port", Doc: "its port", Kind: option.Text("a number from 1 to 65535")},
		{Name: "includeTimestamp", Doc: "add the column timestamp: when a line came", Kind: option.Bool, Default: "false"},
		{Name: "listen", Doc: "[HOST]:PORT to wait for connections on (not in Spark)", Kind: option.Text("[HOST]:PORT")},
		{Name: "reconnect", Doc: "connect again when the server goes away (not in Spark)", Kind: option.Bool, Default: "false"},
		{Name: job.MaxConnections, Doc: "most clients at the same time with listen; others wait (not in Spark)", Kind: atLeastOne, Default: "100"},
		{Name: job.MaxLineBytes, Doc: "longest line; a longer one is malformed (not in Spark)", Kind: atLeastOne, Default: "33554432"},
		rejectsPath, maxBadRows,
	}},
	{Name: "rate", Doc: "rows at a rate per second: timestamp, value", Options: []job.OptionSpec{
		{Name: "rowsPerSecond", Doc: "rows per second", Kind: atLeastOne, Default: "1"},
		{Name: "rampUpTime", Doc: "time until that rate is reached", Kind: age, Default: "0s"},
		{Name: "numPartitions", Doc: "tasks that share the rows", Kind: atLeastOne, Default: "1"},
	}},
	{Name: "rate-micro-batch", Doc: "rows at a rate per batch: timestamp, value", Options: []job.OptionSpec{
		{Name: "rowsPerBatch", Doc: "rows per batch, required", Kind: atLeastOne},
		{Name: "startTimestamp", Doc: "timestamp of the first batch, in milliseconds", Kind: atLeastZero, Default: "0"},
		{Name: "advanceMillisPerBatch", Doc: "milliseconds from batch to batch", Kind: atLeastZero, Default: "1000"},
		{Name: "numPartitions", Doc: "tasks that share the rows", Kind: atLeastOne, Default: "1"},
	}},
	{Name: "orc", Missing: true}, {Name: "avro", Missing: true}, {Name: "xml", Missing: true},
	{Name: "binaryFile", Missing: true}, {Name: "kafka", Missing: true}, {Name: "delta", Missing: true},
}

// Kinds of options. The package that reads an option validates its value: see package file and those next to it.
var (
	atLeastOne  = option.Text("a number of at least 1")
	atLeastZero = option.Text("a number of at least 0")
	age         = option.Text("a time with a unit, such as 90s, 30min, 12h or 7d")
	// CleanModes are the values of the option cleanSource.
	CleanModes = option.OneOf("off", "archive", "delete")
)

// Options about malformed records.
var (
	maxLineBytes = job.OptionSpec{Name: job.MaxLineBytes, Doc: "longest record; a longer one is malformed (not in Spark)", Kind: atLeastOne, Default: "268435456"}
	rejectsPath  = job.OptionSpec{Name: job.RejectsPath, Doc: "file of JSON lines that lists malformed records (not in Spark)", Kind: option.Text("a file")}
	maxBadRows   = job.OptionSpec{Name: job.MaxBadRows, Doc: "most malformed records; more fail the query (not in Spark)", Kind: atLeastZero}
)

// fileOptions are those of every file source.
var fileOptions = []job.OptionSpec{
	{Name: "path", Doc: "directory, glob or file", Kind: option.Text("a path")},
	{Name: "maxFilesPerTrigger", Doc: "most files per batch", Kind: atLeastOne},
	{Name: "maxBytesPerTrigger", Doc: "most bytes per batch; one file is always taken", Kind: option.Text("a number of bytes of at least 1, such as 1073741824")},
	{Name: "latestFirst", Doc: "take the newest files first", Kind: option.Bool, Default: "false"},
	{Name: "maxFileAge", Doc: "age, against the newest file, from which on files are ignored", Kind: age, Default: "7d"},
	{Name: "fileNameOnly", Doc: "files with the same name are the same file", Kind: option.Bool, Default: "false"},
	{Name: "maxCachedFiles", Doc: "files kept from a listing for the next batches", Kind: atLeastZero, Default: "10000"},
	{Name: "discardCachedInputRatio", Doc: "share of a batch below which the kept files are listed again", Kind: option.Text("a number from 0 to 1"), Default: "0.2"},
	maxLineBytes, rejectsPath, maxBadRows,
	{Name: "pathGlobFilter", Doc: "glob that file names must match", Kind: option.Text("a glob such as *.csv")},
	{Name: "recursiveFileLookup", Doc: "look into all subdirectories", Kind: option.Bool, Default: "false"},
	{Name: "ignoreMissingFiles", Doc: "files that vanish before they are read have no rows", Kind: option.Bool, Default: "false"},
	{Name: "ignoreCorruptFiles", Doc: "leave out the rest of a damaged file", Kind: option.Bool, Default: "false"},
	{Name: "cleanSource", Doc: "what becomes of files that were processed: off, archive or delete", Kind: CleanModes, Default: "off"},
	{Name: "sourceArchiveDir", Doc: "directory for archived files, which keep their whole path below it", Kind: option.Text("a directory")},
	{Name: "ignoredPathSegmentRegex", Doc: "names of files and directories that do not count; empty: all count", Kind: option.Text("a regular expression of Java, or nothing"), Default: "^[._]"},
	{Name: "basePath", Doc: "directory below which partition directories begin, where path is a glob", Kind: option.Text("a directory")},
	{Name: "ignoreInvalidPartitionPaths", Doc: "partition directories may begin at several places", Kind: option.Bool, Default: "false"},
	{Name: "modifiedBefore", Doc: "not allowed in streams", Kind: option.Text("no value in streams")},
	{Name: "modifiedAfter", Doc: "not allowed in streams", Kind: option.Text("no value in streams")},
}

// partitionZone is an option of every file source; csv and json have it for their own timestamps, too.
var partitionZone = []job.OptionSpec{{Name: "timeZone", Doc: "zone of timestamps in the names of partition directories", Kind: option.Zone, Default: "that of the session"}}

// read returns specs of a codec's options for reading. As in Spark, options for writing only have no effect.
func read(c *codec.Codec) []job.OptionSpec {
	var out []job.OptionSpec
	for _, o := range c.Options {
		effect := job.Implemented
		switch {
		case o.Effect&codec.Refused != 0:
			effect = job.Refused
		case o.Effect&codec.Read == 0:
			effect = job.NoEffect
		}
		for _, name := range append([]string{o.Name}, o.Aliases...) {
			out = append(out, job.OptionSpec{Name: name, Doc: o.Doc, Effect: effect, Kind: o.Kind, Default: o.Default})
		}
	}
	return out
}

// codecs are those of the formats that files and standard input can have.
var codecs = []*codec.Codec{csv.Codec, json.Codec, text.Codec, parquet.Codec}

// Codec returns the codec of a format; nil if its rows do not come from bytes.
func Codec(format string) *codec.Codec {
	for _, c := range codecs {
		if strings.EqualFold(c.Name, format) {
			return c
		}
	}
	return nil
}
