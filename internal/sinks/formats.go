package sinks

import (
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
)

// Formats is the table of sink formats. With the path "-" csv, json, tsv, text and arrow write to standard output.
var Formats = job.Formats{
	{Name: "console", Doc: "prints each micro-batch as a table", Options: []job.OptionSpec{
		{Name: "numRows", Doc: "rows to print (20; with dstream 10)"},
		{Name: "truncate", Doc: "true (default): cells of at most 20 characters; false: all"},
		{Name: "maxWidth", Doc: "longest cell, in characters (not in Spark)"},
		{Name: "checkpointLocation", Doc: "directory of the checkpoint"},
	}},
	{Name: "csv", Doc: "CSV files, or lines on standard output", Options: slices.Concat(fileOptions, written(csv.Table))},
	{Name: "json", Doc: "JSON lines in files or on standard output", Options: slices.Concat(fileOptions, written(json.Table))},
	{Name: "text", Doc: "one STRING column as lines, in files or on standard output", Options: slices.Concat(fileOptions, written(text.Table))},
	{Name: "tsv", Doc: "tab-separated lines on standard output", Options: written(csv.Table)},
	{Name: "parquet", Doc: "Parquet files", Options: slices.Concat(fileOptions, written(parquet.Table))},
	{Name: "arrow", Doc: "an Arrow IPC stream on standard output"},
	{Name: "noop", Doc: "evaluates every row and drops it", Options: []job.OptionSpec{
		{Name: "checkpointLocation", Doc: "directory of the checkpoint"},
	}},
	{Name: "orc", Missing: true}, {Name: "avro", Missing: true}, {Name: "xml", Missing: true},
	{Name: "kafka", Missing: true}, {Name: "memory", Missing: true}, {Name: "delta", Missing: true},
	{Name: "foreachBatch", Missing: true},
}

var fileOptions = []job.OptionSpec{
	{Name: "path", Doc: "directory"},
	{Name: "checkpointLocation", Doc: "directory of the checkpoint"},
	{Name: "maxRecordsPerFile", Doc: "most records of a part file (no limit)"},
	{Name: "retention", Effect: job.Refused},
}

// written makes specs of a codec's options for writing; those for reading only have no effect, as in Spark.
func written(table []codec.Option) []job.OptionSpec {
	var out []job.OptionSpec
	for _, o := range table {
		effect := job.Implemented
		if o.Effect&codec.Write == 0 {
			effect = job.NoEffect
		}
		for _, name := range append([]string{o.Name}, o.Aliases...) {
			out = append(out, job.OptionSpec{Name: name, Doc: o.Doc, Effect: effect})
		}
	}
	return out
}
