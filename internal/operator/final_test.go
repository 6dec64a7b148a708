package operator_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/vector"
)

// aggregated runs sides through partial aggregates, one partition each, and a final one. It returns the rows as text.
func aggregated(t *testing.T, call string, final, partial *operator.Pipeline, sides ...*side) (lines []string) {
	t.Helper()
	x := operator.NewExchange(1)
	part := operator.Partition{Batch: &operator.BatchContext{}}
	for i, s := range sides {
		w := x.Writer(i)
		err := partial.Run(context.Background(), part, []operator.Feed{{Rows: s.reader()}}, func(b *vector.Batch) error {
			numbered := *b
			numbered.Cols = append(b.Cols[:len(b.Cols):len(b.Cols)], zeros(b.N))
			return w.Write(context.Background(), &numbered)
		})
		if err := errors.Join(err, w.Close(context.Background())); err != nil {
			t.Fatalf("%s: %v", call, err)
		}
	}
	if err := final.Run(context.Background(), part, []operator.Feed{{Rows: x.Reader(0)}}, func(b *vector.Batch) error {
		for i := range b.N {
			lines = append(lines, rowText(b.Cols, i))
		}
		return nil
	}); err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%s: %v", call, err)
	}
	return lines
}

func zeros(n int) *vector.Vector {
	v := longs("p", make([]int64, n)...).batches[0].Cols[1]
	clear(v.I32)
	return v
}

func TestAFinalAggregateReturnsAllGroupsOfABatch(t *testing.T) {
	for _, c := range []struct {
		keyed bool
		call  string
		sides []*side
		want  []string
	}{
		{true, "count(s1)", []*side{longs("s", 3, 5, 3), longs("s", 5, 5, 9)}, []string{longsText(3, 2), longsText(5, 3), longsText(9, 1)}},
		{true, "count(s1)", []*side{longs("s"), longs("s")}, nil},
		{false, "count(s1)", []*side{longs("s", 3, 5), longs("s"), longs("s", 4)}, []string{longsText(3)}},
		{false, "count(s1)", []*side{longs("s")}, []string{longsText(0)}},
		{false, "count(s1)", nil, []string{longsText(0)}},
	} {
		input := longs("s").columns
		var keys []*expr.Expr
		if c.keyed {
			keys = input[:1]
		}
		tree, bad := parse.Expression(c.call)
		if bad != nil {
			t.Fatal(bad)
		}
		g, err := analyze.GroupBy(keys, []ast.Expr{tree}, analyze.Scope{Columns: input}, []*expr.Origin{{Text: c.call}})
		if err != nil {
			t.Fatal(err)
		}
		partial, err := operator.NewPartialAggregate(g.Keys, g.Calls, input)
		final, err2 := operator.NewFinalAggregate(g.Keys, g.Calls, input)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		upper := operator.NewPipeline(&operator.Node{Operator: final, Inputs: []*operator.Node{{}}}, datetime.UTC)
		lower := operator.NewPipeline(&operator.Node{Operator: partial, Inputs: []*operator.Node{{}}}, datetime.UTC)
		for range 2 { // nothing is kept of a batch
			if got := aggregated(t, c.call, upper, lower, c.sides...); !slices.Equal(got, c.want) {
				t.Errorf("%s of %d partitions, with keys: %v\n%q, want\n%q", c.call, len(c.sides), c.keyed, got, c.want)
			}
		}
	}
}

// longsText is the text of a row of BIGINTs.
func longsText(values ...int64) string {
	var cols []*vector.Vector
	for _, v := range values {
		cols = append(cols, longs("", v).batches[0].Cols[0])
	}
	return rowText(cols, 0)
}
