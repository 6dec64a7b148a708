package analyze_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

const corpus = "../../../test/conformance/testdata/expressions"

var showFailures = flag.Int("failures", 0, "how many differences from the corpus to print per file")

// floors holds, per file, the number of cases whose type, nullability or analysis error matches Spark's. They may only
// increase.
var floors = map[string]int{
	"arith-extreme":  245,
	"arith-small":    170,
	"cast-other":     1166,
	"cast-string":    814,
	"cast-trystring": 804,
	"coercion-fn":    649,
	"coercion-op":    1456,
	"collections":    2,
	"datetime":       27,
	"errors":         108,
	"literals":       102,
	"logic":          87,
	"math":           572,
	"operators":      149,
	"random-trees":   228,
	"strings":        162,
}

type record struct {
	Expr     string
	Input    string
	GroupBy  []string
	Type     *string
	Nullable *bool
	Error    *struct {
		Condition *string
		Phase     string
		Message   string
	}
}

// want returns Spark's result for an expression: its type, followed by ? if nullable, or the condition of its error.
func (r *record) want() string {
	if r.Type != nil {
		if *r.Nullable {
			return *r.Type + "?"
		}
		return *r.Type
	}
	if r.Error.Condition == nil {
		return "a Java exception"
	}
	return *r.Error.Condition
}

func TestCorpus(t *testing.T) {
	scopes := loadInputs(t)
	files, _ := filepath.Glob(filepath.Join(corpus, "*.jsonl"))
	if len(files) == 0 {
		t.Fatal("no corpus")
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl")
		t.Run(name, func(t *testing.T) { runFile(t, path, floors[name], scopes) })
	}
}

func runFile(t *testing.T, path string, floor int, scopes map[string]analyze.Scope) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	passed, skipped, failed := 0, 0, 0
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		scope, ok := scopes[r.Input]
		if !ok || r.GroupBy != nil {
			skipped++
			continue
		}
		switch got := analysed(&r, scope); {
		case got == "":
			skipped++
		case got == r.want():
			passed++
		default:
			if failed++; failed <= *showFailures {
				t.Logf("%s (%s)\n\tgot  %s\n\twant %s", r.Expr, r.Input, got, r.want())
			}
		}
	}
	t.Logf("%d as Spark, %d not, %d skipped", passed, failed, skipped)
	if passed < floor {
		t.Errorf("%d cases are as Spark, %d were before", passed, floor)
	}
}

// foreignParam returns a parameter of our error that Spark's message lacks.
func (r *record) foreignParam(e *sparkerr.Error) string {
	for name, value := range e.Params {
		if r.Error == nil || *r.Error.Condition != e.Condition || name == "docroot" || strings.Contains(r.Error.Message, "commonexpressionref") {
			continue
		}
		if !strings.Contains(r.Error.Message, value) {
			return " with " + name + " " + value + "\n\tin   " + strings.SplitN(r.Error.Message, " SQLSTATE", 2)[0]
		}
	}
	return ""
}

// analysed returns the outcome of an expression in the format of record.want, or "" if it needs a function that is not
// implemented.
func analysed(r *record, scope analyze.Scope) string {
	text := r.Expr
	tree, perr := parse.Expression(text)
	if perr != nil {
		return perr.Condition
	}
	tree = &ast.Alias{Node: ast.Node{Span: tree.Pos()}, X: tree, Names: []string{"v"}}
	list, err := analyze.SelectList([]ast.Expr{tree}, scope, []*expr.Origin{{Text: text}})
	if err != nil {
		e := asError(err)
		if e == nil {
			return err.Error()
		}
		if strings.Contains(e.Text, "not in the embedded engine yet") || e.Condition == "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING" {
			return ""
		}
		if e.Fragment == nil && e.Condition != "INTERNAL_ERROR" {
			return "no place: " + e.Error()
		}
		return e.Condition + r.foreignParam(e)
	}
	x := list[0]
	if x.Nullable {
		return x.Type.String() + "?"
	}
	return x.Type.String()
}

// asError returns err as the error that users see, or nil if it is not one.
func asError(err error) *sparkerr.Error {
	var e *sparkerr.Error
	errors.As(err, &e)
	return e
}

// loadInputs returns the scopes of the corpus. It omits inputs whose select list cannot be analysed.
func loadInputs(t *testing.T) map[string]analyze.Scope {
	data, err := os.ReadFile(filepath.Join(corpus, "inputs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var inputs map[string]struct {
		Schema string
		Select []string
	}
	if err := json.Unmarshal(data, &inputs); err != nil {
		t.Fatal(err)
	}
	scopes := map[string]analyze.Scope{}
	for name, in := range inputs {
		schema, perr := types.ParseDDL(in.Schema)
		if perr != nil {
			t.Fatal(perr)
		}
		scope := scopeOf(schema.Fields, name)
		if in.Select != nil {
			list, err := selectList(in.Select, scope)
			if err != nil {
				t.Logf("input %s: %v", name, err)
				continue
			}
			scope = analyze.Scope{}
			for _, x := range list {
				column := &expr.Expr{Kind: expr.Column, ID: x.ID, Name: x.Name, Type: x.Type, Nullable: x.Nullable}
				scope.Columns = append(scope.Columns, column)
				scope.Qualifiers = append(scope.Qualifiers, name)
			}
		}
		scopes[name] = scope
	}
	return scopes
}

func scopeOf(fields []types.Field, qualifier string) analyze.Scope {
	var s analyze.Scope
	for _, f := range fields {
		s.Columns = append(s.Columns, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: f.Name, Type: f.Type, Nullable: f.Nullable})
		s.Qualifiers = append(s.Qualifiers, qualifier)
	}
	return s
}

func selectList(texts []string, scope analyze.Scope) ([]*expr.Expr, error) {
	items := make([]ast.Expr, len(texts))
	origins := make([]*expr.Origin, len(texts))
	for i, text := range texts {
		tree, perr := parse.Expression(text)
		if perr != nil {
			return nil, perr
		}
		items[i], origins[i] = tree, &expr.Origin{Text: text}
	}
	return analyze.SelectList(items, scope, origins)
}
