package analyze

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// named arranges the arguments of a call with NAME => value in the order of the parameters and fills gaps with defaults.
// (Spark: NamedParametersSupport.defaultRearrange.)
func (a *analyzer) named(n *ast.Call, f *expr.Function, name string) ([]*expr.Expr, error) {
	positional := slices.IndexFunc(n.Named, func(s string) bool { return s != "" })
	values := make([]ast.Expr, max(len(f.Params), positional))
	copy(values, n.Args[:positional])
	for i := positional; i < len(n.Args); i++ {
		if err := a.assign(n, f, name, i, positional, values); err != nil {
			return nil, err
		}
	}
	args := make([]*expr.Expr, len(values))
	for i, value := range values {
		switch {
		case value != nil:
			var err error
			if args[i], err = a.expr(value); err != nil {
				return nil, err
			}
		case f.Params[i].Default != nil:
			args[i] = f.Params[i].Default
		default:
			return nil, a.missingParameter(n, f, name, i)
		}
	}
	return args, nil
}

// assign sets the parameter named by argument i, which follows the positional arguments.
func (a *analyzer) assign(n *ast.Call, f *expr.Function, name string, i, positional int, values []ast.Expr) error {
	argument := n.Named[i]
	if argument == "" {
		return a.fail(n, "UNEXPECTED_POSITIONAL_ARGUMENT", "routineName", types.Quote(name), "parameterName", types.Quote(n.Named[i-1]))
	}
	at := slices.IndexFunc(f.Params, func(p expr.Param) bool { return strings.EqualFold(p.Name, argument) })
	twice := "DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT."
	switch {
	case at < 0:
		known := make([]string, len(f.Params))
		for k, p := range f.Params {
			known[k] = types.Quote(p.Name)
		}
		return a.fail(n, "UNRECOGNIZED_PARAMETER_NAME", "routineName", types.Quote(name), "argumentName", types.Quote(argument), "proposal", strings.Join(known, ", "))
	case at < positional:
		return a.fail(n, twice+"BOTH_POSITIONAL_AND_NAMED", "routineName", types.Quote(name), "parameterName", types.Quote(argument))
	case values[at] != nil:
		return a.fail(n, twice+"DOUBLE_NAMED_ARGUMENT_REFERENCE", "routineName", types.Quote(name), "parameterName", types.Quote(argument))
	}
	values[at] = n.Args[i]
	return nil
}

func (a *analyzer) missingParameter(n *ast.Call, f *expr.Function, name string, i int) error {
	return a.fail(n, "REQUIRED_PARAMETER_NOT_FOUND", "routineName", types.Quote(name), "parameterName", types.Quote(f.Params[i].Name), "index", strconv.Itoa(i))
}
