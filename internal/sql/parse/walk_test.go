package parse

import "github.com/streamctl/streamctl/internal/sql/ast"

// walk visits all nodes of a tree.
func walk(e ast.Expr, visit func(ast.Expr)) {
	if e == nil {
		return
	}
	visit(e)
	for _, child := range children(e) {
		walk(child, visit)
	}
}

func children(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.IntervalLit:
		var list []ast.Expr
		for _, p := range e.Parts {
			list = append(list, p.Value)
		}
		return list
	case *ast.Call:
		list := append([]ast.Expr{e.Filter}, e.Args...)
		for _, o := range e.Within {
			list = append(list, o.X)
		}
		return list
	case *ast.Unary:
		return []ast.Expr{e.X}
	case *ast.Binary:
		return []ast.Expr{e.L, e.R}
	case *ast.Between:
		return []ast.Expr{e.X, e.Lo, e.Hi}
	case *ast.In:
		return append([]ast.Expr{e.X}, e.List...)
	case *ast.Like:
		return append([]ast.Expr{e.X}, e.Patterns...)
	case *ast.Is:
		return []ast.Expr{e.X, e.Y}
	case *ast.Case:
		list := []ast.Expr{e.Operand, e.Else}
		for _, w := range e.Whens {
			list = append(list, w.Cond, w.Then)
		}
		return list
	case *ast.Cast:
		return []ast.Expr{e.X}
	case *ast.Subscript:
		return []ast.Expr{e.X, e.Index}
	case *ast.Field:
		return []ast.Expr{e.X}
	case *ast.Extract:
		return []ast.Expr{e.X}
	case *ast.Lambda:
		return []ast.Expr{e.Body}
	case *ast.Alias:
		return []ast.Expr{e.X}
	case *ast.Tuple:
		return e.Items
	}
	return nil
}
