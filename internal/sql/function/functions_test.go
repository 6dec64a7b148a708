package function_test

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/valuetext"
)

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, f := range function.All() {
		for _, name := range slices.Concat([]string{f.Name}, f.Aliases) {
			if other, ok := seen[name]; ok {
				t.Errorf("%s is %s and %s", name, other, f.Name)
			}
			seen[name] = f.Name
		}
	}
}

func TestEntriesAreComplete(t *testing.T) {
	for _, f := range function.All() {
		if f.Usage == "" || f.Doc == "" || f.Resolve == nil {
			t.Errorf("%s lacks usage, text or resolution", f.Name)
		}
		refused := f.Example == "" // such as those of TIME
		if f.Compile == nil && f.Replace == nil && f.Operands.Lazy == expr.Strict && !f.Generator && !f.Aggregate && !refused {
			t.Errorf("%s cannot be evaluated", f.Name)
		}
	}
}

func TestExamplesHaveTheirResults(t *testing.T) {
	ctx := &expr.Context{Zone: datetime.UTC}
	for _, f := range function.All() {
		if f.Example == "" || f.Generator || f.Aggregate {
			continue
		}
		tree, perr := parse.Expression(f.Example)
		if perr != nil {
			t.Errorf("%s: %v", f.Example, perr)
			continue
		}
		x, err := analyze.Expression(tree, analyze.Scope{}, &expr.Origin{Text: f.Example})
		if err != nil && strings.Contains(err.Error(), "not in the embedded engine yet") {
			t.Logf("%s: %v", f.Example, err)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", f.Example, err)
			continue
		}
		v, err := eval.Constant(x, ctx)
		if err != nil {
			t.Errorf("%s: %v", f.Example, err)
			continue
		}
		if got := string(valuetext.AppendValue(nil, v, 0, valuetext.Options{Zone: datetime.UTC, Show: true})); !sameText(got, f.Result) {
			t.Errorf("%s: got %s, want %s", f.Example, got, f.Result)
		}
	}
}

// sameText lets doubles differ in the last digit; exactness is tested by the corpus.
func sameText(got, want string) bool {
	a, err1 := strconv.ParseFloat(got, 64)
	b, err2 := strconv.ParseFloat(want, 64)
	return got == want || err1 == nil && err2 == nil && math.Abs(a-b) <= 1e-15*math.Abs(b)
}
