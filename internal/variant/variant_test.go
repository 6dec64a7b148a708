package variant_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/variant"
)

// parse returns the variant of a JSON text.
func parse(t *testing.T, text string) variant.Value {
	t.Helper()
	var b variant.Builder
	if err := json.NewVariantParser(&b).Parse([]byte(text)); err != nil {
		t.Fatalf("%.100s: %v", text, err)
	}
	return built(t, &b)
}

func built(t *testing.T, b *variant.Builder) variant.Value {
	t.Helper()
	stored, err := b.AppendStored(nil)
	if err != nil {
		t.Fatal(err)
	}
	return variant.Of(stored)
}

func text(v variant.Value) string { return string(valuetext.AppendVariant(nil, v, datetime.UTC)) }

func TestEncodingMatchesSpark(t *testing.T) {
	for _, c := range []struct{ json, value, metadata string }{
		{`null`, "00", "010000"},
		{`true`, "04", "010000"},
		{`1`, "0c01", "010000"},
		{`-129`, "107fff", "010000"},
		{`1.50`, "200296000000", "010000"},
		{`"ab"`, "096162", "010000"},
		{`[1,2]`, "03020002040c010c02", "010000"},
		{`{"b":1,"a":2}`, "02020100020004" + "0c010c02", "010200010262" + "61"},
	} {
		v := parse(t, c.json)
		if got := fmt.Sprintf("%x %x", v.Bytes(), v.Metadata()); got != c.value+" "+c.metadata {
			t.Errorf("%s is %s, want %s %s", c.json, got, c.value, c.metadata)
		}
	}
}

func TestNamesAreOrderedByUTF16Units(t *testing.T) {
	if got := text(parse(t, `{"😀":1,"\uffff":2,"é":3,"z":4,"":5}`)); got != "{\"\":5,\"z\":4,\"é\":3,\"😀\":1,\"\uffff\":2}" {
		t.Error(got)
	}
}

func TestLargeObjectsAndArraysAreFoundByNameAndPosition(t *testing.T) {
	var members, items []string
	for i := range 70000 {
		members, items = append(members, fmt.Sprintf(`"k%d":%d`, i, i)), append(items, fmt.Sprint(i))
	}
	object, array := parse(t, "{"+strings.Join(members, ",")+"}"), parse(t, "["+strings.Join(items, ",")+"]")
	for _, i := range []int{0, 255, 256, 65535, 69999} {
		if v, ok := object.Field(fmt.Sprintf("k%d", i)); !ok || v.Int() != int64(i) {
			t.Errorf("member %d is %v", i, ok)
		}
		if v, ok := array.Item(i); !ok || v.Int() != int64(i) {
			t.Errorf("item %d is %v", i, ok)
		}
	}
	if _, ok := object.Field("k70000"); ok || object.Len() != 70000 {
		t.Error("a member too many")
	}
}

func TestParsePathMatchesSpark(t *testing.T) {
	for path, want := range map[string]string{
		"$": "$", "$.a[0].b": "$.a[0].b", `$['x.y']["k'q"]`: `$['x.y'].k'q`, "$. a": "$. a", "$.a ": "$.a ", "$['']": "$['']", "$[2147483647]": "$[2147483647]",
		"a": "", "$[": "", "$[-1]": "", "$[1 ]": "", "$[ 1]": "", "$..a": "", "$.": "", "$['a": "", "$[a]": "", " $": "", "$ .a": "", "$[2147483648]": "",
		"$['a'] ": "", "$['a'b']": "", "$a": "", "$[+1]": "", "": "", "$[]": "",
	} {
		steps, ok := variant.ParsePath(path)
		if got := variant.PathText(steps); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v; want %q", path, got, ok, want)
		}
	}
}

func TestEditsChangeOnePart(t *testing.T) {
	const doc = `{"a":1,"l":[10,20],"o":{"x":null}}`
	for _, c := range []struct {
		kind       variant.EditKind
		path, want string
	}{
		{variant.Insert, "$.b", `{"a":1,"b":9,"l":[10,20],"o":{"x":null}}`},
		{variant.Insert, "$.l[1]", `{"a":1,"l":[10,9,20],"o":{"x":null}}`},
		{variant.Insert, "$.l[3]", `{"a":1,"l":[10,20,null,9],"o":{"x":null}}`},
		{variant.Insert, "$.a", "twice"},
		{variant.Insert, "$.a.b", "mismatch 1"},
		{variant.Set, "$.a", `{"a":9,"l":[10,20],"o":{"x":null}}`},
		{variant.Set, "$.o.y[1]", `{"a":1,"l":[10,20],"o":{"x":null,"y":[null,9]}}`},
		{variant.Replace, "$.o.y[1]", doc},
		{variant.Replace, "$.l[0]", `{"a":1,"l":[9,20],"o":{"x":null}}`},
		{variant.Add, "$.l", `{"a":1,"l":[10,20,9],"o":{"x":null}}`},
		{variant.Add, "$.none", doc},
		{variant.Add, "$.o", "mismatch 1"},
		{variant.Delete, "$.l[0]", `{"a":1,"l":[20],"o":{"x":null}}`},
		{variant.Delete, "$.o.x", `{"a":1,"l":[10,20],"o":{}}`},
		{variant.Delete, "$.a.b", doc},
	} {
		steps, _ := variant.ParsePath(c.path)
		edit := variant.Edit{Kind: c.kind, Path: steps, Value: parse(t, "9")}
		var b variant.Builder
		err := edit.Apply(&b, parse(t, doc))
		var mismatch *variant.Mismatch
		var twice *variant.DuplicateKey
		got := ""
		switch {
		case errors.As(err, &mismatch):
			got = fmt.Sprint("mismatch ", mismatch.Depth)
		case errors.As(err, &twice):
			got = "twice"
		default:
			got = text(built(t, &b))
		}
		if got != c.want {
			t.Errorf("%d %s: %s, want %s", c.kind, c.path, got, c.want)
		}
	}
}

func TestVariantsHaveALimit(t *testing.T) {
	var b variant.Builder
	b.Text(make([]byte, variant.MaxSize))
	if _, err := b.AppendStored(nil); !errors.As(err, &variant.TooLarge{}) {
		t.Error(err)
	}
	b.Reset()
	edit := variant.Edit{Kind: variant.Set, Path: []variant.Step{{Index: 1 << 30}}, Value: parse(t, "1")}
	if err := edit.Apply(&b, parse(t, "[]")); !errors.As(err, &variant.TooLarge{}) {
		t.Error(err)
	}
}
