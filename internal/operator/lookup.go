package operator

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/group"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Lookup joins rows of a stream, which is the left side, with those of a broadcast. Keys match as in Spark: NaN equals NaN, -0.0 equals 0.0, and
// NULL matches nothing unless NullSafe says so.
type Lookup struct {
	Kind      JoinKind     // any but RightOuter and FullOuter
	Broadcast int          // index in BatchContext.Broadcasts
	Keys      []*expr.Expr // over the columns of the stream, with the types of the broadcast's keys; none: every pair is a candidate
	NullSafe  []bool       // by key: NULL matches NULL; nil: none does
	NullAware bool         // LeftAnti with one key for NOT IN: unless the table is empty, a NULL on either side rejects the row
	Condition *expr.Expr   // over the columns of the stream followed by those of the table; nil: none
}

// lookup is a Lookup at work. It looks all rows of a batch up at once. As long as a row has one candidate at most, it appends the columns of
// the table to the batch; else it gathers pairs of rows (see pairs).
type lookup struct {
	Lookup
	keys   *eval.Projection
	finder *group.Finder
	cond   *eval.Predicate // nil: none
	width  int             // number of columns of the stream
	single bool            // a row with several matches is an error
	flags  *vector.Vector  // whether each row has a match; nil unless these come out
	table  *Broadcast      // of the batch
	pairs  pairs
	first  tableFirst

	groups     []int32
	keyed      vector.Selection // rows whose keys can match
	candidates []int32          // by row: its first candidate in the table, or -1
	matched    vector.Selection
	cols       []*vector.Vector // of the table, gathered
	out        vector.Batch
	touched    byte // keeps what prefetch reads from being optimized away
}

// NewLookup returns an operator that joins rows of a stream with those of a broadcast; both lists are the columns. Rows come out in the order of
// the stream. The matches of a row come in the reverse order of the table, and without keys in the order of the table. BatchContext.TableFirst
// exchanges the roles of the sides in this. The columns are those of the stream, followed by those of the table unless Kind is LeftSemi or LeftAnti, and by a
// BOOLEAN if it is Existence.
// (Spark: BroadcastHashJoinExec, BroadcastNestedLoopJoinExec.)
func NewLookup(l Lookup, stream, table []*expr.Expr) (Operator, error) {
	if l.NullAware && (len(l.Keys) != 1 || l.Condition != nil || l.Kind != LeftAnti) {
		return nil, sparkerr.Internal("a null-aware join has one key and no condition")
	}
	op := &lookup{Lookup: l, single: l.Kind == LeftSingle, width: len(stream), finder: group.NewFinder(typesOf(l.Keys)...)}
	switch l.Kind {
	case LeftSingle:
		op.Kind = LeftOuter
	case Existence: // as LeftSemi, but all rows come out
		op.Kind, op.flags = LeftSemi, vector.New(types.Boolean, 0)
	}
	var err error
	if op.keys, err = eval.Compile(l.Keys, stream); err != nil {
		return nil, err
	}
	both := append(stream[:len(stream):len(stream)], table...)
	if l.Condition != nil {
		if op.cond, err = eval.CompilePredicate(l.Condition, both); err != nil {
			return nil, err
		}
	}
	for range table {
		op.cols = append(op.cols, &vector.Vector{})
	}
	op.pairs.init(op, len(both))
	op.first.stream, err = NewBroadcast(l.Keys, stream)
	return op, err
}

// Begin takes up the rows of the batch's broadcast.
func (l *lookup) Begin(p *Partition) {
	l.table = p.Batch.Broadcasts[l.Broadcast]
	l.first.active = l.Kind == Inner && p.Batch.TableFirst != nil && p.Batch.TableFirst[l.Broadcast]
	if l.first.active {
		l.first.stream.begin()
	}
}

// Finish joins the rows that have waited for the end of the stream.
func (l *lookup) Finish(ctx *expr.Context, out Emit) error {
	if !l.first.active {
		return nil
	}
	defer l.first.stream.Release()
	return l.first.join(ctx, l, out)
}

// filters reports whether rows of the stream come out alone.
func (l *lookup) filters() bool { return l.Kind == LeftSemi || l.Kind == LeftAnti }

func (l *lookup) Process(ctx *expr.Context, _ int, b *vector.Batch, out Emit) error {
	if l.first.active {
		return l.first.stream.add(ctx, b)
	}
	if l.NullAware && (l.table.Len() == 0 || l.table.hasNull) {
		if l.table.hasNull {
			return nil
		}
		return out(b)
	}
	found, err := l.find(ctx, b)
	if err != nil {
		return err
	}
	switch {
	case l.filters() && l.cond == nil:
		return l.emitSelected(b, l.keep(b, l.Kind == LeftSemi), out)
	case l.atMostOne() && (l.Kind == LeftOuter || found > b.N/4):
		return l.append(ctx, b, out)
	}
	return l.pairs.process(ctx, b, out)
}

// atMostOne reports whether no row has more than one candidate.
func (l *lookup) atMostOne() bool {
	return l.table.chains.unique() && (len(l.Keys) > 0 || l.table.Len() <= 1)
}

// find looks for the first candidate of each row, and returns how many rows have one.
func (l *lookup) find(ctx *expr.Context, b *vector.Batch) (found int, err error) {
	l.candidates = filled(l.candidates, b.N)
	if len(l.Keys) == 0 {
		if l.table.Len() > 0 {
			clear(l.candidates)
			found = b.Rows()
		}
		return found, nil
	}
	keys, err := l.keys.Eval(ctx, b, b.Sel)
	if err != nil {
		return 0, err
	}
	rows := l.withKeys(b, keys)
	if cap(l.groups) < b.N {
		l.groups = make([]int32, b.N)
	}
	groups := l.groups[:b.N]
	if err := l.finder.Find(ctx.Stop, l.table.index, b.N, rows, keys, groups); err != nil {
		return 0, err
	}
	unique, first := l.table.chains.unique(), l.table.chains.first
	for k := range kernel.Count(b.N, rows) {
		i := kernel.Row(rows, k)
		g := groups[i]
		if g < 0 {
			continue
		}
		if found++; !unique {
			g = first[g]
		}
		l.candidates[i] = g
	}
	return found, nil
}

// withKeys returns the rows without a NULL in a key that NULL does not match. A NULL in a null-aware join rejects its row.
func (l *lookup) withKeys(b *vector.Batch, keys []*vector.Vector) vector.Selection {
	rows := b.Sel
	for i, v := range keys {
		switch {
		case v.Valid == nil || l.NullSafe != nil && l.NullSafe[i]:
		case v.IsConst() && v.IsNull(0):
			rows = vector.Selection{}
		case !v.IsConst():
			l.keyed = kernel.NotNull(v.Valid, b.N, rows, l.keyed)
			rows = l.keyed
		}
	}
	if l.NullAware {
		for _, v := range keys {
			for k := 0; v.Valid != nil && k < b.Rows(); k++ {
				if i := kernel.Row(b.Sel, k); v.IsNull(i) {
					l.candidates[i] = 0
				}
			}
		}
	}
	return rows
}

// keep returns the rows that have a candidate, or those that have none.
func (l *lookup) keep(b *vector.Batch, with bool) vector.Selection {
	rows := l.matched[:0]
	for k := range b.Rows() {
		if i := kernel.Row(b.Sel, k); l.candidates[i] >= 0 == with {
			rows = append(rows, int32(i))
		}
	}
	l.matched = rows
	return rows
}

// emitSelected hands on some rows of the stream's batch.
func (l *lookup) emitSelected(b *vector.Batch, rows vector.Selection, out Emit) error {
	if l.flags != nil {
		return l.emitFlags(b, rows, out)
	}
	if len(rows) == 0 {
		return nil
	}
	l.out = *b
	if len(rows) < b.Rows() {
		l.out.Sel = rows
	}
	return out(&l.out)
}

// emitFlags hands on all rows of the stream's batch with whether they are in the list.
func (l *lookup) emitFlags(b *vector.Batch, rows vector.Selection, out Emit) error {
	l.flags.Reset(types.Boolean, b.N)
	clear(l.flags.Bool)
	for _, i := range rows {
		l.flags.Bool[i] = true
	}
	l.out = *b
	l.out.Cols = append(b.Cols[:l.width:l.width], l.flags)
	return out(&l.out)
}

// append joins a batch whose rows have one candidate at most, without copying the columns of the stream.
func (l *lookup) append(ctx *expr.Context, b *vector.Batch, out Emit) error {
	rows := l.keep(b, true)
	if l.Kind != LeftOuter && len(rows) > 0 {
		l.noNulls()
	}
	if l.cond != nil {
		var err error
		if rows, err = l.test(ctx, b, rows); err != nil {
			return err
		}
	}
	switch l.Kind {
	case LeftSemi:
		return l.emitSelected(b, rows, out)
	case LeftAnti:
		return l.emitSelected(b, l.others(b, rows), out)
	case Inner:
		if len(rows) == 0 {
			return nil
		}
	}
	if l.cond != nil && l.Kind == LeftOuter {
		l.rejectOthers(rows)
	}
	l.out = *b
	if l.Kind == Inner && len(rows) < b.Rows() {
		l.out.Sel = rows
	}
	l.out.Cols = append(b.Cols[:l.width:l.width], l.cols...)
	for i, c := range l.table.rows.Cols {
		kernel.GatherShared(l.cols[i], c, l.candidates)
		l.prefetch(l.cols[i])
	}
	return out(&l.out)
}

// largeText is the number of bytes of a column's texts that the caches of a processor do not hold.
const largeText = 1 << 20

// prefetch loads the texts of a column that come from all over the table into the caches of the processor. Other than what copies or compares them, it
// waits for the memory of all texts at the same time.
func (l *lookup) prefetch(v *vector.Vector) {
	if len(v.Data) < largeText {
		return
	}
	sum := byte(0)
	for _, t := range v.Views {
		if int(t.Off) < len(v.Data) { // that of a NULL may be anything
			sum += v.Data[t.Off]
		}
	}
	l.touched += sum
}

// test returns the rows whose candidate satisfies the condition.
func (l *lookup) test(ctx *expr.Context, b *vector.Batch, rows vector.Selection) (vector.Selection, error) {
	if len(rows) == 0 {
		return rows, nil
	}
	in := vector.Batch{N: b.N, Cols: append(b.Cols[:l.width:l.width], l.cols...), Origin: b.Origin}
	for _, c := range l.cond.Columns() {
		if c >= l.width {
			kernel.GatherShared(l.cols[c-l.width], l.table.rows.Cols[c-l.width], l.candidates)
		}
	}
	l.cond.Context = ctx
	rows, err := l.cond.Select(&in, rows, rows)
	return rows, err
}

// others returns the rows of a batch that are not in the list.
func (l *lookup) others(b *vector.Batch, rows vector.Selection) vector.Selection {
	out := l.keyed[:0]
	for k := range b.Rows() {
		i := int32(kernel.Row(b.Sel, k))
		if len(rows) > 0 && rows[0] == i {
			rows = rows[1:]
			continue
		}
		out = append(out, i)
	}
	l.keyed = out
	return out
}

// rejectOthers leaves only some rows with a candidate.
func (l *lookup) rejectOthers(rows vector.Selection) {
	for i := range l.candidates {
		if len(rows) > 0 && int(rows[0]) == i {
			rows = rows[1:]
			continue
		}
		l.candidates[i] = -1
	}
}

// noNulls pairs the rows without a candidate, which do not come out, with any row of the table: gathering NULLs takes longer.
func (l *lookup) noNulls() {
	for i, c := range l.candidates {
		l.candidates[i] = max(c, 0)
	}
}
