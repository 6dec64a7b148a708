package analyze

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
)

// call resolves a function call.
func (a *analyzer) call(n *ast.Call) (*expr.Expr, error) {
	name := routine(n)
	if n.Over {
		return nil, a.windowFunction(n, name)
	}
	if isGrouping(name) {
		return a.groupingCall(n, name)
	}
	if group, ok := function.KnownToSpark(name); ok && !isBuilt(name) {
		return nil, a.refused(n, name, group)
	}
	f, ok := function.Lookup(name)
	if ok && f.Aggregate {
		return a.aggregate(n, f, name)
	}
	if err := a.checkSyntax(n, f, name); err != nil {
		return nil, err
	}
	arguments := a.arguments
	if n.Named != nil {
		arguments = func(n *ast.Call, name string) ([]*expr.Expr, error) { return a.named(n, f, name) }
	}
	args, err := arguments(n, name)
	if err != nil {
		return nil, err
	}
	if err := a.checkCount(n, f, name, len(args)); err != nil {
		return nil, err
	}
	call := a.locate(&expr.Expr{Kind: expr.Call, Fn: f, Args: args}, n)
	if name != f.Name {
		call.Name = name
	}
	return a.resolve(call)
}

// checkSyntax refuses syntax that only aggregates support, and named arguments for functions without named parameters.
func (a *analyzer) checkSyntax(n *ast.Call, f *expr.Function, name string) error {
	syntax := ""
	switch {
	case n.Named != nil && f.Params == nil:
		return a.fail(n, "NAMED_PARAMETERS_NOT_SUPPORTED", "functionName", types.Quote(name))
	case n.Distinct:
		syntax = "DISTINCT"
	case n.Filter != nil:
		syntax = "FILTER clause"
	case n.IgnoreNulls:
		syntax = "IGNORE NULLS"
	case n.Within != nil:
		syntax = "WITHIN GROUP (ORDER BY ...)"
	default:
		return nil
	}
	return a.fail(n, "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "prettyName", types.Quote(name), "syntax", syntax)
}

// routine returns the name of a function without the schema that may qualify it.
func routine(n *ast.Call) string { return strings.ToLower(n.Name[len(n.Name)-1]) }

// arguments resolves the arguments and expands stars to all columns.
func (a *analyzer) arguments(n *ast.Call, name string) ([]*expr.Expr, error) {
	var args []*expr.Expr
	for _, arg := range n.Args {
		if star, ok := arg.(*ast.Star); ok {
			cols, err := a.star(star)
			if err != nil {
				return nil, err
			}
			for _, c := range cols {
				if c.Kind == expr.Alias && name != "struct" {
					c = c.Args[0]
				}
				args = append(args, c)
			}
			continue
		}
		if _, ok := arg.(*ast.Lambda); ok {
			if f, ok := function.Lookup(name); ok && !f.HigherOrder {
				return nil, a.fail(arg, "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION", "class", name)
			}
		}
		x, err := a.expr(arg)
		if err != nil {
			return nil, err
		}
		args = append(args, x)
	}
	return args, nil
}

// lambda leaves the body to the function that takes the lambda: see expr.Binder.
func (a *analyzer) lambda(n *ast.Lambda) (*expr.Expr, error) {
	for i, p := range n.Params {
		if slices.ContainsFunc(n.Params[:i], func(q string) bool { return strings.EqualFold(p, q) }) {
			return nil, a.fail(n, "INVALID_LAMBDA_FUNCTION_CALL.DUPLICATE_ARG_NAMES",
				"args", strings.Join(n.Params, ", "), "caseSensitiveConfig", `"spark.sql.caseSensitive"`)
		}
	}
	outer := a.vars
	body := func(vars []*expr.Expr) (*expr.Expr, error) {
		saved := a.vars
		defer func() { a.vars = saved }()
		a.vars = append(outer[:len(outer):len(outer)], vars...)
		return a.expr(n.Body)
	}
	x := &expr.Expr{Kind: expr.Lambda, Type: types.Void, Nullable: true, Data: &expr.Binder{Names: n.Params, Body: body}}
	return a.locate(x, n), nil
}

func (a *analyzer) checkCount(n *ast.Call, f *expr.Function, name string, count int) error {
	if name == "count" && count == 0 {
		return a.fail(n, "WRONG_NUM_ARGS.WITH_SUGGESTION", "functionName", "`count`", "expectedNum", " >= 1", "actualNum", "0",
			"legacyConfKey", `"spark.sql.legacy.allowParameterlessCount"`, "legacyConfValue", `"true"`)
	}
	if count < f.MinArgs && f.Params != nil {
		return a.missingParameter(n, f, name, count)
	}
	counts := f.ArgCounts
	switch {
	case counts == nil && f.MaxArgs < 0:
		if count >= f.MinArgs {
			return nil
		}
		return a.wrongCount(n, name, "> "+strconv.Itoa(f.MinArgs-1), count)
	case counts == nil:
		for i := f.MinArgs; i <= f.MaxArgs; i++ {
			counts = append(counts, i)
		}
	}
	if slices.Contains(counts, count) {
		return nil
	}
	texts := make([]string, len(counts))
	for i, c := range counts {
		texts[i] = strconv.Itoa(c)
	}
	if len(texts) == 1 {
		return a.wrongCount(n, name, texts[0], count)
	}
	return a.wrongCount(n, name, "["+strings.Join(texts, ", ")+"]", count)
}

func (a *analyzer) wrongCount(n *ast.Call, name, expected string, count int) error {
	err := a.fail(n, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "functionName", types.Quote(name), "expectedNum", expected,
		"actualNum", strconv.Itoa(count), "docroot", "https://spark.apache.org/docs/latest")
	if f, ok := function.Lookup(name); ok && f.Usage != "" {
		err.Hint = f.Usage
	}
	return err
}

func isBuilt(name string) bool {
	_, ok := function.Lookup(name)
	return ok
}

// checkRoutines reports calls of functions that do not exist.
func (a *analyzer) checkRoutines(e ast.Expr) error {
	return eachCall(e, func(n *ast.Call) error {
		name := routine(n)
		if hint, ok := tableFunctions[name]; ok {
			return a.fail(n, "NOT_A_SCALAR_FUNCTION", "functionName", types.Quote(name)).WithHint("%s", hint)
		}
		if _, known := function.KnownToSpark(name); !known && !isBuilt(name) || !inCatalog(n.Name) || lacksUnit(n, name) {
			return a.unknownRoutine(n)
		}
		return nil
	})
}

// eachCall visits the calls in e, calls within arguments first, until one fails.
func eachCall(e ast.Expr, visit func(n *ast.Call) error) (err error) {
	walk(e, func(e ast.Expr) {
		if n, ok := e.(*ast.Call); ok && err == nil {
			err = visit(n)
		}
	})
	return err
}

// lacksUnit reports whether n calls timestampadd or timestampdiff without a unit word. These functions require a unit, which
// the parser turns into a literal.
func lacksUnit(n *ast.Call, name string) bool {
	if name != "timestampadd" && name != "timestampdiff" {
		return false
	}
	if len(n.Args) != 3 {
		return true
	}
	unit, ok := n.Args[0].(*ast.Literal)
	return !ok || unit.Kind != ast.LitString
}

// inCatalog reports whether a name is unqualified or qualified with the schema of the built-in functions.
func inCatalog(parts []string) bool {
	qualifier := strings.ToLower(strings.Join(parts[:len(parts)-1], "."))
	return qualifier == "" || qualifier == "builtin" || qualifier == "system.builtin"
}

func (a *analyzer) unknownRoutine(n *ast.Call) error {
	err := a.fail(n, "UNRESOLVED_ROUTINE", "routineName", quoteParts(n.Name),
		"searchPath", "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]")
	err.Hint = didYouMean(routine(n), function.SparkNames())
	return err
}
