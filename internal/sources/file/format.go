package file

import (
	"context"
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sources/stdin"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// The faces of the source.
var _ interface {
	sources.Waker
	sources.Freezer
	sources.Rechecker
	sources.Committer
	sources.Tidier
} = (*Source)(nil)

var _ interface {
	sources.Waker
	sources.Freezer
	sources.Rechecker
} = (*Follower)(nil)

// Format returns the source format of files that c reads. With the path "-", they come from standard input.
func Format(c *codec.Codec) *sources.Format {
	own := sources.CodecOptions(c)
	shared := slices.DeleteFunc(slices.Clone(specs), func(o job.OptionSpec) bool { // which a codec may have for its own values, too
		return slices.ContainsFunc(own, func(c job.OptionSpec) bool { return c.Name == o.Name })
	})
	f := format{c}
	if f.lines() {
		shared = append(shared, followSpecs...)
	}
	return &sources.Format{
		Format: job.Format{
			Name: c.Name, Doc: c.Reading.Doc, Options: slices.Concat(shared, own), Files: true, Intervals: true,
			SourceRules: job.SourceRules{
				NeedsSchema: f.needsSchema, NotStreamed: c.NotStreamed,
				Stored: func(s *job.Source) (*job.Source, *sparkerr.Error) { return s, nil },
			},
		},
		Codec: c, CheckOptions: f.checkOptions, Columns: f.columns, Open: f.open, OpenInterval: f.openInterval, Tables: f.tables(),
		Resumes: f.resumes,
	}
}

// specs are the options of every file source.
var specs = []job.OptionSpec{
	{Name: "path", Doc: "directory, glob or file", Kind: option.Text("a path"), Incidental: true},
	{Name: "maxFilesPerTrigger", Doc: "most files per batch", Kind: sources.AtLeastOne, Incidental: true},
	{Name: "maxBytesPerTrigger", Doc: "most bytes per batch; one file is always taken", Kind: option.Text("a number of bytes of at least 1, such as 1073741824"), Incidental: true},
	{Name: "latestFirst", Doc: "take the newest files first", Kind: option.Bool, Default: "false"},
	{Name: "maxFileAge", Doc: "age, against the newest file, from which on files are ignored", Kind: sources.Age, Default: "7d"},
	{Name: "fileNameOnly", Doc: "files with the same name are the same file", Kind: option.Bool, Default: "false"},
	{Name: "maxCachedFiles", Doc: "files kept from a listing for the next batches", Kind: sources.AtLeastZero, Default: "10000", Incidental: true},
	{Name: "discardCachedInputRatio", Doc: "share of a batch below which the kept files are listed again", Kind: option.Text("a number from 0 to 1"), Default: "0.2", Incidental: true},
	{Name: job.MaxLineBytes, Doc: "longest record; a longer one is malformed (not in Spark)", Kind: sources.AtLeastOne, Default: "268435456"},
	sources.RejectsPath, sources.MaxBadRows,
	{Name: "pathGlobFilter", Doc: "glob that file names must match", Kind: option.Text("a glob such as *.csv")},
	{Name: "recursiveFileLookup", Doc: "look into all subdirectories", Kind: option.Bool, Default: "false"},
	{Name: "ignoreMissingFiles", Doc: "files that vanish before they are read have no rows", Kind: option.Bool, Default: "false"},
	{Name: "ignoreCorruptFiles", Doc: "leave out the rest of a damaged file", Kind: option.Bool, Default: "false"},
	{Name: "cleanSource", Doc: "what becomes of files that were processed: off, archive or delete", Kind: cleanModes, Default: "off", Incidental: true},
	{Name: "sourceArchiveDir", Doc: "directory for archived files, which keep their whole path below it", Kind: option.Text("a directory"), Incidental: true},
	{Name: "ignoredPathSegmentRegex", Doc: "names of files and directories that do not count; empty: all count", Kind: option.Text("a regular expression of Java, or nothing"), Default: "^[._]"},
	{Name: "basePath", Doc: "directory below which partition directories begin, where path is a glob", Kind: option.Text("a directory")},
	{Name: "ignoreInvalidPartitionPaths", Doc: "partition directories may begin at several places", Kind: option.Bool, Default: "false"},
	{Name: "modifiedBefore", Doc: "not allowed in streams", Kind: option.Text("no value in streams")},
	{Name: "modifiedAfter", Doc: "not allowed in streams", Kind: option.Text("no value in streams")},
	{Name: "timeZone", Doc: "zone of timestamps in the names of partition directories", Kind: option.Zone, Default: "that of the session"},
}

// cleanModes are the values of the option cleanSource.
var cleanModes = option.OneOf("off", "archive", "delete")

// A format is that of files which a codec reads.
type format struct{ codec *codec.Codec }

func (f format) needsSchema(options job.Options) bool {
	return f.codec.KnownColumns(options.Values()) == nil
}

// lines reports whether files hold records in lines, so that they can be followed.
func (f format) lines() bool { return f.codec.NotStreamed == "" }

func (f format) checkOptions(options job.Options, conf map[string]string) error {
	err := errors.Join(f.codec.Check(options.Values()), CheckOptions(options, conf))
	if err == nil && f.lines() {
		err = checkFollow(options, conf)
	}
	return err
}

// resumes refuses the offset of a query that followed its files, or the other way round.
func (f format) resumes(s *job.Source, last sources.Offset) error {
	switch follow := isFollowing(s.Options); {
	case last == "" || s.Path == "-" || follow == isFollowed(last):
		return nil
	case follow:
		return notFollowed(last)
	}
	return followed()
}

// columns returns the columns of files or standard input, after checking that the path exists.
func (f format) columns(fsys storage.FS, j *job.Job, s *job.Source) (sources.Columns, error) {
	var none sources.Columns
	path := s.Path
	if path == "" {
		return none, sparkerr.At(sparkerr.Plain("'path' is not specified."), s.Place)
	}
	if err := followable(j, s); err != nil {
		return none, sparkerr.At(err, s.Place)
	}
	if path != "-" {
		var err error
		if path, err = j.Absolute(path); err != nil {
			return none, err
		}
		if err := checkPath(fsys, path, isFollowing(s.Options)); err != nil {
			return none, sparkerr.At(err, s.PathPlace)
		}
	}
	schema, err := s.Schema.Types()
	if err != nil {
		return none, sparkerr.At(err, s.Schema.Place)
	}
	return f.withPartitions(fsys, j, s, path, schema)
}

// followable refuses to follow what is not files of a structured stream.
func followable(j *job.Job, s *job.Source) error {
	switch {
	case !isFollowing(s.Options):
		return nil
	case s.Path == "-":
		return sparkerr.Plain("standard input is not followed: it is read until it ends").WithHint("leave out follow, or name the file")
	case j.Mode == job.DStream:
		return sparkerr.Plain("a discretized stream does not follow files").WithHint("mode: structured does")
	}
	return nil
}

// withPartitions returns the columns of files with a schema, which is nil if it is not given.
func (f format) withPartitions(fsys storage.FS, j *job.Job, s *job.Source, path string, schema *types.Schema) (sources.Columns, error) {
	var none sources.Columns
	partitions, err := partitionColumns(fsys, j, s, path, schema)
	switch {
	case err != nil:
		return none, sparkerr.At(err, s.PathPlace)
	case schema == nil:
		schema = f.codec.KnownColumns(s.Options.Values())
	}
	if schema == nil {
		return none, sparkerr.At(sparkerr.New("_LEGACY_ERROR_TEMP_2048"), s.Place)
	}
	inferred := !NamesAny(schema, partitions)
	schema = WithPartitions(nullable(schema), partitions)
	return sources.Columns{Schema: schema, Partitions: len(partitions), Inferred: inferred}, sparkerr.At(codec.CheckColumns(schema), s.Schema.Place)
}

// partitionColumns returns the columns that come from directories k=v. Discretized streams have none.
func partitionColumns(fsys storage.FS, j *job.Job, s *job.Source, path string, schema *types.Schema) ([]types.Field, error) {
	if path == "-" || j.Mode == job.DStream {
		return nil, nil
	}
	zone, err := j.Zone()
	if err != nil {
		return nil, err
	}
	return Partitions(fsys, path, s.Options, schema, zone)
}

// nullable drops NOT NULL: files cannot promise it. (Spark: asNullable.)
func nullable(s *types.Schema) *types.Schema {
	fields := append([]types.Field(nil), s.Fields...)
	for i := range fields {
		fields[i].Nullable = true
	}
	return &types.Schema{Fields: fields}
}

func (f format) open(_ context.Context, j *job.Job, s *job.Source, env *sources.Env) (sources.Source, error) {
	return f.opened(j, s, env, func(path string, d *codec.Decoder) (sources.Source, error) {
		if isFollowing(s.Options) {
			src, err := NewFollower(path, s.Options, d, env)
			if err != nil {
				return nil, err
			}
			return src, nil
		}
		src, err := New(path, s.Options, d, env)
		if err != nil {
			return nil, err
		}
		return src, nil
	})
}

func (f format) openInterval(_ context.Context, j *job.Job, s *job.Source, env *sources.Env) (sources.Source, error) {
	return f.opened(j, s, env, func(path string, d *codec.Decoder) (sources.Source, error) {
		src, err := NewInterval(path, s.Options, d, env, j.BatchInterval)
		if err != nil {
			return nil, err
		}
		return src, nil
	})
}

// opened opens standard input, or with open the files of an absolute path.
func (f format) opened(j *job.Job, s *job.Source, env *sources.Env, open func(string, *codec.Decoder) (sources.Source, error)) (sources.Source, error) {
	d, err := f.codec.NewDecoder(s.Options.Values(), env.DataSchema())
	if err != nil {
		return nil, err
	}
	if s.Path == "-" {
		return stdin.New(d, env), nil
	}
	path, err := j.Absolute(s.Path)
	if err != nil {
		return nil, err
	}
	return open(path, d)
}
