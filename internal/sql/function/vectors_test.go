package function_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/valuetext"
)

// Results of Spark 4.3.0.
func TestVectorsAndShuffle(t *testing.T) {
	for text, want := range map[string]string{
		"vector_inner_product(array(0.1F, 0.2F, 0.3F), array(0.91F, 0.82F, 0.73F))": "0.474",
		"vector_inner_product(array(1F, NULL), array(3F, 4F))":                      "NULL",
		"vector_inner_product(array(1F, 2F), array(3F))":                            "VECTOR_DIMENSION_MISMATCH",
		"vector_inner_product(array(1, 2), array(3, 4))":                            "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
		"vector_cosine_similarity(array(1e30F, 2e30F), array(3e30F, 4e30F))":        "0.9838699",
		"vector_cosine_similarity(array(0F, 0F), array(3F, 4F))":                    "NULL",
		"vector_norm(array(3F, -4F), float('inf'))":                                 "4.0",
		"vector_norm(cast(array() AS array<float>))":                                "0.0",
		"vector_norm(array(3F, NULL), 3F)":                                          "INVALID_VECTOR_NORM_DEGREE",
		"vector_norm(array(3F, 4F), 2)":                                             "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
		"vector_normalize(array(3F, 4F), 1F)":                                       "[0.42857143, 0.5714286]",
		"vector_normalize(array(0F, 0F))":                                           "NULL",
		"vector_normalize(cast(array() AS array<float>))":                           "[]",
		"shuffle(array(1, 2, 3, 4, 5, 6, 7), 42)":                                   "[6, 3, 2, 1, 4, 7, 5]",
		"shuffle(array(1, 2, 3), 5L)":                                               "[3, 1, 2]",
		"shuffle(array(1, 2, 3), 'a')":                                              "INVALID_PARAMETER_VALUE.LONG",
	} {
		if got := showOrCondition(t, text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// showOrCondition evaluates a constant expression and returns its text as show prints it, or the condition of its error.
func showOrCondition(t *testing.T, text string) string {
	t.Helper()
	tree, perr := parse.Expression(text)
	if perr != nil {
		t.Fatal(perr)
	}
	x, err := analyze.Expression(tree, analyze.Scope{}, &expr.Origin{Text: text})
	if err == nil {
		v, err2 := eval.Constant(x, &expr.Context{Zone: datetime.UTC})
		if err = err2; err == nil {
			return strings.TrimSpace(string(valuetext.AppendValue(nil, v, 0, valuetext.Options{Zone: datetime.UTC, Show: true})))
		}
	}
	var spark *sparkerr.Error
	if !errors.As(err, &spark) {
		t.Fatalf("%s: %v", text, err)
	}
	return spark.Condition
}
