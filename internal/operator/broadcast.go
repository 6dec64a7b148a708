package operator

import (
	"context"
	"errors"
	"io"
	"math"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/group"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Broadcast is the rows of the static side of a join, with an index by their keys. After Build it is read-only, and all workers use it. Its
// memory counts against --memory. (Spark: HashedRelation.)
type Broadcast struct {
	on    []*expr.Expr // the keys
	input []*expr.Expr // the columns
	keys  *eval.Projection
	types []*types.Type // of the keys
	rows  vector.Batch  // flat columns
	index *group.Table  // numbers the keys; nil without keys
	// chains has the rows of each key. Before a key occurs twice, it is empty, and the number of a key is that of its row.
	chains  chains
	hasNull bool // a key is NULL
	held    memory.Holding

	groups   []int32
	selected vector.Selection
}

// chains list the rows of each key, the last one first, as Spark's hash tables return them.
type chains struct {
	first []int32 // by key
	next  []int32 // by row; -1: none
}

// NewBroadcast returns a broadcast without rows. The keys are computed from the columns input; without keys, there is no index.
func NewBroadcast(keys, input []*expr.Expr) (*Broadcast, error) {
	b := &Broadcast{on: keys, input: input, types: typesOf(keys)}
	var err error
	if b.keys, err = eval.Compile(keys, input); err != nil {
		return nil, err
	}
	for _, c := range input {
		b.rows.Cols = append(b.rows.Cols, vector.New(c.Type, 0))
	}
	return b, nil
}

// Len returns the number of rows.
func (b *Broadcast) Len() int { return b.rows.N }

// Release drops all rows, and gives their memory back.
func (b *Broadcast) Release() {
	if b.index != nil {
		b.index.Release()
	}
	for i, c := range b.rows.Cols {
		b.rows.Cols[i] = vector.New(c.Type, 0)
	}
	b.rows.N, b.index, b.chains, b.hasNull = 0, nil, chains{}, false
	b.held.Release()
}

// Build copies all rows of the readers, which it does not close, in place of what was built before. After an error, there are no rows.
func (b *Broadcast) Build(ctx context.Context, c *expr.Context, rows ...vector.Reader) error {
	b.begin()
	stop, done := halt.With(ctx)
	defer done()
	inner := *c
	inner.Stop = stop
	for _, r := range rows {
		if err := b.read(ctx, &inner, r); err != nil {
			b.Release()
			return err
		}
	}
	b.groups, b.selected = nil, nil
	return nil
}

// begin drops all rows, for others to be added.
func (b *Broadcast) begin() {
	b.Release()
	if len(b.types) > 0 {
		b.index = group.New(b.types...)
	}
}

func (b *Broadcast) read(ctx context.Context, c *expr.Context, in vector.Reader) error {
	for {
		rows, err := in.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if rows.Rows() == 0 {
			continue
		}
		if err := b.add(c, rows); err != nil {
			return locate(err, rows)
		}
	}
}

// add copies the rows of a batch.
func (b *Broadcast) add(c *expr.Context, in *vector.Batch) error {
	if b.rows.N > math.MaxInt32-in.Rows() {
		return tooLarge("it has more than %d rows", math.MaxInt32)
	}
	if err := b.addKeys(c, in); err != nil {
		return notHeld(err)
	}
	if err := b.addRows(in); err != nil {
		return err
	}
	if !memory.Limited() {
		return nil
	}
	return notHeld(b.held.Hold(capacity(&b.rows) + 4*cap(b.chains.first) + 4*cap(b.chains.next)))
}

// notHeld describes the error of a table that would exceed the memory limit.
func notHeld(err error) error {
	if _, exceeded := errors.AsType[*memory.Exceeded](err); !exceeded {
		return err
	}
	e := sparkerr.Plain("the rows of the table to join with do not fit into memory: %s", err).WithHint("%s", memory.Remedy())
	e.Cause = err
	return e
}

func tooLarge(format string, args ...any) error {
	return sparkerr.Plain("the table to join with is too large: "+format, args...).
		WithHint("leave out columns or rows that the query does not need with a select or filter step before the join")
}

// addKeys puts the keys of the rows into the index.
func (b *Broadcast) addKeys(c *expr.Context, in *vector.Batch) error {
	if b.index == nil {
		return nil
	}
	c.Batch = in
	keys, err := b.keys.Eval(c, in, in.Sel)
	if err != nil {
		return err
	}
	if cap(b.groups) < in.N {
		b.groups = make([]int32, in.N)
	}
	groups := b.groups[:in.N]
	if err := b.index.Assign(c.Stop, in.N, in.Sel, keys, groups); err != nil {
		return err
	}
	for k := range in.Rows() {
		i := kernel.Row(in.Sel, k)
		b.chains.add(groups[i], b.rows.N+k)
	}
	for _, v := range keys {
		b.hasNull = b.hasNull || v.Valid != nil && anyNull(v, in)
	}
	return nil
}

func anyNull(v *vector.Vector, in *vector.Batch) bool {
	for k := range in.Rows() {
		if v.IsNull(kernel.Row(in.Sel, k)) {
			return true
		}
	}
	return false
}

// add says that the next row, with the given number, has a key.
func (c *chains) add(key int32, row int) {
	switch {
	case c.next == nil && int(key) == row:
		return
	case c.next == nil:
		c.begin(row)
	}
	if int(key) == len(c.first) {
		c.first, c.next = append(c.first, int32(row)), append(c.next, -1)
		return
	}
	c.next = append(c.next, c.first[key])
	c.first[key] = int32(row)
}

// begin makes chains of the first rows, which all have different keys.
func (c *chains) begin(rows int) {
	c.first, c.next = kernel.Identity(nil, rows), filled(nil, rows)
}

// unique reports whether no key occurs twice.
func (c *chains) unique() bool { return c.next == nil }

// addRows copies the columns of a batch.
func (b *Broadcast) addRows(in *vector.Batch) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case vector.Overflow:
			err = tooLarge("one of its columns takes more than %d bytes", p.Most)
		default:
			panic(p)
		}
	}()
	sel := in.Sel
	if sel == nil {
		b.selected = kernel.Identity(b.selected, in.N)
		sel = b.selected
	}
	for i, c := range in.Cols {
		if c.IsConst() {
			kernel.AppendRepeated(b.rows.Cols[i], c, 0, len(sel))
			continue
		}
		kernel.AppendRows(b.rows.Cols[i], c, sel)
	}
	b.rows.N += len(sel)
	return nil
}
