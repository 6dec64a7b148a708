package csv

import (
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Codec is the format csv.
var Codec = &codec.Codec{
	Name: "csv", Options: Table,
	Reading: codec.Reading{
		Doc:   "CSV files in a directory or glob, or standard input",
		Check: codec.Checks(ParseOptions), NewDecoder: orderedDecoder, Infer: codec.Infers(ParseOptions, InferSchema),
		Extensions: []string{".csv"}, Pushdown: "spark.sql.csv.filterPushdown.enabled", KeepsRecords: true,
		Diagnosis: diagnosis,
	},
	Writing: codec.Writing{Doc: "CSV files, or lines on standard output", File: file, Stream: lines(PlainWriteOptions)},
}

// Tabs is the format tsv of standard output.
var Tabs = &codec.Codec{Name: "tsv", Options: Table, Writing: codec.Writing{
	Doc: "tab-separated lines on standard output", Stream: lines(TabWriteOptions), InFiles: "--output tsv; for files use csv with the option sep: \"\\t\"",
}}

func newDecoder(o *Options) *codec.Decoder {
	return codec.LineDecoder(o.values, !o.MultiLine(), o.LineEnd(), func(scan *codec.Scan, in codec.Input) (vector.Reader, error) {
		return NewReader(in, o, scan)
	})
}

// orderedDecoder returns a decoder that reads in order if there are VARIANTs, whose types depend on earlier values.
func orderedDecoder(options map[string]string, schema *types.Schema) (*codec.Decoder, error) {
	d, err := codec.Decodes(ParseOptions, CheckSchema, newDecoder)(options, schema)
	if err == nil {
		d.InOrder = slices.ContainsFunc(schema.Fields, func(f types.Field) bool { return f.Type.Kind == types.KindVariant })
	}
	return d, err
}

func file(r codec.Rows) (*codec.Encoding, error) {
	suffix, ok := codec.NewValues(r.Options).Lookup("extension")
	if !ok {
		suffix = "csv"
	}
	parse := func() (*WriteOptions, error) { return ParseWriteOptions(r.Options) }
	return codec.ToFiles("."+suffix, r, []string{"compression", "codec"}, codec.Encoders(parse, func(o *WriteOptions) (codec.Encoder, error) {
		return NewEncoder(r.Fields, o, r.Zone)
	}))
}

func lines(options func() *WriteOptions) func(codec.Rows) (*codec.Encoding, error) {
	return func(r codec.Rows) (*codec.Encoding, error) {
		return codec.ToStream(func() (codec.Encoder, error) { return NewEncoder(r.Fields, options(), r.Zone) }), nil
	}
}
