package sources

import (
	"errors"
	"io"
	"os"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// InferSchema finds out the columns of files by Spark's rules: csv and json from all records, or the share that samplingRatio
// says, Parquet from the footer of the first file, or with mergeSchema of all files.
func InferSchema(format string, options job.Options, zone *datetime.Zone, paths []string) (*types.Schema, error) {
	if format == "parquet" {
		return parquetSchemas(paths, options)
	}
	inputs := make([]codec.Input, len(paths))
	for i, path := range paths {
		inputs[i] = inputOf(path)
	}
	values := valuesOf(options)
	scan := &codec.Scan{Zone: zone}
	switch format {
	case "csv":
		o, err := csv.ParseOptions(values)
		if err != nil {
			return nil, err
		}
		return csv.InferSchema(inputs, o, scan)
	case "json":
		o, err := json.ParseOptions(values)
		if err != nil {
			return nil, err
		}
		return json.InferSchema(inputs, o, scan)
	case "text":
		return &types.Schema{Fields: []types.Field{{Name: "value", Type: types.String, Nullable: true}}}, nil
	}
	return nil, sparkerr.Plain("the schema of the format %s cannot be inferred", format)
}

func inputOf(path string) codec.Input {
	open := func() (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		r, err := compress.ByPath(path).NewReader(f)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return r, nil
	}
	return codec.Input{File: &vector.File{Path: path}, Open: open, Length: -1}
}

// parquetSchemas reads the schema of the first file, and with mergeSchema adds the columns that only others have.
func parquetSchemas(paths []string, options job.Options) (*types.Schema, error) {
	if len(paths) == 0 {
		return &types.Schema{}, nil
	}
	merge, err := codec.NewValues(valuesOf(options)).Bool("mergeSchema", false)
	if err != nil {
		return nil, err
	}
	if !merge {
		paths = paths[:1]
	}
	var whole *types.Schema
	for _, path := range paths {
		s, err := parquetSchema(path)
		if err != nil {
			return nil, err
		}
		if whole == nil {
			whole = s
			continue
		}
		merged, conflict, ok := types.MergeSchemas(whole, s)
		if !ok {
			return nil, sparkerr.Plain("the schemas of the files cannot be merged: %s has another type for %s than the files before it", path, conflict).
				WithHint("give the schema, or read the files of each type by themselves (pathGlobFilter)")
		}
		whole = merged
	}
	return whole, nil
}

func parquetSchema(path string) (*types.Schema, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s, err := parquet.Schema(f, info.Size())
	if err != nil {
		return nil, codec.ReadFailed(&vector.File{Path: path}, err)
	}
	return s, nil
}
