package vector

import (
	"testing"

	"github.com/streamctl/streamctl/internal/types"
)

func TestExtendKeepsValuesAndNulls(t *testing.T) {
	for _, old := range []int{0, 1, 63, 64, 65, 130} {
		v := New(types.Int, old)
		for i := range old {
			v.I32[i] = int32(i)
			if i%3 == 0 {
				v.SetNull(i)
			}
		}
		v.Extend(old + 100)
		for i := range old + 100 {
			if want := i < old && i%3 == 0; v.IsNull(i) != want {
				t.Fatalf("from %d: row %d NULL is %v", old, i, !want)
			}
			if i < old && v.I32[i] != int32(i) {
				t.Fatalf("from %d: row %d is %d", old, i, v.I32[i])
			}
		}
	}
}
