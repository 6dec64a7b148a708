package aggregate

import (
	"encoding/binary"

	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// distinct keeps the first row for each group and value. It is not part of the saved state: Spark does not support DISTINCT
// in streams.
type distinct struct {
	keys    map[string]struct{}
	scratch []byte
	rows    vector.Selection
}

func (d *distinct) first(n int, sel vector.Selection, groups []int32, args []*vector.Vector) vector.Selection {
	d.rows = d.rows[:0]
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		key := binary.LittleEndian.AppendUint32(d.scratch[:0], uint32(groups[i]))
		for _, v := range args {
			key = kernel.AppendKey(key, v, i)
		}
		d.scratch = key
		if _, seen := d.keys[string(key)]; !seen {
			d.keys[string(key)] = struct{}{}
			d.rows = append(d.rows, int32(i))
		}
	}
	if d.rows == nil {
		return vector.Selection{}
	}
	return d.rows
}
