package operator

import (
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A LateStep is a stateful step whose late rows are listed.
type LateStep struct {
	Name    string        // such as groupBy [w, status]
	Time    string        // what is compared with the watermark, such as the end of w
	Fields  []types.Field // of the rows that enter the step
	Sources []int         // the numbers of the streams that these rows come from
}

// A LateRow is a row that a step drops because its event time is not after the watermark of the batch before.
type LateRow struct {
	Step  *LateStep
	Batch *vector.Batch // on loan until the call returns
	Row   int
	Time  int64 // in microseconds since the epoch
	// Watermark is the one that Time is not after, in milliseconds.
	Watermark int64
}

// lateRows passes rows on, and reports those that the step above drops. It is below the exchange, where the origin of a row is still known.
type lateRows struct {
	stateless
	number int // of the step
	step   *LateStep
	time   *eval.Projection
	when   EventTime
	part   Partition
}

// NewLateRows returns an operator that reports the late rows of the step with a number to Partition.Late. time is their event time over the columns of
// input: a TIMESTAMP, or a time window.
func NewLateRows(number int, step *LateStep, time *expr.Expr, input []*expr.Expr) (Operator, error) {
	p, err := eval.Compile([]*expr.Expr{time}, input)
	return &lateRows{number: number, step: step, time: p, when: EventTime{Window: time.Type.Kind == types.KindStruct}}, err
}

func (l *lateRows) Begin(p *Partition) { l.part = *p }

func (l *lateRows) Process(ctx *expr.Context, _ int, b *vector.Batch, out Emit) error {
	if l.part.Late == nil {
		return out(b)
	}
	cols, err := l.time.Eval(ctx, b, b.Sel)
	if err != nil {
		return err
	}
	watermark := l.part.Batch.previousWatermark(l.number)
	for k := range b.Rows() {
		i := kernel.Row(b.Sel, k)
		if micros, known := l.when.at(cols[0], i); known && micros <= watermark*1000 {
			l.part.Late(&LateRow{l.step, b, i, micros, watermark})
		}
	}
	return out(b)
}
