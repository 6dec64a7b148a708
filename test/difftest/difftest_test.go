package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/test/evaluate"
)

func testRunner(t *testing.T, seed uint64) *runner {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	spec := newTable(random, tableRows)
	table, err := spec.read()
	if err != nil {
		t.Fatal(err)
	}
	functions := function.All()[:40]
	return &runner{ours: newOurs(table), generator: newGenerator(random, findSignatures(random, table.Schema, functions))}
}

func TestTheSameSeedGeneratesTheSameExpressions(t *testing.T) {
	a, b := testRunner(t, 7), testRunner(t, 7)
	for i := range 200 {
		if x, y := a.next().sql(), b.next().sql(); x != y {
			t.Fatalf("expression %d: %s and %s", i, x, y)
		}
	}
}

func TestMostExpressionsTypeCheck(t *testing.T) {
	r := testRunner(t, 2)
	good := 0
	for range 300 {
		if a := r.ours.ask(question{Expr: r.next().sql(), Rows: []int32{0}}); a.Error == nil || a.Error.Phase != evaluate.Analysis {
			good++
		}
	}
	if good < 200 || good == 300 {
		t.Errorf("%d of 300 expressions type-check", good)
	}
}

func TestReplaceExchangesOneNode(t *testing.T) {
	tree := &node{fn: "+", class: "int", text: form("+", 2), kids: []*node{leaf("int", "i"), leaf("int", "j")}}
	var got []string
	tree.walk(func(at *node, replace func(*node) *node) {
		got = append(got, replace(leaf("int", "1")).sql())
	})
	if s := strings.Join(got, " "); s != "1 (1 + j) (i + 1)" {
		t.Error(s)
	}
}

func TestForms(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
		want string
	}{
		{"case", 3, "CASE WHEN x THEN x ELSE x END"}, {"case", 4, "CASE WHEN x THEN x WHEN x THEN x END"},
		{"in", 3, "(x IN (x, x))"}, {"between", 3, "(x BETWEEN x AND x)"}, {"like", 3, "like(x, x, x)"}, {"like", 2, "(x like x)"},
		{"not", 1, "(NOT x)"}, {"e", 0, "e()"}, {"concat", 2, "concat(x, x)"},
	} {
		n := &node{text: form(c.name, c.n)}
		for range c.n {
			n.kids = append(n.kids, leaf("", "x"))
		}
		if got := n.sql(); got != c.want {
			t.Errorf("%s with %d: %s, want %s", c.name, c.n, got, c.want)
		}
	}
}

func TestDifference(t *testing.T) {
	text := func(s string) *answer { return &answer{Type: "double", Rows: []*string{&s}} }
	fail := func(phase, condition string) *answer {
		return &answer{Error: &failed{Phase: phase, Condition: condition}}
	}
	refused := &answer{Error: &failed{Phase: "analysis", Message: "The function x is not in the embedded engine yet."}}
	for _, c := range []struct {
		name         string
		ours, theirs *answer
		want         string
	}{
		{"equal", text("1.5"), text("1.5"), ""},
		{"a digit too many", text("2.0E-3"), text("0.0020"), ""},
		{"the sign of zero", text("0.0"), text("-0.0"), valued},
		{"another number", text("1.5"), text("1.6"), valued},
		{"another condition", fail("analysis", "A"), fail("analysis", "B"), names},
		{"Spark fails without a name", fail("analysis", "A"), fail("analysis", ""), ""},
		{"Spark rejects it", text("1.5"), fail("analysis", "A"), accepts},
		{"Spark accepts it", fail("analysis", "A"), text("1.5"), rejects},
		{"refused by name", refused, text("1.5"), ""},
	} {
		if got := difference(c.ours, c.theirs); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNumbersInTextCompareExactlyUnlessInExponentForm(t *testing.T) {
	for _, c := range []struct {
		typ, a, b string
		same      bool
	}{
		{"string", "1.50", "1.5", false}, {"string", "x=2.0E23", "x=1.9E23", false}, {"string", "2.0E10", "2.00E10", true},
		{"array<double>", "[1.50, 2]", "[1.5, 2]", true}, {"array<double>", "[1.5, 2]", "[1.5, 3]", false},
		{"float", "3.4028235E38", "3.4028234663852886E38", true}, {"decimal(3,2)", "1.50", "1.5", false},
	} {
		if got := sameCell(c.typ, c.a, c.b); got != c.same {
			t.Errorf("%s: %s and %s: %t", c.typ, c.a, c.b, got)
		}
	}
}
