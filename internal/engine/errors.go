package engine

import (
	"cmp"
	"errors"
	"strings"

	"github.com/streamctl/streamctl/internal/fileuri"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/vector"
)

// inBatch adds to an error which record of a batch it belongs to. in is the reader that the record is from; nil when it is not known.
func (q *query) inBatch(b *batch, err error, in vector.Reader) error {
	e := deepest(err)
	if e == nil {
		return err
	}
	c := *e
	row := sparkerr.Row{}
	if c.Row != nil {
		row = *c.Row
	}
	row.Stream, row.Batch = q.stream.Name, b.context.ID
	var at *vector.RecordError
	if errors.As(err, &at) && row.Line == 0 {
		row.Column, row.Value = cmp.Or(row.Column, at.Column), cmp.Or(row.Value, at.Value)
		row.Line = lineOf(at, in)
		if at.File != nil {
			row.File = at.File.Path
		}
	}
	if row.File == "" {
		row.File = failedFile(err)
	}
	c.Row = &row
	return &c
}

// failedFile is the file that reading failed on, from the wrapper around the reason.
func failedFile(err error) string {
	for {
		var e *sparkerr.Error
		if !errors.As(err, &e) {
			return ""
		}
		if path := e.Params["path"]; strings.HasPrefix(e.Condition, "FAILED_READ_FILE.") && path != "-" {
			return fileuri.ToPath(path)
		}
		err = e.Cause
	}
}

// reported is the error that users see of a failed query: the innermost one with a condition, or STREAM_FAILED around one
// that Spark raises as a plain Java exception.
func (q *query) reported(err error) error {
	r := reported(err)
	if e, ok := r.(*sparkerr.Error); ok && e.Row == nil && len(q.job.Streams) > 1 { //nolint:errorlint // made by reported
		e.Row = &sparkerr.Row{Stream: q.stream.Name, Batch: q.next}
	}
	return r
}

func reported(err error) error {
	e := deepest(err)
	if e == nil {
		return err
	}
	c := *e
	if c.Condition == "" {
		c.Condition = "STREAM_FAILED"
	}
	return &c
}

// deepest is the error that says why (sparkerr.Root), with what the ones around it add: hint, place, row, text.
func deepest(err error) *sparkerr.Error {
	root := sparkerr.Root(err)
	if root == nil {
		return nil
	}
	c := *root
	for outer := err; ; {
		var e *sparkerr.Error
		if !errors.As(outer, &e) || e == root {
			return &c
		}
		c.Hint = cmp.Or(c.Hint, e.Hint)
		c.Place = cmp.Or(c.Place, e.Place)
		c.Row = cmp.Or(c.Row, e.Row)
		c.Fragment = cmp.Or(c.Fragment, e.Fragment)
		outer = e.Cause
	}
}

// lineOf is the line of a record, as far as its reader knows.
func lineOf(at *vector.RecordError, in vector.Reader) int64 {
	if l, ok := in.(sources.Locator); ok && at.Line == 0 && at.Offset >= 0 {
		return l.LineAt(at.Offset)
	}
	return at.Line
}
