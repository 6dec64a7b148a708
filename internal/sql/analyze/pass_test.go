package analyze

import (
	"testing"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

// NULL + interval is defined only if the interval, or NULL, was not resolved when Spark first looked at the sum.
func TestNullPlusCalendarInterval(t *testing.T) {
	for text, waited := range map[string]bool{
		"NULL + make_interval(1)": false, "NULL + make_interval(1S)": true, "NULL - make_interval('1')": true, "make_interval(1S) + NULL": true,
		"NULL + coalesce(make_interval(1S))": false, "NULL + coalesce(make_interval(1), NULL)": true, "NULL + nvl(NULL, make_interval(1))": true,
		"NULL + -make_interval(1S)": true, "NULL + array(make_interval(1S))[0]": false, "NULL + (make_interval(1) * 2)": true,
		"NULL + CASE WHEN true THEN make_interval(1S) END": true, "element_at(array(NULL), 1S) + make_interval(1)": true,
		"try_add(NULL, make_interval(1S))": false, "NULL + cast(concat('1 month', 5) as interval)": true,
		"if(1 = 1S, NULL, NULL) + make_interval(1)": false, "NULL + named_struct('a', make_interval(1S)).a": false,
	} {
		tree, perr := parse.Expression(text)
		if perr != nil {
			t.Fatalf("%s: %v", text, perr)
		}
		x, err := Expression(tree, Scope{}, &expr.Origin{Text: text})
		if defined := err == nil && x.Type == types.Interval; defined != waited {
			t.Errorf("%s: %v", text, err)
		}
	}
}
