package coerce

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// Mismatch returns the error DATATYPE_MISMATCH.sub for an expression; params are pairs of names and values in addition to
// sqlExpr.
func Mismatch(e *expr.Expr, sub string, params ...string) *sparkerr.Error {
	err := sparkerr.New("DATATYPE_MISMATCH."+sub, append([]string{"sqlExpr", `"` + e.SQL() + `"`}, params...)...)
	err.Fragment = e.Fragment()
	return err
}

// UnexpectedInput returns the error for argument i, which has none of the required types; required is the text printed for a
// Param.
func UnexpectedInput(call *expr.Expr, i int, required string) *sparkerr.Error {
	arg := call.Args[i]
	return Mismatch(call, "UNEXPECTED_INPUT_TYPE", "paramIndex", ordinal(i), "requiredType", required,
		"inputSql", `"`+arg.SQL()+`"`, "inputType", quoteType(arg.Type))
}

var ordinals = []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}

func ordinal(i int) string {
	if i < len(ordinals) {
		return ordinals[i]
	}
	return "later"
}

func quoteType(t *types.Type) string { return `"` + t.SQL() + `"` }

// quoteTypes lists the types of the arguments, joined by sep.
func quoteTypes(args []*expr.Expr, sep string) string {
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = quoteType(a.Type)
	}
	return strings.Join(names, sep)
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
