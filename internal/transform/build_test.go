package transform

import (
	"context"
	"errors"
	"testing"

	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

func TestAllMistakesOfAStreamAreReported(t *testing.T) {
	schema, serr := types.ParseDDL("k STRING, a INT")
	if serr != nil {
		t.Fatal(serr)
	}
	_, err := AnalyzeSteps(context.Background(), SourceInfo{Schema: schema, Format: "csv", Codec: csv.Codec}, steps(t,
		"withColumn x = nosuch(a)",
		"filter x > 1", // not judged: x is missing because of the first mistake
		"filter aa > 1",
		"select k; a +; upper(k, 1) AS u; a AS b",
		"filter u = 'x'",
		"filter c = 1",
	), nil)
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%v", err)
	}
	var got []string
	for _, e := range joined.Unwrap() {
		var s *sparkerr.Error
		if !errors.As(e, &s) {
			t.Fatalf("%v", e)
		}
		got = append(got, s.Condition)
	}
	want := []string{
		"UNRESOLVED_ROUTINE", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "PARSE_SYNTAX_ERROR", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
		"UNRESOLVED_COLUMN.WITH_SUGGESTION",
	}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("mistake %d is %s, want %s", i, got[i], want[i])
		}
	}
}
