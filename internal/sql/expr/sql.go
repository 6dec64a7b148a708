package expr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
)

// SQL returns the expression as Spark prints it: as the name of an unaliased column, and in error messages. It omits implicit
// casts. (Spark: toPrettySQL.)
func (e *Expr) SQL() string {
	switch e.Kind {
	case Literal:
		return e.literalSQL()
	case Column:
		return e.Name
	case Cast:
		return e.castSQL()
	case Alias:
		return e.Args[0].SQL() + " AS " + types.QuoteIfNeeded(e.Name)
	case LambdaVar:
		return "namedlambdavariable()"
	case Lambda:
		if len(e.Args) == 0 { // unbound: the call it belongs to is refused
			return e.Origin.Text[e.Span.Start:e.Span.End]
		}
		return "lambdafunction(" + joinSQL(append([]*Expr{e.Args[0]}, e.Params...)) + ")"
	case Field:
		return e.Args[0].SQL() + "." + e.Name
	}
	return e.callSQL()
}

func (e *Expr) callSQL() string {
	if e.Fn.Aggregate {
		return e.aggregateSQL()
	}
	switch e.Name {
	case "likeany", "likeall", "notlikeany", "notlikeall":
		return e.Name + "(" + e.matched() + ")"
	}
	if e.Fn.SQL != nil {
		args := make([]string, len(e.Args))
		for i, a := range e.Args {
			args[i] = a.SQL()
		}
		return e.Fn.SQL(e, args)
	}
	return e.CallName() + "(" + joinSQL(e.Args) + ")"
}

// matched returns the string that a chain of LIKE compares with constant patterns; Spark prints only that.
func (e *Expr) matched() string {
	for e.Is("and") || e.Is("or") || e.Is("not") {
		e = e.Args[0]
	}
	if e.Is("ilike") {
		return "lower(" + e.Args[0].SQL() + ")"
	}
	return e.Args[0].SQL()
}

// CallName returns the name that a call prints: the alias used in the text, or the function's own name.
func (e *Expr) CallName() string {
	if e.Name != "" {
		return e.Name
	}
	return e.Fn.Name
}

func joinSQL(es []*Expr) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.SQL()
	}
	return strings.Join(parts, ", ")
}

// castSQL omits implicit casts, and casts to nested types, as Spark does.
func (e *Expr) castSQL() string {
	x := e.Args[0].SQL()
	if e.Implicit || e.Type.Elem != nil || e.Type.Kind == types.KindStruct {
		return x
	}
	word := "CAST("
	if e.Try {
		word = "TRY_CAST("
	}
	return word + x + " AS " + e.Type.SQL() + ")"
}

// literalSQL prints a constant. If set, Name is already its text (timestamps depend on the session time zone).
func (e *Expr) literalSQL() string {
	v := e.Value
	switch {
	case e.Name != "":
		return e.Name
	case v.IsNull(0):
		return "NULL"
	}
	switch e.Type.Kind {
	case types.KindBoolean:
		return strconv.FormatBool(v.Bool[0])
	case types.KindByte:
		return strconv.Itoa(int(v.I8[0]))
	case types.KindShort:
		return strconv.Itoa(int(v.I16[0]))
	case types.KindInt:
		return strconv.Itoa(int(v.I32[0]))
	case types.KindLong:
		return strconv.FormatInt(v.I64[0], 10)
	case types.KindFloat:
		return string(valuetext.AppendFloat(nil, v.F32[0]))
	case types.KindDouble:
		return string(valuetext.AppendDouble(nil, v.F64[0]))
	case types.KindDecimal:
		return string(decimal.AppendScientific(nil, v.Dec[0], e.Type.Scale))
	case types.KindBinary:
		return fmt.Sprintf("X'%X'", v.Bytes(0))
	case types.KindString, types.KindChar, types.KindVarchar:
		return string(v.Bytes(0))
	}
	return e.temporalSQL()
}

// longestCollection limits the printed bytes of a constant array, map or struct. Such a constant was computed and does not
// appear in the user's text; a longer one is printed as its type.
const longestCollection = 10_000

// temporalSQL prints a constant whose text needs a type name or prefix.
func (e *Expr) temporalSQL() string {
	v := e.Value
	switch e.Type.Kind {
	case types.KindDate:
		return "DATE '" + string(datetime.AppendDate(nil, v.I32[0])) + "'"
	case types.KindTimestamp:
		return "TIMESTAMP '" + string(datetime.AppendTimestamp(nil, v.I64[0], datetime.UTC)) + "'"
	case types.KindTimestampNTZ:
		return "TIMESTAMP_NTZ '" + string(datetime.AppendTimestampNTZ(nil, v.I64[0])) + "'"
	case types.KindTime:
		return "TIME '" + string(datetime.AppendTime(nil, v.I64[0], e.Type.Precision)) + "'"
	case types.KindYearMonth:
		return string(datetime.AppendYearMonth(nil, v.I32[0], e.Type.Start, e.Type.End, datetime.ANSIStyle))
	case types.KindDayTime:
		return string(datetime.AppendDayTime(nil, v.I64[0], e.Type.Start, e.Type.End, datetime.ANSIStyle))
	case types.KindInterval:
		c := v.Cal[0]
		return "INTERVAL '" + string(datetime.AppendCalendar(nil, c.Months, c.Days, c.Micros)) + "'"
	}
	if v.Capacity() > longestCollection || v.TextBytes(0) > longestCollection {
		return "<" + e.Type.SQL() + ">"
	}
	return string(valuetext.AppendValue(nil, v, 0, valuetext.Options{Zone: datetime.UTC}))
}
