package expr

import (
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// A Binder is the Data of an unbound Lambda. The types of the variables are known only to the function that takes the lambda;
// its Resolve calls Bind, which resolves the body with those variables.
type Binder struct {
	Names []string
	Body  func(vars []*Expr) (*Expr, error)
}

// Var returns a new lambda variable.
func Var(t *types.Type, nullable bool) *Expr {
	return &Expr{Kind: LambdaVar, ID: NewID(), Type: t, Nullable: nullable}
}

// Arity returns the number of variables of the lambda as written, or 0 for an expression without ->.
func (e *Expr) Arity() int {
	if b, ok := e.Data.(*Binder); ok {
		return len(b.Names)
	}
	return len(e.Params)
}

// Bind types a lambda argument of a higher-order function for variables created by Var, as many as the lambda names. Any
// other argument is treated as a lambda that ignores its variables. The result has the type of the body.
func (e *Expr) Bind(vars ...*Expr) (*Expr, error) {
	b, ok := e.Data.(*Binder)
	if e.Kind != Lambda || !ok {
		return lambda(e, e, vars), nil
	}
	if len(vars) != len(b.Names) {
		err := sparkerr.New("INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH",
			"expectedNumArgs", strconv.Itoa(len(b.Names)), "actualNumArgs", strconv.Itoa(len(vars)))
		err.Fragment = e.Fragment()
		return nil, err
	}
	for i, v := range vars {
		v.Name = b.Names[i]
	}
	body, err := b.Body(vars)
	if err != nil {
		return nil, err
	}
	return lambda(e, body, vars), nil
}

func lambda(at, body *Expr, vars []*Expr) *Expr {
	return &Expr{
		Kind: Lambda, Type: body.Type, Nullable: body.Nullable, Args: []*Expr{body}, Params: vars,
		Span: at.Span, Origin: at.Origin,
	}
}
