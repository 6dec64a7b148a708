package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// embedded is streamctl's engine, running in this process.
type embedded struct {
	columns []*expr.Expr
	batches []*vector.Batch
	repeats int
}

func newEmbedded(s samples) *embedded {
	schema, err := types.ParseDDL(sampleSchema)
	if err != nil {
		panic(err)
	}
	e := &embedded{batches: s.batches(schema), repeats: s.repeats}
	for _, f := range schema.Fields {
		e.columns = append(e.columns, &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: f.Name, Type: f.Type, Nullable: f.Nullable})
	}
	runtime.GC() // do not charge the garbage from creating the rows to the expressions
	return e
}

func (m *embedded) text(e expression) string { return e.spark }
func (m *embedded) close()                   {}

// each evaluates an expression on all rows and passes on the results.
func (m *embedded) each(text string, yield func(n int, v *vector.Vector)) error {
	tree, perr := parse.Expression(text)
	if perr != nil {
		return perr
	}
	e, err := analyze.Expression(tree, analyze.Scope{Columns: m.columns}, &expr.Origin{Text: text})
	if err != nil {
		return err
	}
	p, err := eval.Compile([]*expr.Expr{e}, m.columns)
	if err != nil {
		return err
	}
	ctx := &expr.Context{Zone: datetime.UTC}
	for range m.repeats {
		for _, b := range m.batches {
			ctx.Batch = b
			out, err := p.Eval(ctx, b, nil)
			if err != nil {
				return err
			}
			yield(b.N, out[0])
		}
	}
	return nil
}

// startProfile profiles this process, which is idle while the other tools work.
func startProfile() (stop func(), err error) {
	if *profile == "" {
		return func() {}, nil
	}
	f, err := os.Create(*profile)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, pprof.StartCPUProfile(f)
}

func (m *embedded) take(text string) (time.Duration, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	return cpuTimed(os.Getpid(), func() error { return m.each(text, func(int, *vector.Vector) {}) })
}

func (m *embedded) summary(text string) (string, error) {
	var least, greatest *vector.Vector
	count, size := 0, 0
	err := m.each(text, func(n int, v *vector.Vector) {
		if least == nil {
			least, greatest = vector.NewNull(v.Type), vector.NewNull(v.Type)
		}
		for i := range n {
			if v.IsNull(i) {
				continue
			}
			count++
			if v.Type.IsText() {
				size += len(v.Bytes(i))
			}
			if least.IsNull(0) || kernel.Compare(v, i, least, 0) < 0 {
				least = constant(v, i)
			}
			if greatest.IsNull(0) || kernel.Compare(v, i, greatest, 0) > 0 {
				greatest = constant(v, i)
			}
		}
	})
	if err != nil {
		return "", err
	}
	o := valuetext.Options{Zone: datetime.UTC}
	return fmt.Sprintf("%d|%s|%s|%d", count, valuetext.AppendValue(nil, least, 0, o), valuetext.AppendValue(nil, greatest, 0, o), size), nil
}

func constant(v *vector.Vector, i int) *vector.Vector {
	c := vector.NewConst(v.Type)
	kernel.Copy(c, 0, v, i)
	return c
}
