package analyze

import (
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
)

// tableFunctions may only be used in FROM, where a stream has no functions; the hint names an equivalent.
var tableFunctions = map[string]string{
	"variant_explode":       "explode(v::array<variant>) expands an array, explode(v::map<string, variant>) an object",
	"variant_explode_outer": "explode_outer(v::array<variant>) expands an array, explode_outer(v::map<string, variant>) an object",
}

// variantPart resolves v:path to variant_get(v, path), named after the last name in the path, if any. (Spark:
// SemiStructuredExtract.)
func (a *analyzer) variantPart(n *ast.Extract) (*expr.Expr, error) {
	x, err := a.expr(n.X)
	if err != nil {
		return nil, err
	}
	if x.Type.Kind != types.KindVariant {
		return nil, a.fail(n, "COLUMN_IS_NOT_VARIANT_TYPE")
	}
	call, err := a.make(n, "variant_get", x, expr.Str(n.Path))
	if err != nil {
		return nil, err
	}
	steps, _ := variant.ParsePath(n.Path)
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].Key {
			return aliasOf(call, steps[i].Name), nil
		}
	}
	return call, nil
}
