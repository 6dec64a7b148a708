package function_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// constant evaluates a text without columns.
func constant(t *testing.T, text string) error {
	t.Helper()
	_, err := eval.Constant(resolve(t, text), &expr.Context{Zone: datetime.UTC})
	return err
}

const (
	half = "repeat('a', 140000000)"                  // slightly more than half of the longest string
	many = "array_repeat(repeat('x', 10000), 30000)" // 300 MB of text in 10 KB
	long = "sequence(1, 40000000)"
)

func TestEveryFunctionLimitsStrings(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine works on huge values: minutes with the race detector, which would find nothing")
	}
	for _, text := range []string{
		half + " || " + half, "array_join(" + many + ", ',')", "concat_ws(',', " + many + ")",
		"replace(repeat('a', 3000000), 'a', repeat('b', 100))", "regexp_replace(repeat('ab', 2000), '[ab]', repeat('b', 100000))",
		"to_json(" + many + ")", "cast(" + many + " AS string)", "format_string('%s', " + many + ")", "overlay(" + half + " PLACING " + half + " FROM 1)",
		"hex(" + half + ")", "try_add(length(" + half + " || " + half + "), 1)", "to_json(struct(" + many + " AS a))",
		"to_xml(struct(" + many + " AS a))", "to_xml(struct(sequence(1, 100000) AS a), map('indent', repeat(' ', 10000)))",
		"aggregate(sequence(1, 40), 'a', (a, x) -> a || a)",
	} {
		var large *expr.TooLarge
		if err := constant(t, text); !errors.As(err, &large) || !strings.Contains(err.Error(), "too long") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEveryFunctionLimitsCollections(t *testing.T) {
	for text, function := range map[string]string{
		"concat(" + long + ", " + long + ")":               "concat",
		"flatten(array_repeat(sequence(1, 100000), 1000))": "flatten",
		"array_append(sequence(1, 67108864), 1)":           "array_append",
		"array_insert(array(1), 70000000, 1)":              "array_insert",
	} {
		err := constant(t, text)
		if err == nil || !strings.Contains(err.Error(), "COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION") || !strings.Contains(err.Error(), "`"+function+"`") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRepeatedElementsAreShared(t *testing.T) {
	for _, text := range []string{many, "array_repeat(" + many + ", 1000)", "array_repeat(struct(repeat('x', 100000) AS a), 10000)", "concat(" + many + ", array('y'))"} {
		v, err := eval.Constant(resolve(t, text), &expr.Context{Zone: datetime.UTC})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if size := v.Capacity(); size > 2_000_000 {
			t.Errorf("%s takes %d bytes", text, size)
		}
	}
}

func TestResultsStayWithinTheMemoryLimit(t *testing.T) {
	memory.Limit(1_000_000)
	defer memory.Limit(0)
	for _, text := range []string{
		"repeat('a', 2000000)", "sequence(1, 1000000)", "transform(sequence(1, 1000), x -> repeat('a', 1000 + x))", "array_repeat(1, 1000000)",
		"aggregate(sequence(1, 40), 'a', (a, x) -> a || a)", "replace(repeat('a', 1000), 'a', repeat('b', 10000))",
		"map_from_arrays(sequence(1, 100000), sequence(1, 100000))", "split(repeat('a,', 200000), ',')", "space(2000000)",
		"from_xml('<a>' || repeat('<b/>', 20000) || '</a>', 'b ARRAY<STRING>')", "from_xml('<a>' || repeat('<b/>', 20000) || '</a>', 'VARIANT')",
		"schema_of_xml('<a>' || repeat('<b/>', 20000) || '</a>')", "to_xml(struct(sequence(1, 10000) AS a), map('indent', repeat(' ', 1000)))",
		"xpath_int('<a>' || repeat('<b/>', 20000) || '</a>', 'count(//b)')",
	} {
		if err := constant(t, text); err == nil || !strings.Contains(err.Error(), "the memory limit leaves") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for range 20 { // released memory can be used again
		if err := constant(t, "length(repeat('a', 300000))"); err != nil {
			t.Fatal(err)
		}
	}
}
