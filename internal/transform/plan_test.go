package transform

import (
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

func column(name string, t *types.Type) *expr.Expr {
	return &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: name, Type: t, Nullable: true}
}

func TestPlansAreTrees(t *testing.T) {
	a, b := column("a", types.Int), column("b", types.Int)
	left, right := &relation{0, "csv", false, []*expr.Expr{a}}, &relation{1, "json", false, []*expr.Expr{b}}
	isNull := func(c *expr.Expr) *expr.Expr { return call("isnull", c) }
	cols := []*expr.Expr{column("a", types.Int)}
	plan := node(&union{[]node{&filter{left, isNull(a)}, &project{&filter{right, isNull(b)}, []*expr.Expr{b}}}, cols})

	plan = rewrite(plan, settle) // removes the project that changes nothing
	got := lines(plan, func(node) string { return "" })
	want := []string{"Union [a]", "  Filter (a IS NULL)", "  StreamingRelation csv [a]", "  Filter (b IS NULL)", "  StreamingRelation json [b]"}
	if !slices.Equal(got, want) {
		t.Errorf("plan\n%q, want\n%q", got, want)
	}
	if got := relations(plan); !slices.Equal(got, []*relation{left, right}) {
		t.Errorf("sources %v", got)
	}
	if f := filterAbove(plan, right); f == nil || f.in != node(right) {
		t.Errorf("filter above the second source: %v", f)
	}
	if same := rewrite(plan, settle); same != plan {
		t.Error("a rewriting that changes nothing made a new plan")
	}
	other := &union{[]node{&filter{left, isNull(a)}, right}, cols}
	if samePlan(plan, other) || !samePlan(plan, &union{[]node{&filter{left, isNull(a)}, &filter{right, isNull(b)}}, cols}) {
		t.Error("plans are compared by their first inputs only")
	}
}
