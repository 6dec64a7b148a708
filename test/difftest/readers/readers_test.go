package main

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/streamctl/streamctl/test/evaluate"
)

func TestFilesAreReadWithoutPanic(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	failed := 0
	for range 3000 {
		q := draw(r, "")
		file := evaluate.File{Format: q.Format, Schema: q.Schema, Options: q.Options, Select: q.Select, Data: q.Data}
		_, fail := file.Read()
		if fail != nil && fail.Phase == evaluate.Panic {
			t.Fatalf("%+v: %v", q, fail.Err)
		}
		if fail != nil {
			failed++
		}
	}
	if failed < 300 || failed > 2700 {
		t.Errorf("%d of 3000 files fail", failed)
	}
}

func TestDifferencesAreFound(t *testing.T) {
	one, null := "1", evaluate.Null
	q := question{Format: "csv", Schema: "a INT, b STRING", Data: []byte("1,\n")}
	for name, c := range map[string]struct {
		want *answer
		same bool
	}{
		"equal":       {&answer{Rows: [][]*string{{&one, nil}}}, true},
		"a text":      {&answer{Rows: [][]*string{{&one, &one}}}, false},
		"NULL's text": {&answer{Rows: [][]*string{{&null, nil}}}, false},
		"no rows":     {&answer{}, false},
	} {
		if got := difference(&q, c.want); (got == "") != c.same {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestSmallerFilesAreSmaller(t *testing.T) {
	q := question{Format: "csv", Schema: "a INT, b STRUCT<x: INT, y: INT>, c DECIMAL(10,2)", Options: map[string]string{"sep": ";"}, Select: []string{"a"}, Data: []byte("12;3")}
	for _, s := range smaller(q) {
		if s.size() >= q.size() {
			t.Errorf("%+v is not smaller", s)
		}
	}
	if got := splitFields(q.Schema); !slices.Equal(got, []string{"a INT", "b STRUCT<x: INT, y: INT>", "c DECIMAL(10,2)"}) {
		t.Errorf("fields %q", got)
	}
	if list := distinct([]*finding{{question: q}, {question: q}}); len(list) != 1 || !reflect.DeepEqual(list[0].question, q) {
		t.Errorf("%d findings", len(list))
	}
}
