package operator

import (
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// portionBytes is about how much text a batch has at most when it goes to a sink, unless it is a single row: sinks encode a batch as a whole.
const portionBytes = 16 << 20

// A portioner hands batches on to a sink, those with a lot of text in portions. Values may share their bytes (entries of a dictionary,
// items of array_repeat), so that what is written can be far larger than what is in memory.
type portioner struct {
	part vector.Batch
	rows vector.Selection
}

// emit hands on b, which has rows.
func (p *portioner) emit(b *vector.Batch, emit Emit) error {
	most := memory.Share(portionBytes, 16)
	if b.TextBytes(most) <= most {
		return emit(b)
	}
	if b.Sel == nil {
		p.rows = kernel.Identity(p.rows, b.N)
	} else {
		p.rows = append(p.rows[:0], b.Sel...)
	}
	rows := p.rows
	for len(rows) > 0 {
		n := b.Portion(rows, most)
		if n == 1 {
			if err := checkWritten(b, int(rows[0])); err != nil {
				return err
			}
		}
		p.part = *b
		p.part.Sel = rows[:n:n]
		if err := emit(&p.part); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// checkWritten refuses a row that a sink cannot hold as text.
func checkWritten(b *vector.Batch, row int) error {
	size, largest, t := 0, 0, (*types.Type)(nil)
	for _, v := range b.Cols {
		n := v.TextBytes(row)
		if size += n; n >= largest {
			largest, t = n, v.Type
		}
	}
	room, limited := (&expr.Holding{}).Room()
	if size <= room {
		return nil
	}
	e := &expr.TooLarge{Bytes: int64(size), Most: int64(room), Memory: limited}
	text, hint := e.Sentence("writing a column of " + t.SQL())
	return locate(expr.AtRow(row, sparkerr.Plain("%s", text).WithHint("%s", hint)), b)
}
