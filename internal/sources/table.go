package sources

import (
	"context"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/storage"
)

// A Table is files that are read as a whole, anew for each batch that finds them changed. One goroutine calls its methods, but partitions are opened
// and read by workers.
type Table interface {
	// Version lists the files and returns a text that differs once a file was added, removed, replaced or written to.
	Version(ctx context.Context) (string, error)
	// Plan returns the partitions of all rows of the files that Version has listed, in Spark's order.
	Plan(ctx context.Context, scan *Scan) ([]Partition, error)
	// Recheck is called when all partitions were read. It returns ErrChanged if a file changed meanwhile: Version and Plan come again then.
	Recheck(ctx context.Context) error
}

// Tables describes how a format reads tables. Options that only concern streams have no effect.
type Tables struct {
	// CheckOptions finds what Open refuses of the options, whatever the columns.
	CheckOptions func(options job.Options, conf map[string]string) error
	// Ignored lists the names of the options given that have no effect on a table.
	Ignored func(options job.Options) []string
	// Columns returns the columns of a table, whose files are in fsys. Unless the schema is given, they are inferred from the files, which takes the
	// time to read them all in some formats.
	Columns func(fsys storage.FS, j *job.Job, s *job.Source) (Columns, error)
	// Open prepares for reading. Of env, it does not use the checkpoint.
	Open func(j *job.Job, s *job.Source, env *Env) (Table, error)
}
