package transform

import (
	"errors"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// A cut is a step behind which nothing is left.
type cut struct {
	below node
	place *sparkerr.Place
}

// CheckStreaming returns what a streaming query with its output mode may not do, even where the result is never used. A discretized
// stream may, since its batches are RDDs. Each error is a *sparkerr.Error with its place. (Spark: UnsupportedOperationChecker.
// checkForStreaming.) at is the place of the mode.
func (q *Query) CheckStreaming(at *sparkerr.Place) error {
	c := streamingCheck{mode: q.OutputMode, at: at}
	c.correctness(q.analysed)
	for _, root := range q.roots() {
		c.aggregations = append(c.aggregations, aggregates(root)...)
	}
	c.outputMode()
	for _, cut := range q.cuts {
		c.operators(cut.below)
		c.limited(cut.place)
	}
	c.operators(q.analysed)
	return errors.Join(c.errs...)
}

// roots returns the plan, and what is below steps behind which nothing is left.
func (q *Query) roots() []node {
	roots := []node{q.analysed}
	for _, cut := range q.cuts {
		roots = append(roots, cut.below)
	}
	return roots
}

// A streamingCheck collects what a streaming query may not do.
type streamingCheck struct {
	mode         string // in lower case
	at           *sparkerr.Place
	aggregations []*aggregation // those of roots
	errs         []error
}

func (c *streamingCheck) refuse(err *sparkerr.Error) { c.errs = append(c.errs, err) }

// correctness refuses stateful steps above an aggregation that changes its results: they would see rows that they take for late.
func (c *streamingCheck) correctness(root node) {
	if c.mode == operator.Append {
		return
	}
	walk(root, func(n node) {
		if !stateful(n) {
			return
		}
		for _, in := range n.inputs() {
			if len(aggregates(in)) > 0 {
				c.refuse(sparkerr.Unstreamable("Detected pattern of possible 'correctness' issue due to global watermark. The query contains stateful operation which can emit rows older than " +
					"the current watermark plus allowed late record delay, which are \"late rows\" in downstream stateful operations and these rows can be discarded.").
					WithHint("outputMode: append, with a watermark, lets aggregations follow each other"))
			}
		}
	})
}

// stateful reports whether late rows matter to a step.
func stateful(n node) bool {
	switch n := n.(type) {
	case *aggregation:
		return true
	case *join:
		return streams(n.left) && streams(n.right)
	case *dedup:
		times := eventTimes(n.in)
		for _, k := range n.keys {
			if _, ok := times[k.ID]; ok {
				return true
			}
		}
	}
	return false
}

// aggregates lists the aggregations of streams in a plan.
func aggregates(root node) (list []*aggregation) {
	walk(root, func(n node) {
		if a, ok := n.(*aggregation); ok && streams(a.in) {
			list = append(list, a)
		}
	})
	return list
}

// outputMode checks what the mode requires of aggregations.
func (c *streamingCheck) outputMode() {
	switch c.mode {
	case operator.Append:
		for _, a := range c.aggregations {
			if a.time.column == nil {
				c.refuse(c.unsupported("streaming aggregations without watermark on streaming DataFrames/DataSets").
					WithHint("outputMode: complete prints the whole table each batch; with withWatermark, windows come out once, when they close"))
				return
			}
		}
	case operator.Update:
		if slices.ContainsFunc(c.aggregations, func(a *aggregation) bool { return a.session != nil }) {
			c.refuse(c.unsupported("session window streaming aggregations on streaming DataFrames/DataSets").
				WithHint("outputMode: append, with a watermark, prints each session once, when it has ended; complete prints all sessions each batch"))
		}
	case operator.Complete:
		if len(c.aggregations) == 0 {
			err := job.NothingAggregated(c.mode)
			err.Place = c.at
			c.refuse(err)
		}
	}
}

func (c *streamingCheck) unsupported(operation string) *sparkerr.Error {
	err := sparkerr.New("STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "outputMode", c.mode, "operation", operation)
	err.Place = c.at
	return err
}

// operators looks at the steps in the order in which they are written.
func (c *streamingCheck) operators(n node) {
	in := n.inputs()
	for _, n := range in {
		if len(in) == 1 || streams(n) { // a table may be sorted, for example
			c.operators(n)
		}
	}
	for _, e := range n.expressions() {
		c.rowID(e)
	}
	switch n := n.(type) {
	case *union:
		if slices.ContainsFunc(n.in, func(in node) bool { return !streams(in) }) {
			c.refuse(sparkerr.Unstreamable("Union between streaming and batch DataFrames/Datasets is not supported").
				WithHint("define the input under sources: its files are rows of a stream then"))
		}
	case *join:
		c.join(n)
	case *aggregation:
		c.distinct(n)
		c.times(n)
	case *dedup:
		if n.within && n.time.column == nil {
			c.refuse(sparkerr.Unstreamable("dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without watermark").
				WithHint("put withWatermark before it"))
		}
	case *limit:
		c.limited(n.place)
	case *sorted:
		if c.mode != operator.Complete || !c.aggregated(n.in) {
			err := sparkerr.Unstreamable("Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode").
				WithHint("the rows of a stream have no last one: sort what it wrote, or aggregate them and use outputMode: complete")
			err.Place = n.place
			c.refuse(err)
		}
	}
}

// join refuses joins that would have to wait forever, or that return rows which may have to be taken back.
func (c *streamingCheck) join(n *join) {
	j := joinCheck{kind: n.kind, cond: n.cond, mode: c.mode}
	for i, side := range n.inputs() {
		j.streams[i], j.sides[i] = streams(side), joinedOf(side)
		walk(side, func(n node) {
			_, marked := n.(*eventTime)
			j.marked[i] = j.marked[i] || marked
		})
	}
	if err := j.refusal(); err != nil {
		err.Place = n.place
		c.refuse(err)
	}
}

// aggregated reports whether the rows of n come from an aggregation, even if a cut has left none of them.
func (c *streamingCheck) aggregated(n node) bool {
	cut := false
	walk(n, func(n node) {
		_, ok := n.(*empty)
		cut = cut || ok
	})
	return len(aggregates(n)) > 0 || cut && len(c.aggregations) > 0
}

// times refuses keys with several event times, unless late rows do not matter, as in complete mode; sessions drop late rows in every mode.
// (Spark: WatermarkSupport.findEventTimeColumn.)
func (c *streamingCheck) times(a *aggregation) {
	marked, names := eventTimes(a.in), []string(nil)
	var found []*expr.Expr
	for _, k := range a.keys {
		x := unalias(k)
		if _, ok := timeOf(marked, x); ok && !slices.ContainsFunc(found, func(o *expr.Expr) bool { return expr.Equal(o, x) }) {
			found, names = append(found, x), append(names, k.Name)
		}
	}
	if (c.mode != operator.Complete || a.session != nil) && len(found) > 1 {
		hint := "group by the window alone, or use outputMode: complete"
		if a.session != nil {
			hint = "group by the session window alone"
		}
		err := sparkerr.New("MULTIPLE_EVENT_TIME_COLUMNS", "eventTimeCols", strings.Join(names, ", ")).WithHint("%s", hint)
		err.Place = c.at
		c.refuse(err)
	}
}

// distinct refuses aggregates over different values, whose state would have to hold them all.
func (c *streamingCheck) distinct(a *aggregation) {
	for _, call := range a.calls {
		if e := unalias(call); e.Aggregation != nil && e.Aggregation.Distinct {
			err := sparkerr.Unstreamable("Distinct aggregations are not supported on streaming DataFrames/Datasets. Consider using approx_count_distinct() instead.").
				WithHint("dropDuplicates before the aggregation also leaves one row for each value")
			err.Fragment = e.Fragment()
			c.refuse(err)
		}
	}
}

// limited refuses a limit in update mode.
func (c *streamingCheck) limited(place *sparkerr.Place) {
	if c.mode == operator.Update {
		err := sparkerr.Unstreamable("Limits are not supported on streaming DataFrames/Datasets in Update output mode").WithHint("outputMode: append")
		err.Place = place
		c.refuse(err)
	}
}

// rowID refuses a call that numbers the rows of a partition, which begins anew with each batch.
func (c *streamingCheck) rowID(e *expr.Expr) {
	found := false
	expr.Walk(e, func(x *expr.Expr) bool {
		if !found && x.Is("monotonically_increasing_id") {
			found = true
			err := sparkerr.Unstreamable("Expression(s): " + x.SQL() + " is not supported with streaming DataFrames/Datasets").
				WithHint("uuid() identifies the rows of a stream")
			err.Fragment = x.Fragment()
			c.refuse(err)
		}
		return !found
	})
}
