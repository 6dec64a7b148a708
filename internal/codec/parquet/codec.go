package parquet

import (
	"io"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Codec is the format parquet.
var Codec = &codec.Codec{
	Name: "parquet", Options: Table,
	Reading: codec.Reading{
		Doc:   "Parquet files, columns by name",
		Check: codec.Checks(ParseOptions), NewDecoder: codec.Decodes(ParseOptions, CheckSchema, newDecoder), Infer: infer,
		Extensions: []string{".parquet"}, Pushdown: "spark.sql.parquet.filterPushdown", NumbersRows: true,
		NotStreamed:   "Parquet cannot be read from standard input: the schema is at the end of the file",
		InferDefaults: map[string]string{"mergeSchema": "spark.sql.parquet.mergeSchema"},
	},
	Writing: codec.Writing{
		Doc: "Parquet files, or one on standard output", File: file, Stream: file, Binary: true,
		NoAppend: "readers of Parquet would only find the new rows",
	},
}

func newDecoder(o *Options) *codec.Decoder {
	footers := new(Footers)
	return &codec.Decoder{Splittable: true, NewReader: func(scan *codec.Scan, in codec.Input) (vector.Reader, error) {
		return NewReader(in, o, scan, footers)
	}}
}

// infer reads the schema of the first file, and with mergeSchema adds the columns that only others have.
func infer(files []codec.Input, options map[string]string, _ *datetime.Zone) (*types.Schema, error) {
	if len(files) == 0 {
		return &types.Schema{}, nil
	}
	merge, err := codec.NewValues(options).Bool("mergeSchema", false)
	if err != nil {
		return nil, err
	}
	if !merge {
		files = files[:1]
	}
	var whole *types.Schema
	for _, f := range files {
		s, err := schemaOf(&f)
		if err != nil {
			return nil, err
		}
		if whole == nil {
			whole = s
			continue
		}
		merged, conflict, ok := types.MergeSchemas(whole, s)
		if !ok {
			return nil, sparkerr.Plain("the schemas of the files cannot be merged: %s has another type for %s than the files before it", f.File.Path, conflict).
				WithHint("give the schema, or read the files of each type by themselves (pathGlobFilter)")
		}
		whole = merged
	}
	return whole, nil
}

func schemaOf(in *codec.Input) (*types.Schema, error) {
	f, err := in.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	at, ok := f.(io.ReaderAt)
	if !ok {
		return nil, sparkerr.Plain("the schema of %s, a compressed Parquet file, cannot be inferred", in.File.Path).WithHint("give the schema")
	}
	s, err := Schema(at, in.File.Size)
	if err != nil {
		return nil, codec.ReadFailed(in.File, err)
	}
	return s, nil
}

// file has partitions encode row groups concurrently, from which a joiner assembles a part.
func file(r codec.Rows) (*codec.Encoding, error) {
	o, err := ParseWriteOptions(r.Options, r.Conf)
	if err == nil {
		err = CheckSchema(&types.Schema{Fields: r.Fields})
	}
	if err != nil {
		return nil, err
	}
	return &codec.Encoding{
		Suffix: o.Extension(), Compression: compress.None,
		Encoder: func() (codec.Encoder, error) { return NewEncoder(r.Fields, o) },
		Joiner:  func() (codec.Joiner, error) { return NewJoiner(r.Fields, o) },
	}, nil
}
