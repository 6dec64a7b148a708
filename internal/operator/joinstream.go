package operator

import (
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/vector"
)

// A JoinSide is one of the streams of a join.
type JoinSide struct {
	Input   []*expr.Expr // the columns of the rows of this side
	Keys    []*expr.Expr // over Input, of the same types on both sides. Rows match if their keys have the same bytes, so NULL matches NULL
	Filter  *expr.Expr   // the conjuncts of the condition that read this side alone; nil: none. (Spark: preJoinFilter)
	Late    EventTime    // the column of Input whose late rows are dropped
	Expires Expiry
}

// symmetricJoin joins two streams. Each row is joined with the rows of the other side that have arrived before it, and is then stored for those
// that will. Within a batch, the rows of one side arrive first.
type symmetricJoin struct {
	number  int
	kind    JoinKind
	first   int // the side whose rows arrive first
	sides   [2]joinSide
	both    *eval.Predicate // over the columns of both sides; nil: none
	context *BatchContext
	feed    joinFeed
	evicted evicted
}

// The sides of a join, which are the ports of its operator.
const (
	leftSide = iota
	rightSide
)

// A joinSide is a side with its compiled expressions and its stored rows.
type joinSide struct {
	JoinSide
	keys   *eval.Projection
	filter *eval.Predicate // nil: none
	key    *rowCoder
	store  joinStore

	inTime, passed vector.Selection // scratch memory
}

// FirstPort returns the port of a join of streams whose rows in a batch precede those of the other: for LeftSemi the right one, so that left rows
// that match in their batch need not be stored.
func FirstPort(kind JoinKind) int {
	if kind == LeftSemi {
		return rightSide
	}
	return leftSide
}

// NewSymmetricJoin returns an operator with the number of its state that joins two streams: its ports are the left and the right one, and all
// rows of FirstPort in a batch precede the others. both is the part of the condition that needs columns of both sides: the left ones, then the right
// ones; nil if there is none. Rows that come out have these columns, or just the left ones for LeftSemi. LeftAnti is not supported.
// (Spark: StreamingSymmetricHashJoinExec, state format 2.)
func NewSymmetricJoin(number int, kind JoinKind, left, right JoinSide, both *expr.Expr) (Operator, error) {
	j := &symmetricJoin{number: number, kind: kind, first: FirstPort(kind)}
	for i, side := range []JoinSide{left, right} {
		if err := j.sides[i].compile(side); err != nil {
			return nil, err
		}
	}
	if both != nil {
		var err error
		if j.both, err = eval.CompilePredicate(both, append(left.Input[:len(left.Input):len(left.Input)], right.Input...)); err != nil {
			return nil, err
		}
	}
	j.feed.join, j.evicted.join = j, j
	return j, nil
}

func (s *joinSide) compile(side JoinSide) (err error) {
	s.JoinSide, s.key = side, newKeyCoder(typesOf(side.Keys))
	s.store.init(typesOf(side.Keys), typesOf(side.Input))
	if s.keys, err = eval.Compile(side.Keys, side.Input); err == nil && side.Filter != nil {
		s.filter, err = eval.CompilePredicate(side.Filter, side.Input)
	}
	return err
}

func (j *symmetricJoin) Begin(p *Partition) {
	j.context = p.Batch
	j.feed.returned.reset()
	for i := range j.sides {
		j.sides[i].store.open(p.Batch.State, j.number, i, p.Task)
	}
}

func (j *symmetricJoin) Process(ctx *expr.Context, port int, b *vector.Batch, out Emit) error {
	if port != j.first {
		if err := j.feed.forgetReturned(); err != nil {
			return err
		}
	}
	me := &j.sides[port]
	rows := j.notLate(me, b)
	passed, err := me.filtered(ctx, b, rows)
	if err != nil {
		return err
	}
	if !j.keeps(port) {
		rows = passed
	}
	if len(rows) == 0 {
		return nil
	}
	keys, err := me.keys.Eval(ctx, b, passed)
	if err != nil {
		return err
	}
	j.feed.begin(ctx, port, b, keys, out)
	for from := 0; from < len(rows); from += joinBlock {
		if passed, err = j.feed.block(rows[from:min(from+joinBlock, len(rows))], passed); err != nil {
			return err
		}
	}
	return nil
}

// notLate returns the rows of a batch that are not late, and counts the others.
func (j *symmetricJoin) notLate(side *joinSide, b *vector.Batch) vector.Selection {
	side.inTime = kernel.Rows(side.inTime, b.N, b.Sel)
	if !side.Late.Has() {
		return side.inTime
	}
	kept, v := side.inTime[:0], b.Cols[side.Late.Column]
	for _, i := range side.inTime {
		if micros, known := side.Late.at(v, int(i)); !known || micros > j.context.previousWatermark(j.number)*1000 {
			kept = append(kept, i)
		}
	}
	j.context.Dropped[j.number].Add(int64(len(side.inTime) - len(kept)))
	side.inTime = kept
	return kept
}

// filtered returns those of rows that pass the filter of their side. The others can match nothing.
func (s *joinSide) filtered(ctx *expr.Context, b *vector.Batch, rows vector.Selection) (passed vector.Selection, err error) {
	if s.filter == nil || len(rows) == 0 {
		return rows, nil
	}
	s.filter.Context = ctx
	if passed, err = s.filter.Select(b, rows, s.passed); err == nil {
		s.passed = passed
	}
	return passed, err
}

// keeps reports whether rows of a side that match nothing come out, with NULLs for the other side.
func (j *symmetricJoin) keeps(side int) bool { return j.kind.Returns(side) }

// joinBlock is how many rows are looked up at a time.
const joinBlock = state.PrefetchRows
