package evaluate

import (
	"cmp"
	"slices"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
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

// IsAggregation reports whether a select list calls an aggregate function, so that it returns one row for the
// whole table.
func IsAggregation(items []string) bool {
	trees, _, err := parseAll(items)
	return err == nil && analyze.HasAggregate(trees)
}

// Aggregate groups the rows of a table by keys and evaluates items for each group. Without keys, all rows are
// one group. The result has the keys before the items and is sorted by the keys, NULL first. The fields are
// returned if analysis succeeded.
//
// beside is a column on which other aggregates of the query are DISTINCT, or "". Spark then first groups by
// this column as well and merges the groups, which can change the order of lists and the last digits of
// doubles.
func Aggregate(in *Table, keys, items []string, beside string) ([]types.Field, []*vector.Batch, *Failure) {
	return aggregateBy(in, keys, items, &aggregation{rows: in.Batch, beside: beside})
}

// AggregateParts is Aggregate without keys over the rows of several partitions: in parts of the rows, whose sizes are given, each of which is
// aggregated on its own before the results are merged in order.
func AggregateParts(in *Table, items []string, sizes []int) ([]types.Field, []*vector.Batch, *Failure) {
	return aggregateBy(in, nil, items, &aggregation{rows: in.Batch, parts: sizes})
}

func aggregateBy(in *Table, keys, items []string, a *aggregation) ([]types.Field, []*vector.Batch, *Failure) {
	for _, f := range in.Schema.Fields {
		a.input = append(a.input, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: f.Name, Type: f.Type, Nullable: f.Nullable})
	}
	if err := a.analyze(in, keys, items); err != nil {
		return nil, nil, &Failure{Analysis, err}
	}
	var fields []types.Field
	for _, e := range append(a.Keys[:len(a.Keys):len(a.Keys)], a.Output...) {
		if e.Kind == expr.Call || e.Kind == expr.Alias && e.Args[0].Kind == expr.Call && e.Args[0].Fn.Generator {
			return nil, nil, &Failure{Analysis, sparkerr.Plain("%s over groups is not in the embedded engine yet", e.SQL())}
		}
		fields = append(fields, types.Field{Name: e.Name, Type: e.Type, Nullable: e.Nullable})
	}
	b, err := a.run()
	if err != nil {
		return fields, nil, &Failure{Run, err}
	}
	return fields, []*vector.Batch{b}, nil
}

// An aggregation is an analyzed grouping of rows in memory.
type aggregation struct {
	*analyze.Grouping
	input  []*expr.Expr // the columns of rows
	rows   *vector.Batch
	beside string
	parts  []int // sizes of the partitions; nil: one
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

func (a *aggregation) analyze(in *Table, keys, items []string) error {
	scope := analyze.Scope{Columns: a.input, Zone: datetime.UTC}
	trees, origins, err := parseAll(keys)
	if err != nil {
		return err
	}
	list, err := analyze.GroupKeys(trees, scope, origins)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, hasWindow) {
		if list, err = a.precompute(in, keys); err != nil {
			return err
		}
	}
	if trees, origins, err = parseAll(items); err != nil {
		return err
	}
	a.Grouping, err = analyze.GroupBy(list, trees, scope, origins)
	return err
}

func hasWindow(e *expr.Expr) (found bool) {
	expr.Walk(e, func(x *expr.Expr) bool {
		found = found || x.Is("window")
		return !found
	})
	return found
}

// precompute appends the keys to the rows, which windows can multiply, and returns the key columns.
func (a *aggregation) precompute(in *Table, keys []string) ([]*expr.Expr, error) {
	q, plan, fail := Query(in.Schema, "local", nil, append([]string{"*"}, keys...))
	if fail != nil {
		return nil, fail.Err
	}
	batches, err := Collect(plan, in.Open(plan))
	if err != nil {
		return nil, err
	}
	a.rows = &vector.Batch{}
	if len(batches) > 0 {
		a.rows = batches[0]
	}
	var cols []*expr.Expr
	for _, f := range q.Output[len(a.input):] {
		cols = append(cols, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: f.Name, Type: f.Type, Nullable: f.Nullable})
	}
	a.input = append(a.input, cols...)
	return cols, nil
}

// run aggregates in one step, as Spark does if all rows are in one partition.
func (a *aggregation) run() (*vector.Batch, error) {
	keys := a.Keys
	for _, c := range a.input {
		if c.Name == a.beside {
			keys = append(keys[:len(keys):len(keys)], c)
		}
	}
	o, err := aggregate.New(keys, a.Calls, a.input)
	if err != nil {
		return nil, err
	}
	defer func() { o.Release() }()
	ctx := &expr.Context{Zone: datetime.UTC, BatchTime: batchMillis * 1000, Now: batchMillis*1000 + 1, Batch: a.rows}
	if a.parts != nil {
		err = a.mergeParts(ctx, o)
	} else {
		err = o.Process(ctx, a.rows)
	}
	if err != nil {
		return nil, err
	}
	if a.beside != "" {
		saved := o.Save(0, o.Len())
		o.Release()
		if o, err = a.merge(ctx, saved, len(keys)); err != nil {
			return nil, err
		}
	}
	groups, err := o.Finish(0, o.Len())
	if err != nil {
		return nil, err
	}
	return a.output(ctx, groups)
}

// mergeParts merges the results of the partitions.
func (a *aggregation) mergeParts(ctx *expr.Context, to *aggregate.Operator) error {
	from := 0
	for _, n := range a.parts {
		o, err := aggregate.New(a.Keys, a.Calls, a.input)
		if err != nil {
			return err
		}
		if err := o.Process(ctx, gather(a.rows, kernel.Identity(nil, from+n)[from:])); err != nil {
			return err
		}
		if err := to.Merge(ctx, o.Save(0, o.Len())); err != nil {
			return err
		}
		o.Release()
		from += n
	}
	return nil
}

// merge merges groups that were formed with additional keys.
func (a *aggregation) merge(ctx *expr.Context, saved *vector.Batch, keys int) (*aggregate.Operator, error) {
	o, err := aggregate.New(a.Keys, a.Calls, a.input)
	if err != nil {
		return nil, err
	}
	cols := slices.Concat(saved.Cols[:len(a.Keys)], saved.Cols[keys:])
	return o, o.Merge(ctx, &vector.Batch{N: saved.N, Cols: cols})
}

// output evaluates the items for the sorted groups.
func (a *aggregation) output(ctx *expr.Context, groups *vector.Batch) (*vector.Batch, error) {
	groups = gather(groups, sortedRows(groups, len(a.Keys)))
	var cols, list []*expr.Expr
	for _, e := range append(a.Keys[:len(a.Keys):len(a.Keys)], a.Calls...) {
		cols = append(cols, &expr.Expr{Kind: expr.Column, ID: e.ID, Name: e.Name, Type: e.Type, Nullable: e.Nullable})
	}
	list = append(list, cols[:len(a.Keys)]...)
	p, err := eval.Compile(append(list, a.Output...), cols)
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

// sortedRows sorts the rows of a batch by its first columns, ascending, NULL first.
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
