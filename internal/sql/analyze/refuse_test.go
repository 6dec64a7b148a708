package analyze_test

import (
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
)

func TestSketchFunctionsAreRefusedByName(t *testing.T) {
	scope := scopeOf([]types.Field{{Name: "a", Type: types.Int}}, "t")
	found := 0
	for _, name := range function.SparkNames() {
		if !function.IsDataSketch(name) {
			continue
		}
		found++
		_, err := selectList([]string{name + "(1)"}, scope)
		if err == nil || !strings.Contains(err.Error(), "The function "+name+" is not in the embedded engine yet: it works on sketches of Apache DataSketches") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if found < 50 {
		t.Errorf("%d functions of sketches", found)
	}
	if function.IsDataSketch("json_tuple") || function.IsDataSketch("hll_unknown") {
		t.Error("other functions count as functions of sketches")
	}
}
