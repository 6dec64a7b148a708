package transform

import "github.com/streamctl/streamctl/internal/sql/expr"

// A renewal gives new IDs to the columns that a plan makes, so that the plan can occur in another one twice. (Spark: DeduplicateRelations.)
type renewal map[expr.ID]expr.ID

// plan returns the plan with new columns.
func (r renewal) plan(root node) node {
	walk(root, func(n node) {
		for _, c := range made(n) {
			if r[c.ID] == 0 {
				r[c.ID] = expr.NewID()
			}
		}
	})
	return rewrite(root, r.node)
}

// made lists the columns and aliases that a node itself makes.
func made(n node) []*expr.Expr {
	switch n := n.(type) {
	case *relation:
		return n.cols
	case *empty:
		return n.cols
	case *generate:
		return n.cols
	case *expand:
		return n.cols
	case *union:
		return n.cols
	case *join:
		if n.exists != nil {
			return []*expr.Expr{n.exists}
		}
		return nil
	}
	var list []*expr.Expr
	for _, e := range n.expressions() {
		if e.Kind == expr.Alias {
			list = append(list, e)
		}
	}
	return list
}

// node returns a node of the plan with new columns. Its inputs have them.
func (r renewal) node(n node) node {
	switch n := n.(type) {
	case *relation:
		return &relation{n.source, n.name, n.static, r.list(n.cols)}
	case *empty:
		times := make(map[expr.ID]int64, len(n.times))
		for id, delay := range n.times {
			times[r[id]] = delay
		}
		return &empty{r.list(n.cols), n.static, times}
	case *generate:
		return &generate{n.in, r.expr(n.gen), r.list(n.cols)}
	case *expand:
		e := n.withExpressions(r.list(n.expressions())).(*expand)
		e.cols = r.list(n.cols)
		return e
	case *union:
		return &union{n.in, r.list(n.cols)}
	case *eventTime:
		return &eventTime{n.in, r.expr(n.column), n.delay}
	case *dedup:
		return &dedup{n.in, r.list(n.keys), n.within, r.time(n.time)}
	case *aggregation:
		a := n.withExpressions(r.list(n.expressions())).(*aggregation)
		a.time, a.session = r.time(n.time), r.column(n.session)
		return a
	case *join:
		j := *n
		if n.cond != nil {
			j.cond = r.expr(n.cond)
		}
		j.exists = r.column(n.exists)
		return &j
	case *limit:
		return &limit{n.in, n.rows, n.place} // a separate node, since it keeps state
	}
	return n.withExpressions(r.list(n.expressions()))
}

func (r renewal) list(list []*expr.Expr) []*expr.Expr {
	out := make([]*expr.Expr, len(list))
	for i, e := range list {
		out[i] = r.expr(e)
	}
	return out
}

// column returns a column with its new ID; nil for nil.
func (r renewal) column(c *expr.Expr) *expr.Expr {
	if c == nil {
		return nil
	}
	return r.expr(c)
}

func (r renewal) time(t watermarked) watermarked { return watermarked{r.column(t.column), t.delay} }

// expr returns an expression over the new columns.
func (r renewal) expr(e *expr.Expr) *expr.Expr {
	return expr.Transform(e, func(x *expr.Expr) *expr.Expr {
		id := r[x.ID]
		if id == 0 || x.Kind != expr.Column && x.Kind != expr.Alias {
			return x
		}
		return &expr.Expr{
			Kind: x.Kind, ID: id, Name: x.Name, Type: x.Type, Nullable: x.Nullable, Args: x.Args, Data: x.Data, Origin: x.Origin, Span: x.Span,
		}
	})
}
