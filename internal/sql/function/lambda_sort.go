package function

import (
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func resolveArraySort(call *expr.Expr) error {
	t, err := itemArray(call, 0)
	if err != nil {
		return err
	}
	coerce.Returns(call, t)
	call.Nullable = call.Args[0].Nullable
	if len(call.Args) == 1 {
		if err := coerce.CheckOrdering(call, t.Elem, call.Fn.Name); err != nil {
			return err
		}
		return nil
	}
	f, err := call.Args[1].Bind(expr.Var(t.Elem, t.ContainsNull), expr.Var(t.Elem, t.ContainsNull))
	if err != nil {
		return err
	}
	bindArgs(call, call.Args[0], f)
	if f.Type.Kind != types.KindInt {
		return coerce.Mismatch(call, "UNEXPECTED_RETURN_TYPE", "functionName", "`lambdafunction`", "expectedType", `"INT"`,
			"actualType", `"`+f.Type.SQL()+`"`)
	}
	return nil
}

// arraySortSQL prints the call. Without a comparator Spark prints the default one.
func arraySortSQL(call *expr.Expr, args []string) string {
	if len(args) == 1 {
		const v = "namedlambdavariable()"
		args = append(args, "lambdafunction((IF((("+v+" IS NULL) AND ("+v+" IS NULL)), 0, (IF(("+v+" IS NULL), 1, (IF(("+v+
			" IS NULL), -1, (IF(("+v+" < "+v+"), -1, (IF(("+v+" > "+v+"), 1, 0)))))))))), "+v+", "+v+")")
	}
	return callSQL(call.CallName(), args)
}

func compileArraySort(call *expr.Expr) (expr.Kernel, error) {
	if len(call.Args) == 1 {
		return rowKernel(sortNullsLast), nil
	}
	lambda, err := eval.CompileLambda(call.Args[1])
	if err != nil {
		return nil, err
	}
	c := &comparator{lambda: lambda}
	return rowKernel(func(r *row) error { return sortBy(r, c) }), nil
}

func sortNullsLast(r *row) error {
	items, off, n := r.list(0)
	rows := sortedRows(&r.Steps, items, off, off+n)
	nulls := 0
	for nulls < n && items.IsNull(int(rows[nulls])) {
		nulls++
	}
	r.addRows(items, append(rows[nulls:], rows[:nulls]...))
	return nil
}

// addRows builds an array of the given rows of items.
func (r *row) addRows(items *vector.Vector, rows []int32) {
	from := r.listStart()
	for _, j := range rows {
		r.addItem(items, int(j))
	}
	r.listEnd(from)
}

func sortBy(r *row, c *comparator) error {
	items, off, n := r.list(0)
	rows := make([]int32, n)
	for k := range rows {
		rows[k] = int32(off + k)
	}
	var failed error
	slices.SortStableFunc(rows, func(a, b int32) int {
		if failed != nil {
			return 0
		}
		order, err := c.compare(r.ctx, r.args[1], r.i, items, a, b)
		failed = err
		return order
	})
	r.addRows(items, rows)
	return failed
}

// A comparator compares two items with a lambda.
type comparator struct {
	lambda      *eval.Lambda
	left, right vector.Vector
}

func (c *comparator) compare(ctx *expr.Context, env *vector.Vector, row int, items *vector.Vector, a, b int32) (int, error) {
	kernel.GatherShared(&c.left, items, []int32{a})
	kernel.GatherShared(&c.right, items, []int32{b})
	result, err := c.lambda.Eval(ctx, env, []int32{int32(row)}, &c.left, &c.right)
	switch {
	case err != nil:
		return 0, cause(err)
	case result.IsNull(0):
		return 0, sparkerr.New("COMPARATOR_RETURNS_NULL", "firstValue", text(items, int(a)), "secondValue", text(items, int(b)))
	}
	return int(result.I32[0]), nil
}

// cause removes the row from an error: the row of a lambda is not a row of the batch.
func cause(err error) error {
	var at *expr.RowError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
