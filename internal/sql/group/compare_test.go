package group

import (
	"testing"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func longs(values ...int64) *vector.Vector {
	v := vector.New(types.Long, len(values))
	copy(v.I64, values)
	return v
}

func assign(t *testing.T, table *Table, v *vector.Vector) {
	t.Helper()
	if err := table.Assign(nil, v.Len(), nil, []*vector.Vector{v}, make([]int32, v.Len())); err != nil {
		t.Fatal(err)
	}
}

// Their hashes are nearly always different, so that only a comparison of the keys themselves shows that it tells them apart.
func TestNullIsNotZero(t *testing.T) {
	null := longs(0)
	null.SetNull(0)
	table := New(types.Long)
	assign(t, table, null)
	assign(t, table, longs(0))
	if c := &table.chunk; table.equal(0, c, 0) || !table.equal(1, c, 0) {
		t.Error("0 equals NULL, or not itself")
	}
}

func TestTheArrayForCloseIntegersIsDroppedWithKeysFarApart(t *testing.T) {
	table := New(types.Long)
	assign(t, table, longs(5, 9, -100, 7000, 1, 2, 3, 1<<40))
	if table.near.numbers == nil {
		t.Error("it is dropped with one key of 8 far away")
	}
	assign(t, table, longs(1<<41, 1<<42, 7))
	if table.near.numbers != nil {
		t.Error("it is kept with two keys of 3 far away")
	}
}
