package json

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Codec is the format json.
var Codec = &codec.Codec{
	Name: "json", Options: Table,
	Reading: codec.Reading{
		Doc:   "files of JSON, a record per line, or standard input",
		Check: codec.Checks(ParseOptions), NewDecoder: codec.Decodes(ParseOptions, CheckSchema, newDecoder), Infer: codec.Infers(ParseOptions, InferSchema),
		Extensions: []string{".json", ".jsonl", ".ndjson"}, Pushdown: "spark.sql.json.filterPushdown.enabled", KeepsRecords: true, NamesFields: true,
		Diagnosis:  diagnosis,
		NotRecords: "some lines are not JSON; the column %s holds them (--option multiLine=true reads values that span lines, mode=DROPMALFORMED drops such records)",
	},
	Writing: codec.Writing{Doc: "JSON lines in files or on standard output", File: file, Stream: lines},
}

func newDecoder(o *Options) *codec.Decoder {
	return codec.LineDecoder(o.values, !o.MultiLine(), o.LineEnd(), func(scan *codec.Scan, in codec.Input) (vector.Reader, error) {
		return NewReader(in, o, scan)
	})
}

func file(r codec.Rows) (*codec.Encoding, error) {
	return codec.ToFiles(".json", r, []string{"compression"}, encoders(r, CheckTypes))
}

func lines(r codec.Rows) (*codec.Encoding, error) {
	return codec.ToStream(encoders(r, func([]types.Field) error { return nil })), nil
}

func encoders(r codec.Rows, checkTypes func([]types.Field) error) func() (codec.Encoder, error) {
	parse := func() (*WriteOptions, error) {
		o, err := ParseWriteOptions(r.Options)
		if err == nil {
			err = checkTypes(r.Fields)
		}
		return o, err
	}
	return codec.Encoders(parse, func(o *WriteOptions) (codec.Encoder, error) { return NewEncoder(r.Fields, o, r.Zone) })
}
