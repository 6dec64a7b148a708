package operator_test

import (
	"testing"

	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// TestTimesAboveALimitAreThoseOfItsRows: Spark's limit stops reading, so the rows after it do not move the watermark.
func TestTimesAboveALimitAreThoseOfItsRows(t *testing.T) {
	for _, c := range []struct {
		limit, max, count int64
		rows              vector.Selection
	}{
		{1, 5, 1, nil},
		{2, 7, 2, nil},
		{5, 9, 4, nil},
		{1, 7, 1, vector.Selection{1, 3}},
	} {
		times := &operator.Times{}
		b := &operator.BatchContext{Times: []*operator.Times{times}}
		op, limit := operator.NewEventTime(0, 0), operator.NewLocalLimit(c.limit)
		op.(interface{ Begin(p *operator.Partition) }).Begin(&operator.Partition{Batch: b})
		v := vector.New(types.Timestamp, 4)
		copy(v.I64, []int64{5, 7, 1, 9})
		none := func(*vector.Batch) error { return nil }
		_ = op.Process(&expr.Context{}, 0, &vector.Batch{N: 4, Cols: []*vector.Vector{v}, Sel: c.rows}, func(b *vector.Batch) error {
			return limit.Process(&expr.Context{}, 0, b, none)
		})
		if err := op.Finish(nil, none); err != nil {
			t.Fatal(err)
		}
		if all := times.All(); all.Max != c.max || all.Count != c.count {
			t.Errorf("limit %d: %+v, want maximum %d of %d", c.limit, all, c.max, c.count)
		}
	}
}
