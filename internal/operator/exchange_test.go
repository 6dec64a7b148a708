package operator

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// dealt is a batch with a column of values and the number of the partition of each.
func dealt(values []int64, partitions []int32) *vector.Batch {
	b := rowsOf(values...)
	p := vector.New(types.Int, len(partitions))
	copy(p.I32, partitions)
	b.Cols = append(b.Cols, p)
	return b
}

// partition returns the values of a partition.
func partition(t *testing.T, x *Exchange, p int) (values []int64) {
	t.Helper()
	r := x.Reader(p)
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return values
		}
		if err != nil || len(b.Cols) != 1 {
			t.Fatalf("%d columns, %v", len(b.Cols), err)
		}
		values = append(values, b.Cols[0].I64[:b.N]...)
	}
}

func TestAnExchangeKeepsTheOrderOfPieces(t *testing.T) {
	x := NewExchange(3)
	second, first := x.Writer(1), x.Writer(0)
	loan := dealt([]int64{1, 2, 3, 4}, []int32{0, 2, 0, 2})
	for _, err := range []error{
		second.Write(t.Context(), dealt([]int64{5, 6}, []int32{0, 2})),
		second.Close(t.Context()),
		first.Write(t.Context(), loan),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	clear(loan.Cols[0].I64) // batches are on loan: the exchange has copies
	selected := dealt([]int64{7, 8}, []int32{0, 2})
	selected.Sel = vector.Selection{1}
	if err := errors.Join(first.Write(t.Context(), selected), first.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	for p, want := range [][]int64{{1, 3, 5}, nil, {2, 4, 8, 6}} {
		if got := partition(t, x, p); !slices.Equal(got, want) || x.Empty(p) != (want == nil) {
			t.Errorf("partition %d has %v, want %v", p, got, want)
		}
	}
}

func TestWhatWaitsInAnExchangeIsCounted(t *testing.T) {
	memory.Limit(100_000)
	defer memory.Limit(0)
	x := NewExchange(1)
	w := x.Writer(0)
	var err error
	batches := 0
	for ; err == nil && batches < 100; batches++ {
		err = w.Write(t.Context(), dealt(make([]int64, 1000), make([]int32, 1000)))
	}
	if err == nil || !strings.Contains(err.Error(), "exchange") || batches < 3 {
		t.Fatalf("after %d batches: %v", batches, err)
	}
	x.Close()
	if room := (&memory.Holding{}).Room(); room != 100_000 {
		t.Errorf("%d bytes are held after the end", 100_000-room)
	}
}
