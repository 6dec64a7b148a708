package transform

import (
	"fmt"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
)

const millisPerDay = 24 * 3600 * 1000

// longDelay is a delay of a watermark in milliseconds that is longer than most streams: groups would wait that long.
const longDelay = 365 * millisPerDay

// A Warning is about a constant of a query with which rows vanish, or never come out, as they do in Spark.
type Warning struct{ Text, Hint string }

// Warnings lists what a user will want to know before the first batch.
func (q *Query) Warnings() (list []Warning) {
	if len(q.cuts) > 0 {
		list = append(list, Warning{"the limit is 0: no row passes it", "a limit of N keeps the first N rows"})
	}
	for _, root := range q.roots() {
		walk(root, func(n node) { list = append(list, q.warningsOf(n)...) })
	}
	return list
}

func (q *Query) warningsOf(n node) []Warning {
	switch n := n.(type) {
	case *project:
		return sessionWarnings(n.list)
	case *aggregation:
		if q.OutputMode == operator.Append && n.time.column != nil && n.time.delay >= longDelay {
			return []Warning{{
				fmt.Sprintf("%s returns a group only when a row comes that is %d days newer: that is the delay of the watermark", n.step(), n.time.delay/millisPerDay),
				`a delay of "10 minutes" says that rows are up to 10 minutes late`,
			}}
		}
	case *dedup:
		if n.within && n.time.column != nil && n.time.delay == 0 {
			return []Warning{{
				fmt.Sprintf("%s keeps values for the delay of the watermark, which is 0: duplicates are found within a batch only", n.step()),
				`a delay of "10 minutes" keeps each value until the watermark is 10 minutes after its first row`,
			}}
		}
	}
	return nil
}

// sessionWarnings looks for sessions that have no rows.
func sessionWarnings(list []*expr.Expr) (warnings []Warning) {
	for _, e := range list {
		expr.Walk(e, func(x *expr.Expr) bool {
			if x.Is("session_window") && function.NoSession(x) {
				warnings = append(warnings, Warning{
					fmt.Sprintf("the gap of %s is not a positive interval: no row is in a session, and all are dropped", written(x)),
					"write a number and a unit, such as '5 minutes'",
				})
			}
			return true
		})
	}
	return warnings
}

// written is an expression as the user wrote it.
func written(e *expr.Expr) string {
	f := e.Fragment()
	if f == nil {
		return e.SQL()
	}
	return f.Text[f.Start:f.End]
}
