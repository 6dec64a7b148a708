package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"time"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A grouping is GROUP BY k with count(*), sum(v) and max(v), where v is a BIGINT.
type grouping struct {
	key  *types.Type
	keys int // different ones, which occur in random order
	step int // from a number to the next
}

var groupings = []grouping{
	{types.Long, 1_000, 1}, {types.Long, 1_000_000, 1}, {types.Long, 1_000, 1_000_003}, {types.Long, 1_000_000, 1_000_003},
	{types.String, 1_000, 1}, {types.String, 1_000_000, 1},
}

func (g grouping) name() string {
	name := fmt.Sprintf("%s, %d keys", g.key.SQL(), g.keys)
	if g.step > 1 {
		name += ", far apart"
	}
	return name
}

// each yields the rows, which are always the same.
func (g grouping) each(yield func(i, k, v int)) {
	random := rand.New(rand.NewPCG(5, 6))
	for i := range *rows {
		yield(i, random.IntN(g.keys)*g.step, random.IntN(1_000_000))
	}
}

// text returns the key with a number.
func (g grouping) text(k int) string {
	if g.key.Kind == types.KindString {
		return fmt.Sprintf("customer-%d", k)
	}
	return fmt.Sprint(k)
}

// write writes the rows as CSV.
func (g grouping) write(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	g.each(func(_, k, v int) { fmt.Fprintf(w, "%s,%d\n", g.text(k), v) })
	return w.Flush()
}

// batches returns the rows as a reader would.
func (g grouping) batches() (all []*vector.Batch) {
	schema := &types.Schema{Fields: []types.Field{{Name: "k", Type: g.key}, {Name: "v", Type: types.Long}}}
	g.each(func(i, k, v int) {
		row := i % vector.BatchRows
		if row == 0 {
			all = append(all, newBatch(schema, min(vector.BatchRows, *rows-i)))
		}
		cols := all[len(all)-1].Cols
		if cols[1].I64[row] = int64(v); g.key.Kind == types.KindString {
			cols[0].SetString(row, g.text(k))
		} else {
			cols[0].I64[row] = int64(k)
		}
	})
	return all
}

// A groupingTool groups rows that it has loaded, in one thread. It returns the number of groups and the sums of the results of
// count, of sum, and of max multiplied by the last three digits of the key or by its length.
type groupingTool interface {
	present() bool
	group() (summary string, took time.Duration, err error)
	close()
}

// benchGrouping groups rows in memory.
func benchGrouping(dir string) error {
	wanted, err := regexp.Compile(*match)
	if err != nil {
		return err
	}
	versions := present("DuckDB", "Polars")
	fmt.Printf(groupingMethod, *rows, *runs, versions["DuckDB"], versions["Polars"])
	fmt.Printf("| key | streamctl | DuckDB | Polars | streamctl / best other |\n|---|---|---|---|---|\n")
	for _, g := range groupings {
		if !wanted.MatchString(g.name()) {
			continue
		}
		took, err := g.take(filepath.Join(dir, "grouping.csv"))
		if err != nil {
			return fmt.Errorf("%s: %w", g.name(), err)
		}
		ratio := "–"
		if best := bestPeer(took); best > 0 {
			ratio = fmt.Sprintf("%.2f", took[0].Seconds()/best)
		}
		fmt.Printf("| %s | %s | %s | %s | %s |\n", g.name(), ms(took[0]), orNone(took[1]), orNone(took[2]), ratio)
	}
	return nil
}

const groupingMethod = `SELECT k, count(*), sum(v), max(v) … GROUP BY k, of %d rows in memory, loaded into each tool beforehand, keys in random order; one
thread each; CPU time, medians of %d runs, alternating between the tools. streamctl: aggregate.Operator on batches of 2048 rows,
GOMAXPROCS=1. DuckDB %s: in-memory table, SET threads=1. Polars %s: DataFrame with one chunk, POLARS_MAX_THREADS=1, in-memory or
streaming engine, whichever is faster. Each tool adds up its result, and all must agree.

`

// take returns the median times of the tools, 0 if a tool is missing.
func (g grouping) take(path string) ([]time.Duration, error) {
	if err := g.write(path); err != nil {
		return nil, err
	}
	tools := []groupingTool{newEmbeddedGrouping(g), newDuckDBGrouping(g, path), newPolarsGrouping(g, path)}
	stop, err := startProfile()
	if err != nil {
		return nil, err
	}
	defer stop()
	all := make([][]time.Duration, len(tools))
	want := ""
	for range *runs {
		for i, t := range tools {
			if !t.present() {
				continue
			}
			got, d, err := t.group()
			if err != nil {
				return nil, err
			}
			if all[i] = append(all[i], d); i == 0 {
				want = got
			} else if got != want {
				return nil, fmt.Errorf("streamctl returns %s, another tool %s", want, got)
			}
		}
	}
	medians := make([]time.Duration, len(tools))
	for i, d := range all {
		tools[i].close()
		if len(d) > 0 {
			slices.Sort(d)
			medians[i] = d[len(d)/2]
		}
	}
	return medians, nil
}

// embeddedGrouping is streamctl's operator, running in this process.
type embeddedGrouping struct {
	columns, keys, calls []*expr.Expr
	batches              []*vector.Batch
	err                  error
}

func newEmbeddedGrouping(g grouping) *embeddedGrouping {
	e := &embeddedGrouping{batches: g.batches()}
	column := func(name string, t *types.Type) *expr.Expr {
		return &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: name, Type: t}
	}
	e.columns = []*expr.Expr{column("k", g.key), column("v", types.Long)}
	e.err = e.analyze()
	runtime.GC()
	return e
}

func (e *embeddedGrouping) analyze() error {
	scope := analyze.Scope{Columns: e.columns}
	var trees []ast.Expr
	for _, text := range []string{"k", "count(*)", "sum(v)", "max(v)"} {
		tree, err := parse.Expression(text)
		if err != nil {
			return err
		}
		trees = append(trees, tree)
	}
	keys, err := analyze.GroupKeys(trees[:1], scope, make([]*expr.Origin, 1))
	if err != nil {
		return err
	}
	g, err := analyze.GroupBy(keys, trees[1:], scope, make([]*expr.Origin, 3))
	if err == nil {
		e.keys, e.calls = g.Keys, g.Calls
	}
	return err
}

func (e *embeddedGrouping) present() bool { return true }
func (e *embeddedGrouping) close()        {}

func (e *embeddedGrouping) group() (summary string, took time.Duration, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	took, err = cpuTimed(os.Getpid(), func() error {
		summary, err = e.run()
		return err
	})
	runtime.GC() // do not charge this run's garbage to the next
	return summary, took, err
}

func (e *embeddedGrouping) run() (string, error) {
	if e.err != nil {
		return "", e.err
	}
	o, err := aggregate.New(e.keys, e.calls, e.columns)
	if err != nil {
		return "", err
	}
	ctx := &expr.Context{Zone: datetime.UTC}
	for _, b := range e.batches {
		ctx.Batch = b
		if err := o.Process(ctx, b); err != nil {
			return "", err
		}
	}
	out, err := o.Finish(0, o.Len())
	if err != nil {
		return "", err
	}
	var sums [3]int64
	for i := range out.N {
		k := out.Cols[0]
		factor := int64(0)
		if k.Type.Kind == types.KindString {
			factor = int64(len(k.Bytes(i)))
		} else {
			factor = k.I64[i]
		}
		sums[0] += out.Cols[1].I64[i]
		sums[1] += out.Cols[2].I64[i]
		sums[2] += out.Cols[3].I64[i] * (factor % 1000)
	}
	return fmt.Sprintf("%d|%d|%d|%d", out.N, sums[0], sums[1], sums[2]), nil
}

type duckdbGrouping struct {
	session
	factor string
}

func newDuckDBGrouping(g grouping, path string) *duckdbGrouping {
	d := &duckdbGrouping{startSession(nil, duckdbPath(), "-list", "-noheader", "-bail"), "k"}
	typ := "BIGINT"
	if g.key.Kind == types.KindString {
		typ, d.factor = "VARCHAR", "strlen(k)"
	}
	_, err := d.ask("CREATE TABLE t (k " + typ + ", v BIGINT); COPY t FROM '" + path + "' (HEADER false); SET threads=1; SELECT count(*) FROM t;")
	if d.err == nil {
		d.err = err
	}
	return d
}

func (d *duckdbGrouping) present() bool { return d.err == nil }

func (d *duckdbGrouping) group() (summary string, took time.Duration, err error) {
	return d.answer("SELECT concat_ws('|', count(*), sum(n), sum(s), sum(m * (" + d.factor + " % 1000))) FROM (SELECT k, count(*) AS n, sum(v) AS s, max(v) AS m FROM t GROUP BY k);")
}

//go:embed grouping.py
var polarsGroupingProgram string

type polarsGrouping struct{ session }

func newPolarsGrouping(g grouping, path string) *polarsGrouping {
	return &polarsGrouping{startSession([]string{"POLARS_MAX_THREADS=1"}, pythonPath(), "-c", polarsGroupingProgram, path, g.key.SQL())}
}

func (p *polarsGrouping) present() bool { return p.err == nil }

func (p *polarsGrouping) group() (summary string, took time.Duration, err error) {
	return p.answer("group")
}
