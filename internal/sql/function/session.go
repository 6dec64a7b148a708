package function

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// sessionWindow makes the session of one row. An aggregation by it merges sessions that meet. Once resolved, the arguments of a call are
// the start and the end of the session. (Spark: SessionWindow, the rule SessionWindowing.)
func sessionWindow() *expr.Function {
	return &expr.Function{
		Name: "session_window", Group: "datetime_funcs", Usage: "session_window(time_column, gap_duration)",
		Doc: "The session that begins at the timestamp and lasts for the gap, a struct of start and end; as a grouping key, sessions that meet become one. " +
			"Rows without a time, or whose gap is not a positive interval, are left out.", MinArgs: 2, MaxArgs: 2,
		Operands: seesNulls, Resolve: resolveSession, Compile: compileStruct(0, 1), SQL: sessionSQL,
	}
}

// A sessionGap is the Data of a resolved call of session_window: whether the gap is a constant, and one that is longer than nothing.
type sessionGap struct{ constant, positive bool }

// NoSession reports whether a call of session_window has a gap with which no row is in a session.
func NoSession(call *expr.Expr) bool {
	gap, ok := call.Data.(sessionGap)
	return ok && gap.constant && !gap.positive
}

// sessionSQL prints a resolved call as the name of its column, and others as Spark does in errors.
func sessionSQL(call *expr.Expr, args []string) string {
	if call.Data != nil {
		return call.Fn.Name
	}
	return "sessionwindow(" + strings.Join(args, ", ") + ")"
}

func resolveSession(call *expr.Expr) error {
	time, gap := call.Args[0], call.Args[1]
	switch {
	case isWindow(time.Type):
		last, err := Call(call, "window_time", time)
		if err != nil {
			return err
		}
		time = last
	case time.Type.Kind != types.KindTimestampNTZ:
		if err := coerce.Params(call, coerce.Timestamp, coerce.Any); err != nil {
			return coerce.UnexpectedInput(call, 0, `("(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)" or "STRUCT<start: TIMESTAMP, end: TIMESTAMP>" or `+
				`"STRUCT<start: TIMESTAMP_NTZ, end: TIMESTAMP_NTZ>")`)
		}
		time = call.Args[0]
	}
	gap, err := sessionInterval(gap)
	if err != nil {
		return err
	}
	kind, err := gapOf(gap)
	if err != nil {
		return err
	}
	end, err := Call(call, "+", time, gap)
	if err != nil {
		return err
	}
	call.Args, call.Data = []*expr.Expr{time, end}, kind
	call.Type = types.StructOf(types.Field{Name: "start", Type: time.Type, Nullable: true}, types.Field{Name: "end", Type: time.Type, Nullable: true})
	call.Nullable = false
	return nil
}

// sessionInterval returns a gap as an INTERVAL, the type of months, days and microseconds. Text that is not an interval becomes NULL.
func sessionInterval(gap *expr.Expr) (*expr.Expr, error) {
	switch {
	case gap.Type.Kind == types.KindInterval:
		return gap, nil
	case gap.Type.IsText() || gap.Type.Kind == types.KindVoid:
		return coerce.Cast(gap, types.Interval), nil
	}
	return nil, sparkerr.New("_LEGACY_ERROR_TEMP_1040", "dt", gap.Type.SQL()).WithHint("write the gap as text, such as '5 minutes', or as make_interval(0, 0, 0, 0, 0, 5)")
}

// gapOf looks at a gap. Spark adds up its months, days and microseconds.
func gapOf(gap *expr.Expr) (sessionGap, error) {
	v, err := fold(gap)
	if err != nil || v == nil {
		return sessionGap{}, err
	}
	if v.IsNull(0) {
		return sessionGap{constant: true}, nil
	}
	c := v.Cal[0]
	return sessionGap{true, int64(c.Months)+int64(c.Days)+c.Micros > 0}, nil
}

// SessionOf returns the expression for the session of a row of a call of session_window. It prints its arguments.
func SessionOf(call *expr.Expr) *expr.Expr {
	return &expr.Expr{
		Kind: expr.Call, Type: call.Type, Args: call.Args, Data: call.Data, Span: call.Span, Origin: call.Origin,
		Fn: &expr.Function{Name: call.Fn.Name, Operands: seesNulls, Compile: call.Fn.Compile},
	}
}

// SessionRows returns the condition that a row must meet to be in the session of column, which a call of session_window makes: it has a
// time, and its session an end after that.
func SessionRows(call, column *expr.Expr) (*expr.Expr, error) {
	cond, err := Call(call, "isnotnull", call.Args[0])
	if gap, _ := call.Data.(sessionGap); err != nil || gap.positive {
		return cond, err
	}
	field := func(i int) *expr.Expr {
		f := &call.Type.Fields[i]
		return &expr.Expr{Kind: expr.Field, Name: f.Name, Index: i, Type: f.Type, Nullable: true, Args: []*expr.Expr{column}}
	}
	longer, err := Call(call, ">", field(1), field(0))
	if err != nil {
		return nil, err
	}
	return Call(call, "and", cond, longer)
}
