package transform

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/types"
)

// Physical nodes of an aggregation. (Spark: StatefulAggregationStrategy.)
type (
	// partial groups the rows of one partition of its input. Its columns are the keys, then the buffers of the calls.
	partial struct {
		*aggregation
		buffers []*expr.Expr
	}
	// merged adds the groups of all partitions to those in the state store. Its columns are those of the aggregation.
	merged struct {
		*aggregation // whose input is what was grouped, for the types of calls
		in           node
		buffers      []*expr.Expr // as in partial
	}
)

// Spark's names of the operators that keep state.
const (
	aggregateStateName = "stateStoreSave"
	sessionStateName   = "sessionWindowStateStoreSaveExec"
	dedupStateName     = "dedupe"
	withinStateName    = "dedupeWithinWatermark"
	limitStateName     = "globalLimit"
	joinStateName      = "symmetricHashJoin"
)

// localLimit keeps the first rows of each partition.
type localLimit struct {
	in   node
	rows int64
}

func (l *localLimit) output() []*expr.Expr              { return l.in.output() }
func (l *localLimit) inputs() []node                    { return []node{l.in} }
func (l *localLimit) withInputs(in []node) node         { return &localLimit{in[0], l.rows} }
func (l *localLimit) expressions() []*expr.Expr         { return nil }
func (l *localLimit) withExpressions([]*expr.Expr) node { return l }
func (l *localLimit) describe() string                  { return "LocalLimit " + strconv.FormatInt(l.rows, 10) }

func (p *partial) output() []*expr.Expr { return append(columnsOf(p.keys), p.buffers...) }
func (p *partial) withInputs(in []node) node {
	a := *p.aggregation
	a.in = in[0]
	return &partial{&a, p.buffers}
}
func (p *partial) describe() string {
	return "PartialAggregate [" + texts(p.keys) + "] [" + texts(p.calls) + "]"
}

func (m *merged) inputs() []node            { return []node{m.in} }
func (m *merged) expressions() []*expr.Expr { return nil }
func (m *merged) withInputs(in []node) node { return &merged{m.aggregation, in[0], m.buffers} }
func (m *merged) describe() string {
	if m.session != nil {
		return "SessionWindowStateStoreSave [" + names(columnsOf(m.keys)) + "] [" + texts(m.calls) + "]"
	}
	return "StateStoreSave [" + names(columnsOf(m.keys)) + "] [" + texts(m.calls) + "]"
}

// physical puts exchanges below the steps that need equal keys in one task, splits aggregations, and makes tables what joins look rows up in.
func (q *Query) physical(n node) (node, error) {
	var err error
	n = rewrite(n, func(n node) node {
		m, e := q.step(n)
		err = errors.Join(err, e)
		return m
	})
	return n, err
}

// step returns the physical node for a node whose inputs are physical.
func (q *Query) step(n node) (node, error) {
	switch n := n.(type) {
	case *repartition:
		return q.exchange(n.in, n.keys), nil
	case *aggregation:
		return q.split(n)
	case *dedup:
		if !streams(n.in) {
			return q.firstOf(n)
		}
		if side := joinedOf(n.in); side.severalTimes() != nil {
			return n, side.severalTimes().WithHint("leave out one of them before the duplicates are dropped, with drop or select")
		}
		return n.withInputs([]node{q.exchange(q.belowDedup(n), n.keys)}), nil
	case *limit:
		return n.withInputs([]node{q.exchange(&localLimit{n.in, n.rows}, nil)}), nil
	case *sorted:
		return n.withInputs([]node{q.exchange(n.in, nil)}), nil
	case *one:
		return n.withInputs([]node{q.exchange(&localLimit{n.in, 2}, nil)}), nil
	case *join:
		return q.joined(n)
	case *union:
		return q.united(n), nil
	}
	return n, nil
}

// split makes two steps of an aggregation, in which equal calls are computed once. (Spark: StatefulAggregationStrategy.)
func (q *Query) split(a *aggregation) (node, error) {
	once := *a
	once.calls = nil
	out := once.dedupKeys()
	for _, c := range a.calls {
		same := slices.IndexFunc(once.calls, func(o *expr.Expr) bool { return expr.Equal(unalias(o), unalias(c)) })
		if same < 0 {
			once.calls = append(once.calls, c)
			out = append(out, columnOf(c))
			continue
		}
		out = append(out, &expr.Expr{Kind: expr.Alias, Args: []*expr.Expr{columnOf(once.calls[same])}, Name: c.Name, ID: c.ID, Type: c.Type, Nullable: c.Nullable})
	}
	once.in = q.belowAggregate(&once)
	p, err := newPartial(&once)
	if err != nil {
		return a, err
	}
	m := &merged{&once, q.exchange(p, once.together()), p.buffers}
	var result node = m
	if !streams(a.in) {
		result = &final{m}
	}
	if p.sorts() {
		result = &sorted{in: result, keys: columnsOf(once.keys), order: make([]expr.Sorting, len(once.keys))}
	}
	if len(once.calls) < len(a.calls) || len(once.keys) < len(a.keys) {
		result = &project{result, out}
	}
	return result, nil
}

// dedupKeys removes keys that equal others, and constants if there are others. It returns what the keys were in terms of those that are left.
// (Spark: RemoveRepetitionFromGroupExpressions, RemoveLiteralFromGroupExpressions. A map is sorted before, so that it is no longer a constant.)
func (a *aggregation) dedupKeys() (out []*expr.Expr) {
	var keys []*expr.Expr
	var stored []types.Field
	constant := func(k *expr.Expr) bool {
		return a.removable[k.ID] && unalias(k).Kind == expr.Literal && !k.Type.Has(types.KindMap)
	}
	all := !slices.ContainsFunc(a.keys, func(k *expr.Expr) bool { return !constant(k) })
	for i, k := range a.keys {
		if constant(k) && (!all || len(keys) > 0) {
			out = append(out, k)
			continue
		}
		same := slices.IndexFunc(keys, func(o *expr.Expr) bool { return expr.Equal(unalias(o), unalias(k)) })
		if same >= 0 {
			out = append(out, &expr.Expr{Kind: expr.Alias, Args: []*expr.Expr{columnOf(keys[same])}, Name: k.Name, ID: k.ID, Type: k.Type, Nullable: k.Nullable})
			continue
		}
		field := a.stored[i]
		if e := unalias(k); !a.removable[k.ID] && e.Kind == expr.Literal {
			field.Name = e.SQL()
		}
		keys, stored, out = append(keys, k), append(stored, field), append(out, columnOf(k))
	}
	a.keys, a.stored = keys, stored
	return out
}

// sorts reports whether Spark aggregates sorted rows, which it does if a buffer cannot be changed in place. The groups then come out in the order
// of their keys. (Spark: AggUtils.createAggregate, UnsafeRow.isMutable.)
func (p *partial) sorts() bool {
	typed, mutable := false, true
	for _, b := range p.buffers {
		typed = typed || b.Name == "buf"
		mutable = mutable && fixedWidth(b.Type)
	}
	return len(p.keys) > 0 && p.session == nil && !typed && !mutable && !slices.ContainsFunc(p.keys, func(k *expr.Expr) bool { return k.Type.Has(types.KindMap) })
}

// fixedWidth reports whether the values of a type take the same number of bytes, so that they can be changed in place.
func fixedWidth(t *types.Type) bool {
	switch t.Kind {
	case types.KindString, types.KindBinary, types.KindArray, types.KindMap, types.KindStruct, types.KindVariant:
		return false
	}
	return true
}

func newPartial(a *aggregation) (*partial, error) {
	if a.session != nil && len(a.keys) == 1 {
		return nil, sparkerr.New("_LEGACY_ERROR_TEMP_3068").WithHint("group by another key besides, such as withColumn: {all: \"'all'\"}, which is the same for all rows")
	}
	groups, err := aggregate.New(a.keys, a.calls, a.in.output())
	if err != nil {
		return nil, err
	}
	defer groups.Release()
	p := &partial{aggregation: a}
	for _, f := range groups.State() {
		p.buffers = append(p.buffers, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: f.Name, Type: f.Type, Nullable: true})
	}
	return p, nil
}

// shufflePartitions is how many tasks there are above an exchange if the settings do not say (spark.sql.shuffle.partitions).
const shufflePartitions = 200

// exchange moves rows with equal keys to the same task, and all rows to one without keys.
func (q *Query) exchange(in node, keys []*expr.Expr) node {
	if len(keys) == 0 {
		return &repartition{in, nil, 1}
	}
	tasks, err := strconv.Atoi(q.Conf["spark.sql.shuffle.partitions"])
	if err != nil || tasks < 1 {
		tasks = shufflePartitions
	}
	return &repartition{in, keys, tasks}
}

// number counts the stateful operators, the one nearest to the sink first, and the watermarks.
func (p *Plan) number() {
	p.numbers = map[node]int{}
	walk(p.root, func(n node) {
		if w, ok := n.(*eventTime); ok {
			p.numbers[n] = len(p.Watermarks)
			p.addWatermark(w)
			return
		}
		if op := p.stateOf(n); op != nil {
			_, join := n.(*symmetric)
			p.joins = p.joins || join
			p.numbers[n] = len(p.States)
			p.numberLate(n, len(p.States))
			p.shared = append(p.shared, &operator.Shared{})
			p.States = append(p.States, *op)
		}
	})
}

func (p *Plan) addWatermark(w *eventTime) {
	p.Watermarks, p.EventTimes = append(p.Watermarks, w.delay), append(p.EventTimes, w.column.Name)
	p.WatermarkSources = append(p.WatermarkSources, streamsBelow(w))
}

// numberDropped adds the watermarks of the query that optimisation has removed, unless it has removed all: they see no rows, and so the earliest
// watermark, which counts, does not move. (Spark: WatermarkTracker knows those of the query as it was written.)
func (p *Plan) numberDropped(roots []node) {
	if len(p.Watermarks) == 0 {
		return
	}
	have := map[expr.ID]bool{}
	walk(p.root, func(n node) {
		if w, ok := n.(*eventTime); ok {
			have[w.column.ID] = true
		}
	})
	for _, root := range roots {
		walk(root, func(n node) {
			if w, ok := n.(*eventTime); ok && streams(w) && !have[w.column.ID] {
				have[w.column.ID] = true
				p.addWatermark(w)
			}
		})
	}
}

// numberLate numbers what lists the late rows of a stateful operator like that operator.
func (p *Plan) numberLate(n node, number int) {
	for _, in := range n.inputs() {
		switch in.(type) {
		case *lateRows:
			p.numbers[in] = number
		case *repartition, *partial:
			p.numberLate(in, number)
		}
	}
}

// stateOf describes the state that a node keeps; nil if it keeps none.
func (p *Plan) stateOf(n node) *state.Operator {
	switch n := n.(type) {
	case *symmetric:
		return n.state()
	case *merged:
		if n.session != nil {
			return n.sessionState()
		}
		return describeState(aggregateStateName, n.in, n.keyFields(), fieldsOf(n.buffers), eventTimeAt(columnsOf(n.keys), n.time).OfKey(len(n.keys)))
	case *dedup:
		value := types.Field{Name: "__dummy__", Type: types.Void}
		name, time := dedupStateName, eventTimeAt(n.keys, n.time).OfKey(len(n.keys))
		if n.within {
			value, name, time = types.Field{Name: "expiresAtMicros", Type: types.Long}, withinStateName, operator.EventTime{}.OfValue(1)
		}
		return describeState(name, n.in, n.keyFields(), []types.Field{value}, time)
	case *limit:
		if n.perBatch(p.mode) || !streams(n) {
			return nil
		}
		return describeState(limitStateName, n.in, []types.Field{{Name: "key", Type: types.Void}}, []types.Field{{Name: "value", Type: types.Long}}, nil)
	}
	return nil
}

func describeState(name string, in node, key, value []types.Field, time state.TimeFunc) *state.Operator {
	return &state.Operator{Name: name, Partitions: in.(*repartition).partitions, Stores: []state.Layout{{Name: state.DefaultStore, Key: key, Value: value, Time: time}}}
}

// keyFields are the keys under the names that the state has for them.
func (a *aggregation) keyFields() []types.Field {
	fields := fieldsOf(columnsOf(a.keys))
	for i := range fields {
		fields[i].Name, fields[i].Metadata = a.stored[i].Name, a.stored[i].Metadata
	}
	return fields
}

// keyFields are the keys as the schema of the state describes them.
func (d *dedup) keyFields() []types.Field {
	fields := fieldsOf(d.keys)
	times := eventTimes(d.in)
	for i, k := range d.keys {
		fields[i].Metadata = keyMetadata(d.in, times, k)
	}
	return fields
}

// keyMetadata is what Spark notes of a key: whether it is a window, and the delay of its watermark. (Spark: TimeWindow.marker,
// SessionWindow.marker, EventTimeWatermark.delayKey.)
func keyMetadata(in node, times map[expr.ID]int64, key *expr.Expr) string {
	var notes []string
	if u := unalias(key); u.Kind == expr.Column {
		switch windowOf(in, u) {
		case "window":
			notes = append(notes, `"spark.timeWindow":true`)
		case "session_window":
			notes = append(notes, `"spark.sessionWindow":true`)
		}
	}
	if delay, ok := timeOf(times, key); ok {
		notes = append(notes, `"spark.watermarkDelayMs":`+strconv.FormatInt(delay, 10))
	}
	if len(notes) == 0 {
		return ""
	}
	return "{" + strings.Join(notes, ",") + "}"
}

func (p *Plan) complete() bool { return p.mode == operator.Complete }

// AsksForBatch reports whether some operator has work when the watermark has moved, although there is no new data. (Spark:
// StatefulOperator.shouldRunAnotherBatch.)
func (p *Plan) AsksForBatch() (asks bool) {
	walk(p.root, func(n node) {
		switch n := n.(type) {
		case *merged:
			asks = asks || p.mode == operator.Append || !p.complete() && n.session == nil
		case *dedup:
			asks = true
		case *symmetric:
			asks = asks || n.evicts(0) || n.evicts(1)
		}
	})
	return asks
}

// HasGroups reports whether a state is that of an aggregation.
func HasGroups(s *state.Operator) bool {
	return s.Name == aggregateStateName || s.Name == sessionStateName
}

// Growing describes the steps whose state only grows, since no watermark ever passes their keys.
func (p *Plan) Growing() (list []string) {
	walk(p.root, func(n node) {
		switch n := n.(type) {
		case *merged:
			if len(n.keys) > 0 && (n.time.column == nil || p.complete()) {
				list = append(list, n.step())
			}
		case *dedup:
			if !n.within && !eventTimeAt(n.keys, n.time).Has() {
				list = append(list, n.step())
			}
		case *symmetric:
			for side, name := range []string{"left", "right"} {
				if !n.evicts(side) {
					list = append(list, "join ["+sqlTexts(n.equal.left)+"], rows of its "+name+" side")
				}
			}
		}
	})
	return list
}

// statefulOperator returns the operator of a node that has a number; nil for other nodes.
func (p *Plan) statefulOperator(n node) (operator.Operator, error) {
	number := p.numbers[n]
	switch n := n.(type) {
	case *eventTime:
		return operator.NewEventTime(number, position(n.in.output(), n.column)), nil
	case *partial:
		return operator.NewPartialAggregate(n.keys, n.calls, n.aggregation.in.output())
	case *final:
		return operator.NewFinalAggregate(n.keys, n.calls, n.aggregation.in.output())
	case *merged:
		if n.session != nil {
			return operator.NewSessions(number, n.keys, n.calls, n.aggregation.in.output(), n.sessionAt(), eventTimeAt(columnsOf(n.keys), n.time))
		}
		return operator.NewAggregate(number, n.keys, n.calls, n.aggregation.in.output(), eventTimeAt(columnsOf(n.keys), n.time), p.shared[number])
	case *dedup:
		return operator.NewDedup(number, n.comparison(), n.in.output()), nil
	case *symmetric:
		return n.operator(number)
	case *localLimit:
		return operator.NewLocalLimit(n.rows), nil
	case *limit:
		if p.stateOf(n) == nil {
			return operator.NewTake(n.rows), nil
		}
		return operator.NewLimit(number, n.rows), nil
	}
	return nil, nil
}

// stateText says what a stateful operator keeps, and until when.
func (p *Plan) stateText(n node) string {
	number, ok := p.numbers[n]
	switch n.(type) {
	case *eventTime, *lateRows:
		return ""
	}
	if !ok {
		return ""
	}
	if s, ok := n.(*symmetric); ok {
		return s.stateText(number, p.States[number].Stores)
	}
	layout := p.States[number].Stores[0]
	return fmt.Sprintf(", state %d: (%s) -> (%s), %s", number, fieldsText(layout.Key), fieldsText(layout.Value), p.lifeText(n))
}

func fieldsText(fields []types.Field) string {
	texts := make([]string, len(fields))
	for i, f := range fields {
		texts[i] = f.Name + " " + f.Type.SQL()
	}
	return strings.Join(texts, ", ")
}

// lifeText says when a stateful operator returns and forgets what it keeps.
func (p *Plan) lifeText(n node) string {
	passed := "when the watermark has passed "
	switch n := n.(type) {
	case *merged:
		switch {
		case p.complete():
			return "all groups come out in each batch and are kept"
		case n.time.column == nil:
			return "groups that change come out, and all are kept"
		case p.mode == operator.Update:
			return "groups that change come out, and are forgotten " + passed + n.time.text()
		}
		return "groups come out once, " + passed + n.time.text()
	case *dedup:
		switch {
		case n.within:
			return fmt.Sprintf("keys are forgotten %s%s by %d ms", passed, n.time.column.Name, n.time.delay)
		case eventTimeAt(n.keys, n.time).Has():
			return "keys are forgotten " + passed + n.time.text()
		}
		return "keys are kept"
	}
	return "the number of rows so far"
}

// text names the time that is compared with the watermark.
func (t *watermarked) text() string {
	if t.column.Type.Kind == types.KindStruct {
		return "the end of " + t.column.Name
	}
	return t.column.Name
}

// perBatch reports whether the limit begins anew with each batch: above the table of an aggregation, which complete mode emits as a whole.
// (Spark: StreamingGlobalLimitStrategy.)
func (l *limit) perBatch(mode string) bool {
	if mode != operator.Complete {
		return false
	}
	found := false
	walk(l.in, func(n node) {
		switch n.(type) {
		case *aggregation, *merged:
			found = true
		}
	})
	return found
}

// comparison says by which columns of its input a dedup works.
func (d *dedup) comparison() operator.Dedup {
	in := d.in.output()
	out := operator.Dedup{Time: eventTimeAt(in, d.time), Within: d.within, Delay: d.time.delay}
	for _, k := range d.keys {
		out.Keys = append(out.Keys, position(in, k))
	}
	return out
}

// position is where a column is among others; -1: it is not.
func position(cols []*expr.Expr, column *expr.Expr) int {
	return slices.IndexFunc(cols, func(c *expr.Expr) bool { return c.ID == column.ID })
}

func eventTimeAt(cols []*expr.Expr, t watermarked) operator.EventTime {
	if t.column == nil {
		return operator.NoEventTime
	}
	return operator.EventTime{Column: position(cols, t.column), Window: t.column.Type.Kind == types.KindStruct}
}
