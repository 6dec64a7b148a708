package transform

import (
	"fmt"
	"strings"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/types"
)

// symmetric joins two streams, whose rows come from exchanges by their keys. (Spark: StreamingSymmetricHashJoinExec.)
type symmetric struct {
	*join   // of what is below the exchanges
	in      [2]node
	equal   joinKeys
	filter  joinFilter
	sides   [2]joined
	expires [2]operator.Expiry
}

func (s *symmetric) inputs() []node { return s.in[:] }
func (s *symmetric) withInputs(in []node) node {
	c := *s
	c.in = [2]node(in)
	return &c
}
func (s *symmetric) expressions() []*expr.Expr         { return nil }
func (s *symmetric) withExpressions([]*expr.Expr) node { return s }
func (s *symmetric) describe() string {
	text := fmt.Sprintf("StreamingSymmetricHashJoin %s [%s], [%s]", s.kind, sqlTexts(s.equal.left), sqlTexts(s.equal.right))
	for i, c := range []*expr.Expr{s.filter.left, s.filter.right, s.filter.both} {
		if c != nil {
			text += ", " + []string{"left ", "right ", ""}[i] + c.SQL()
		}
	}
	return text
}

// symmetric returns the physical node for a join of two streams. (Spark: StreamingJoinStrategy.)
func (q *Query) symmetric(j *join) (node, error) {
	s := &symmetric{join: j, sides: [2]joined{joinedOf(j.left), joinedOf(j.right)}}
	var rest []*expr.Expr
	if s.equal, rest = j.keys(); len(s.equal.left) == 0 {
		return j, sparkerr.At(withoutEquality(), j.place)
	}
	for i := range s.sides {
		if err := s.sides[i].severalTimes(); err != nil {
			return j, sparkerr.At(err.WithHint("leave out one of them before the join, with drop or select"), j.place)
		}
	}
	s.filter = filterOf(rest, s.sides[0].cols, s.sides[1].cols)
	s.expires = expiries(s.equal, rest, s.sides)
	s.in = [2]node{q.exchange(q.belowJoin(s, 0), s.equal.left), q.exchange(q.belowJoin(s, 1), s.equal.right)}
	return s, nil
}

// keys divides the condition of a join.
func (j *join) keys() (k joinKeys, rest []*expr.Expr) {
	if j.cond == nil {
		return k, nil
	}
	return hashKeys(conjuncts(j.cond), j.left.output(), j.right.output())
}

// operator returns the operator with a number.
func (s *symmetric) operator(number int) (operator.Operator, error) {
	sides := [2]operator.JoinSide{{Keys: s.equal.left, Filter: s.filter.left}, {Keys: s.equal.right, Filter: s.filter.right}}
	for i := range sides {
		sides[i].Input, sides[i].Late, sides[i].Expires = s.sides[i].cols, s.sides[i].time(), s.expires[i]
	}
	return operator.NewSymmetricJoin(number, s.kind, sides[0], sides[1], s.filter.both)
}

// state describes what the join keeps.
func (s *symmetric) state() *state.Operator {
	var keys []*types.Type
	for _, k := range s.equal.left {
		keys = append(keys, k.Type)
	}
	var fields [2][]types.Field
	for i, n := range []node{s.left, s.right} {
		fields[i] = fieldsOf(s.sides[i].cols)
		for k, c := range s.sides[i].cols {
			fields[i][k].Metadata = keyMetadata(n, s.sides[i].times, c)
		}
	}
	return &state.Operator{Name: joinStateName, Partitions: s.in[0].(*repartition).partitions, Stores: operator.SymmetricStores(keys, fields[0], fields[1], s.expires)}
}

// evicts reports whether a watermark can make the join forget rows of a side.
func (s *symmetric) evicts(side int) bool {
	return s.expires[side].Key.Has() || s.expires[side].Column.Has()
}

// outputWatermark returns the watermark of the rows that come out at a watermark of those that go in: rows that wait for their match come out
// later than others. (Spark: produceOutputWatermark.)
func (s *symmetric) outputWatermark(watermark int64) int64 {
	out := watermark
	for _, x := range s.expires {
		if x.Column.Has() {
			out = min(out, x.Limit(watermark))
		}
	}
	return out
}

// stateText says which rows are kept, and until when.
func (s *symmetric) stateText(number int, stores []state.Layout) string {
	var sides []string
	for i, name := range sideNames {
		layout := &stores[2*i+1]
		sides = append(sides, fmt.Sprintf("%s (%s) -> (%s), %s", name, fieldsText(layout.Key), fieldsText(layout.Value), s.lifeText(i)))
	}
	return fmt.Sprintf(", state %d: %s", number, strings.Join(sides, "; "))
}

func (s *symmetric) lifeText(side int) string {
	x := &s.expires[side]
	switch {
	case x.Key.Has():
		key := [2][]*expr.Expr{s.equal.left, s.equal.right}[side][x.Key.Column]
		name := key.SQL()
		if x.Key.Window {
			name = "the end of " + name
		}
		return "rows are forgotten when the watermark has passed " + name
	case x.Column.Has():
		const now = 1 << 40 // any time
		return fmt.Sprintf("rows are forgotten when the watermark has passed %s by %d ms", s.sides[side].cols[x.Column.Column].Name, now-x.Limit(now))
	}
	return "rows are kept"
}

// OperatorWatermarks returns the watermark that each stateful operator works with, by its number, if that of the query is given. nil: it is the
// same for all. (Spark: WatermarkPropagator.)
func (p *Plan) OperatorWatermarks(watermark int64) []int64 {
	if !p.joins {
		return nil
	}
	out := make([]int64, len(p.States))
	var pass func(n node) (int64, bool)
	pass = func(n node) (least int64, known bool) {
		if _, ok := n.(*eventTime); ok {
			return watermark, true
		}
		for _, in := range n.inputs() {
			if w, ok := pass(in); ok && (!known || w < least) {
				least, known = w, true
			}
		}
		if number, ok := p.numbers[n]; ok {
			out[number] = least
		}
		if s, ok := n.(*symmetric); ok {
			least = s.outputWatermark(least)
		}
		return least, known
	}
	pass(p.root)
	return out
}
