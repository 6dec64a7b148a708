package function

import (
	"fmt"
	"strconv"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// windowFunctions assign rows to time windows.
func windowFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "window", Group: "datetime_funcs", Usage: "window(time_column, window_duration[, slide_duration[, start_time]])",
			Doc: "The time window that contains the timestamp, a struct of start and end; one row per window if windows overlap.", MinArgs: 2, MaxArgs: 4,
			Resolve: resolveWindow, SQL: func(*expr.Expr, []string) string { return "window" },
			Compile: func(*expr.Expr) (expr.Kernel, error) {
				return nil, sparkerr.Plain("window() can be used in select, selectExpr and withColumn only; the embedded engine does not support it elsewhere yet")
			},
		},
		sessionWindow(),
		windowTime(),
	}
}

func windowTime() *expr.Function {
	return &expr.Function{
		Name: "window_time", Group: "datetime_funcs", Usage: "window_time(window_column)",
		Doc: "The last microsecond of a window.", MinArgs: 1, MaxArgs: 1, Resolve: resolveWindowTime,
		Compile: eachLong(func(r *row) int64 {
			w := r.args[0]
			return w.Children[1].I64[w.Children[1].At(w.At(r.i))] - 1
		}),
	}
}

// A windowing holds the durations of a window in microseconds: Data of a call of window.
type windowing struct{ size, slide, start int64 }

func resolveWindow(call *expr.Expr) error {
	durations := [3]int64{}
	for i, arg := range call.Args[1:] {
		micros, err := duration(arg)
		if err != nil {
			return err
		}
		durations[i] = micros
	}
	w := windowing{durations[0], durations[1], durations[2]}
	if len(call.Args) == 2 {
		w.slide = w.size
	}
	call.Args = call.Args[:1]
	if isWindow(call.Args[0].Type) { // Spark: the rule TimeWindowing takes the time of a window of windows from window_time
		last := &expr.Expr{Kind: expr.Call, Fn: windowTime(), Args: call.Args, Span: call.Span, Origin: call.Origin}
		if err := resolveWindowTime(last); err != nil {
			return err
		}
		call.Args = []*expr.Expr{last}
	}
	if err := coerce.Params(call, coerce.AnyTimestamp); err != nil {
		return err
	}
	if err := w.check(call); err != nil {
		return err
	}
	t := call.Args[0].Type
	call.Data = w
	call.Type = types.StructOf(types.Field{Name: "start", Type: t, Nullable: true}, types.Field{Name: "end", Type: t, Nullable: true})
	call.Nullable = false
	return nil
}

// duration parses a constant string such as 5 minutes, or a number of microseconds.
func duration(e *expr.Expr) (micros int64, err error) {
	v, err := fold(e)
	switch {
	case err != nil:
		return 0, err
	case v == nil || v.IsNull(0):
	case e.Type.Kind == types.KindInt || e.Type.Kind == types.KindLong:
		return kernel.Int64At(v, 0), nil
	case e.Type.IsText():
		text := string(v.Bytes(0))
		months, days, micros, err := datetime.ParseCalendar(text)
		if err != nil {
			return 0, err
		}
		if months != 0 {
			return 0, sparkerr.New("_LEGACY_ERROR_TEMP_3231", "interval", text)
		}
		return int64(days)*datetime.MicrosPerDay + micros, nil
	}
	return 0, sparkerr.Plain("The duration and time inputs to window must be an integer, long or string literal.")
}

func (w windowing) check(call *expr.Expr) error {
	const limit = "(0, 9223372036854775807]"
	text := func(n int64) string { return strconv.FormatInt(n, 10) + "L" }
	switch start := max(w.start, -w.start); {
	case w.size <= 0:
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "`window_duration`", "valueRange", limit, "currentValue", text(w.size))
	case w.slide <= 0:
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "`slide_duration`", "valueRange", limit, "currentValue", text(w.slide))
	case w.slide > w.size:
		return coerce.Mismatch(call, "PARAMETER_CONSTRAINT_VIOLATION", "leftExprName", "`slide_duration`", "leftExprValue", "`"+text(w.slide)+"`",
			"constraint", "<=", "rightExprName", "`window_duration`", "rightExprValue", "`"+text(w.size)+"`")
	case start >= w.slide:
		return coerce.Mismatch(call, "PARAMETER_CONSTRAINT_VIOLATION", "leftExprName", "`abs(start_time)`", "leftExprValue", "`"+text(start)+"`",
			"constraint", "<", "rightExprName", "`slide_duration`", "rightExprValue", "`"+text(w.slide)+"`")
	}
	return nil
}

// Tumbling reports whether the windows of a call of window follow each other, so that each time is in exactly one.
func Tumbling(call *expr.Expr) bool {
	w, _ := call.Data.(windowing)
	return w.slide == w.size
}

// WindowOf returns the expression for the only window that contains the time of a call of window. It is not NULL.
func WindowOf(call *expr.Expr) *expr.Expr {
	w, _ := call.Data.(windowing)
	return &expr.Expr{
		Kind: expr.Call, Type: call.Type, Args: call.Args, Data: w, Span: call.Span, Origin: call.Origin,
		Fn: &expr.Function{Name: "window", SQL: func(*expr.Expr, []string) string { return "window" }, Compile: plain(w.assign)},
	}
}

// WindowText returns a call of window with its durations, in microseconds.
func WindowText(call *expr.Expr) string {
	w, _ := call.Data.(windowing)
	return fmt.Sprintf("window(%s, %d, %d, %d)", call.Args[0].SQL(), w.size, w.slide, w.start)
}

// assign computes the window of each time.
func (w windowing) assign(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	times, starts, ends := args[0], out.Children[0].I64, out.Children[1].I64
	var start int64
	known := false
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		if at := times.I64[times.At(i)]; !known || uint64(at)-uint64(start) >= uint64(w.size) {
			start, known = w.startOf(at), true
		}
		o := out.At(i)
		starts[o], ends[o] = start, start+w.size
	}
	return nil
}

// startOf returns when the latest window begins that contains a time.
func (w windowing) startOf(at int64) int64 {
	rest := (at - w.start) % w.slide
	if rest < 0 {
		rest += w.slide
	}
	return at - rest
}

// WindowRows returns the generator that implements a call of window: one row for each window that contains the time, the
// latest first, and none for NULL.
func WindowRows(call *expr.Expr) *expr.Expr {
	w, _ := call.Data.(windowing)
	rows := types.ArrayOf(types.StructOf(types.Field{Name: "window", Type: call.Type, Nullable: true}), false)
	return &expr.Expr{
		Kind: expr.Call, Type: rows, Nullable: call.Args[0].Nullable, Args: call.Args, Data: w, Span: call.Span, Origin: call.Origin,
		Fn: &expr.Function{Name: "window", Generator: true, Compile: eachRow(w.add)},
	}
}

func (w windowing) add(r *row) error {
	if err := r.checkLength("FUNCTION", "window", w.size/w.slide); err != nil {
		return err
	}
	at := r.long(0)
	structs, from := r.out.Children[0], r.listStart()
	window := structs.Children[0]
	for start := w.startOf(at); start+w.size > at; start -= w.slide {
		n := structs.Len()
		structs.Extend(n + 1)
		window.Children[0].I64[n], window.Children[1].I64[n] = start, start+w.size
	}
	r.listEnd(from)
	return nil
}

// isWindow reports whether a type is that of time windows.
func isWindow(t *types.Type) bool {
	return t.Kind == types.KindStruct && len(t.Fields) == 2 && t.Fields[0].Name == "start" && t.Fields[1].Name == "end" && isTimestamp(t.Fields[1].Type)
}

func resolveWindowTime(call *expr.Expr) error {
	t := call.Args[0].Type
	if !isWindow(t) {
		return coerce.UnexpectedInput(call, 0, `"STRUCT"`)
	}
	call.Type, call.Nullable = t.Fields[1].Type, true
	return nil
}
