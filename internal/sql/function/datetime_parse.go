package function

import (
	"errors"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

const defaultTimestampPattern = "yyyy-MM-dd HH:mm:ss"

// textOrTime is the parameter of functions that parse text with a pattern; dates and timestamps are not cast.
var textOrTime = coerce.OneOf(coerce.String, coerce.Date, coerce.Timestamp, coerce.TimestampNTZ, coerce.NanosTimestamp)

// datetimeTextFunctions parse and format dates and timestamps.
func datetimeTextFunctions() []*expr.Function {
	return []*expr.Function{
		parsing{"to_date", types.Date, false}.function("to_date('2016-12-31', 'yyyy-MM-dd')", "2016-12-31"),
		parsing{"try_to_date", types.Date, true}.function("try_to_date('foo', 'yyyy-MM-dd')", "NULL"),
		parsing{"to_timestamp", types.Timestamp, false}.function("to_timestamp('2016-12-31', 'yyyy-MM-dd')", "2016-12-31 00:00:00"),
		parsing{"try_to_timestamp", types.Timestamp, true}.function("try_to_timestamp('foo', 'yyyy-MM-dd')", "NULL"),
		parsing{"to_timestamp_ltz", types.Timestamp, false}.function("to_timestamp_ltz('2016-12-31', 'yyyy-MM-dd')", "2016-12-31 00:00:00"),
		parsing{"to_timestamp_ntz", types.TimestampNTZ, false}.function("to_timestamp_ntz('2016-12-31', 'yyyy-MM-dd')", "2016-12-31 00:00:00"),
		{
			Name: "unix_timestamp", Group: "datetime_funcs", Usage: "unix_timestamp([timeExp[, fmt]])",
			Doc:     "The number of seconds from 1970-01-01 00:00 UTC to a time, by default to now.",
			Example: "unix_timestamp('2016-04-08', 'yyyy-MM-dd')", Result: "1460073600", MinArgs: 0, MaxArgs: 2,
			Resolve: resolveUnixTimestamp, Replace: withoutPattern, Compile: compileUnixTimestamp, Operands: stopsAtNull,
		},
		{
			Name: "to_unix_timestamp", Group: "datetime_funcs", Usage: "to_unix_timestamp(timeExp[, fmt])",
			Doc:     "The number of seconds from 1970-01-01 00:00 UTC to a time.",
			Example: "to_unix_timestamp('2016-04-08', 'yyyy-MM-dd')", Result: "1460073600", MinArgs: 1, MaxArgs: 2,
			Resolve: resolveUnixTimestamp, Replace: withoutPattern, Compile: compileUnixTimestamp, Operands: stopsAtNull,
		},
		{
			Name: "from_unixtime", Group: "datetime_funcs", Usage: "from_unixtime(unix_time[, fmt])",
			Doc:     "The time the given number of seconds after 1970-01-01 00:00 UTC as a string, formatted by fmt, by default yyyy-MM-dd HH:mm:ss.",
			Example: "from_unixtime(0, 'yyyy-MM-dd HH:mm:ss')", Result: "1970-01-01 00:00:00", MinArgs: 1, MaxArgs: 2,
			Resolve: nullable(defaults(returns(types.String, coerce.Long, coerce.String), 1, expr.Str(defaultTimestampPattern))),
			Compile: compileFormat(datetime.MicrosPerSecond),
		},
		{
			Name: "date_format", Group: "datetime_funcs", Usage: "date_format(timestamp, fmt)",
			Doc:     "A timestamp formatted with a pattern.",
			Example: "date_format('2016-04-08', 'y')", Result: "2016", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveDateFormat, Compile: compileDateFormat,
		},
	}
}

// resolveDateFormat takes times of day as they are.
func resolveDateFormat(call *expr.Expr) error {
	if isTime(call.Args[0]) {
		return returns(types.String, coerce.Exactly(call.Args[0].Type), coerce.String)(call)
	}
	return returns(types.String, coerce.Timestamp, coerce.String)(call)
}

func compileDateFormat(call *expr.Expr) (expr.Kernel, error) {
	if isTime(call.Args[0]) {
		return compileTimeFormat(), nil
	}
	return compileFormat(1)(call)
}

// A patternCache keeps the pattern of the last row, which usually is the pattern of all rows.
type patternCache struct {
	text    []byte
	parsing bool
	pattern *datetime.Pattern
	err     error
}

func (c *patternCache) get(text []byte) (*datetime.Pattern, error) {
	if c.pattern == nil && c.err == nil || string(text) != string(c.text) {
		c.text = append(c.text[:0], text...)
		c.pattern, c.err = datetime.CompilePattern(string(text), "", c.parsing)
	}
	return c.pattern, c.err
}

// compileFormat formats argument 0, in units of the given number of microseconds, with the pattern of argument 1.
func compileFormat(unit int64) compiler {
	return func(*expr.Expr) (expr.Kernel, error) {
		var patterns patternCache
		return rowKernel(func(r *row) error {
			p, err := patterns.get(r.java(1))
			if err != nil {
				return err
			}
			from := len(r.out.Data)
			r.out.Data = p.Format(r.out.Data, r.long(0)*unit, r.ctx.Zone)
			r.out.CloseBytes(r.i, from)
			return nil
		}), nil
	}
}

// A parsing is a function that parses text as a date or timestamp, by a cast if there is no pattern.
type parsing struct {
	name string
	to   *types.Type
	try  bool
}

func (p parsing) function(example, result string) *expr.Function {
	doc := "The string as a " + p.to.SQL() + ", parsed with a pattern or, without one, as by CAST"
	if p.try {
		doc += "; NULL if it cannot be parsed"
	}
	return &expr.Function{
		Name: p.name, Group: "datetime_funcs", Usage: p.name + "(str[, fmt])", Doc: doc + ".", Example: example, Result: result,
		MinArgs: 1, MaxArgs: 2, Resolve: p.resolve, Compile: p.compile, Operands: stopsAtNull,
		Replace: func(call *expr.Expr) *expr.Expr {
			if len(call.Args) == 1 {
				return p.cast(call)
			}
			return withoutPattern(call)
		},
	}
}

// withoutPattern replaces the pattern by an empty one if the argument is a date or timestamp: Spark ignores the pattern then,
// even if it is NULL.
func withoutPattern(call *expr.Expr) *expr.Expr {
	if call.Args[0].Type.IsText() || call.Args[1].Kind == expr.Literal && !call.Args[1].IsNullLit() {
		return call
	}
	blank := *call
	blank.Args = []*expr.Expr{call.Args[0], expr.Str("")}
	if !call.Args[1].Foldable() { // the call does not become a constant
		fn := *call.Fn
		fn.Foldable = notFoldable
		blank.Fn = &fn
	}
	return &blank
}

func (p parsing) cast(call *expr.Expr) *expr.Expr {
	c := coerce.Explicit(call.Args[0], p.to, p.try)
	c.Span, c.Origin = call.Span, call.Origin
	return c
}

func (p parsing) resolve(call *expr.Expr) error {
	input := textOrTime
	if p.to.Kind == types.KindTimestamp && len(call.Args) == 1 {
		input = coerce.OneOf(coerce.String, coerce.Date, coerce.Timestamp, coerce.TimestampNTZ, coerce.Numeric)
	}
	if err := coerce.Params(call, input, coerce.String); err != nil {
		return err
	}
	if len(call.Args) == 1 {
		c := p.cast(call)
		if err := coerce.CheckCast(c); err != nil {
			return err
		}
		call.Type, call.Nullable = c.Type, coerce.Explicit(call.Args[0], p.to, false).Nullable
		return nil
	}
	coerce.Returns(call, p.to)
	call.Nullable = call.Nullable || p.try
	return nil
}

func (p parsing) compile(call *expr.Expr) (expr.Kernel, error) {
	read := newTimeReader(call)
	read.ntz = p.to.Kind == types.KindTimestampNTZ
	if p.to.Kind == types.KindDate {
		read.suggestion = "`try_to_date`"
	}
	return rowKernel(func(r *row) error {
		micros, err := read.micros(r)
		var unreadable *datetime.ParseError
		switch {
		case err == nil && p.to.Kind == types.KindDate:
			r.setDate(datetime.DateOf(r.ctx.Zone.ToLocal(micros)))
		case err == nil:
			r.setLong(micros)
		case p.try && errors.As(err, &unreadable):
			r.setNull()
		default:
			return read.failure(err)
		}
		return nil
	}), nil
}

// A timeReader converts argument 0 to microseconds; strings are parsed with the pattern of argument 1. (Spark: ToTimestamp.)
type timeReader struct {
	kind       types.Kind
	ntz        bool
	suggestion string
	patterns   patternCache
}

func newTimeReader(call *expr.Expr) *timeReader {
	return &timeReader{kind: call.Args[0].Type.Kind, suggestion: "`try_to_timestamp`", patterns: patternCache{parsing: true}}
}

func (t *timeReader) micros(r *row) (int64, error) {
	switch t.kind {
	case types.KindDate:
		if !datetime.IsTimestampDay(int64(r.date(0))) {
			return 0, sparkerr.Plain("the date lies beyond the range of timestamps: long overflow")
		}
		return r.ctx.Zone.StartOfDay(r.date(0)), nil
	case types.KindTimestamp, types.KindTimestampNTZ:
		return r.long(0), nil
	}
	p, err := t.patterns.get(r.text(1))
	switch {
	case err != nil:
		return 0, err
	case t.ntz:
		return p.ParseNTZ(r.text(0))
	}
	return p.ParseTimestamp(r.text(0), r.ctx.Zone)
}

// failure returns the error for a text that does not match the pattern; errors of patterns are returned unchanged.
func (t *timeReader) failure(err error) error {
	var unreadable *datetime.ParseError
	if errors.As(err, &unreadable) {
		return sparkerr.New("CANNOT_PARSE_TIMESTAMP", "message", unreadable.Error(), "func", t.suggestion)
	}
	return err
}

func resolveUnixTimestamp(call *expr.Expr) error {
	if len(call.Args) == 0 {
		now, err := Call(call, "current_timestamp")
		if err != nil {
			return err
		}
		call.Args = []*expr.Expr{now}
	}
	if len(call.Args) == 1 {
		call.Args = []*expr.Expr{call.Args[0], expr.Str(defaultTimestampPattern)}
	}
	if err := coerce.Expects(call, textOrTime, coerce.String); err != nil {
		return err
	}
	coerce.Returns(call, types.Long)
	return nil
}

// compileUnixTimestamp truncates towards zero, even before 1970, as Spark does.
func compileUnixTimestamp(call *expr.Expr) (expr.Kernel, error) {
	read := newTimeReader(call)
	return rowKernel(func(r *row) error {
		micros, err := read.micros(r)
		if err != nil {
			return read.failure(err)
		}
		r.setLong(micros / datetime.MicrosPerSecond)
		return nil
	}), nil
}

// datetimeNowFunctions return the time of the batch or the current time. They are constant within a batch, but not foldable.
func datetimeNowFunctions() []*expr.Function {
	return []*expr.Function{
		clock("current_timestamp", "The time at which the batch began.", types.Timestamp,
			func(ctx *expr.Context, out *vector.Vector) { out.I64[0] = ctx.BatchTime }),
		clock("now", "The current time, with microseconds.", types.Timestamp,
			func(ctx *expr.Context, out *vector.Vector) { out.I64[0] = ctx.Now }),
		clock("localtimestamp", "The local time at which the batch began, without time zone.", types.TimestampNTZ,
			func(ctx *expr.Context, out *vector.Vector) { out.I64[0] = ctx.Zone.ToLocal(ctx.BatchTime) }),
		clock("current_date", "The date on which the batch began.", types.Date, today, "curdate"),
		{
			Name: "current_timezone", Group: "datetime_funcs", Usage: "current_timezone()", Doc: "The session's time zone.",
			Resolve: never(returns(types.String)), Foldable: notFoldable,
			Compile: eachText(func(r *row, dst []byte) []byte { return append(dst, r.ctx.Zone.String()...) }),
		},
	}
}

func today(ctx *expr.Context, out *vector.Vector) {
	out.I32[0] = datetime.DateOf(ctx.Zone.ToLocal(ctx.BatchTime))
}

func clock(name, doc string, t *types.Type, read func(ctx *expr.Context, out *vector.Vector), aliases ...string) *expr.Function {
	f := &expr.Function{
		Name: name, Aliases: aliases, Group: "datetime_funcs", Usage: name + "()", Doc: doc,
		Resolve: never(returns(t)), Foldable: notFoldable, SQL: always(name),
		Compile: plain(func(ctx *expr.Context, _ int, _ vector.Selection, _ []*vector.Vector, out *vector.Vector) error {
			read(ctx, out)
			return nil
		}),
	}
	return f
}
