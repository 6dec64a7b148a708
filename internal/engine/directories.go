package engine

import (
	"errors"
	"strings"

	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources/file"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
)

// DirectoriesOnSpark finds the sources whose sub directories k=v mean something else to Apache Spark, which looks through everything
// below a path. The error joins one for each of them.
func DirectoriesOnSpark(j *job.Job) error {
	var errs []error
	for _, s := range j.Streams {
		for _, in := range j.SourcesOf(s) {
			if _, ok := formats.Sources.Find(in.Format); ok && readsFiles(in) {
				errs = append(errs, sparkerr.At(directoriesOnSpark(j, in), in.PathPlace))
			}
		}
	}
	return errors.Join(errs...)
}

// readsFiles reports whether a source reads files on this machine.
func readsFiles(s *job.Source) bool {
	return s.Path != "" && s.Path != "-" && job.Local(s.Path)
}

func directoriesOnSpark(j *job.Job, s *job.Source) error {
	path, err := j.Absolute(s.Path)
	if err != nil {
		return err
	}
	schema, err := s.Schema.Types()
	if err != nil {
		return err
	}
	zone, err := j.Zone()
	if err != nil {
		return err
	}
	here, err := file.Partitions(storage.OS, path, s.Options, schema, zone)
	if err != nil {
		return err
	}
	there, err := file.PartitionsOnSpark(storage.OS, path, s.Options, schema, zone)
	if err != nil || len(here) == len(there) {
		return err
	}
	return sparkerr.Plain("Spark takes sub directories of %s for partitions: it adds %s, and reads no file that lies beside them", path, columnsOf(there)).
		WithHint("read a directory without them, or put all files into them")
}

func columnsOf(fields []types.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	if len(names) == 1 {
		return "the column " + names[0]
	}
	return "the columns " + strings.Join(names, ", ")
}
