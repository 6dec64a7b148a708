package transform

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
)

// windows puts the window that expressions use, be it a time window or that of a session, below the plan and returns the expressions with
// its column in place of the call. Rows without a time are filtered out first, where readers may see the condition. (Spark: the rules
// TimeWindowing and SessionWindowing.)
func (b *builder) windows(list []*expr.Expr) ([]*expr.Expr, error) {
	var window, column *expr.Expr
	var err error
	replace := func(e *expr.Expr) *expr.Expr {
		switch {
		case err != nil || !e.Is("window") && !e.Is("session_window") || e.Fn.Generator:
			return e
		case window == nil:
			window = e
			if column, err = b.window(e); err != nil {
				return e
			}
		case !expr.Equal(window, e):
			err = &sparkerr.Error{
				Text:     "Multiple time/session window expressions would result in a cartesian product of rows, therefore they are currently not supported.",
				Fragment: e.Fragment(),
			}
		}
		return column
	}
	out := make([]*expr.Expr, len(list))
	for i, e := range list {
		out[i] = expr.Transform(e, replace)
	}
	return out, err
}

// window adds the column of a window to the plan.
func (b *builder) window(e *expr.Expr) (*expr.Expr, error) {
	if e.Is("session_window") {
		return b.sessionWindow(e)
	}
	if time := e.Args[0]; time.Nullable {
		b.plan = &filter{b.plan, call("isnotnull", time)}
	}
	if !function.Tumbling(e) {
		return b.generate(function.WindowRows(e), nil), nil
	}
	out := b.plan.output()
	named := alias(function.WindowOf(e), "window")
	b.plan = &project{b.plan, append(out[:len(out):len(out)], named)}
	return columnOf(named), nil
}

// sessionWindow adds the session of each row.
func (b *builder) sessionWindow(e *expr.Expr) (*expr.Expr, error) {
	session := alias(function.SessionOf(e), e.Fn.Name)
	column := columnOf(session)
	cond, err := function.SessionRows(e, column)
	if err != nil {
		return nil, err
	}
	b.plan = &filter{&project{b.plan, append([]*expr.Expr{session}, b.plan.output()...)}, cond}
	return column, nil
}

// isSession reports whether a column of a node holds session windows.
func isSession(n node, column *expr.Expr) bool { return windowOf(n, column) == "session_window" }

// windowOf returns the function that has made a column of a node, window or session_window, or "". It does so under other names, too.
func windowOf(n node, column *expr.Expr) string {
	for id := column.ID; n != nil; n, id = inputWith(n, id) {
		var list []*expr.Expr
		switch m := n.(type) {
		case *project:
			list = m.list
		case *aggregation:
			list = m.keys
		case *expand: // the key of a copy of each row; it is NULL in some
			for i, c := range m.cols {
				if c.ID == id {
					id = columnIn(m.lists, i, id)
				}
			}
		case *generate:
			if m.gen.Is("window") && m.cols[0].ID == id {
				return "window"
			}
		}
		for _, e := range list {
			if e.ID != id {
				continue
			}
			if e = unalias(e); e.Is("session_window") || e.Is("window") {
				return e.Fn.Name
			}
			id = e.ID
		}
	}
	return ""
}

// inputWith returns the input of a node that a column of the node comes from, and the column's ID there; nil if there is none.
func inputWith(n node, id expr.ID) (node, expr.ID) {
	in := n.inputs()
	if u, ok := n.(*union); ok {
		at := slices.IndexFunc(u.cols, func(c *expr.Expr) bool { return c.ID == id })
		if at < 0 { // made above the union
			return nil, id
		}
		return in[0], in[0].output()[at].ID
	}
	if len(in) == 1 {
		return in[0], id
	}
	for _, in := range in {
		if slices.ContainsFunc(in.output(), func(c *expr.Expr) bool { return c.ID == id }) {
			return in, id
		}
	}
	return nil, id
}

// columnIn returns the column that is at a position of some of the lists; otherwise id.
func columnIn(lists [][]*expr.Expr, at int, id expr.ID) expr.ID {
	for _, list := range lists {
		if x := unalias(list[at]); x.Kind == expr.Column {
			return x.ID
		}
	}
	return id
}
