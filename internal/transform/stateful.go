package transform

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// Logical nodes of steps whose results depend on earlier rows of the stream.
type (
	// eventTime is withWatermark: column is the event time, and rows may be delay milliseconds late. (Spark: EventTimeWatermark.)
	eventTime struct {
		in     node
		column *expr.Expr
		delay  int64
	}
	// aggregation groups by keys and computes calls, which are aliases of calls of aggregate functions. Its columns are those of keys
	// and calls. (Spark: Aggregate, whose result expressions are a project above it here.)
	aggregation struct {
		in          node
		keys, calls []*expr.Expr
		time        watermarked // the first key that is an event time; column nil: there is none
		session     *expr.Expr  // the key that is a session window; nil: there is none
		// removable are the keys that were constants before optimisation; nil before that
		removable map[expr.ID]bool
		// stored are the names of keys in the schema of the state, and what it says of them.
		stored []types.Field
	}
	// dedup keeps the first row for each combination of values of keys, which are columns. (Spark: Deduplicate,
	// DeduplicateWithinWatermark.)
	dedup struct {
		in     node
		keys   []*expr.Expr
		within bool        // keys are forgotten when their watermark has passed
		time   watermarked // the event time of the input
	}
	// limit keeps the first rows: of the whole stream, or of each batch in complete mode. (Spark: GlobalLimit.)
	limit struct {
		in    node
		rows  int64
		place *sparkerr.Place
	}
	// sorted orders the rows of a batch. Only complete mode has it. (Spark: Sort.)
	sorted struct {
		in    node
		keys  []*expr.Expr
		order []expr.Sorting
		place *sparkerr.Place
	}
	// expand yields several rows for each input row, one for each list of expressions. (Spark: Expand.)
	expand struct {
		in    node
		lists [][]*expr.Expr
		cols  []*expr.Expr
	}
)

// A watermarked column holds event times: timestamps, or time windows, whose end counts.
type watermarked struct {
	column *expr.Expr
	delay  int64 // milliseconds
}

func (e *eventTime) output() []*expr.Expr   { return e.in.output() }
func (a *aggregation) output() []*expr.Expr { return append(columnsOf(a.keys), columnsOf(a.calls)...) }
func (d *dedup) output() []*expr.Expr       { return d.in.output() }
func (l *limit) output() []*expr.Expr       { return l.in.output() }
func (s *sorted) output() []*expr.Expr      { return s.in.output() }
func (e *expand) output() []*expr.Expr      { return e.cols }

func (e *eventTime) inputs() []node   { return []node{e.in} }
func (a *aggregation) inputs() []node { return []node{a.in} }
func (d *dedup) inputs() []node       { return []node{d.in} }
func (l *limit) inputs() []node       { return []node{l.in} }
func (s *sorted) inputs() []node      { return []node{s.in} }
func (e *expand) inputs() []node      { return []node{e.in} }

func (e *eventTime) withInputs(in []node) node { return &eventTime{in[0], e.column, e.delay} }
func (a *aggregation) withInputs(in []node) node {
	c := *a
	c.in = in[0]
	return &c
}
func (d *dedup) withInputs(in []node) node  { return &dedup{in[0], d.keys, d.within, d.time} }
func (l *limit) withInputs(in []node) node  { return &limit{in[0], l.rows, l.place} }
func (s *sorted) withInputs(in []node) node { return &sorted{in[0], s.keys, s.order, s.place} }
func (e *expand) withInputs(in []node) node { return &expand{in[0], e.lists, e.cols} }

func (e *eventTime) expressions() []*expr.Expr { return []*expr.Expr{e.column} }
func (a *aggregation) expressions() []*expr.Expr {
	return append(a.keys[:len(a.keys):len(a.keys)], a.calls...)
}
func (d *dedup) expressions() []*expr.Expr {
	if d.time.column == nil {
		return d.keys
	}
	return append(d.keys[:len(d.keys):len(d.keys)], d.time.column)
}
func (l *limit) expressions() []*expr.Expr  { return nil }
func (s *sorted) expressions() []*expr.Expr { return s.keys }
func (e *expand) expressions() (all []*expr.Expr) {
	for _, list := range e.lists {
		all = append(all, list...)
	}
	return all
}

func (e *eventTime) withExpressions([]*expr.Expr) node { return e } // a column stays one
func (a *aggregation) withExpressions(list []*expr.Expr) node {
	n := len(a.keys)
	c := *a
	c.keys, c.calls = list[:n:n], list[n:]
	return &c
}
func (d *dedup) withExpressions([]*expr.Expr) node { return d }
func (l *limit) withExpressions([]*expr.Expr) node { return l }
func (s *sorted) withExpressions(keys []*expr.Expr) node {
	return &sorted{s.in, keys, s.order, s.place}
}
func (e *expand) withExpressions(all []*expr.Expr) node {
	lists := make([][]*expr.Expr, len(e.lists))
	for i := range lists {
		n := len(e.lists[i])
		lists[i], all = all[:n:n], all[n:]
	}
	return &expand{e.in, lists, e.cols}
}

func (e *eventTime) describe() string {
	return fmt.Sprintf("EventTimeWatermark %s, %d ms", e.column.Name, e.delay)
}
func (a *aggregation) describe() string {
	return "Aggregate [" + texts(a.keys) + "] [" + texts(a.calls) + "]"
}
func (d *dedup) describe() string {
	if d.within {
		return "DeduplicateWithinWatermark [" + names(d.keys) + "]"
	}
	return "Deduplicate [" + names(d.keys) + "]"
}
func (l *limit) describe() string { return "GlobalLimit " + strconv.FormatInt(l.rows, 10) }
func (s *sorted) describe() string {
	keys := make([]string, len(s.keys))
	for i, k := range s.keys {
		keys[i] = k.SQL() + " " + s.order[i].String()
	}
	return "Sort [" + strings.Join(keys, ", ") + "]"
}
func (e *expand) describe() string {
	lists := make([]string, len(e.lists))
	for i, list := range e.lists {
		lists[i] = "[" + texts(list) + "]"
	}
	return "Expand [" + strings.Join(lists, ", ") + "] [" + names(e.cols) + "]"
}

// keep returns the node with the columns that are needed.
func (e *expand) keep(needed map[expr.ID]int) *expand {
	out := &expand{in: e.in, cols: keep(e.cols, needed), lists: make([][]*expr.Expr, len(e.lists))}
	for i, list := range e.lists {
		for k, c := range e.cols {
			if needed[c.ID] > 0 {
				out.lists[i] = append(out.lists[i], list[k])
			}
		}
	}
	return out
}

// eventTimes returns the columns of a node that hold event times, with their delays. Renaming keeps the watermark, as does the whole
// struct of a time window; any other expression loses it. (Spark: EventTimeWatermark.delayKey in the metadata of attributes.)
func eventTimes(n node) map[expr.ID]int64 {
	switch n := n.(type) {
	case *relation:
		return nil
	case *empty:
		return maps.Clone(n.times)
	case *eventTime:
		return map[expr.ID]int64{n.column.ID: n.delay}
	case *project:
		return passTimes(eventTimes(n.in), n.list)
	case *aggregation:
		return passTimes(eventTimes(n.in), n.keys)
	case *generate:
		times := eventTimes(n.in)
		if delay, ok := timeOf(times, n.gen); ok {
			times[n.cols[0].ID] = delay
		}
		return times
	case *union:
		first, times := n.in[0].output(), eventTimes(n.in[0])
		out := map[expr.ID]int64{}
		for i, c := range n.cols {
			if delay, ok := times[first[i].ID]; ok {
				out[c.ID] = delay
			}
		}
		return out
	case *merged:
		return passTimes(eventTimes(n.aggregation.in), n.keys)
	case *symmetric:
		return eventTimes(n.join)
	case *join:
		times := map[expr.ID]int64{}
		maps.Copy(times, eventTimes(n.left))
		if n.kind != operator.LeftSemi && n.kind != operator.LeftAnti {
			maps.Copy(times, eventTimes(n.right))
		}
		return times
	case *expand:
		times := eventTimes(n.in)
		for _, list := range n.lists {
			for i, e := range list {
				if delay, ok := timeOf(times, e); ok {
					times[n.cols[i].ID] = delay
				}
			}
		}
		return times
	}
	return eventTimes(n.inputs()[0])
}

// passTimes returns the event times among the columns that named expressions make.
func passTimes(times map[expr.ID]int64, list []*expr.Expr) map[expr.ID]int64 {
	if len(times) == 0 {
		return nil
	}
	out := map[expr.ID]int64{}
	for _, e := range list {
		if delay, ok := timeOf(times, e); ok {
			out[e.ID] = delay
		}
	}
	return out
}

// timeOf returns the delay of an expression that is an event time, or a window of one.
func timeOf(times map[expr.ID]int64, e *expr.Expr) (delay int64, ok bool) {
	switch e = unalias(e); {
	case e.Kind == expr.Column:
		delay, ok = times[e.ID]
	case e.Is("window") || e.Is("session_window") || e.Is("window_time"):
		return timeOf(times, e.Args[0])
	}
	return delay, ok
}
