package transform

import (
	"math"
	"slices"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// A joined is one side of a join: its columns, and those of them that are event times, with their delays.
type joined struct {
	cols  []*expr.Expr
	times map[expr.ID]int64
}

func joinedOf(n node) joined {
	j := joined{n.output(), map[expr.ID]int64{}}
	times := eventTimes(n)
	for _, c := range j.cols {
		if delay, ok := times[c.ID]; ok {
			j.times[c.ID] = delay
		}
	}
	return j
}

// column returns the first column that is an event time; nil if there is none.
func (j *joined) column() *expr.Expr {
	for _, c := range j.cols {
		if _, ok := j.times[c.ID]; ok {
			return c
		}
	}
	return nil
}

// time returns where the event time is among the columns.
func (j *joined) time() operator.EventTime {
	return eventTimeAt(j.cols, watermarked{column: j.column()})
}

func (j *joined) has(c *expr.Expr) bool { return position(j.cols, c) >= 0 }

// expiries says when the stored rows of each side of a join of streams are forgotten: when the watermark passes a key, or, without such a key, when
// it follows from the condition that no row of the other side can match any more. Both sides need an event time for the latter. rest are the
// conjuncts of the condition besides the equality of keys. (Spark: StreamingSymmetricHashJoinHelper.getStateWatermarkPredicates.)
func expiries(k joinKeys, rest []*expr.Expr, sides [2]joined) (out [2]operator.Expiry) {
	at := k.timeAt(sides)
	for i := range out {
		out[i] = operator.Expiry{Key: operator.NoEventTime, Column: operator.NoEventTime}
		if at >= 0 {
			out[i].Key = operator.EventTime{Column: at, Window: k.left[at].Type.Kind == types.KindStruct}
			continue
		}
		if time := sides[i].time(); time.Has() {
			if limit := timeLimit(rest, sides[i], sides[1-i]); limit != nil {
				out[i].Column, out[i].Limit = time, limit
			}
		}
	}
	return out
}

// timeLimit returns a function from the watermark to the time, both in milliseconds, up to which no row of a side can match a row of the other that
// is not late; nil if the condition does not bound it. (Spark: StreamingJoinHelper.getStateValueWatermark.)
func timeLimit(conditions []*expr.Expr, side, other joined) func(watermark int64) int64 {
	if len(other.times) == 0 {
		return nil
	}
	var limits []timeBound
	for _, c := range conditions {
		for _, one := range orderings(c) {
			if b, ok := one.bound(side, other); ok {
				limits = append(limits, b)
			}
		}
	}
	if len(limits) == 0 {
		return nil
	}
	return func(watermark int64) int64 {
		least := int64(math.MaxInt64)
		for _, b := range limits {
			least = min(least, b.at(watermark))
		}
		return least
	}
}

// A comparison says that less is less than more, or equal unless it is strict.
type comparison struct {
	less, more *expr.Expr
	strict     bool
}

// orderings returns the comparisons that a conjunct consists of.
func orderings(c *expr.Expr) []comparison {
	switch {
	case c.Is("<"), c.Is("<="):
		return []comparison{{c.Args[0], c.Args[1], c.Is("<")}}
	case c.Is(">"), c.Is(">="):
		return []comparison{{c.Args[1], c.Args[0], c.Is(">")}}
	case c.Is("between"):
		return []comparison{{c.Args[1], c.Args[0], false}, {c.Args[0], c.Args[2], false}}
	}
	return nil
}

// A timeBound is an upper limit of times of rows that can be forgotten, as a function of the watermark.
type timeBound struct {
	marks  float64 // how often it has the watermark
	micros float64 // what is added
	strict bool    // the comparison is, so that a row at the limit itself can be forgotten, too
}

// at returns the limit in milliseconds.
func (b *timeBound) at(watermark int64) int64 {
	limit := int64((b.marks*float64(watermark)*1000 + b.micros) / 1000)
	if b.strict {
		return limit
	}
	return limit - 1
}

// bound solves a comparison for the one column of a side in it: it brings all terms to one side, so that their sum is less than 0, and puts the
// watermark in place of the event time of the other side. (Spark: getStateWatermarkFromLessThenPredicate.)
func (c *comparison) bound(side, other joined) (timeBound, bool) {
	var t timeTerms
	if !t.collect(c.less, false) || !t.collect(c.more, true) {
		return timeBound{}, false
	}
	b := timeBound{strict: c.strict}
	mine, others := map[expr.ID]bool{}, map[expr.ID]bool{}
	found, terms := 0, 0
	for _, x := range t.list {
		sign := 1.0
		if x.negated {
			sign = -1
		}
		switch c := x.column; {
		case c != nil && side.has(c):
			if !x.negated { // the condition says nothing about early times
				return timeBound{}, false
			}
			mine[c.ID] = true
			found++
			continue
		case c != nil:
			if _, ok := other.times[c.ID]; !ok {
				return timeBound{}, false
			}
			others[c.ID] = true
			b.marks += sign
		default:
			b.micros += sign * x.micros
		}
		terms++
	}
	return b, found == 1 && len(mine) == 1 && len(others) <= 1 && terms > 0
}

// timeTerms are the terms of a sum of times, durations and seconds. Equal ones count once, as in Spark, whose terms are a set.
type timeTerms struct{ list []timeTerm }

type timeTerm struct {
	negated bool
	column  *expr.Expr  // nil: a constant
	typ     *types.Type // of a constant, as it is written
	micros  float64
}

// add adds a term.
func (t *timeTerms) add(x timeTerm) {
	same := func(y timeTerm) bool {
		if x.column != nil || y.column != nil {
			return x.negated == y.negated && x.column != nil && y.column != nil && x.column.ID == y.column.ID
		}
		return x.negated == y.negated && x.micros == y.micros && x.typ.Kind == y.typ.Kind
	}
	if !slices.ContainsFunc(t.list, same) {
		t.list = append(t.list, x)
	}
}

// collect adds the terms of an expression. It returns false if there are others than columns and constants of a fixed length. (Spark:
// StreamingJoinHelper.collectTerms.)
func (t *timeTerms) collect(e *expr.Expr, negate bool) bool {
	switch {
	case e.Kind == expr.Alias:
		return t.collect(e.Args[0], negate)
	case e.Kind == expr.Column:
		t.add(timeTerm{negated: negate, column: e})
		return true
	case e.Kind == expr.Literal:
		micros, ok := literalMicros(e)
		t.add(timeTerm{negated: negate, typ: e.Type, micros: micros})
		return ok
	case e.Kind == expr.Cast && !e.Try:
		return (e.Type.IsNumeric() || e.Type.Kind == types.KindTimestamp) && t.collect(e.Args[0], negate)
	case e.Is("+") && addsTime(e), e.Is("-") && addsTime(e):
		return t.collect(e.Args[0], negate) && t.collect(e.Args[1], negate != e.Is("-"))
	case e.Is("negative"):
		return t.collect(e.Args[0], !negate)
	}
	return false
}

// addsTime reports whether the operands of a sum are numbers, durations, or a time and a duration. The difference of two times does not count
// in Spark, nor does a DATE.
func addsTime(e *expr.Expr) bool {
	fits := func(x *expr.Expr) bool {
		return x.Type.IsNumeric() || x.Type.Kind == types.KindDayTime || x.Type.Kind == types.KindInterval
	}
	time := func(x *expr.Expr) bool {
		return x.Type.Kind == types.KindTimestamp || x.Type.Kind == types.KindTimestampNTZ
	}
	l, r := e.Args[0], e.Args[1]
	return fits(l) && fits(r) || time(l) && fits(r) || e.Is("+") && fits(l) && time(r)
}

// microsPerDay is the length of a day of an interval.
const microsPerDay = 24 * 3600 * 1000000

// literalMicros returns the length of a constant in microseconds. Numbers are seconds.
func literalMicros(e *expr.Expr) (float64, bool) {
	if e.IsNullLit() {
		return 0, false
	}
	v := e.Value
	switch e.Type.Kind {
	case types.KindDayTime:
		return float64(v.I64[0]), true
	case types.KindInterval:
		i := v.Cal[0]
		return float64(i.Days)*microsPerDay + float64(i.Micros), i.Months == 0
	case types.KindFloat:
		return float64(v.F32[0]) * 1e6, true
	case types.KindDouble:
		return v.F64[0] * 1e6, true
	case types.KindDecimal:
		return v.Dec[0].Float64(e.Type.Scale) * 1e6, true
	}
	n, ok := literalInt(e)
	return float64(n) * 1e6, ok
}
