package transform

import (
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// both is a node of two inputs for tests: it yields the columns of both.
type both struct{ left, right node }

func (b *both) output() []*expr.Expr      { return slices.Concat(b.left.output(), b.right.output()) }
func (b *both) inputs() []node            { return []node{b.left, b.right} }
func (b *both) withInputs(in []node) node { return &both{in[0], in[1]} }
func (b *both) describe() string          { return "Both" }

func (*both) expressions() []*expr.Expr           { return nil }
func (b *both) withExpressions([]*expr.Expr) node { return b }

func column(name string, t *types.Type) *expr.Expr {
	return &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: name, Type: t, Nullable: true}
}

func TestPlansAreTrees(t *testing.T) {
	a, b := column("a", types.Int), column("b", types.Int)
	left, right := &relation{0, "csv", []*expr.Expr{a}}, &relation{1, "json", []*expr.Expr{b}}
	isNull := func(c *expr.Expr) *expr.Expr { return call("isnull", c) }
	plan := node(&both{&filter{left, isNull(a)}, &project{&filter{right, isNull(b)}, []*expr.Expr{b}}})

	plan = rewrite(plan, settle) // removes the project that changes nothing
	got := lines(plan, func(node) string { return "" })
	want := []string{"Both", "  Filter (a IS NULL)", "  StreamingRelation csv [a]", "  Filter (b IS NULL)", "  StreamingRelation json [b]"}
	if !slices.Equal(got, want) {
		t.Errorf("plan\n%q, want\n%q", got, want)
	}
	if got := relations(plan, 3); got[0] != left || got[1] != right || got[2] != nil {
		t.Errorf("sources %v", got)
	}
	if f := filterAbove(plan, right); f == nil || f.in != node(right) {
		t.Errorf("filter above the second source: %v", f)
	}
	if same := rewrite(plan, settle); same != plan {
		t.Error("a rewriting that changes nothing made a new plan")
	}
	other := &both{&filter{left, isNull(a)}, right}
	if samePlan(plan, other) || !samePlan(plan, &both{&filter{left, isNull(a)}, &filter{right, isNull(b)}}) {
		t.Error("plans are compared by their first inputs only")
	}
}
