package operator

import (
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// sharing is a batch of n rows that all show the same text.
func sharing(n, length int) *vector.Batch {
	v := vector.New(types.String, n)
	v.Data = []byte(strings.Repeat("x", length))
	for i := range v.Views {
		v.Views[i] = vector.View{Len: uint32(length)}
	}
	return &vector.Batch{N: n, Cols: []*vector.Vector{v}}
}

func TestRowsThatShareTextAreHandedOnInPortions(t *testing.T) {
	for _, selected := range []vector.Selection{nil, {1, 3, 5, 7, 9, 11}} {
		b := sharing(40, 1<<20)
		b.Sel = selected
		var p portioner
		rows, calls := []int32{}, 0
		err := p.emit(b, func(out *vector.Batch) error {
			if n := out.TextBytes(1 << 30); n > portionBytes {
				t.Errorf("a portion has %d bytes", n)
			}
			rows = append(rows, out.Sel...)
			calls++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if selected == nil && (calls < 3 || len(rows) != 40 || rows[0] != 0 || rows[39] != 39) {
			t.Errorf("%d rows in %d portions", len(rows), calls)
		}
		if selected != nil && calls != 1 {
			t.Errorf("%d portions of six rows", calls)
		}
	}
}

func TestARowThatTheLimitOfMemoryCannotHoldIsRefused(t *testing.T) {
	memory.Limit(100_000)
	defer memory.Limit(0)
	var p portioner
	err := p.emit(sharing(2, 150_000), func(*vector.Batch) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "writing a column of STRING would make results of 150000 bytes, more than the 100000 that the memory limit leaves") {
		t.Error(err)
	}
	if err := p.emit(sharing(20, 50_000), func(*vector.Batch) error { return nil }); err != nil {
		t.Errorf("rows that are small enough: %v", err)
	}
}
