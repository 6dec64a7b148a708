package evaluate

import (
	"cmp"
	"slices"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// IsAggregation reports that a select list calls an aggregate function: it gives one row for the whole table.
func IsAggregation(items []string) bool {
	trees, _, err := parseAll(items)
	return err == nil && analyze.HasAggregate(trees)
}

// Aggregate groups the rows of a table by expressions, none for one group of all, and computes expressions over the groups. The
// rows have the keys before the items and are sorted by them, NULL first. Fields are given whenever analysis succeeded.
func Aggregate(in *Table, keys, items []string) ([]types.Field, []*vector.Batch, *Failure) {
	var input []*expr.Expr
	for _, f := range in.Schema.Fields {
		input = append(input, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: f.Name, Type: f.Type, Nullable: f.Nullable})
	}
	g, err := analyzeGroups(analyze.Scope{Columns: input, Zone: datetime.UTC}, keys, items)
	if err != nil {
		return nil, nil, &Failure{Analysis, err}
	}
	var fields []types.Field
	for _, e := range append(g.Keys[:len(g.Keys):len(g.Keys)], g.Output...) {
		fields = append(fields, types.Field{Name: e.Name, Type: e.Type, Nullable: e.Nullable})
	}
	b, err := runGroups(g, input, in.Batch)
	if err != nil {
		return fields, nil, &Failure{Run, err}
	}
	return fields, []*vector.Batch{b}, nil
}

func parseAll(items []string) ([]ast.Expr, []*expr.Origin, error) {
	var trees []ast.Expr
	var origins []*expr.Origin
	for _, text := range items {
		tree, err := parse.Expression(text)
		if err != nil {
			return nil, nil, err
		}
		trees, origins = append(trees, tree), append(origins, &expr.Origin{Text: text})
	}
	return trees, origins, nil
}

func analyzeGroups(scope analyze.Scope, keys, items []string) (*analyze.Grouping, error) {
	trees, origins, err := parseAll(keys)
	if err != nil {
		return nil, err
	}
	list, err := analyze.GroupKeys(trees, scope, origins)
	if err != nil {
		return nil, err
	}
	if trees, origins, err = parseAll(items); err != nil {
		return nil, err
	}
	return analyze.GroupBy(list, trees, scope, origins)
}

// runGroups aggregates in one step, as Spark does when all rows are in one partition.
func runGroups(g *analyze.Grouping, input []*expr.Expr, in *vector.Batch) (*vector.Batch, error) {
	o, err := aggregate.New(g.Keys, g.Calls, input)
	if err != nil {
		return nil, err
	}
	ctx := &expr.Context{Zone: datetime.UTC, BatchTime: batchMillis * 1000, Now: batchMillis*1000 + 1, Batch: in}
	if err := o.Process(ctx, in); err != nil {
		return nil, err
	}
	groups, err := o.Finish()
	if err != nil {
		return nil, err
	}
	return output(ctx, g, groups)
}

// output computes the items over the sorted groups.
func output(ctx *expr.Context, g *analyze.Grouping, groups *vector.Batch) (*vector.Batch, error) {
	groups = gather(groups, sortedRows(groups, len(g.Keys)))
	var cols, list []*expr.Expr
	for _, e := range append(g.Keys[:len(g.Keys):len(g.Keys)], g.Calls...) {
		cols = append(cols, &expr.Expr{Kind: expr.Column, ID: e.ID, Name: e.Name, Type: e.Type, Nullable: e.Nullable})
	}
	list = append(list, cols[:len(g.Keys)]...)
	p, err := eval.Compile(append(list, g.Output...), cols)
	if err != nil {
		return nil, err
	}
	ctx.Batch = groups
	out, err := p.Eval(ctx, groups, nil)
	if err != nil {
		return nil, err
	}
	return owned(&vector.Batch{N: groups.N, Cols: out}), nil
}

// sortedRows orders the rows of a batch by its first columns, ascending, NULL first.
func sortedRows(b *vector.Batch, keys int) vector.Selection {
	rows := kernel.Identity(nil, b.N)
	slices.SortStableFunc(rows, func(i, j int32) int {
		for _, c := range b.Cols[:keys] {
			if r := kernel.Compare(c, int(i), c, int(j)); r != 0 {
				return r
			}
		}
		return cmp.Compare(i, j)
	})
	return rows
}
