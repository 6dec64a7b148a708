package engine

import (
	"errors"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// An unknownColumns is the error of a stream that cannot be analysed where its data is not.
type unknownColumns struct{ error }

// Unwrap returns the error that an analysis without the data ended with.
func (e *unknownColumns) Unwrap() error { return e.error }

// note tells that a stream is not checked further, and why.
func (e *unknownColumns) note(s *job.Stream) error {
	what := "the stream"
	if s.Name != "" {
		what += " " + s.Name
	}
	inner, _ := errors.AsType[*sparkerr.Error](e.error)
	at := inner.Place
	if at == nil && inner.Fragment != nil {
		at = inner.Fragment.Place
	}
	return sparkerr.At(sparkerr.Plain("%s is not checked further: %s", what, inner.Sentence()).
		WithHint("give the schema of all data, with the columns of directories k=v, and it is checked everywhere"), at)
}

// columnsOf determines the columns of the source. Where the data may be elsewhere (Env.Missing), a path that does not exist counts as an empty
// directory, and so does one on another file system.
func (in *input) columnsOf(q *query) (sources.Columns, error) {
	columns := in.format.Columns
	if in.static {
		columns = in.format.Tables.Columns
	}
	found, err := columns(q.env.FS, q.job, in.spec)
	remote := !job.Local(in.spec.Path)
	if !hasCondition(err, "PATH_NOT_FOUND") || !remote && q.env.Missing == nil {
		return found, err
	}
	path, pathErr := q.job.Absolute(in.spec.Path)
	if pathErr != nil {
		return found, err
	}
	q.elsewhere = true
	if !remote {
		q.env.Missing(sparkerr.At(sparkerr.Plain("%s does not exist on this machine", path).WithHint("a run needs it"), in.spec.PathPlace))
	}
	if in.static && !in.spec.Schema.Given && in.format.Codec.KnownColumns(in.spec.Options.Values()) == nil {
		return found, &unknownColumns{sparkerr.At(sparkerr.Plain("the columns of %s are inferred from its files", in.spec.Path), in.spec.Place)}
	}
	return columns(storage.EmptyDir(q.env.FS, path), q.job, in.spec)
}

// perhapsElsewhere marks an error that may be due to data that is elsewhere: a column can come from the names of directories.
func (q *query) perhapsElsewhere(err error) error {
	if !q.elsewhere {
		return err
	}
	e, ok := errors.AsType[*sparkerr.Error](err)
	if ok && strings.HasPrefix(e.Condition, "UNRESOLVED_COLUMN.") {
		return &unknownColumns{err}
	}
	return err
}

func hasCondition(err error, condition string) bool {
	e, ok := errors.AsType[*sparkerr.Error](err)
	return ok && e.Condition == condition
}
