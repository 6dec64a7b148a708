package eval

import (
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A run is one evaluation of a batch.
type run struct {
	ctx   *expr.Context
	batch *vector.Batch
	n     int
}

// A node computes one expression. The vector is valid for the rows of sel until the node runs again. It may be a column of
// the batch, a constant, or another node's vector, so only its owner may change it.
type node interface {
	eval(r *run, sel vector.Selection) (*vector.Vector, error)
}

type columnNode struct{ index int }

func (c columnNode) eval(r *run, _ vector.Selection) (*vector.Vector, error) {
	return r.batch.Cols[c.index], nil
}

type literalNode struct{ value *vector.Vector }

func (l literalNode) eval(*run, vector.Selection) (*vector.Vector, error) { return l.value, nil }

// A sharedNode replaces each occurrence of a common subexpression, which the projection evaluates once, before everything
// else.
type sharedNode struct {
	expr  *expr.Expr
	node  node
	value *vector.Vector
}

func (s *sharedNode) eval(*run, vector.Selection) (*vector.Vector, error) { return s.value, nil }

// A fieldNode extracts a member of a struct.
type fieldNode struct {
	arg   node
	index int
	typ   *types.Type
	view  vector.Vector // the member's vector with the struct's NULLs added
	valid vector.Bitmap
}

func (f *fieldNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	s, err := f.arg.eval(r, sel)
	if err != nil {
		return nil, err
	}
	if s.IsConst() {
		v := vector.NewNull(f.typ)
		if !s.IsNull(0) {
			v = vector.NewConst(f.typ)
			kernel.Copy(v, 0, s.Children[f.index], 0)
		}
		return v, nil
	}
	child := s.Children[f.index]
	if s.Valid == nil {
		return child, nil
	}
	if child.IsConst() {
		f.view.Reset(f.typ, r.n)
		kernel.CopyRows(&f.view, child, r.n, sel)
		child = &f.view
	}
	f.valid = kernel.AndValid(f.valid, s.Valid, child.Valid, r.n)
	f.view = *child
	f.view.Valid = f.valid
	return &f.view, nil
}

// A callNode runs the kernel of a strict call.
type callNode struct {
	typ      *types.Type
	args     []node
	kernel   expr.Kernel
	fn       *expr.Function // nil for casts
	strict   int            // number of first operands that make the call NULL if they are NULL
	eager    bool           // operands after a NULL run too
	fragment *sparkerr.Fragment

	values  []*vector.Vector
	out     vector.Vector
	valid   vector.Bitmap
	rows    vector.Selection
	holding expr.Holding
}

func (c *callNode) eval(r *run, sel vector.Selection) (*vector.Vector, error) {
	if kernel.Count(r.n, sel) == 0 {
		c.out.Reset(c.typ, r.n)
		return &c.out, nil
	}
	if err := r.ctx.Stop.Err(); err != nil {
		return nil, err
	}
	rows, constant, err := c.operands(r, sel)
	if err != nil {
		return nil, err
	}
	if constant {
		return c.constant(r, sel)
	}
	c.out.Reset(c.typ, r.n)
	if !c.mergeNulls(r.n) {
		return vector.NewNull(c.typ), nil
	}
	if rows != nil && len(rows) == 0 {
		return &c.out, nil
	}
	if err := c.run(r.ctx, r.n, rows, &c.out); err != nil {
		return nil, locate(err, c.fragment)
	}
	return &c.out, nil
}

// run computes the call into out, within the memory limits.
func (c *callNode) run(ctx *expr.Context, n int, rows vector.Selection, out *vector.Vector) error {
	room, limited := c.holding.Room()
	if ctx.Most > 0 {
		room = min(room, ctx.Most)
	}
	if room < vector.MaxBytes {
		out.Bound(room)
	}
	err := halting(room, func() error {
		if text := longestText(c.values); text > pieceText && n > 1 {
			return c.inPieces(ctx, n, rows, out, text/pieceText+1)
		}
		return c.kernel(ctx, n, rows, c.values, out)
	})
	if err == nil && limited {
		err = c.holding.Hold(ctx, out.Capacity())
	}
	return tooLarge(err, c.name())
}

// pieceText is the number of bytes of text that a kernel may process between two checks of the Stop. Within a long string,
// kernels check the Stop themselves.
const pieceText = 16 << 20

// longestText returns the size of the largest Data among the operands.
func longestText(values []*vector.Vector) (most int) {
	for _, v := range values {
		if v != nil && !v.IsConst() {
			most = max(most, len(v.Data))
		}
	}
	return most
}

// inPieces runs the kernel on the rows split into the given number of parts, one after another.
func (c *callNode) inPieces(ctx *expr.Context, n int, rows vector.Selection, out *vector.Vector, pieces int) error {
	if rows == nil {
		rows = kernel.Identity(nil, n)
	}
	for part := range slices.Chunk(rows, max(len(rows)/pieces, 1)) {
		if err := ctx.Stop.Err(); err != nil {
			return err
		}
		if err := c.kernel(ctx, n, part, c.values, out); err != nil {
			return err
		}
	}
	return nil
}

func (c *callNode) name() string {
	if c.fn == nil {
		return "cast"
	}
	return c.fn.Name
}

// halting calls work and returns its error, or that of a Halt or Overflow. room is the limit for the results.
func halting(room int, work func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case halt.Panic:
			err = p.Err
		case vector.Overflow:
			err = &expr.TooLarge{Bytes: int64(p.Bytes), Most: int64(p.Most), Memory: room < vector.MaxBytes}
		default:
			panic(p)
		}
	}()
	return work()
}

// tooLarge converts the error of a result that is too large into an error for users.
func tooLarge(err error, function string) error {
	var large *expr.TooLarge
	var known *sparkerr.Error
	if err == nil || !errors.As(err, &large) || errors.As(err, &known) {
		return err
	}
	text, hint := large.Sentence(function)
	e := sparkerr.Plain("%s", text).WithHint("%s", hint)
	e.Cause = large
	var at *expr.RowError
	if errors.As(err, &at) {
		return expr.AtRow(at.Row, e)
	}
	return e
}

// operands evaluates the arguments, each on the rows where the preceding strict ones are not NULL, and returns the rows that
// remain for the kernel.
func (c *callNode) operands(r *run, sel vector.Selection) (rows vector.Selection, constant bool, err error) {
	rows, constant = sel, c.fn == nil || !c.fn.Nondeterministic
	for k := range c.args {
		i := k
		if c.fn != nil && c.fn.Operands.Order != expr.FirstFirst {
			i = len(c.args) - 1 - k
		}
		reach := rows
		if c.eager {
			reach = sel
		}
		v, err := c.args[i].eval(r, reach)
		if err != nil {
			return nil, false, err
		}
		c.values[i] = v
		constant = constant && v.IsConst()
		if v.Valid == nil || i >= c.strict {
			continue
		}
		if v.IsConst() {
			if v.IsNull(0) {
				rows = noRows
			}
		} else if !kernel.AllSet(v.Valid, r.n) {
			c.rows = kernel.NotNull(v.Valid, r.n, rows, c.rows)
			rows = c.rows
		}
	}
	return rows, constant, nil
}

var noRows = vector.Selection{}

// mergeNulls sets the NULLs of the result to those of the strict arguments. It returns false if a constant one is NULL.
func (c *callNode) mergeNulls(n int) bool {
	var valid vector.Bitmap
	for _, v := range c.values[:c.strict] {
		switch {
		case v == nil || v.Valid == nil:
		case v.IsConst():
			if v.IsNull(0) {
				return false
			}
		case valid == nil:
			c.valid = kernel.AndValid(c.valid, v.Valid, nil, n)
			valid = c.valid
		default:
			kernel.AndValid(c.valid, valid, v.Valid, n)
		}
	}
	c.out.Valid = valid
	return true
}

// constant runs the kernel once for constant arguments.
func (c *callNode) constant(r *run, sel vector.Selection) (*vector.Vector, error) {
	for _, v := range c.values[:c.strict] {
		if v != nil && v.IsNull(0) {
			return vector.NewNull(c.typ), nil
		}
	}
	out := vector.NewConst(c.typ)
	if err := c.run(r.ctx, 1, nil, out); err != nil {
		var at *expr.RowError
		if errors.As(err, &at) {
			err = at.Err
		}
		return nil, expr.AtRow(kernel.Row(sel, 0), withFragment(err, c.fragment))
	}
	return out, nil
}
