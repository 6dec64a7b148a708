package operator

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// rowsOf is a batch of one BIGINT column.
func rowsOf(values ...int64) *vector.Batch {
	v := vector.New(types.Long, len(values))
	copy(v.I64, values)
	return &vector.Batch{N: len(values), Cols: []*vector.Vector{v}}
}

// A list is a reader of batches.
type list []*vector.Batch

func (l *list) Next(context.Context) (*vector.Batch, error) {
	if len(*l) == 0 {
		return nil, io.EOF
	}
	b := (*l)[0]
	*l = (*l)[1:]
	return b, nil
}

func (*list) Close() error { return nil }

// sums adds up what arrives at each of its inputs, and emits the sums when these end.
type sums struct{ byPort [2]int64 }

func (s *sums) Process(_ *expr.Context, port int, b *vector.Batch, _ Emit) error {
	for i := range b.N {
		s.byPort[port] += b.Cols[0].I64[i]
	}
	return nil
}

func (s *sums) Finish(_ *expr.Context, out Emit) error {
	b := rowsOf(s.byPort[:]...)
	s.byPort = [2]int64{}
	return out(b)
}

// failing fails at a row.
type failing struct{ stateless }

func (failing) Process(*expr.Context, int, *vector.Batch, Emit) error {
	return expr.AtRow(1, errors.New("row 1 is wrong"))
}

// passing hands on what it gets without its origin, as operators do that make other rows.
type passing struct{ stateless }

func (passing) Process(_ *expr.Context, _ int, b *vector.Batch, out Emit) error {
	return out(&vector.Batch{N: b.N, Cols: b.Cols})
}

// run returns what a pipeline makes of batches that enter one of its leaves.
func run(p *Pipeline, input int, in ...*vector.Batch) (values []int64, err error) {
	rows := list(in)
	err = p.Run(context.Background(), Partition{Batch: &BatchContext{}}, []Feed{{input, &rows}}, func(b *vector.Batch) error {
		values = append(values, b.Cols[0].I64...)
		return nil
	})
	return values, err
}

func TestOperatorsFinishWithEachPartition(t *testing.T) {
	// The second input passes an operator that finishes before the one above it.
	p := NewPipeline(&Node{Operator: &sums{}, Inputs: []*Node{{Input: 0}, {Operator: &sums{}, Inputs: []*Node{{Input: 1}}}}}, nil)
	for range 2 {
		if got, err := run(p, 0, rowsOf(1, 2), rowsOf(3)); err != nil || !slices.Equal(got, []int64{6, 0}) {
			t.Errorf("rows of the first input: %v, %v", got, err)
		}
		if got, err := run(p, 1, rowsOf(1, 2), rowsOf(3)); err != nil || !slices.Equal(got, []int64{0, 6}) {
			t.Errorf("rows of the second input: %v, %v", got, err)
		}
	}
}

func TestAFailureIsPlacedInTheBatchThatItHappenedIn(t *testing.T) {
	origin := &vector.Origin{File: &vector.File{Path: "f"}, Starts: []uint32{0, 10}}
	in := rowsOf(1, 2)
	in.Origin = origin
	var at *vector.RecordError
	p := NewPipeline(&Node{Operator: failing{}, Inputs: []*Node{{}}}, nil)
	if _, err := run(p, 0, in); !errors.As(err, &at) || at.Offset != 10 {
		t.Errorf("a failure of a row that was read: %#v", err)
	}
	// Behind an operator that makes other rows, row 1 is not row 1 of the file.
	p = NewPipeline(&Node{Operator: failing{}, Inputs: []*Node{{Operator: passing{}, Inputs: []*Node{{}}}}}, nil)
	if _, err := run(p, 0, in); err == nil || errors.As(err, &at) {
		t.Errorf("a failure of a row that was made: %#v", err)
	}
}

// An endless reader repeats a batch.
type endless struct{ *vector.Batch }

func (e endless) Next(context.Context) (*vector.Batch, error) { return e.Batch, nil }
func (endless) Close() error                                  { return nil }

func TestAStoppedPipelineReadsNoFurther(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := NewPipeline(&Node{Operator: passing{}, Inputs: []*Node{{}}}, nil)
	err := p.Run(ctx, Partition{Batch: &BatchContext{}}, []Feed{{0, endless{rowsOf(1)}}}, func(*vector.Batch) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
