package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/transform"
	"github.com/streamctl/streamctl/internal/vector"
	"github.com/streamctl/streamctl/test/evaluate"
)

// Budgets for planning, per byte of a job's texts and per column that a step passes on, times the logarithm of
// the size. Planning that is quadratic in the text exceeds them at some thousand operands. CPU time is that of
// one thread, so that it depends little on the load of the machine.
const (
	planBase  = time.Second
	planPace  = 4 * time.Microsecond // per byte, times log2 of all bytes
	planBytes = 2500                 // allocated per byte, times log2 of all bytes
	planFloor = 400 << 20
	perColumn = 8 // this many columns passed on by steps count as one byte
)

// Budgets for a run: memory for results, and CPU time from the stop flag until it ends.
const (
	runMemory  = 64 << 20
	stopBudget = time.Second
	hopeless   = 2 * time.Minute // a run that takes longer than this to stop counts as hung
)

// slowdown is the factor by which the race detector or coverage counting slows a program down.
var slowdown = time.Duration(1)

// share divides the sizes of seeds: with the race detector, larger ones find no more.
var share = 1

// A bounded is what all inputs share.
type bounded struct {
	table  *evaluate.Table
	sigs   *signatures
	shapes []shape
}

var loadBounded = sync.OnceValue(func() *bounded {
	random := rand.New(rand.NewPCG(1, 0))
	spec := newTable(random, tableRows)
	table, err := spec.read()
	if err != nil {
		panic(err)
	}
	var some []*expr.Function // trying all functions takes longer than the test
	for i, f := range function.All() {
		if i%6 == 0 {
			some = append(some, f)
		}
	}
	return &bounded{table, findSignatures(random, table.Schema, some), shapes()}
})

// FuzzBounded plans and runs a job of a given shape and size that includes random expressions.
func FuzzBounded(f *testing.F) {
	if share > 1 {
		f.Logf("with the race detector, shapes have 1/%d of their sizes", share)
	}
	every := 1
	if fuzzing := flag.Lookup("test.fuzz"); fuzzing != nil && fuzzing.Value.String() != "" {
		every, share = 8, 8 // an input may take 10 s, and all of them run before the first new one
	}
	for k, s := range shapes() {
		if k%every == 0 {
			f.Add(uint16(k), uint16(s.some()/share), uint64(0))
		}
	}
	for seed := range uint64(8) {
		f.Add(uint16(seed*37), uint16(50), seed+1)
	}
	if worker := flag.Lookup("test.fuzzworker"); worker != nil && worker.Value.String() == "true" {
		slowdown *= 4
	}
	b := loadBounded() // here, because the ten seconds do not include it
	f.Fuzz(func(t *testing.T, shape, size uint16, seed uint64) {
		s := b.shapes[int(shape)%len(b.shapes)]
		n := int(size) % (s.most()/every + 1)
		name := fmt.Sprintf("%s, n = %d, seed %d", s.name, n, seed)
		t.Log(name)
		r := rand.New(rand.NewPCG(seed, 0))
		steps := s.make(newGenerator(r, b.sigs), n)
		b.check(t, name, s.works, steps, time.Duration(r.IntN(20))*time.Millisecond)
	})
}

// check plans and runs a job within its budgets. Errors are valid results, but panics are not.
func (b *bounded) check(t *testing.T, name string, works bool, steps []job.Step, stopAfter time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var plan *transform.Plan
	var err error
	if works {
		err = stopped(t, name, stopAfter, func(ctx context.Context) (err error) {
			plan, err = planned(ctx, b.table, steps)
			return err
		})
	} else {
		plan, err = b.plan(t, name, steps)
	}
	if err == nil {
		err = stopped(t, name, stopAfter, func(ctx context.Context) error { return collect(ctx, plan, b.table.Open(plan)) })
	}
	clear(t, name, err)
	if works && len(steps) == 1 {
		if step, ok := steps[0].(job.WithColumn); ok {
			b.looks(t, name, step.Columns[0].Text.Text, int(stopAfter/time.Millisecond)*10)
		}
	}
}

// mostLooks is how often an evaluation may check its stop flag after it is set: each remaining operand checks
// it once.
const mostLooks = 64

// looks evaluates one expression over the table and sets the stop flag after it was checked until times.
func (b *bounded) looks(t *testing.T, name, text string, until int) {
	var scope analyze.Scope
	for _, f := range b.table.Schema.Fields {
		scope.Columns = append(scope.Columns, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: f.Name, Type: f.Type, Nullable: f.Nullable})
	}
	tree, perr := parse.Expression(text)
	if perr != nil {
		return
	}
	x, err := analyze.Expression(tree, scope, &expr.Origin{Text: text})
	if err != nil {
		return
	}
	p, err := eval.Compile([]*expr.Expr{x}, scope.Columns)
	if err != nil {
		return
	}
	memory.Limit(runMemory)
	defer memory.Limit(0)
	looked, clock, at := 0, threadClock(), time.Duration(0)
	stop := halt.When(func() error {
		if looked++; looked <= until {
			return nil
		}
		if looked == until+1 {
			at = clock()
		}
		return context.Canceled
	})
	lost := time.AfterFunc(hopeless*slowdown, func() { panic(name + ": does not stop after " + strconv.Itoa(until) + " looks") })
	defer lost.Stop()
	_, err = p.Eval(&expr.Context{Zone: datetime.UTC, Stop: stop}, b.table.Batch, nil)
	switch {
	case looked <= until:
	case !errors.Is(err, context.Canceled):
		t.Errorf("%s: goes on after it was stopped, and ends with %v", name, err)
	case looked-until > mostLooks:
		t.Errorf("%s: looks %d times after it was stopped", name, looked-until)
	case clock()-at > stopBudget*slowdown:
		t.Errorf("%s: goes on for %v after it was stopped", name, clock()-at)
	}
}

// plan plans a job and compares the cost with the budget.
func (b *bounded) plan(t *testing.T, name string, steps []job.Step) (plan *transform.Plan, err error) {
	size := b.sizeOf(steps)
	units := size * bits.Len(uint(size))
	clock := threadClock()
	bytes, cpu := allocated(), clock()
	err = sparkerr.Caught(func() error {
		plan, err = planned(context.Background(), b.table, steps)
		return err
	})
	bytes, cpu = allocated()-bytes, clock()-cpu
	if most := uint64(planFloor + planBytes*units); bytes > most {
		t.Errorf("%s: planning %d bytes allocates %d bytes, more than %d", name, size, bytes, most)
	}
	if most := (planBase + time.Duration(units)*planPace) * slowdown; cpu > most {
		t.Errorf("%s: planning %d bytes takes %v, more than %v", name, size, cpu, most)
	}
	return plan, err
}

// planned analyzes, explains, optimizes and compiles a job.
func planned(ctx context.Context, table *evaluate.Table, steps []job.Step) (*transform.Plan, error) {
	q, err := transform.AnalyzeSteps(ctx, transform.SourceInfo{Schema: table.Schema, Format: "csv", Codec: csv.Codec}, steps, map[string]string{"spark.sql.session.timeZone": "UTC"})
	if err != nil {
		return nil, err
	}
	q.Explain()
	for _, f := range q.Output {
		_ = f.Type.SQL()
	}
	plan, err := q.Optimize(ctx)
	if err != nil {
		return nil, err
	}
	plan.Explain()
	_, err = plan.Stages[0].NewPipeline()
	return plan, err
}

// sizeOf returns the size of a job: its texts, and the columns that its steps pass on, which the plan lists for
// each step.
func (b *bounded) sizeOf(steps []job.Step) int {
	size, columns, handed := 64, len(b.table.Schema.Fields), 0
	for _, s := range steps {
		text := s.String()
		size += len(text)
		columns += 1 + strings.Count(text, " AS ")
		handed += columns
	}
	return size + handed/perColumn
}

// stopped runs work within the memory limit, stops it after a time, and compares how long it continues with the
// budget.
func stopped(t *testing.T, name string, after time.Duration, work func(context.Context) error) error {
	memory.Limit(runMemory)
	defer memory.Limit(0)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	at, clock := make(chan time.Duration, 1), threadClock()
	stop := time.AfterFunc(after, func() {
		at <- clock()
		cancel()
	})
	lost := time.AfterFunc(after+hopeless*slowdown, func() { panic(name + ": does not stop") })
	err := sparkerr.Caught(func() error { return work(ctx) })
	lost.Stop()
	if stop.Stop() {
		return err
	}
	if took := clock() - <-at; took > stopBudget*slowdown {
		t.Errorf("%s: goes on for %v after it was stopped", name, took)
	}
	return err
}

// collect runs a plan and discards its rows.
func collect(ctx context.Context, plan *transform.Plan, in vector.Reader) error {
	if len(plan.Inputs) == 0 {
		return nil
	}
	p, err := plan.Stages[0].NewPipeline()
	if err != nil {
		return err
	}
	return p.Run(ctx, operator.Partition{Batch: &operator.BatchContext{}}, []operator.Feed{{Rows: in}}, func(*vector.Batch) error { return nil })
}

// clear fails the test if an error is a panic.
func clear(t *testing.T, name string, err error) {
	var bug *sparkerr.Panic
	if errors.As(err, &bug) {
		t.Errorf("%s: panic: %v\n%s", name, err, bug.Stack)
	}
	var e *sparkerr.Error
	if errors.As(err, &e) && e.Condition == "INTERNAL_ERROR" {
		t.Errorf("%s: %v", name, err)
	}
}

// allocated returns how many bytes the process has allocated.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// threadClock returns a clock for the CPU time of the calling thread. Other threads may read it.
func threadClock() func() time.Duration {
	file := fmt.Sprintf("/proc/self/task/%d/schedstat", syscall.Gettid())
	return func() time.Duration {
		text, _ := os.ReadFile(file)
		first, _, _ := strings.Cut(string(text), " ")
		ns, _ := strconv.ParseInt(first, 10, 64)
		return time.Duration(ns)
	}
}
