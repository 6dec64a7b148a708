package eval

import "github.com/streamctl/streamctl/internal/sql/expr"

// harm classifies what can happen if an expression is evaluated for rows that do not need it.
type harm uint8

const (
	mayFail         harm = iota // or unknown
	neverFails                  // only takes time
	neverFailsCheap             // takes little time
)

// harmOf recognises comparisons and tests of columns and constants.
func harmOf(e *expr.Expr) harm {
	switch e.Kind {
	case expr.Column, expr.Literal:
		if e.Type.IsText() {
			return neverFails
		}
		return neverFailsCheap
	case expr.Call:
		switch e.Fn.Name {
		case "=", "<", "<=", ">", ">=", "isnull", "isnotnull", "not", "and", "or":
			least := neverFailsCheap
			for _, a := range e.Args {
				least = min(least, harmOf(a))
			}
			return least
		case "like":
			if len(e.Args) == 2 && e.Args[0].Kind == expr.Column && e.Args[1].Kind == expr.Literal && plainPattern(e.Args[1]) {
				return neverFails
			}
		}
	}
	return mayFail
}

// plainPattern reports whether e is a LIKE pattern without escapes, which could be invalid.
func plainPattern(e *expr.Expr) bool {
	if e.IsNullLit() {
		return true
	}
	for _, c := range e.Value.Bytes(0) {
		if c == '\\' {
			return false
		}
	}
	return true
}
