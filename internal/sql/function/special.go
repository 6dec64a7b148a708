package function

import (
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// SpecialTime returns the date or timestamp for a word such as today, with the type and position of at, or nil for other
// words.
func SpecialTime(word string, at *expr.Expr) *expr.Expr {
	days := 0
	switch word {
	case "epoch":
		return expr.Lit(vector.NewConst(at.Type))
	case "now":
		return clockCall(at, map[types.Kind]string{
			types.KindTimestamp: "now", types.KindTimestampNTZ: "localtimestamp", types.KindDate: "current_date",
		}[at.Type.Kind])
	case "today":
	case "tomorrow":
		days = 1
	case "yesterday":
		days = -1
	default:
		return nil
	}
	day := clockCall(at, "current_date")
	if days != 0 {
		day = clockCall(at, "date_add", day, expr.Int(int32(days)))
	}
	return coerce.Cast(day, at.Type)
}

// clockCall returns a call that is known to be valid.
func clockCall(at *expr.Expr, name string, args ...*expr.Expr) *expr.Expr {
	e, err := Call(at, name, args...)
	if err != nil {
		return at
	}
	return e
}
