package operator

import (
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/vector"
)

// tableFirst joins the other way round: it keeps the rows of the stream, and looks those of the table up in them.
type tableFirst struct {
	active bool       // in this batch
	stream *Broadcast // the rows of the stream
	lookup Operator   // nil until it is needed
	rows   vector.Selection
	out    vector.Batch
}

// join hands on the rows of an inner join in the order of the table.
func (t *tableFirst) join(ctx *expr.Context, l *lookup, out Emit) error {
	table := l.table
	if t.lookup == nil {
		var err error
		t.lookup, err = NewLookup(Lookup{Kind: Inner, Keys: table.on, NullSafe: l.NullSafe, Condition: l.Condition}, table.input, t.stream.input)
		if err != nil {
			return err
		}
	}
	op := t.lookup.(*lookup)
	op.table = t.stream
	width := len(table.input)
	return inPortions(table.Len(), func(from, to int) error {
		in := table.portion(&t.rows, from, to)
		ctx.Batch = in
		return op.Process(ctx, 0, in, func(b *vector.Batch) error {
			t.out = vector.Batch{N: b.N, Sel: b.Sel, Cols: append(b.Cols[width:len(b.Cols):len(b.Cols)], b.Cols[:width]...)}
			return out(&t.out)
		})
	})
}
