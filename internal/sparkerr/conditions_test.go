package sparkerr

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestConditionsAreSortedAndUnique(t *testing.T) {
	for i := 1; i < len(conditions); i++ {
		if conditions[i-1].name >= conditions[i].name {
			t.Errorf("%s stands before %s", conditions[i-1].name, conditions[i].name)
		}
	}
}

func TestConditionsHaveStateAndSentence(t *testing.T) {
	state := regexp.MustCompile(`^[0-9A-Z]{5}$`)
	for _, c := range conditions {
		legacy := strings.HasPrefix(c.name, "_LEGACY_ERROR_TEMP_")
		if legacy != (c.sqlState == "") || !legacy && !state.MatchString(c.sqlState) {
			t.Errorf("%s has SQLSTATE %q", c.name, c.sqlState)
		}
		if c.sentence == "" {
			t.Errorf("%s has no sentence", c.name)
		}
	}
}

// TestEveryConditionInTheSourcesIsInTheTable reads all Go files of the module and looks up the first argument of
// every call New("…", …) of this package.
func TestEveryConditionInTheSourcesIsInTheTable(t *testing.T) {
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		checkConditions(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkConditions(t *testing.T, path string) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return // the compiler reports it
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		fun, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || fun.Sel.Name != "New" {
			return true
		}
		pkg, ok := fun.X.(*ast.Ident)
		literal, isLiteral := call.Args[0].(*ast.BasicLit)
		if !ok || pkg.Name != "sparkerr" || !isLiteral {
			return true
		}
		if name, _ := strconv.Unquote(literal.Value); name != "" {
			if _, known := lookup(name); !known {
				t.Errorf("%s: condition %s is not in the table", files.Position(literal.Pos()), name)
			}
		}
		return true
	})
}

func TestSentenceIsFilledWithParameters(t *testing.T) {
	e := New("DECIMAL_SCALE_EXCEEDS_PRECISION", "scale", "6", "precision", "5")
	want := "[DECIMAL_SCALE_EXCEEDS_PRECISION] The scale 6 of a decimal is larger than its precision 5. SQLSTATE: 22003"
	if e.Error() != want {
		t.Errorf("got %s", e)
	}
}
