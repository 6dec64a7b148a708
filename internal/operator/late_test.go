package operator_test

import (
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// TestLateRowsAreJudgedByTheWatermarkOfTheirStep lists rows of a step whose watermark lags, as above a join of streams.
func TestLateRowsAreJudgedByTheWatermarkOfTheirStep(t *testing.T) {
	column := &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: "ts", Type: types.Timestamp}
	op, err := operator.NewLateRows(1, &operator.LateStep{Name: "step"}, column, []*expr.Expr{column})
	if err != nil {
		t.Fatal(err)
	}
	times := vector.New(types.Timestamp, 3)
	copy(times.I64, []int64{1_000, 5_000, 9_000}) // microseconds
	var late, passed []int64
	op.(interface{ Begin(p *operator.Partition) }).Begin(&operator.Partition{
		Batch: &operator.BatchContext{PreviousWatermark: 8, PreviousWatermarks: []int64{8, 2}},
		Late:  func(l *operator.LateRow) { late = append(late, l.Time, l.Watermark) },
	})
	err = op.Process(&expr.Context{}, 0, &vector.Batch{N: 3, Cols: []*vector.Vector{times}}, func(b *vector.Batch) error {
		passed = append(passed, b.Cols[0].I64[:b.N]...)
		return nil
	})
	if want := []int64{1_000, 2}; err != nil || !slices.Equal(late, want) {
		t.Errorf("late %v, %v; want %v", late, err, want)
	}
	if !slices.Equal(passed, times.I64) {
		t.Errorf("rows %v pass", passed)
	}
}
