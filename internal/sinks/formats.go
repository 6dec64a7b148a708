package sinks

import (
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
)

// Formats is the table of sink formats. With the path "-", the formats csv, json, tsv, text and arrow write to standard
// output.
var Formats = job.Formats{
	{Name: "console", Doc: "prints each micro-batch as a table", Options: []job.OptionSpec{
		{Name: "numRows", Doc: "number of rows to print", Kind: option.Text("a whole number"), Default: "20; with dstream 10"},
		{Name: "truncate", Doc: "true: truncate cells to 20 characters; false: do not truncate", Kind: option.Bool, Default: "true"},
		{Name: "maxWidth", Doc: "maximum cell width in characters (not in Spark)", Kind: option.Text("a whole number; 0 for no limit")},
		{Name: "checkpointLocation", Doc: "directory of the checkpoint", Kind: option.Text("a directory")},
	}},
	{Name: "csv", Doc: "CSV files, or lines on standard output", Options: slices.Concat(fileOptions, written(csv.Codec))},
	{Name: "json", Doc: "JSON lines in files or on standard output", Options: slices.Concat(fileOptions, written(json.Codec))},
	{Name: "text", Doc: "one STRING column as lines, in files or on standard output", Options: slices.Concat(fileOptions, written(text.Codec))},
	{Name: "tsv", Doc: "tab-separated lines on standard output", Options: written(csv.Codec)},
	{Name: "parquet", Doc: "Parquet files", Options: slices.Concat(fileOptions, written(parquet.Codec))},
	{Name: "arrow", Doc: "an Arrow IPC stream on standard output"},
	{Name: "noop", Doc: "evaluates every row and drops it", Options: []job.OptionSpec{
		{Name: "checkpointLocation", Doc: "directory of the checkpoint", Kind: option.Text("a directory")},
	}},
	{Name: "orc", Missing: true}, {Name: "avro", Missing: true}, {Name: "xml", Missing: true},
	{Name: "kafka", Missing: true}, {Name: "memory", Missing: true}, {Name: "delta", Missing: true},
	{Name: "foreachBatch", Missing: true},
}

var fileOptions = []job.OptionSpec{
	{Name: "path", Doc: "directory", Kind: option.Text("a directory")},
	{Name: "checkpointLocation", Doc: "directory of the checkpoint", Kind: option.Text("a directory")},
	{Name: "maxRecordsPerFile", Doc: "maximum number of records per part file", Kind: option.Text("a whole number; 0 or less for no limit"), Default: "0"},
	{Name: "retention", Effect: job.Refused},
}

// written returns specs for a codec's writing options. As in Spark, options that apply only to reading are accepted and have
// no effect.
func written(c *codec.Codec) []job.OptionSpec {
	var out []job.OptionSpec
	for _, o := range c.Options {
		effect := job.Implemented
		if o.Effect&codec.Write == 0 {
			effect = job.NoEffect
		}
		for _, name := range append([]string{o.Name}, o.Aliases...) {
			out = append(out, job.OptionSpec{Name: name, Doc: o.Doc, Effect: effect, Kind: o.Kind, Default: o.Default})
		}
	}
	return out
}
