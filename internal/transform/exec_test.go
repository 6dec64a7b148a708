package transform

import (
	"context"
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// TestRandomNumbersDifferByPieceAndComeAgain: a task is read in pieces, which do not repeat each other's numbers; a piece that is
// read again gives the same.
func TestRandomNumbersDifferByPieceAndComeAgain(t *testing.T) {
	schema := &types.Schema{Fields: []types.Field{{Name: "value", Type: types.String, Nullable: true}}}
	step := job.Select{Exprs: []job.Text{{Text: "rand(5) AS r"}, {Text: "spark_partition_id() AS p"}}}
	q, err := AnalyzeSteps(context.Background(), SourceInfo{Schema: schema, Format: "text"}, []job.Step{step}, nil)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := q.Optimize(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := plan.Stages[0].NewPipeline()
	if err != nil {
		t.Fatal(err)
	}
	options, err := text.ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	run := func(piece int) (numbers []float64) {
		in, err := text.NewReader(codec.FromBytes(nil, []byte("a\nb\nc\n")), options, &codec.Scan{Fields: plan.Inputs[0].Fields, Schema: schema})
		if err != nil {
			t.Fatal(err)
		}
		err = pipe.Run(context.Background(), operator.Partition{Batch: &operator.BatchContext{ID: 3}, Number: piece, Task: 1}, []operator.Feed{{Rows: in}}, func(b *vector.Batch) error {
			numbers = append(numbers, b.Cols[0].F64[:b.N]...)
			if p := b.Cols[1]; p.I32[p.At(b.N-1)] != 1 {
				t.Errorf("partition %d", p.I32[0])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return numbers
	}
	first, second, again := run(0), run(1), run(1)
	if len(first) != 3 || slices.Equal(first, second) || !slices.Equal(second, again) {
		t.Errorf("%v, %v, %v", first, second, again)
	}
}
