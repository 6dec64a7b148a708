package engine

import (
	"context"
	"path/filepath"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sources/file"
	"github.com/streamctl/streamctl/internal/sources/rate"
	"github.com/streamctl/streamctl/internal/sources/socket"
	"github.com/streamctl/streamctl/internal/sources/stdin"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/types"
)

// Columns are the columns that a source yields.
type columns struct {
	schema     *types.Schema
	partitions int  // how many columns at the end come from the names of directories
	inferred   bool // the schema that the user gave names none of these
}

// sourceColumns returns the columns of a source. Its errors are those that Spark raises when a stream is defined.
func sourceColumns(j *job.Job, s *job.Source) (columns, error) {
	f, ok := sources.Formats.Find(s.Format)
	if !ok || f.Missing {
		return columns{}, at(sparkerr.New("DATA_SOURCE_NOT_FOUND", "provider", s.Format), s.Place)
	}
	switch f.Name {
	case "socket":
		o, err := socket.ParseOptions(s.Options)
		if err != nil {
			return columns{}, at(err, s.Place)
		}
		if s.Schema.Given {
			return columns{}, at(sparkerr.Plain("TextSocketSourceProvider source does not support user-specified schema."), s.Schema.Place)
		}
		return columns{schema: o.Schema()}, nil
	case "rate", "rate-micro-batch":
		_, err := rate.ParseOptions(f.Name, s.Options)
		return columns{schema: rate.Schema()}, at(err, s.Place)
	}
	return fileColumns(j, s, f.Name)
}

// fileColumns returns the columns of files or standard input, after checking that the path exists.
func fileColumns(j *job.Job, s *job.Source, format string) (columns, error) {
	path := s.Path
	if path == "" {
		return columns{}, at(sparkerr.Plain("'path' is not specified."), s.Place)
	}
	if path != "-" {
		var err error
		if path, err = absolute(j, path); err != nil {
			return columns{}, err
		}
		if err := file.Check(path); err != nil {
			return columns{}, at(err, s.PathPlace)
		}
	}
	schema, err := s.Schema.Types()
	if err != nil {
		return columns{}, at(err, s.Schema.Place)
	}
	partitions, err := partitionColumns(j, s, path, schema)
	switch {
	case err != nil:
		return columns{}, at(err, s.PathPlace)
	case schema == nil:
		schema = sources.Codec(format).KnownColumns(s.Options.Values())
	}
	if schema == nil {
		return columns{}, at(sparkerr.New("_LEGACY_ERROR_TEMP_2048"), s.Place)
	}
	inferred := !file.NamesAny(schema, partitions)
	schema = file.WithPartitions(nullable(schema), partitions)
	return columns{schema, len(partitions), inferred}, at(codec.CheckColumns(schema), s.Schema.Place)
}

// partitionColumns returns the columns that come from directories k=v. Discretized streams have none.
func partitionColumns(j *job.Job, s *job.Source, path string, schema *types.Schema) ([]types.Field, error) {
	if path == "-" || j.Mode == job.DStream {
		return nil, nil
	}
	zone, err := transform.SessionZone(j.Conf)
	if err != nil {
		return nil, err
	}
	return file.Partitions(path, s.Options, schema, zone)
}

// nullable drops NOT NULL: files cannot promise it. (Spark: asNullable.)
func nullable(s *types.Schema) *types.Schema {
	fields := append([]types.Field(nil), s.Fields...)
	for i := range fields {
		fields[i].Nullable = true
	}
	return &types.Schema{Fields: fields}
}

func absolute(j *job.Job, path string) (string, error) { return filepath.Abs(j.Resolve(path)) }

// at adds a place to an error that has none.
func at(err error, place *sparkerr.Place) error {
	if e, ok := err.(*sparkerr.Error); ok && e != nil && e.Place == nil { //nolint:errorlint // only the error itself
		c := *e
		c.Place = place
		return &c
	}
	return err
}

// openSource starts a source. What it finds wrong is what Spark finds once the query runs.
func openSource(ctx context.Context, j *job.Job, s *job.Source, env *sources.Env) (sources.Source, error) {
	f, _ := sources.Formats.Find(s.Format)
	switch f.Name {
	case "socket":
		o, err := socket.ParseOptions(s.Options)
		if err != nil {
			return nil, err
		}
		return orNil(socket.New(ctx, o, env))
	case "rate", "rate-micro-batch":
		o, err := rate.ParseOptions(f.Name, s.Options)
		if err != nil {
			return nil, err
		}
		if f.Name == "rate-micro-batch" {
			return rate.NewMicroBatch(o), nil
		}
		return orNil(rate.New(o, env))
	}
	d, err := sources.Codec(f.Name).NewDecoder(s.Options.Values(), env.DataSchema())
	if err != nil {
		return nil, err
	}
	if s.Path == "-" {
		return stdin.New(d, env), nil
	}
	path, err := absolute(j, s.Path)
	if err != nil {
		return nil, err
	}
	return orNil(file.New(path, s.Options, d, env))
}

// orNil keeps a nil pointer from becoming a source that is not nil.
func orNil[S sources.Source](s S, err error) (sources.Source, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
