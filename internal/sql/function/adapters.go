package function

import (
	"strings"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A resolver is the Resolve of a Function; a compiler is its Compile.
type (
	resolver = func(call *expr.Expr) error
	compiler = func(call *expr.Expr) (expr.Kernel, error)
)

// Frequent values of Function.Operands.
var (
	seesNulls   = expr.Operands{Nulls: expr.NullsSeen}
	stopsAtNull = expr.Operands{Nulls: expr.NullsStop}
)

// returns returns a resolver for calls with a fixed result type. It casts arguments to the parameters; the last parameter
// repeats.
func returns(t *types.Type, params ...coerce.Param) resolver {
	return func(call *expr.Expr) error {
		if len(params) > 0 {
			if err := coerce.Params(call, params...); err != nil {
				return err
			}
		}
		coerce.Returns(call, t)
		return nil
	}
}

// nullable returns a resolver for calls that Spark declares nullable whatever their arguments.
func nullable(resolve resolver) resolver {
	return func(call *expr.Expr) error {
		err := resolve(call)
		call.Nullable = true
		return err
	}
}

// never returns a resolver for calls that never yield NULL.
func never(resolve resolver) resolver {
	return func(call *expr.Expr) error {
		err := resolve(call)
		call.Nullable = false
		return err
	}
}

// defaults returns a resolver for calls whose missing trailing arguments, starting with number first, have default values,
// which show in names.
func defaults(resolve resolver, first int, values ...*expr.Expr) resolver {
	return func(call *expr.Expr) error {
		if missing := first + len(values) - len(call.Args); missing > 0 {
			call.Args = append(append([]*expr.Expr(nil), call.Args...), values[len(values)-missing:]...)
		}
		return resolve(call)
	}
}

// calls returns a printer that uses the given name unless the call was written with an alias.
func calls(name string) func(call *expr.Expr, args []string) string {
	return func(call *expr.Expr, args []string) string {
		if call.Name != "" && call.Name != call.Fn.Name {
			return callSQL(call.Name, args)
		}
		return callSQL(name, args)
	}
}

// always returns a printer that uses one name, whatever the alias.
func always(name string) func(call *expr.Expr, args []string) string {
	return func(_ *expr.Expr, args []string) string { return callSQL(name, args) }
}

func callSQL(name string, args []string) string {
	n := len(name) + 2
	for _, a := range args {
		n += len(a) + 2
	}
	b := make([]byte, 0, n)
	b = append(append(b, name...), '(')
	for i, a := range args {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, a...)
	}
	return string(append(b, ')'))
}

// plain returns a compiler that uses one stateless kernel for every call.
func plain(k expr.Kernel) compiler {
	return func(*expr.Expr) (expr.Kernel, error) { return k, nil }
}

// A row provides a kernel written for one row at a time with its arguments and result.
type row struct {
	ctx  *expr.Context
	args []*vector.Vector
	out  *vector.Vector
	i    int
	from int // start of the row's data in out.Data

	halt.Steps // for loops whose length depends on the row
}

// rowKernel runs f on every row. f must not keep the row after it returns.
//
// It must not be inlined: within an inlined copy of the loop, the compiler would not inline calls.
//
//go:noinline
func rowKernel(f func(r *row) error) expr.Kernel {
	var r row
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		r = row{ctx: ctx, args: args, out: out, Steps: halt.Steps{Stop: ctx.Stop}}
		for k := range kernel.Count(n, sel) {
			r.i = kernel.Row(sel, k)
			if err := ctx.Stop.Err(); err != nil {
				return err
			}
			r.from = len(out.Data)
			if err := f(&r); err != nil {
				return expr.AtRow(r.i, err)
			}
			if len(out.Data)-r.from > expr.MaxText || len(out.Data) > vector.MaxBytes {
				r.fits(out.Data, 0)
			}
		}
		return nil
	}
}

// eachRow returns a compiler that uses rowKernel.
func eachRow(f func(r *row) error) compiler {
	return func(*expr.Expr) (expr.Kernel, error) { return rowKernel(f), nil }
}

// eachText compiles a function that appends its string or binary result to dst.
func eachText(f func(r *row, dst []byte) []byte) compiler {
	return eachRow(func(r *row) error {
		from := len(r.out.Data)
		r.out.Data = f(r, r.out.Data)
		r.out.CloseBytes(r.i, from)
		return nil
	})
}

// eachCut compiles a function whose result is a substring of argument arg: only the view is new.
func eachCut(arg int, f func(r *row, s []byte) []byte) compiler {
	return func(*expr.Expr) (expr.Kernel, error) {
		var r row
		return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
			r = row{ctx: ctx, args: args, out: out, Steps: halt.Steps{Stop: ctx.Stop}}
			out.Share(args[arg])
			for k := range kernel.Count(n, sel) {
				r.i = kernel.Row(sel, k)
				s := args[arg].Bytes(r.i)
				out.Views[out.At(r.i)] = viewOf(args[arg], r.i, s, f(&r, s))
			}
			return nil
		}, nil
	}
}

// viewOf returns the view of part, a substring of s, which is the value of row i of v. Both slices must extend to the same
// capacity end.
func viewOf(v *vector.Vector, i int, s, part []byte) vector.View {
	return vector.View{Off: v.Views[v.At(i)].Off + uint32(cap(s)-cap(part)), Len: uint32(len(part))}
}

// eachTextOr is eachText for a function that can fail.
func eachTextOr(f func(r *row, dst []byte) ([]byte, error)) compiler {
	return eachRow(func(r *row) error {
		from := len(r.out.Data)
		dst, err := f(r, r.out.Data)
		if err != nil {
			return err
		}
		r.out.Data = dst
		r.out.CloseBytes(r.i, from)
		return nil
	})
}

// fits aborts the evaluation if n more bytes would make the current string in dst, or all strings of the batch, too long.
func (r *row) fits(dst []byte, n int) {
	if err := r.Hold(len(dst)+n, 0); err != nil {
		panic(halt.Panic{Err: err})
	}
}

// Hold is fits for the encoders, as a codec.Buffer.
func (r *row) Hold(length, _ int) error {
	if text := length - r.from; text > expr.MaxText || length > r.out.Most() {
		return expr.AtRow(r.i, expr.CheckText(text, r.from, r.out.Most()))
	}
	return nil
}

// eachInt compiles a function that returns INT.
func eachInt(f func(r *row) int) compiler {
	return eachRow(func(r *row) error {
		r.out.I32[r.out.At(r.i)] = int32(f(r))
		return nil
	})
}

// eachLong compiles a function that returns BIGINT.
func eachLong(f func(r *row) int64) compiler {
	return eachRow(func(r *row) error {
		r.out.I64[r.out.At(r.i)] = f(r)
		return nil
	})
}

// eachBool compiles a function that returns BOOLEAN.
func eachBool(f func(r *row) bool) compiler {
	return eachRow(func(r *row) error {
		r.out.Bool[r.out.At(r.i)] = f(r)
		return nil
	})
}

// mapDouble compiles a function from DOUBLE to DOUBLE.
func mapDouble(f func(x float64) float64) compiler {
	return plain(func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		x, y := args[0].F64, out.F64
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			y[out.At(i)] = f(x[args[0].At(i)])
		}
		return nil
	})
}

// keyword returns a string in upper case for lookup. A long string cannot be a keyword and is returned unchanged.
func (r *row) keyword(k int) string {
	s := string(r.text(k))
	if len(s) > longestKeyword {
		return s
	}
	return strings.ToUpper(s)
}

const longestKeyword = 256

func (r *row) isNull(k int) bool    { return r.args[k].IsNull(r.i) }
func (r *row) text(k int) []byte    { return r.args[k].Bytes(r.i) }
func (r *row) bool(k int) bool      { return r.args[k].Bool[r.args[k].At(r.i)] }
func (r *row) int(k int) int        { return int(r.args[k].I32[r.args[k].At(r.i)]) }
func (r *row) long(k int) int64     { return r.args[k].I64[r.args[k].At(r.i)] }
func (r *row) double(k int) float64 { return r.args[k].F64[r.args[k].At(r.i)] }
func (r *row) setNull()             { r.out.SetNull(r.i) }
func (r *row) setInt(v int)         { r.out.I32[r.out.At(r.i)] = int32(v) }
func (r *row) setLong(v int64)      { r.out.I64[r.out.At(r.i)] = v }
func (r *row) setDouble(v float64)  { r.out.F64[r.out.At(r.i)] = v }
func (r *row) setBytes(b []byte)    { r.out.SetBytes(r.i, b) }
func (r *row) setString(s string)   { r.out.SetString(r.i, s) }
func (r *row) listStart() (at int)  { return r.out.Children[0].Len() }
func (r *row) listAdd(s []byte) {
	list := r.out.Children[0]
	at := list.Len()
	list.Extend(at + 1)
	list.SetBytes(at, s)
}
func (r *row) listEnd(from int) {
	r.out.Views[r.out.At(r.i)] = vector.View{Off: uint32(from), Len: uint32(r.out.Children[0].Len() - from)}
}

// binaryLiteral returns a BINARY literal.
func binaryLiteral(b []byte) *expr.Expr {
	v := vector.NewConst(types.Binary)
	v.SetBytes(0, b)
	return expr.Lit(v)
}
