package analyze

import (
	"errors"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
)

// A phase is when Spark's analyzer meets a mistake. Its rules run over the whole text one after the other, so of several
// mistakes the one of the earliest rule is reported, not the one that is written first.
type phase uint8

const (
	extracting phase = iota // parts of structs, maps and arrays (Spark: ResolveReferences)
	building                // functions are looked up and made (Spark: ResolveFunctions)
	binding                 // lambdas get their parameters, arguments their types
	checking                // types, and names that are still unknown (Spark: CheckAnalysis)
)

// earliest gives the mistake in an expression that is wrong with which Spark begins; err is the first in the order of the text.
// Of one phase it is the first whose own operands are right.
func (a *analyzer) earliest(e ast.Expr, err error) error {
	found := checking
	eachOutsideLambdas(e, func(n ast.Expr) {
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

// eachOutsideLambdas visits what may be wrong before types are checked, operands first.
func eachOutsideLambdas(e ast.Expr, visit func(ast.Expr)) {
	for _, x := range operands(e) {
		if _, ok := x.(*ast.Lambda); x != nil && !ok {
			eachOutsideLambdas(x, visit)
		}
	}
	switch e.(type) {
	case *ast.Call, *ast.Name, *ast.Field, *ast.Subscript, *ast.Cast:
		visit(e)
	}
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
	if call, ok := n.(*ast.Call); ok && p < checking {
		f, known := function.Lookup(routine(call))
		if known && f.HigherOrder && !strings.HasPrefix(e.Condition, "WRONG_NUM_ARGS") { // from the body of its lambda
			return max(p, binding)
		}
	}
	return p
}

func phaseOfCondition(e *sparkerr.Error) phase {
	name, _, _ := strings.Cut(e.Condition, ".")
	switch name {
	case "FIELD_NOT_FOUND", "INVALID_EXTRACT_FIELD_TYPE", "INVALID_EXTRACT_BASE_FIELD_TYPE", "AMBIGUOUS_REFERENCE", "AMBIGUOUS_REFERENCE_TO_FIELDS":
		return extracting
	case "WRONG_NUM_ARGS":
		if strings.HasPrefix(e.Params["expectedNum"], "2n") { // map and named_struct find out when they tell their type
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

// checkNullability fails where Spark, which asks whether an expression may be NULL, has to compute an operand that fails: the
// index of element_at, for one. It asks the operands in order until one may be.
func checkNullability(e *expr.Expr) error {
	switch {
	case e.Kind == expr.Lambda || e.Kind == expr.Literal:
		return nil
	case e.Kind == expr.Call:
		if e.Fn.Nullability != nil {
			if err := e.Fn.Nullability(e); err != nil {
				return located(e, err)
			}
		}
		if neverAsks(e) {
			return nil
		}
	}
	args := e.Args
	if e.Is("if") {
		args = args[1:]
	}
	for _, x := range args {
		if err := checkNullability(x); err != nil {
			return err
		}
		if x.Nullable == !e.Is("coalesce") {
			break
		}
	}
	return nil
}

// neverAsks reports a call that may or may not be NULL whatever its operands.
func neverAsks(e *expr.Expr) bool {
	if e.Is("isnull") || e.Is("isnotnull") || e.Is("<=>") {
		return true
	}
	return e.Nullable && !slices.ContainsFunc(e.Args, func(x *expr.Expr) bool { return x.Nullable })
}
