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
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Formats is the table of source formats. With the path "-" csv, json and text read standard input.
var Formats = job.Formats{
	{Name: "csv", Doc: "CSV files in a directory or glob, or standard input", Options: slices.Concat(fileOptions, read(csv.Table))},
	{Name: "json", Doc: "files of JSON, a record per line, or standard input", Options: slices.Concat(fileOptions, read(json.Table))},
	{Name: "text", Doc: "lines of files or of standard input, in the column value", Options: slices.Concat(fileOptions, partitionZone, read(text.Table))},
	{Name: "parquet", Doc: "Parquet files, columns by name", Options: slices.Concat(fileOptions, partitionZone, read(parquet.Table))},
	{Name: "socket", Doc: "lines from the network, in the column value", Options: []job.OptionSpec{
		{Name: "host", Doc: "server to connect to"},
		{Name: "port", Doc: "its port"},
		{Name: "includeTimestamp", Doc: "add the column timestamp: when a line came"},
		{Name: "listen", Doc: "[HOST]:PORT to wait for connections on (not in Spark)"},
		{Name: "reconnect", Doc: "connect again when the server goes away (not in Spark)"},
		maxLineBytes, rejectsPath, maxBadRows,
	}},
	{Name: "rate", Doc: "rows at a rate per second: timestamp, value", Options: []job.OptionSpec{
		{Name: "rowsPerSecond", Doc: "rows per second (1)"},
		{Name: "rampUpTime", Doc: "time until that rate is reached (0s)"},
		{Name: "numPartitions", Doc: "tasks that share the rows (1)"},
	}},
	{Name: "rate-micro-batch", Doc: "rows at a rate per batch: timestamp, value", Options: []job.OptionSpec{
		{Name: "rowsPerBatch", Doc: "rows per batch, required"},
		{Name: "startTimestamp", Doc: "timestamp of the first batch, in milliseconds (0)"},
		{Name: "advanceMillisPerBatch", Doc: "milliseconds from batch to batch (1000)"},
		{Name: "numPartitions", Doc: "tasks that share the rows (1)"},
	}},
	{Name: "orc", Missing: true}, {Name: "avro", Missing: true}, {Name: "xml", Missing: true},
	{Name: "binaryFile", Missing: true}, {Name: "kafka", Missing: true}, {Name: "delta", Missing: true},
}

// Options about malformed records.
var (
	maxLineBytes = job.OptionSpec{Name: job.MaxLineBytes, Doc: "longest record; a longer one is malformed (268435456; not in Spark)"}
	rejectsPath  = job.OptionSpec{Name: job.RejectsPath, Doc: "file of JSON lines that lists malformed records (not in Spark)"}
	maxBadRows   = job.OptionSpec{Name: job.MaxBadRows, Doc: "most malformed records; more fail the query (no limit; not in Spark)"}
)

// fileOptions are those of every file source.
var fileOptions = []job.OptionSpec{
	{Name: "path", Doc: "directory, glob or file"},
	{Name: "maxFilesPerTrigger", Doc: "most files per batch"},
	{Name: "maxBytesPerTrigger", Doc: "most bytes per batch; one file is always taken"},
	{Name: "latestFirst", Doc: "take the newest files first (false)"},
	{Name: "maxFileAge", Doc: "age, against the newest file, from which on files are ignored (7d)"},
	{Name: "fileNameOnly", Doc: "files with the same name are the same file (false)"},
	{Name: "maxCachedFiles", Doc: "files kept from a listing for the next batches (10000)"},
	{Name: "discardCachedInputRatio", Doc: "share of a batch below which the kept files are listed again (0.2)"},
	maxLineBytes, rejectsPath, maxBadRows,
	{Name: "pathGlobFilter", Doc: "glob that file names must match"},
	{Name: "recursiveFileLookup", Doc: "look into all subdirectories (false)"},
	{Name: "ignoreMissingFiles", Doc: "files that vanish before they are read have no rows (false)"},
	{Name: "ignoreCorruptFiles", Doc: "leave out the rest of a damaged file (false)"},
	{Name: "cleanSource", Doc: "what becomes of files that were processed: off (default), archive or delete"},
	{Name: "sourceArchiveDir", Doc: "directory for archived files, which keep their whole path below it"},
	{Name: "ignoredPathSegmentRegex", Doc: "names of files and directories that do not count (^[._]); empty: all count"},
	{Name: "basePath", Doc: "directory below which partition directories begin, where path is a glob"},
	{Name: "ignoreInvalidPartitionPaths", Doc: "partition directories may begin at several places (false)"},
	{Name: "modifiedBefore", Doc: "not allowed in streams"},
	{Name: "modifiedAfter", Doc: "not allowed in streams"},
}

// partitionZone is an option of every file source; csv and json have it for their own timestamps, too.
var partitionZone = []job.OptionSpec{{Name: "timeZone", Doc: "zone of timestamps in the names of partition directories"}}

// read makes specs of a codec's options for reading; those for writing only have no effect, as in Spark.
func read(table []codec.Option) []job.OptionSpec {
	var out []job.OptionSpec
	for _, o := range table {
		effect := job.Implemented
		switch {
		case o.Effect&codec.Refused != 0:
			effect = job.Refused
		case o.Effect&codec.Read == 0:
			effect = job.NoEffect
		}
		for _, name := range append([]string{o.Name}, o.Aliases...) {
			out = append(out, job.OptionSpec{Name: name, Doc: o.Doc, Effect: effect})
		}
	}
	return out
}

// NewDecoder checks the options and the schema of a format's reader.
func NewDecoder(format string, options job.Options, schema *types.Schema) (*Decoder, error) {
	values := make(map[string]string, len(options))
	for _, o := range options {
		values[o.Name] = o.Value
	}
	switch format {
	case "csv":
		return csvDecoder(values, schema)
	case "json":
		return jsonDecoder(values, schema)
	case "parquet":
		return parquetDecoder(values, schema)
	}
	return textDecoder(values, schema)
}

func csvDecoder(values map[string]string, schema *types.Schema) (*Decoder, error) {
	o, err := csv.ParseOptions(values)
	if err != nil {
		return nil, err
	}
	if err := csv.CheckSchema(schema); err != nil {
		return nil, err
	}
	return decoder(values, !o.MultiLine(), o.LineEnd(), func(scan *codec.Scan, in codec.Input) (vector.Reader, error) {
		return csv.NewReader(in, o, scan)
	}), nil
}

func jsonDecoder(values map[string]string, schema *types.Schema) (*Decoder, error) {
	o, err := json.ParseOptions(values)
	if err != nil {
		return nil, err
	}
	if err := json.CheckSchema(schema); err != nil {
		return nil, err
	}
	return decoder(values, !o.MultiLine(), o.LineEnd(), func(scan *codec.Scan, in codec.Input) (vector.Reader, error) {
		return json.NewReader(in, o, scan)
	}), nil
}

func parquetDecoder(values map[string]string, schema *types.Schema) (*Decoder, error) {
	o, err := parquet.ParseOptions(values)
	if err != nil {
		return nil, err
	}
	if err := parquet.CheckSchema(schema); err != nil {
		return nil, err
	}
	footers := new(parquet.Footers)
	return &Decoder{Splittable: true, NewReader: func(scan *codec.Scan, in codec.Input) (vector.Reader, error) {
		return parquet.NewReader(in, o, scan, footers)
	}}, nil
}

func textDecoder(values map[string]string, schema *types.Schema) (*Decoder, error) {
	o, err := text.ParseOptions(values)
	if err != nil {
		return nil, err
	}
	if err := text.CheckSchema(schema); err != nil {
		return nil, err
	}
	sep := o.LineSep()
	return &Decoder{
		Splittable: !o.WholeText() && !codec.Overlaps(sep), LineEnds: !o.WholeText() && (sep == nil || string(sep) == "\n"), Separator: counted(sep),
		NewReader: func(scan *codec.Scan, in codec.Input) (vector.Reader, error) { return text.NewReader(in, o, scan) },
	}, nil
}

// counted is what ends a line whose number is told: lines of Windows are those that editors count.
func counted(sep []byte) []byte {
	if string(sep) == "\r\n" {
		return nil
	}
	return sep
}

// decoder works out where inputs can be cut. lines: a record never spans lines, which end in lineEnd.
func decoder(values map[string]string, lines bool, lineEnd []byte, newReader func(*codec.Scan, codec.Input) (vector.Reader, error)) *Decoder {
	v := codec.NewValues(values)
	charset, _ := v.Lookup("encoding", "charset")
	if strings.HasPrefix(strings.ToUpper(charset), "UTF-16") || strings.HasPrefix(strings.ToUpper(charset), "UTF-32") {
		lines = false
	}
	sep := v.Text("lineSep", "\n")
	return &Decoder{
		Splittable: lines && !codec.Overlaps([]byte(sep)), LineEnds: lines && sep == "\n", Separator: counted(lineEnd), NewReader: newReader,
	}
}
