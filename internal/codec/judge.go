package codec

import (
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Judge decides, by mode, what happens to the malformed rows of a batch, and fills the column of corrupt records.
type Judge struct {
	Mode    Mode
	Corrupt int           // position in the batch of the column of corrupt records, or -1
	State   []uint8       // what is wrong with each row; 0 if nothing
	Any     bool          // at least one row is malformed
	Records []vector.View // the text of each row's record in the buffer, or NoRecord

	rows  vector.Selection
	null  *vector.Vector
	text  vector.Vector
	valid vector.Bitmap
}

// NoRecord marks a record without text.
var NoRecord = vector.View{Off: ^uint32(0)}

// NewJudge returns a judge for batches of up to BatchRows rows.
func NewJudge(mode Mode, corrupt int) *Judge {
	return &Judge{Mode: mode, Corrupt: corrupt, State: make([]uint8, vector.BatchRows), Records: make([]vector.View, vector.BatchRows),
		rows: make(vector.Selection, 0, vector.BatchRows), null: vector.NewNull(types.String), valid: vector.NewBitmap(vector.BatchRows, false)}
}

// Apply sets b.Sel to those rows of alive (nil: all) that remain, and fills the column of corrupt records, whose views refer
// to buf. It calls report for rows that are malformed but do not fail the query. failed is the row that fails the query, or
// -1; the rows before it remain.
func (j *Judge) Apply(b *vector.Batch, alive vector.Selection, buf []byte, report func(row int)) (failed int) {
	b.Sel = alive
	if j.Corrupt >= 0 {
		b.Cols[j.Corrupt] = j.column(b.N, buf)
	}
	if !j.Any {
		return -1
	}
	rows := j.rows[:0]
	defer func() { j.rows, b.Sel = rows, rows }()
	for i := range b.Rows() {
		row := i
		if alive != nil {
			row = int(alive[i])
		}
		if j.State[row] == 0 {
			rows = append(rows, int32(row))
			continue
		}
		if j.Mode == FailFast {
			return row
		}
		report(row)
		if j.Mode == Permissive {
			rows = append(rows, int32(row))
		}
	}
	return -1
}

func (j *Judge) column(n int, buf []byte) *vector.Vector {
	if !j.Any {
		return j.null
	}
	v := &j.text
	v.Reset(types.String, n)
	v.Data = buf
	clear(j.valid)
	v.Valid = j.valid
	for i := range n {
		v.Views[i] = vector.View{}
		if j.State[i] != 0 && j.Records[i] != NoRecord {
			v.Views[i] = j.Records[i]
			v.Valid.Set(i)
		}
	}
	return v
}
