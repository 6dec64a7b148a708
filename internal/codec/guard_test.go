package codec_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/codec/markdown"
	"github.com/streamctl/streamctl/internal/codec/parquet"
	"github.com/streamctl/streamctl/internal/codec/text"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// ofText is a batch of one row with one text.
func ofText(s string) *vector.Batch {
	v := vector.New(types.String, 1)
	v.SetString(0, s)
	return &vector.Batch{N: 1, Cols: []*vector.Vector{v}}
}

// ofList is a batch of one row with one array of the texts, each n times.
func ofList(n int, s string) *vector.Batch {
	items := vector.New(types.String, n)
	for i := range n {
		items.SetString(i, s)
	}
	v := &vector.Vector{}
	v.Assemble(types.ArrayOf(types.String, true), 1, items)
	v.Views[0] = vector.View{Len: uint32(n)}
	return &vector.Batch{N: 1, Cols: []*vector.Vector{v}}
}

// hugeEncoders make encoders of one column, and hugeRows a row that takes each of them many looks.
var hugeEncoders = map[string]struct {
	make func([]types.Field) (codec.Encoder, error)
	row  *vector.Batch
}{
	"json, escapes":       {jsonMaker(nil), ofText(strings.Repeat("\x01", 1<<20))},
	"json, ASCII only":    {jsonMaker(map[string]string{"writeNonAsciiCharacterAsCodePoint": "true"}), ofText(strings.Repeat("é", 1<<19))},
	"json, malformed":     {jsonMaker(nil), ofText(strings.Repeat("\xff", 1<<20))},
	"json, UTF-16":        {jsonMaker(map[string]string{"encoding": "UTF-16LE", "lineSep": "\n"}), ofText(strings.Repeat("x", 1<<20))},
	"json, list":          {jsonMaker(nil), ofList(1<<17, "\x01\x01\x01")},
	"csv, quotes":         {csvMaker(csv.PlainWriteOptions()), ofText(strings.Repeat(`"`, 1<<20))},
	"csv, text of a list": {csvMaker(csv.PlainWriteOptions()), ofList(1<<17, `""`)},
	"csv, malformed":      {csvMaker(csv.PlainWriteOptions()), ofText(strings.Repeat("\xff", 1<<20))},
	"tsv":                 {csvMaker(csv.TabWriteOptions()), ofText(strings.Repeat("\t", 1<<20))},
	"markdown":            {markdownMaker, ofText(strings.Repeat("\n", 1<<20))},
	"text of a list":      {func(f []types.Field) (codec.Encoder, error) { return text.NewValueEncoder(f, nil) }, ofList(1<<17, "abc")},
	"parquet, list": {func(f []types.Field) (codec.Encoder, error) {
		o, err := parquet.ParseWriteOptions(nil, nil)
		if err != nil {
			return nil, err
		}
		return parquet.NewEncoder(f, o)
	}, ofList(1<<17, "abc")},
}

func markdownMaker(f []types.Field) (codec.Encoder, error) {
	e, err := markdown.Codec.Writing.Stream(codec.Rows{Fields: f})
	if err != nil {
		return nil, err
	}
	return e.Encoder()
}

func jsonMaker(options map[string]string) func([]types.Field) (codec.Encoder, error) {
	return func(f []types.Field) (codec.Encoder, error) {
		o, err := json.ParseWriteOptions(options)
		if err != nil {
			return nil, err
		}
		return json.NewEncoder(f, o, nil)
	}
}

func csvMaker(o *csv.WriteOptions) func([]types.Field) (codec.Encoder, error) {
	return func(f []types.Field) (codec.Encoder, error) { return csv.NewEncoder(f, o, nil) }
}

// encode appends the row of a huge encoder, which ends it or not.
func encode(t *testing.T, name string, stop halt.Stopper, b codec.Buffer) (out []byte, err error) {
	t.Helper()
	c := hugeEncoders[name]
	e, err := c.make([]types.Field{{Name: "a", Type: c.row.Cols[0].Type}})
	if err != nil {
		t.Fatal(err)
	}
	e.Watch(stop, b)
	err = halt.Catch(func() (err error) {
		if out, err = e.AppendBatch(nil, c.row); err != nil {
			return err
		}
		if end, ok := e.(codec.Ender); ok {
			out, err = end.AppendEnd(out)
		}
		return err
	})
	return out, err
}

func TestEncodersStopWithinAHugeRow(t *testing.T) {
	for name := range hugeEncoders {
		looks := 0
		_, err := encode(t, name, halt.When(func() error { looks++; return nil }), nil)
		if err != nil || looks < 10 {
			t.Errorf("%s: %d looks, %v", name, looks, err)
		}
		enough, after := errors.New("stop"), 0
		_, err = encode(t, name, halt.When(func() error {
			if after++; after > looks/2 {
				return enough
			}
			return nil
		}), nil)
		if !errors.Is(err, enough) || after != looks/2+1 {
			t.Errorf("%s: stopped after %d of %d looks, %v", name, after, looks, err)
		}
	}
}

// A ration is a Buffer that may have so many bytes; it remembers the most that it had.
type ration struct{ most, had int }

var errNoRoom = errors.New("no room")

func (r *ration) Hold(length, beside int) error {
	if length+beside > r.most {
		return errNoRoom
	}
	r.had = max(r.had, length+beside)
	return nil
}

func TestEncodersCountTheBufferOfAHugeRow(t *testing.T) {
	for name, c := range hugeEncoders {
		if strings.HasPrefix(name, "parquet") || strings.HasPrefix(name, "text") { // their values have the size that is reserved before
			continue
		}
		free := &ration{most: 1 << 30}
		out, err := encode(t, name, nil, free)
		if err != nil || free.had < len(out) {
			t.Errorf("%s: %d bytes, of which %d were counted, %v", name, len(out), free.had, err)
		}
		plain, err := encode(t, name, nil, nil)
		if err != nil || !bytes.Equal(plain, out) {
			t.Errorf("%s: a buffer that is counted changes what is written", name)
		}
		if _, err := encode(t, name, nil, &ration{most: c.row.TextBytes(1<<30) / 2}); !errors.Is(err, errNoRoom) {
			t.Errorf("%s: with half of the room: %v", name, err)
		}
	}
}

// What is encoded piece by piece is what is encoded at once, wherever a character lies.
func TestLongTextsAreEncodedAsShortOnes(t *testing.T) {
	const unit = "aé日𝒳\"\\\n\t\xff\xe6\x97"
	utf16, _ := codec.LookupCharset("utf-16be")
	for _, shift := range []string{"", "x", "xx", "xxx"} {
		long := shift + strings.Repeat(unit, 3*halt.Chunk/len(unit))
		asJSON := func(ascii bool) []byte {
			line := append(valuetext.AppendJSONText([]byte(`{"a":`), []byte(long), ascii), "}\n"...)
			return codec.RepairTail(line, 0)
		}
		for name, c := range map[string]struct {
			make func([]types.Field) (codec.Encoder, error)
			want []byte
		}{
			"json":        {jsonMaker(nil), asJSON(false)},
			"json, ASCII": {jsonMaker(map[string]string{"writeNonAsciiCharacterAsCodePoint": "true"}), asJSON(true)},
			"json UTF-16": {jsonMaker(map[string]string{"encoding": "UTF-16BE", "lineSep": "\n"}), utf16.AppendEncoded(nil, string(asJSON(false)))},
			"csv":         {csvMaker(csv.PlainWriteOptions()), codec.RepairTail([]byte(`"`+strings.ReplaceAll(long, `"`, `""`)+"\"\n"), 0)},
			"tsv":         {csvMaker(csv.TabWriteOptions()), codec.RepairTail([]byte(strings.NewReplacer("\\", `\\`, "\n", `\n`, "\t", `\t`).Replace(long)+"\n"), 0)},
		} {
			e, err := c.make([]types.Field{{Name: "a", Type: types.String}})
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.AppendRow(nil, ofText(long), 0)
			if err != nil || !bytes.Equal(got, c.want) {
				t.Errorf("%s, behind %q: a long text is encoded in another way than at once: %v", name, shift, err)
			}
		}
	}
}
