package transform

import "github.com/streamctl/streamctl/internal/sql/expr"

// combineConcats makes one call of nested ones: (a || b) || c would copy a and b twice, and a long chain its text as often as it
// has operands. (Spark: CombineConcats.)
func combineConcats(e *expr.Expr) *expr.Expr {
	c := concats{done: map[*expr.Expr]*expr.Expr{}}
	return c.combine(e)
}

type concats struct{ done map[*expr.Expr]*expr.Expr }

func (c *concats) combine(e *expr.Expr) *expr.Expr {
	if len(e.Args) == 0 {
		return e
	}
	if r, ok := c.done[e]; ok {
		return r
	}
	operands := e.Args
	if e.Is("concat") {
		operands = appendConcat(nil, e, e)
	}
	args := make([]*expr.Expr, len(operands))
	for i, a := range operands {
		args[i] = c.combine(a)
	}
	r := e.WithArgs(args)
	c.done[e] = r
	return r
}

// appendConcat appends the operands of a chain of concat of the same type as top.
func appendConcat(list []*expr.Expr, e, top *expr.Expr) []*expr.Expr {
	if !e.Is("concat") || !e.Type.Equal(top.Type) {
		return append(list, e)
	}
	for _, a := range e.Args {
		list = appendConcat(list, a, top)
	}
	return list
}
