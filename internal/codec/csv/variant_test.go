package csv_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// variants returns the VARIANTs of the only column as JSON, one for each row, or NULL.
func variants(t *testing.T, r vector.Reader) string {
	t.Helper()
	var out []string
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return strings.Join(out, " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		for row := range b.N {
			text := "NULL"
			if !b.Cols[0].IsNull(row) {
				text = string(valuetext.AppendValue(nil, b.Cols[0], row, valuetext.Options{Zone: datetime.UTC}))
			}
			out = append(out, text)
		}
	}
}

func variantReader(t *testing.T, in codec.Input, options map[string]string) vector.Reader {
	t.Helper()
	o, err := csv.ParseOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	schema := &types.Schema{Fields: []types.Field{{Name: "v", Type: types.Variant, Nullable: true}}}
	r, err := csv.NewReader(in, o, &codec.Scan{Fields: schema.Fields, Schema: schema, PruneColumns: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestInputsThatShareACarryAreOneText(t *testing.T) {
	var carry codec.Carry
	read := func(text string, continues bool) string {
		in := codec.FromBytes(nil, []byte(text))
		in.Carry, in.Continues = &carry, continues
		return variants(t, variantReader(t, in, map[string]string{"singleVariantColumn": "v", "header": "true"}))
	}
	if got, want := read("p,q\n1,x\n", false)+" "+read("2,3\n", true), `{"p":1,"q":"x"} {"p":2,"q":"3"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestARestartedReaderForgetsTheTypesOfVariants(t *testing.T) {
	r := variantReader(t, codec.FromBytes(nil, []byte("x\n1\n")), nil)
	got := variants(t, r)
	r.(codec.Restarter).Restart(codec.FromBytes(nil, []byte("1\n")))
	if got += " " + variants(t, r); got != `"x" "1" 1` {
		t.Errorf("%s", got)
	}
}

func TestAPartOfAFileHasTheNamesOfItsHeader(t *testing.T) {
	text := "p,q\n1,2\n3,4\n"
	path := filepath.Join(t.TempDir(), "f.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	in := codec.Input{
		File: &vector.File{Path: path}, Start: 5, Length: int64(len(text) - 5), Open: func() (io.ReadCloser, error) { return os.Open(path) },
	}
	if got, want := variants(t, variantReader(t, in, map[string]string{"singleVariantColumn": "v", "header": "true"})), `{"p":3,"q":4}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestARecordThatIsTooLongIsANullVariant(t *testing.T) {
	schema := &types.Schema{Fields: []types.Field{{Name: "v", Type: types.Variant, Nullable: true}}}
	for want, options := range map[string]map[string]string{"1 NULL 2": nil, `{"_c0":1} NULL {"_c0":2}`: {"singleVariantColumn": "v"}} {
		o, err := csv.ParseOptions(options)
		if err != nil {
			t.Fatal(err)
		}
		r, err := csv.NewReader(codec.FromBytes(nil, []byte("1\n"+strings.Repeat("x", 100)+"\n2\n")), o,
			&codec.Scan{Fields: schema.Fields, Schema: schema, PruneColumns: true, MaxLineBytes: 10})
		if err != nil {
			t.Fatal(err)
		}
		if got := variants(t, r); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
