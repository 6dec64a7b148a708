package markdown

import (
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func TestRowsBecomeATable(t *testing.T) {
	names, numbers := vector.New(types.String, 4), vector.New(types.Long, 4)
	for i, text := range []string{"plain", "a|b\\c", "two\nlines\r\nthree", "*<b>*\xff"} {
		names.SetString(i, text)
		numbers.I64[i] = int64(i)
	}
	numbers.SetNull(1)
	b := &vector.Batch{N: 4, Cols: []*vector.Vector{names, numbers}, Sel: vector.Selection{0, 1, 2, 3}}
	encoding, err := Codec.Writing.Stream(codec.Rows{Fields: []types.Field{{Name: "na|me", Type: types.String}, {Name: "n", Type: types.Long}}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := encoding.Encoder()
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.AppendBatch(e.Header(nil), b)
	if err != nil {
		t.Fatal(err)
	}
	want := "| na\\|me | n |\n| --- | ---: |\n| plain | 0 |\n| a\\|b\\\\c | NULL |\n| two<br>lines <br>three | 2 |\n| \\*\\<b>\\*\uFFFD | 3 |\n"
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
