package eval_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// sample returns the rows (x, 1, 2), (y, 2, 0), (z, 3, 4) in the columns k STRING, a INT, b INT.
func sample() (analyze.Scope, *vector.Batch) {
	k, a, b := vector.New(types.String, 3), vector.New(types.Int, 3), vector.New(types.Int, 3)
	for i, text := range []string{"x", "y", "z"} {
		k.SetString(i, text)
	}
	copy(a.I32, []int32{1, 2, 3})
	copy(b.I32, []int32{2, 0, 4})
	fields := []types.Field{
		{Name: "k", Type: types.String, Nullable: true}, {Name: "a", Type: types.Int, Nullable: true},
		{Name: "b", Type: types.Int, Nullable: true},
	}
	return scopeOf(fields, "t"), &vector.Batch{N: 3, Cols: []*vector.Vector{k, a, b}}
}

func mustAnalyse(t *testing.T, scope analyze.Scope, texts ...string) []*expr.Expr {
	t.Helper()
	list := make([]*expr.Expr, len(texts))
	for i, text := range texts {
		x, err := analysed(text, scope)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		list[i] = x
	}
	return list
}

// Spark's rule determines whether a / b runs for the row where b is 0.
func TestCommonSubexpressionsAreEvaluatedFirst(t *testing.T) {
	for _, c := range []struct {
		name   string
		exprs  []string
		raises bool
	}{
		{"twice behind AND", []string{"b <> 0 AND (a / b > 0.6 OR a / b < 0.1)"}, true},
		{"once behind AND", []string{"b <> 0 AND a / b > 0.6"}, false},
		{"in two columns", []string{"b <> 0 AND a / b > 0.6", "b = 0 OR a / b > 0.6"}, true},
		{"once behind AND, once in a branch", []string{"b <> 0 AND a / b > 0.6", "if(b = 0, 0, a / b)"}, false},
		{"in branches only", []string{"if(b = 0, 0, a / b)", "if(b = 0, 0, a / b + 1)"}, false},
		{"in one branch twice", []string{"if(b = 0, 0, a / b + a / b)"}, false},
		{"in all branches and elsewhere", []string{"if(b = 0, a / b, a / b + 1)", "b <> 0 AND a / b > 0.6"}, true},
		{"in the condition of IF and elsewhere", []string{"if(b <> 0 AND a / b > 0.6, 1, 2)", "b <> 0 AND a / b > 0.1"}, true},
		{"within a larger one", []string{"if(b <> 0 AND a / b > 0.6, 1, 2)", "b <> 0 AND a / b > 0.6"}, false},
		{"in the second condition of CASE", []string{"if(b <> 0 AND a / b > 0.6, 1, 2)", "CASE WHEN b = 0 THEN 1 WHEN a / b > 0.6 THEN 2 END"}, false},
		{"in later operands of coalesce", []string{"b <> 0 AND coalesce(a, a / b) > 0 AND coalesce(a, a / b) > 1"}, false},
		{"in another order", []string{"b <> 0 AND (a * (a / b) > 0.6 OR (a / b) * a < 0.1)"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			scope, b := sample()
			p, err := eval.Compile(mustAnalyse(t, scope, c.exprs...), scope.Columns)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = p.Eval(testContext, b, nil); (err != nil) != c.raises {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestPredicatesShareNothingAndStopEarly(t *testing.T) {
	scope, b := sample()
	for text, want := range map[string]string{
		"b <> 0 AND (a / b > 0.6 OR a / b < 0.1 OR k = 'x')": "xz",
		"b <> 0 AND a / b > 0.6":                             "z",
		"k <> 'y' AND NULL":                                  "",
		"true":                                               "xyz",
		"a > 5 AND 1 / 0 > 1":                                "",
	} {
		p, err := eval.CompilePredicate(mustAnalyse(t, scope, text)[0], scope.Columns)
		if err != nil {
			t.Fatal(err)
		}
		p.Context = testContext
		rows, err := p.Select(b, nil, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := ""
		for _, i := range rows {
			got += string(b.Cols[0].Bytes(int(i)))
		}
		if got != want || rows == nil {
			t.Errorf("%s selects %q, want %q", text, got, want)
		}
	}
}

func TestPredicateNamesTheColumnsItNeeds(t *testing.T) {
	scope, _ := sample()
	p, err := eval.CompilePredicate(mustAnalyse(t, scope, "b > 1 AND k = 'x' AND b < 7")[0], scope.Columns)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Columns(); len(got) != 2 || got[0] != 0 || got[1] != 2 {
		t.Errorf("columns %v", got)
	}
}

// The second row fails in the second column, the third row in the first one: evaluating row by row, the second row fails
// first.
func TestFirstFailingRowIsReported(t *testing.T) {
	scope, b := sample()
	p, err := eval.Compile(mustAnalyse(t, scope, "1 / (a - 3)", "k", "1 div b"), scope.Columns)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Eval(testContext, b, nil)
	var at *expr.RowError
	var e *sparkerr.Error
	if !errors.As(err, &at) || at.Row != 1 || !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	if f := e.Fragment; f == nil || f.Text[f.Start:f.End] != "1 div b" {
		t.Errorf("fragment %+v", e.Fragment)
	}
	if _, err = p.Eval(testContext, b, vector.Selection{0}); err != nil {
		t.Errorf("rows that are not selected are evaluated: %v", err)
	}
}

func TestFailureOfAnImplicitCastIsShownAtItsCall(t *testing.T) {
	scope, b := sample()
	for text, want := range map[string]string{"1 + (k + a)": "k + a", "1 + cast(k AS INT)": "cast(k AS INT)"} {
		p, err := eval.Compile(mustAnalyse(t, scope, text), scope.Columns)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Eval(testContext, b, nil)
		var e *sparkerr.Error
		if !errors.As(err, &e) || e.Condition != "CAST_INVALID_INPUT" || e.Fragment == nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := e.Fragment.Text[e.Fragment.Start:e.Fragment.End]; got != want {
			t.Errorf("%s: shown at %q, want %q", text, got, want)
		}
	}
}

func TestPlainColumnsAreNotCopied(t *testing.T) {
	scope, b := sample()
	p, err := eval.Compile(mustAnalyse(t, scope, "k", "a + 1", "if(a > 0, k, 'none')"), scope.Columns)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Eval(testContext, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out[0] != b.Cols[0] || out[2] != b.Cols[0] {
		t.Error("a column was copied")
	}
}

func TestOperandsAfterANullDoNotRun(t *testing.T) {
	scope, b := sample()
	for _, text := range []string{"nullif(a, 2) + 1 / b", "(a / b) / nullif(b, 0)", "CASE k WHEN 'y' THEN NULL ELSE 1 END * (1 / b)",
		"try_divide(a div nullif(b, 0), b)", "try_mod(10 div b, b * 7)", "try_divide(1 / b, double(b))", "try_mod(1.5 / b, decimal(b))"} {
		p, err := eval.Compile(mustAnalyse(t, scope, text), scope.Columns)
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.Eval(testContext, b, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !out[0].IsNull(1) || out[0].IsNull(0) || out[0].IsNull(2) {
			t.Errorf("%s: NULL at the wrong rows", text)
		}
	}
}

func TestOnlyTheChosenOperandRuns(t *testing.T) {
	scope, b := sample()
	for text, want := range map[string]string{
		"elt(a, k, string(a * 10), k || '!')":                            "x 20 z!",
		"elt(if(b = 0, 2, 1), string(1 / b), k)":                         "0.5 y 0.25",
		"elt(if(b = 0, NULL, 1), string(1 / b))":                         "0.5 NULL 0.25",
		"nanvl(if(b = 0, double('NaN'), a / b), 7D)":                     "0.5 7.0 0.75",
		"nanvl(double(b), 1 / (b - 2))":                                  "2.0 0.0 4.0",
		"nanvl(if(b = 0, NULL, float('NaN')), float(a / b))":             "0.5 NULL 0.75",
		"nanvl(double('NaN'), a)":                                        "1.0 2.0 3.0",
		"coalesce(assert_true(b >= 0, string(1 / b)), k)":                "x y z",
		"round(if(b = 0, 1 / b, 2.55D), NULL)":                           "NULL NULL NULL",
		"locate('z', k, if(b = 0, NULL, 1 div b + 1))":                   "0 0 1",
		"locate('y', string(1 / b), if(b = 0, NULL, 1))":                 "0 0 0",
		"try_divide(a, b)":                                               "0.5 NULL 0.75",
		"try_to_binary(elt(b, '41', '42', '43', '44'), 'hex')":           "B NULL D",
		"try_add(timestamp(if(b = 0, k, '2020-01-01')), interval 1 day)": "2020-01-02 00:00:00 NULL 2020-01-02 00:00:00",
	} {
		out := project(t, scope, b, "coalesce(string("+text+"), 'NULL')")
		var got []string
		for i := range 3 {
			got = append(got, string(out[0].Bytes(i)))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%s: %s, want %s", text, g, want)
		}
	}
}

// An operand that is not a constant prevents the look-up for the whole list.
func TestInTreatsConstantsLikeOtherOperands(t *testing.T) {
	scope, b := sample()
	b.Cols[0].SetNull(2)
	for _, list := range []string{"1, 2", "1, NULL", "5, 6, 7", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10", "NULL"} {
		for _, x := range []string{"a", "a * 1L", "cast(k = 'x' AS INT)", "if(k = 'x', 1, 9)"} {
			out := project(t, scope, b, x+" IN ("+list+")", x+" IN ("+list+", if(a > 99, 1, 77))")
			sameColumns(t, x+" IN ("+list+")", out)
		}
	}
	for _, list := range []string{"'x', 'q'", "'x', NULL", "'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'y'"} {
		out := project(t, scope, b, "k IN ("+list+")", "k IN ("+list+", if(a > 99, 'x', '!'))")
		sameColumns(t, "k IN ("+list+")", out)
	}
}

func project(t *testing.T, scope analyze.Scope, b *vector.Batch, texts ...string) []*vector.Vector {
	t.Helper()
	p, err := eval.Compile(mustAnalyse(t, scope, texts...), scope.Columns)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Eval(testContext, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sameColumns(t *testing.T, name string, cols []*vector.Vector) {
	t.Helper()
	for i := range 3 {
		if a, b := valueAt(cols[0], i), valueAt(cols[1], i); a != b {
			t.Errorf("%s, row %d: %v by look-up, %v one by one", name, i, a, b)
		}
	}
}

func TestConstantEvaluatesWithoutRows(t *testing.T) {
	x, err := analysed("concat('a', upper('b')) || (1 + 2)", analyze.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := eval.Constant(x, testContext)
	if err != nil || !v.IsConst() || string(v.Bytes(0)) != "aB3" {
		t.Fatalf("got %v, %v", v, err)
	}
	x, err = analysed("1 / 0", analyze.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	var at *expr.RowError
	if _, err = eval.Constant(x, testContext); err == nil || errors.As(err, &at) {
		t.Errorf("the error of a constant has no row: %v", err)
	}
}

func TestEvaluationDoesNotAllocatePerBatch(t *testing.T) {
	scope, _ := sample()
	const n = vector.BatchRows
	k, a, b := vector.New(types.String, n), vector.New(types.Int, n), vector.New(types.Int, n)
	for i := range n {
		k.SetString(i, "some text")
		a.I32[i], b.I32[i] = int32(i), int32(i%7+1)
	}
	batch := &vector.Batch{N: n, Cols: []*vector.Vector{k, a, b}}
	p, err := eval.Compile(mustAnalyse(t, scope, "a + b * 2", "if(a > b, k, concat(k, '!'))", "CASE WHEN a % 2 = 0 THEN 1.5D ELSE a / b END"), scope.Columns)
	if err != nil {
		t.Fatal(err)
	}
	run := func() {
		if _, err := p.Eval(testContext, batch, nil); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if got := testing.AllocsPerRun(10, run); got > 40 {
		t.Errorf("%v allocations per batch of %d rows", got, n)
	}
}
