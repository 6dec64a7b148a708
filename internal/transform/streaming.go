package transform

import (
	"errors"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// A cut is a step behind which nothing is left.
type cut struct {
	below node
	place *sparkerr.Place
}

// CheckStreaming returns what a streaming query with an output mode may not do, even where the result is never used. A discretized
// stream may, since its batches are RDDs. Each error is a *sparkerr.Error with its place. (Spark: UnsupportedOperationChecker.
// checkForStreaming.)
func (q *Query) CheckStreaming(outputMode string) error {
	var errs []error
	for _, c := range q.cuts {
		errs = appendUnsupported(errs, c.below)
		if strings.EqualFold(outputMode, "update") {
			err := sparkerr.Unstreamable("Limits are not supported on streaming DataFrames/Datasets in Update output mode").
				WithHint("outputMode: append")
			err.Place = c.place
			errs = append(errs, err)
		}
	}
	return errors.Join(appendUnsupported(errs, q.analysed)...)
}

// appendUnsupported looks at the steps in the order in which they are written.
func appendUnsupported(errs []error, n node) []error {
	for _, in := range n.inputs() {
		errs = appendUnsupported(errs, in)
	}
	for _, e := range n.expressions() {
		if id := findRowID(e); id != nil {
			err := sparkerr.Unstreamable("Expression(s): " + id.SQL() + " is not supported with streaming DataFrames/Datasets").
				WithHint("uuid() identifies the rows of a stream")
			err.Fragment = id.Fragment()
			errs = append(errs, err)
		}
	}
	return errs
}

// findRowID finds a call that numbers the rows of a partition, which begins anew with each batch.
func findRowID(e *expr.Expr) (found *expr.Expr) {
	expr.Walk(e, func(x *expr.Expr) bool {
		if found == nil && x.Is("monotonically_increasing_id") {
			found = x
		}
		return found == nil
	})
	return found
}
