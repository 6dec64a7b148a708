package operator_test

import (
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/types"
)

// A dedupModel knows the first row of each key.
type dedupModel struct {
	keys   []string
	time   string // event time of the input; "": none
	within bool
	delay  int64 // milliseconds
	first  map[string]row
	counts
}

var dedupModels = []dedupModel{
	{keys: []string{"k", "d"}}, {keys: []string{"d"}}, {keys: []string{"k", "d"}, time: "ts"}, {keys: []string{"k", "ts"}, time: "ts"}, {keys: []string{"ts"}, time: "ts"},
	{keys: []string{"w", "k"}, time: "w"}, {keys: []string{"k", "d"}, time: "ts", within: true, delay: 7}, {keys: []string{"ts", "s"}, time: "ts", within: true, delay: 25},
}

// batch returns the rows that are the first of their keys.
func (m *dedupModel) batch(tasks [][]row, c *operator.BatchContext) (lines []string) {
	m.counts = counts{}
	for _, r := range slices.Concat(tasks...) {
		if r.passed(m.time, c.PreviousWatermark) {
			m.late++
			continue
		}
		key := r.texts(m.keys, true)
		if _, ok := m.first[key]; !ok {
			m.first[key] = r
			m.updated++
			lines = append(lines, r.texts(nameOf, false))
		}
	}
	for key, r := range m.first {
		if m.forgets(&r, c.Watermark) {
			delete(m.first, key)
			m.removed++
		}
	}
	m.counts.rows = len(m.first)
	slices.Sort(lines)
	return lines
}

// forgets reports whether the key of a first row is forgotten. For rows without a time, Spark counts from 1970.
func (m *dedupModel) forgets(r *row, watermark int64) bool {
	if m.within {
		time := int64(0)
		if r.ts != nil {
			time = *r.ts
		}
		return time+m.delay*1000 <= watermark*1000
	}
	return slices.Contains(m.keys, m.time) && r.passed(m.time, watermark)
}

func (m *dedupModel) eventTime(columns []string) operator.EventTime {
	return operator.EventTime{Column: slices.Index(columns, m.time), Window: m.time == "w"}
}

// FuzzDeduplication compares the ways to drop duplicates with their reference.
func FuzzDeduplication(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		s := newScenario(seed)
		m := dedupModels[s.random.IntN(len(dedupModels))]
		m.first = map[string]row{}
		input := rowColumns()
		d := operator.Dedup{Time: m.eventTime(nameOf), Within: m.within, Delay: m.delay}
		layout := state.Layout{Value: []types.Field{{Name: "__dummy__", Type: types.Void}}, Time: m.eventTime(m.keys).OfKey(len(m.keys))}
		if m.within {
			layout.Value, layout.Time = []types.Field{{Name: "expiresAtMicros", Type: types.Long}}, operator.EventTime{}.OfValue(1)
		}
		for _, name := range m.keys {
			at := slices.Index(nameOf, name)
			d.Keys = append(d.Keys, at)
			layout.Key = append(layout.Key, types.Field{Name: name, Type: input[at].Type})
		}
		none := func() (operator.Operator, []*expr.Expr) { return nil, input }
		r := newRig(t, s.random, operator.Append, m.keys, none, func() operator.Operator { return operator.NewDedup(0, d, input) }, layout)
		s.compare(t, r, m.batch, &m.counts, func() (keys []string) {
			for _, r := range m.first {
				keys = append(keys, r.texts(m.keys, true))
			}
			return keys
		})
	})
}
