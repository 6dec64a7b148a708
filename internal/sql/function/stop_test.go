package function_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// Each of these would take from tens of seconds to years.
var endless = []string{
	"levenshtein(repeat('a', 1000000), repeat('b', 1000000))",
	"jaro_winkler_similarity(repeat('a', 1000000), repeat('b', 1000000))",
	"aggregate(sequence(1, 60000000), 0L, (a, x) -> a + x)",
	"exists(sequence(1, 60000000), x -> x < 0)",
	"array_distinct(reverse(sequence(1, 2000000)))",
	"array_union(reverse(sequence(1, 2000000)), sequence(1, 3))",
	"array_intersect(array(1), reverse(sequence(1, 2000000)))",
	"arrays_overlap(reverse(sequence(1, 2000000)), array(0))",
	"array_sort(sequence(1, 3000000), (a, b) -> b - a)",
	"instr(repeat('a', 1000000), 'a', 1, 1000000)",
	"transform(sequence(1, 3000), x -> levenshtein(repeat('a', 20000), repeat('b', 20000 + x)))",
	"map_zip_with(map_from_arrays(sequence(1, 300000), sequence(1, 300000)), map_from_arrays(sequence(-300000, -1), sequence(1, 300000)), (k, a, b) -> a)",
	"transform(sequence(1, 60000), x -> aggregate(sequence(1, 4000), 0L, (a, y) -> a + x))",
	"xpath_string('<a>' || repeat('<b>x</b>', 300000) || '</a>', 'count(//b[preceding::b != following::b])')",
	"xpath_string(repeat('<a>', 9000) || repeat('</a>', 9000), 'count(//a//a//a[.//a//a])')",
	"xpath('<a>' || repeat('<b>x</b>', 4000000) || '</a>', '//b')",
	"from_xml('<a>' || repeat('<b>x</b>', 4000000) || '</a>', 'b ARRAY<STRING>')",
	"schema_of_xml('<a>' || repeat('<b>1</b>', 4000000) || '</a>')",
	"to_xml(struct(sequence(1, 20000000) AS a), map('indent', ''))",
	"coalesce(try_divide(levenshtein(repeat('a', 1000000), repeat('b', 1000000)), 1), 0)",
	"try_element_at(array(levenshtein(repeat('a', 1000000), repeat('b', 1000000))), 1)",
}

// TestEveryEndlessExpressionCanBeStopped stops expressions that would run for minutes. One that does not check would end without an error.
func TestEveryEndlessExpressionCanBeStopped(t *testing.T) {
	for _, text := range endless {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		stop, done := halt.With(ctx)
		_, err := eval.Constant(resolve(t, text), &expr.Context{Zone: datetime.UTC, Stop: stop})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", text, err)
		}
		done()
		cancel()
	}
}
