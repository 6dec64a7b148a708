package operator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/state"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// A rig runs a stateful operator as the engine does: tasks below an exchange, and above it one task for each partition of the state. Workers, each with
// pipelines that they use again for every task, run the tasks at the same time.
type rig struct {
	t       *testing.T
	workers []worker
	op      state.Operator
	dir     string // empty if the state is in memory only
	state   *state.State
	version int64
	context operator.BatchContext
}

type worker struct{ below, above *operator.Pipeline }

// newRig returns a rig whose state has random partitions. below returns an operator for the tasks below the exchange, nil for none, and the columns of its
// results; keys are SQL names of those that decide on the partition.
func newRig(t *testing.T, random *rand.Rand, mode string, keys []string, below func() (operator.Operator, []*expr.Expr), above func() operator.Operator, layout state.Layout) *rig {
	t.Helper()
	r := &rig{t: t, op: state.Operator{Name: "rig", Partitions: 1, Stores: []state.Layout{layout}}, context: operator.BatchContext{OutputMode: mode}}
	r.op.Stores[0].Name = state.DefaultStore
	if len(keys) > 0 {
		r.op.Partitions += random.IntN(4)
	}
	if random.IntN(8) == 0 { // syncing files takes most of the time of a test
		r.dir = t.TempDir()
	}
	task := "0"
	if len(keys) > 0 {
		task = fmt.Sprintf("pmod(hash(%s), %d)", strings.Join(keys, ", "), r.op.Partitions)
	}
	for range 1 + random.IntN(2) {
		node := &operator.Node{}
		op, columns := below()
		if op != nil {
			node = &operator.Node{Operator: op, Inputs: []*operator.Node{node}}
		}
		number, err := analyze.Expression(parsed(t, task), analyze.Scope{Columns: columns}, &expr.Origin{Text: task})
		must(t, err)
		project, err := operator.NewProject(append(slices.Clone(columns), number), columns)
		must(t, err)
		r.workers = append(r.workers, worker{
			operator.NewPipeline(&operator.Node{Operator: project, Inputs: []*operator.Node{node}}, nil),
			operator.NewPipeline(&operator.Node{Operator: above(), Inputs: []*operator.Node{{}}}, nil),
		})
	}
	r.load()
	t.Cleanup(func() { _ = r.state.Close() })
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func parsed(t *testing.T, text string) ast.Expr {
	t.Helper()
	tree, err := parse.Expression(text)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// grouped analyses calls of aggregate functions.
func grouped(t *testing.T, keys, input []*expr.Expr, calls []string) []*expr.Expr {
	t.Helper()
	var items []ast.Expr
	var origins []*expr.Origin
	for _, text := range calls {
		items, origins = append(items, parsed(t, text)), append(origins, &expr.Origin{Text: text})
	}
	g, err := analyze.GroupBy(keys, items, analyze.Scope{Columns: input}, origins)
	must(t, err)
	return g.Calls
}

func column(name string, t *types.Type) *expr.Expr {
	return &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: name, Type: t, Nullable: true}
}

// load reads the state again from its files, if there are any.
func (r *rig) load() {
	r.t.Helper()
	if r.state != nil && r.dir == "" {
		return
	}
	if r.state != nil {
		must(r.t, r.state.Close())
	}
	s, err := state.Open(storage.OS, r.dir, []state.Operator{r.op}, state.Options{Version: r.version})
	if err == nil {
		err = s.Load(r.t.Context(), r.version)
	}
	must(r.t, err)
	r.state, r.context.State = s, s
}

// commit makes the changes of a batch final, and moves the watermark on.
func (r *rig) commit(watermark int64) {
	r.t.Helper()
	must(r.t, r.state.Commit(r.t.Context()))
	r.version++
	r.context.ID++
	r.context.PreviousWatermark, r.context.Watermark = r.context.Watermark, max(r.context.Watermark, watermark)
}

// batch runs tasks with some rows each, and returns the rows that come out, in text.
func (r *rig) batch(tasks ...[]*vector.Batch) []string {
	r.t.Helper()
	r.context.Dropped = make([]atomic.Int64, 1)
	x := operator.NewExchange(r.op.Partitions)
	defer x.Close()
	r.each(len(tasks), func(w worker, task int) error {
		out := x.Writer(task)
		rows := batches(tasks[task])
		if err := r.run(w.below, task, &rows, func(b *vector.Batch) error { return out.Write(r.t.Context(), b) }); err != nil {
			return err
		}
		return out.Close(r.t.Context())
	})
	lines := make([][]string, r.op.Partitions)
	r.each(r.op.Partitions, func(w worker, task int) error {
		return r.run(w.above, task, x.Reader(task), func(b *vector.Batch) error {
			lines[task] = append(lines[task], linesOf(b)...)
			return nil
		})
	})
	return slices.Sorted(slices.Values(slices.Concat(lines...)))
}

// each calls f for tasks, which the workers share.
func (r *rig) each(tasks int, f func(w worker, task int) error) {
	r.t.Helper()
	errs := make(chan error)
	for i, w := range r.workers {
		go func() {
			var err error
			for task := i; task < tasks && err == nil; task += len(r.workers) {
				err = f(w, task)
			}
			errs <- err
		}()
	}
	var all error
	for range r.workers {
		all = errors.Join(all, <-errs)
	}
	must(r.t, all)
}

func (r *rig) run(p *operator.Pipeline, task int, in vector.Reader, out operator.Emit) error {
	return p.Run(r.t.Context(), operator.Partition{Batch: &r.context, Number: task, Task: task}, []operator.Feed{{Rows: in}}, out)
}

// A batches is a reader.
type batches []*vector.Batch

func (l *batches) Next(context.Context) (*vector.Batch, error) {
	if len(*l) == 0 {
		return nil, io.EOF
	}
	b := (*l)[0]
	*l = (*l)[1:]
	return b, nil
}

func (*batches) Close() error { return nil }

// counts returns how many keys the state has, how many a batch has updated and removed, and how many rows were late.
func (r *rig) counts() (c counts) {
	for p := range r.op.Partitions {
		s := r.state.Store(0, state.DefaultStore, p)
		c.rows, c.updated, c.removed = c.rows+s.Len(), c.updated+s.Updated(), c.removed+s.Removed()
	}
	c.late = int(r.context.Dropped[0].Load())
	return c
}

type counts struct{ rows, updated, removed, late int }

// keys returns the keys in the state, in text.
func (r *rig) keys() (lines []string) {
	r.t.Helper()
	var list []*types.Type
	for _, f := range r.op.Stores[0].Key {
		list = append(list, f.Type)
	}
	dec := unsaferow.NewDecoder(list)
	for p := range r.op.Partitions {
		b := &vector.Batch{}
		for _, t := range list {
			b.Cols = append(b.Cols, vector.New(t, 0))
		}
		for key := range r.state.Store(0, state.DefaultStore, p).All() {
			must(r.t, dec.Append(key, b.Cols))
			b.N++
		}
		lines = append(lines, linesOf(b)...)
	}
	slices.Sort(lines)
	return lines
}

func linesOf(b *vector.Batch) (lines []string) {
	for k := range b.Rows() {
		i := k
		if b.Sel != nil {
			i = int(b.Sel[k])
		}
		var cells []string
		for _, v := range b.Cols {
			cells = append(cells, cell(v, i))
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return lines
}

// cell returns a value in text, NULL as "-".
func cell(v *vector.Vector, i int) string {
	if v.IsNull(i) {
		return "-"
	}
	i = v.At(i)
	switch v.Type.Kind {
	case types.KindString:
		return fmt.Sprintf("%q", v.Bytes(i))
	case types.KindDouble:
		return fmt.Sprint(v.F64[i])
	case types.KindStruct:
		return cell(v.Children[0], i) + ".." + cell(v.Children[1], i)
	case types.KindArray:
		var items []string
		for k := v.Views[i].Off; k < v.Views[i].Off+v.Views[i].Len; k++ {
			items = append(items, cell(v.Children[0], int(k)))
		}
		return "[" + strings.Join(items, " ") + "]"
	}
	return fmt.Sprint(v.I64[i])
}
