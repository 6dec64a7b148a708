package analyze_test

import (
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

// analyzed analyses a select list of one item.
func analyzed(text string, scope analyze.Scope) ([]*expr.Expr, error) {
	tree, perr := parse.Expression(text)
	if perr != nil {
		return nil, perr
	}
	items, origins := []ast.Expr{tree}, []*expr.Origin{{Text: text}}
	if !analyze.HasAggregate(items) {
		return analyze.SelectList(items, scope, origins)
	}
	g, err := analyze.GroupBy(nil, items, scope, origins)
	if err != nil {
		return nil, err
	}
	return g.Output, nil
}

func TestSketchFunctionsAreRefusedByName(t *testing.T) {
	scope := scopeOf([]types.Field{{Name: "a", Type: types.Int}}, "t")
	found := 0
	for _, name := range function.SparkNames() {
		if !function.IsDataSketch(name) {
			continue
		}
		found++
		_, err := analyzed(name+"(1)", scope)
		if err == nil || !strings.Contains(err.Error(), "The function "+name+" is not in the embedded engine yet: it works on sketches of Apache DataSketches") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if found < 20 {
		t.Errorf("%d functions of sketches", found)
	}
	if function.IsDataSketch("json_tuple") || function.IsDataSketch("tuple_unknown") {
		t.Error("other functions count as functions of sketches")
	}
}
