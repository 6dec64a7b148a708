package analyze

import (
	"errors"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/function"
)

// A phase is the stage at which Spark's analyzer detects a mistake. Its rules process the whole text one after another, so of
// several mistakes it reports the one found by the earliest rule, not the first in the text.
type phase uint8

const (
	extracting phase = iota // parts of structs, maps and arrays are extracted (Spark: ResolveReferences)
	building                // functions are looked up and created (Spark: ResolveFunctions)
	binding                 // lambdas get their parameters, arguments their types
	handing                 // the arguments that lambdas are applied to (Spark: HigherOrderFunction.checkArgumentDataTypes)
	checking                // types, and names that are still unresolved (Spark: CheckAnalysis)
)

// earliest returns the mistake that Spark reports for an invalid expression; err is the first mistake in the order of the
// text. Within a phase, it is the first mistake in a node whose operands are valid.
func (a *analyzer) earliest(e ast.Expr, err error) error {
	found := checking
	a.quiet = true // an unknown name is a mistake of the last phase, so it is not reported here
	defer func() { a.quiet = false }()
	eachPlain(e, nil, func(n ast.Expr) {
		if found == extracting || !a.operandsRight(n) {
			return
		}
		_, wrong := a.expr(n)
		if wrong == nil {
			return
		}
		if p := phaseOf(n, wrong); p < found {
			found, err = p, wrong
		}
	})
	return err
}

// eachPlain visits, operands first, the nodes that may be invalid before types are checked. In bodies of lambdas it visits
// only what does not involve their variables.
func eachPlain(e ast.Expr, vars []string, visit func(ast.Expr)) (plain bool) {
	plain = true
	inner := vars
	if l, ok := e.(*ast.Lambda); ok {
		inner = append(vars[:len(vars):len(vars)], l.Params...)
	}
	for _, x := range operands(e) {
		if x != nil && !eachPlain(x, inner, visit) {
			plain = false
		}
	}
	switch n := e.(type) {
	case *ast.Lambda:
		return true // the function that takes the lambda binds its variables
	case *ast.Name:
		if slices.ContainsFunc(vars, func(v string) bool { return strings.EqualFold(v, n.Parts[0]) }) {
			return false
		}
	case *ast.Call, *ast.Field, *ast.Extract, *ast.Subscript, *ast.Cast:
	default:
		return plain
	}
	if plain {
		visit(e)
	}
	return plain
}

func (a *analyzer) operandsRight(e ast.Expr) bool {
	return !slices.ContainsFunc(operands(e), func(x ast.Expr) bool {
		switch x.(type) {
		case nil, *ast.Star, *ast.Lambda:
			return false
		}
		_, err := a.expr(x)
		return err != nil
	})
}

func phaseOf(n ast.Expr, err error) phase {
	var e *sparkerr.Error
	if !errors.As(err, &e) {
		return checking
	}
	p := phaseOfCondition(e)
	if _, ok := n.(*ast.Cast); ok && e.Condition == "UNSUPPORTED_TIME_TYPE" {
		return extracting
	}
	call, ok := n.(*ast.Call)
	if !ok {
		return p
	}
	f, known := function.Lookup(routine(call))
	switch {
	case !known || !f.HigherOrder || strings.HasPrefix(e.Condition, "WRONG_NUM_ARGS"):
	case p < checking: // from the body of its lambda
		return max(p, binding)
	case isAboutArgument(call, e):
		return handing
	}
	return p
}

// isAboutArgument reports whether a higher-order function rejects the type of an argument that is not a lambda.
func isAboutArgument(call *ast.Call, e *sparkerr.Error) bool {
	if e.Condition == "DATATYPE_MISMATCH.MAP_ZIP_WITH_DIFF_TYPES" {
		return true
	}
	k := slices.Index([]string{"first", "second"}, e.Params["paramIndex"])
	if e.Condition != "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE" || k < 0 || k >= len(call.Args) || e.Fragment == nil || e.Fragment.Start != call.Pos().Start {
		return false
	}
	_, lambda := call.Args[k].(*ast.Lambda)
	return !lambda
}

func phaseOfCondition(e *sparkerr.Error) phase {
	name, _, _ := strings.Cut(e.Condition, ".")
	switch name {
	case "FIELD_NOT_FOUND", "INVALID_EXTRACT_FIELD_TYPE", "INVALID_EXTRACT_BASE_FIELD_TYPE", "AMBIGUOUS_REFERENCE", "AMBIGUOUS_REFERENCE_TO_FIELDS":
		return extracting
	case "WRONG_NUM_ARGS":
		if strings.HasPrefix(e.Params["expectedNum"], "2n") { // map and named_struct detect this when they determine their type
			return binding
		}
		return building
	case "REQUIRED_PARAMETER_NOT_FOUND", "NON_FOLDABLE_ARGUMENT", "INVALID_PARAMETER_VALUE", "INVALID_EXTRACT_FIELD", "INVALID_SCHEMA",
		"UNSUPPORTED_DATATYPE", "PARSE_SYNTAX_ERROR":
		return building
	case "INVALID_LAMBDA_FUNCTION_CALL", "UNSUPPORTED_TIME_TYPE":
		return binding
	}
	return checking
}
