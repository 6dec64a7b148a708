package file

import (
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// tables describes how files are read as tables.
func (f format) tables() *sources.Tables {
	return &sources.Tables{
		CheckOptions: func(options job.Options, conf map[string]string) error {
			_, _, err := parseTableOptions(options, conf)
			return errors.Join(f.codec.Check(options.Values()), err)
		},
		Ignored: ignoredByTables, Columns: f.tableColumns, Open: f.openTable,
	}
}

func (f format) openTable(j *job.Job, s *job.Source, env *sources.Env) (sources.Table, error) {
	d, err := f.codec.NewDecoder(s.Options.Values(), env.DataSchema())
	if err != nil {
		return nil, err
	}
	path, err := j.Absolute(s.Path)
	if err != nil {
		return nil, err
	}
	t, err := NewTable(path, s.Options, d, env)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// tableColumns returns the columns of a table: those of its schema, or what its files have.
func (f format) tableColumns(fsys storage.FS, j *job.Job, s *job.Source) (sources.Columns, error) {
	if s.Path == "-" {
		return sources.Columns{}, sparkerr.At(sparkerr.Plain("a table cannot come from standard input: it is read more than once").
			WithHint("write it into a file first"), s.PathPlace)
	}
	if s.Path != "" {
		if err := missingTable(fsys, j, s); err != nil {
			return sources.Columns{}, sparkerr.At(err, s.PathPlace)
		}
	}
	common := *s
	common.Options = commonOptions(s.Options)
	given, err := s.Schema.Types()
	if err != nil || given != nil || s.Path == "" || f.codec.KnownColumns(s.Options.Values()) != nil {
		return f.columns(fsys, j, &common)
	}
	path, err := j.Absolute(s.Path)
	if err != nil {
		return sources.Columns{}, err
	}
	schema, err := f.infer(fsys, j, s, path)
	if err != nil {
		return sources.Columns{}, sparkerr.At(err, s.PathPlace)
	}
	return f.withPartitions(fsys, j, &common, path, schema)
}

// missingTable returns the error for a path that names nothing.
func missingTable(fsys storage.FS, j *job.Job, s *job.Source) error {
	path, err := j.Absolute(s.Path)
	if err != nil {
		return err
	}
	err = Check(fsys, path)
	if e, ok := errors.AsType[*sparkerr.Error](err); ok && e.Condition == "PATH_NOT_FOUND" {
		e.Hint = "a table is read before the first batch: name a file, a directory or a pattern"
	}
	return err
}

// infer finds out the columns from the files of an absolute path. As in Spark, those of csv are STRING without the option inferSchema.
func (f format) infer(fsys storage.FS, j *job.Job, s *job.Source, path string) (*types.Schema, error) {
	zone, err := j.Zone()
	if err != nil {
		return nil, err
	}
	files, err := tableFiles(fsys, path, s.Options, j.Conf)
	if err != nil {
		return nil, err
	}
	options := sources.InferOptions(f.codec, s.Options, j.Conf)
	if i := slices.IndexFunc(f.codec.Options, func(o codec.Option) bool { return o.Name == inferSchema }); i >= 0 {
		options = append(job.Options{{Name: inferSchema, Value: f.codec.Options[i].Default}}, options...)
	}
	schema, err := sources.InferSchema(fsys, f.codec, options, zone, files)
	if err == nil && len(schema.Fields) == 0 {
		err = sparkerr.New("UNABLE_TO_INFER_SCHEMA", "format", f.codec.Name).WithHint("%s has no records: give the columns of the table as its schema", s.Path)
	}
	return schema, err
}

// inferSchema is the option that has types inferred.
const inferSchema = "inferSchema"

// tableFiles lists the files that are there now and not empty.
func tableFiles(fsys storage.FS, path string, opts job.Options, conf map[string]string) ([]string, error) {
	_, within, err := parseTableOptions(opts, conf)
	if err != nil {
		return nil, err
	}
	files, err := Files(fsys, path, commonOptions(opts))
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, func(path string) bool {
		st, err := fsys.Stat(path)
		return err == nil && !within.has(st.ModTime)
	})
	if len(files) == 0 && isGlob(path) {
		return nil, noneMatch(path)
	}
	return files, nil
}
