package transform

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/types"
)

// sessionAt returns the position of the session among the keys.
func (a *aggregation) sessionAt() int { return position(columnsOf(a.keys), a.session) }

// together returns the keys whose groups must be in one task: all, but for the session, since sessions with equal other keys may become one.
func (a *aggregation) together() []*expr.Expr {
	keys := columnsOf(a.keys)
	if a.session == nil {
		return keys
	}
	at := a.sessionAt()
	return slices.Delete(keys, at, at+1)
}

// sessionState describes the state of an aggregation by session: under the other keys and the start of the session, the session as a whole,
// with all keys in their order, and the buffers.
func (m *merged) sessionState() *state.Operator {
	all := m.keyFields()
	at := m.sessionAt()
	start := types.Field{Name: "sessionStartTime", Type: types.Timestamp} // also for TIMESTAMP_NTZ
	key := append(slices.Delete(slices.Clone(all), at, at+1), start)
	op := describeState(sessionStateName, m.in, key, append(all, fieldsOf(m.buffers)...), eventTimeAt(columnsOf(m.keys), m.time).OfValue(len(all)+len(m.buffers)))
	op.Stores[0].PrefixKeys = len(key) - 1
	return op
}
