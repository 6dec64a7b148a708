package analyze

import "github.com/streamctl/streamctl/internal/sql/ast"

// walk visits a node after the nodes below it.
func walk(e ast.Expr, visit func(ast.Expr)) {
	if e == nil {
		return
	}
	for _, x := range operands(e) {
		walk(x, visit)
	}
	visit(e)
}

// operands returns the nodes below a node; missing ones are nil.
func operands(e ast.Expr) []ast.Expr {
	switch n := e.(type) {
	case *ast.Call:
		list := append(n.Args[:len(n.Args):len(n.Args)], n.Filter)
		for _, o := range n.Within {
			list = append(list, o.X)
		}
		return list
	case *ast.Unary:
		return []ast.Expr{n.X}
	case *ast.Binary:
		return []ast.Expr{n.L, n.R}
	case *ast.Between:
		return []ast.Expr{n.X, n.Lo, n.Hi}
	case *ast.In:
		return append([]ast.Expr{n.X}, n.List...)
	case *ast.Like:
		return append([]ast.Expr{n.X}, n.Patterns...)
	case *ast.Is:
		return []ast.Expr{n.X, n.Y}
	case *ast.Case:
		list := []ast.Expr{n.Operand}
		for _, w := range n.Whens {
			list = append(list, w.Cond, w.Then)
		}
		return append(list, n.Else)
	case *ast.Cast:
		return []ast.Expr{n.X}
	case *ast.Subscript:
		return []ast.Expr{n.X, n.Index}
	case *ast.Field:
		return []ast.Expr{n.X}
	case *ast.Extract:
		return []ast.Expr{n.X}
	case *ast.Lambda:
		return []ast.Expr{n.Body}
	case *ast.Alias:
		return []ast.Expr{n.X}
	case *ast.Subquery:
		return []ast.Expr{n.X}
	case *ast.Tuple:
		return n.Items
	}
	return nil
}
