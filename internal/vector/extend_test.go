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

func TestSharedDataIsReadOnly(t *testing.T) {
	src, v := New(types.String, 2), New(types.String, 2)
	src.SetString(0, "Spark")
	src.SetString(1, "SQL")
	for range 2 {
		v.Share(src)
		v.Views[0] = View{src.Views[0].Off + 1, 4}
		v.SetString(1, "own")
		if string(v.Bytes(0)) != "park" || string(v.Bytes(1)) != "own" || string(src.Bytes(1)) != "SQL" {
			t.Fatalf("%s %s %s", v.Bytes(0), v.Bytes(1), src.Bytes(1))
		}
		v.Reset(types.String, 2)
		v.SetString(0, "other")
		if string(src.Bytes(0)) != "Spark" {
			t.Fatalf("the source was overwritten with %s", src.Bytes(0))
		}
		v.Reset(types.String, 2)
	}
}
