package job

import (
	"cmp"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Errors lists the mistakes of a job.
type Errors []*sparkerr.Error

// Error returns one line per mistake.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the individual errors.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// err sorts es by position and returns it, or nil if it is empty.
func (es Errors) err() error {
	if len(es) == 0 {
		return nil
	}
	es.sort()
	return es
}

// sort orders the errors by position.
func (es Errors) sort() {
	slices.SortStableFunc(es, func(a, b *sparkerr.Error) int {
		if a.Place == nil || b.Place == nil {
			return 0
		}
		return cmp.Or(cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Col, b.Place.Col))
	})
}

// add appends an error with the given place and returns it, so that the caller can set a hint.
func (es *Errors) add(at *sparkerr.Place, e *sparkerr.Error) *sparkerr.Error {
	if e.Place == nil {
		e.Place = at
	}
	*es = append(*es, e)
	return e
}

// addf appends an error without a Spark condition.
func (es *Errors) addf(at *sparkerr.Place, format string, args ...any) *sparkerr.Error {
	return es.add(at, sparkerr.Plain(format, args...))
}
