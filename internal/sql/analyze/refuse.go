package analyze

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
)

// refused returns the error for a function that Spark has and this table lacks: Spark's own error if Spark refuses the call
// too, otherwise that only a cluster can run it.
func (a *analyzer) refused(n *ast.Call, name, group string) error {
	switch {
	case group == "agg_funcs":
		if err := a.checkNested(n); err != nil {
			return err
		}
		if _, err := a.exprs(withoutStars(n.Args)); err != nil {
			return err
		}
		if err := a.misplaced(n, name); err != nil {
			return err
		}
	case group == "window_funcs" && name != "window" && name != "session_window" && name != "window_time":
		return a.fail(n, "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", "funcName", `"`+name+`()"`)
	}
	if name == "cast" { // the function without AS: Spark's message says that it takes no arguments
		return a.wrongCount(n, name, "0", len(n.Args))
	}
	return a.notBuilt(n, name)
}

func (a *analyzer) notBuilt(at ast.Expr, name string) error {
	return a.place(at, sparkerr.Plain("The function %s is not in the embedded engine yet.", name).WithHint("--master runs the job on Apache Spark, which has it"))
}

// windowFunction returns the error for f(…) OVER (…), which streams do not support.
func (a *analyzer) windowFunction(n *ast.Call, name string) error {
	if a.grouping != nil {
		args, err := a.exprs(withoutStars(n.Args))
		if err != nil {
			return err
		}
		for _, arg := range args {
			if _, err := a.grouping.regroup(arg); err != nil {
				return err
			}
		}
	}
	return a.fail(n, "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING", "windowFunc", strings.ToUpper(name)+"()",
		"columnName", "`"+a.column+"`", "windowSpec", a.text(n))
}

// text returns a node as written.
func (a *analyzer) text(e ast.Expr) string {
	span := e.Pos()
	if a.origin == nil || span.End > len(a.origin.Text) {
		return ""
	}
	return a.origin.Text[span.Start:span.End]
}

func isAggregate(name string) bool {
	if f, ok := function.Lookup(name); ok {
		return f.Aggregate
	}
	group, _ := function.KnownToSpark(name)
	return group == "agg_funcs"
}

// FindAggregate returns the first call of an aggregate function in an expression; nil if there is none.
func FindAggregate(e ast.Expr) (found *ast.Call) {
	walk(e, func(e ast.Expr) {
		if n, ok := e.(*ast.Call); ok && found == nil && !n.Over && isAggregate(routine(n)) {
			found = n
		}
	})
	return found
}

// checkGenerators refuses nested generators, and more than one in a select list.
func (a *analyzer) checkGenerators(items []*expr.Expr) error {
	var top []*expr.Expr
	for _, item := range items {
		x := item
		if x.Kind == expr.Alias {
			x = x.Args[0]
		}
		g := findGenerator(x)
		switch {
		case g == nil:
			continue
		case g != x || findGeneratorIn(g.Args) != nil:
			return located(x, sparkerr.New("UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS", "expression", quoted(x)))
		}
		if err := checkGeneratorAliases(item, g); err != nil {
			return located(item, err)
		}
		top = append(top, g)
	}
	if len(top) < 2 {
		return nil
	}
	names := make([]string, len(top))
	for i, g := range top {
		names[i] = quoted(g)
	}
	return located(top[1], sparkerr.New("UNSUPPORTED_GENERATOR.MULTI_GENERATOR", "num", "2", "generators", strings.Join(names, ", ")))
}

// nestsGenerator reports whether an item has a generator below the top level.
func nestsGenerator(e ast.Expr) bool {
	if alias, ok := e.(*ast.Alias); ok {
		e = alias.X
	}
	nested := false
	walk(e, func(x ast.Expr) {
		if n, ok := x.(*ast.Call); ok && x != e {
			f, ok := function.Lookup(routine(n))
			nested = nested || ok && f.Generator
		}
	})
	return nested
}

// checkGeneratorAliases requires as many aliases as the generator has columns.
func checkGeneratorAliases(item, g *expr.Expr) error {
	if item.Kind != expr.Alias {
		return nil
	}
	names := []string{item.Name}
	if list, ok := item.Data.([]string); ok {
		names = list
	}
	n := len(g.Type.Elem.Fields)
	if n == len(names) {
		return nil
	}
	return sparkerr.New("UDTF_ALIAS_NUMBER_MISMATCH", "aliasesSize", strconv.Itoa(n), "aliasesNames", strings.Join(names, ", "))
}

func findGeneratorIn(args []*expr.Expr) *expr.Expr {
	for _, x := range args {
		if g := findGenerator(x); g != nil {
			return g
		}
	}
	return nil
}
