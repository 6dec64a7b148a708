package analyze

import (
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/sql/expr"
)

// CheckNullability fails where Spark must compute a failing operand, such as the index of element_at, to determine whether an
// expression may be NULL. Spark determines this where a type records nullability, and then for the whole expression.
func CheckNullability(e *expr.Expr) error {
	failing := false
	expr.Walk(e, func(x *expr.Expr) bool {
		failing = failing || x.Kind == expr.Call && x.Fn.Nullability != nil && x.Fn.Nullability(x) != nil
		return !failing
	})
	if !failing {
		return nil
	}
	if err := askTypes(e); err != nil {
		return err
	}
	return askNullable(e)
}

// askTypes determines nullability for the operands that the types of values depend on, innermost first.
func askTypes(e *expr.Expr) error {
	for _, x := range e.Args {
		if err := askTypes(x); err != nil {
			return err
		}
	}
	if e.Kind != expr.Call {
		return nil
	}
	for _, x := range typed(e) {
		if err := askNullable(x); err != nil {
			return err
		}
	}
	return nil
}

// typed returns the operands whose nullability Spark records, either in the type of the result or in that of a variable that
// replaces them.
func typed(call *expr.Expr) []*expr.Expr {
	args := call.Args
	switch call.Fn.Name {
	case "array", "struct", "regexp_substr", "raise_error": // the message of an error is in a map
		return args
	case "map", "named_struct":
		return everySecond(args)
	case "array_repeat", "between", "nullif":
		return args[:1]
	case "transform", "transform_values", "zip_with", "map_zip_with":
		return args[len(args)-1].Args
	case "assert_true":
		return args[1:]
	}
	return nil
}

func everySecond(args []*expr.Expr) []*expr.Expr {
	var values []*expr.Expr
	for i := 1; i < len(args); i += 2 {
		values = append(values, args[i])
	}
	return values
}

// askNullable determines whether an expression may be NULL, by asking its operands in order until one may be NULL.
func askNullable(e *expr.Expr) error {
	if e.Kind == expr.Call && e.Fn.Nullability != nil {
		if err := e.Fn.Nullability(e); err != nil {
			return located(e, err)
		}
	}
	args, until := asked(e)
	for _, x := range args {
		if err := askNullable(x); err != nil {
			return err
		}
		if x.Nullable == until {
			break
		}
	}
	return nil
}

// asked returns the operands that decide whether an expression may be NULL. They are asked in order; one whose answer is
// until decides alone.
func asked(e *expr.Expr) (args []*expr.Expr, until bool) {
	args = e.Args
	if e.Kind == expr.Lambda || e.Kind == expr.Literal {
		return nil, true
	}
	if e.Kind != expr.Call {
		return args, true
	}
	switch e.Fn.Name {
	case "if", "nvl2":
		return args[1:], true
	case "case":
		return caseValues(e), true
	case "coalesce", "nvl", "ifnull", "zeroifnull", "greatest", "least":
		return args, false
	case "format_string", "concat_ws", "array_append", "array_prepend":
		return args[:1], true
	case "array_insert":
		return args[:2], true
	case "decode":
		if len(args) > 2 {
			return decodeValues(args), true
		}
	case "try_to_date", "try_to_timestamp":
		if len(args) > 1 {
			return nil, true
		}
	case "from_json", "from_xml":
		return nil, true
	case "exists", "forall":
		return append(args[:1:1], args[1].Args...), true
	case "aggregate":
		return append(args[:1:1], args[len(args)-1].Args...), true
	}
	switch {
	case e.Fn.HigherOrder:
		return args[:len(args)-1], true
	case slices.Contains(asksInVain, e.Fn.Name) || !sameAnswer(e):
		return args, true
	}
	return nil, true
}

// caseValues returns the values of CASE, or only the first one if its condition is literally true.
func caseValues(e *expr.Expr) []*expr.Expr {
	values := everySecond(e.Args)
	if c := e.Args[0]; c.Kind == expr.Literal && !c.IsNullLit() && c.Value.Bool[0] {
		return values[:1]
	}
	if len(e.Args)%2 == 1 {
		values = append(values, e.Args[len(e.Args)-1])
	}
	return values
}

// decodeValues returns the results of decode, which follow the values it compares with, and the default.
func decodeValues(args []*expr.Expr) []*expr.Expr {
	values := everySecond(args[1:])
	if len(args)%2 == 0 {
		values = append(values, args[len(args)-1])
	}
	return values
}

// asksInVain lists functions whose result may be NULL whatever their operands, although Spark asks the operands first: casts,
// and functions that Spark implements by calls of Java methods. (Spark: StaticInvoke, Invoke.)
var asksInVain = strings.Fields(`
	aes_decrypt aes_encrypt bigint binary boolean date decimal decode double encode float from_csv hmac int jaro_winkler_similarity left luhn_check
	map_contains_key nanvl smallint string timestamp tinyint to_csv to_date to_json to_timestamp to_timestamp_ltz to_timestamp_ntz to_xml
	try_add try_multiply try_subtract try_to_date try_to_timestamp try_url_decode url_decode url_encode`)

// sameAnswer reports whether the nullability of a call does not depend on its operands, which are then not asked.
func sameAnswer(e *expr.Expr) bool {
	if e.Fn.Resolve == nil {
		return false
	}
	var answers [2]bool
	for k := range answers {
		c := *e
		c.Args = make([]*expr.Expr, len(e.Args))
		for i, x := range e.Args {
			arg := *x
			arg.Nullable = k > 0
			c.Args[i] = &arg
		}
		if err := e.Fn.Resolve(&c); err != nil {
			return false
		}
		answers[k] = c.Nullable
	}
	return answers[0] == answers[1]
}
