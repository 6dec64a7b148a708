package function

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	nanosPerMicro  = 1000
	defaultPlaces  = 6 // digits of a fraction of TIME
	mostTimePlaces = 9
)

func isTime(e *expr.Expr) bool { return e.Type.Kind == types.KindTime }

// currentTime is the local time of day at which the batch began, to a number of digits.
func currentTime() *expr.Function {
	return &expr.Function{
		Name: "current_time", Aliases: []string{"localtime"}, Group: "datetime_funcs", Usage: "current_time([precision])",
		Doc: "The local time of day at which the batch began.", MaxArgs: 1, Foldable: notFoldable,
		Resolve: resolveCurrentTime,
		SQL: func(call *expr.Expr, args []string) string {
			if call.Type != nil {
				return "current_time(" + strconv.Itoa(call.Type.Precision) + ")"
			}
			return callSQL("current_time", args)
		},
		Compile: plain(func(ctx *expr.Context, _ int, _ vector.Selection, _ []*vector.Vector, out *vector.Vector) error {
			_, micros := datetime.SplitMicros(ctx.Zone.ToLocal(ctx.BatchTime))
			out.I64[0] = micros * nanosPerMicro
			for unit, p := int64(1), out.Type.Precision; p < mostTimePlaces; p++ {
				unit *= 10
				out.I64[0] -= out.I64[0] % unit
			}
			return nil
		}),
	}
}

func resolveCurrentTime(call *expr.Expr) error {
	places := defaultPlaces
	if len(call.Args) == 1 {
		v, err := fold(call.Args[0])
		switch {
		case err != nil:
			return err
		case v == nil || call.Args[0].Type.Kind != types.KindInt || v.IsNull(0):
			return sparkerr.New("UNSUPPORTED_TIME_TYPE")
		}
		places = int(v.I32[0])
		if places < 0 || places > mostTimePlaces {
			return sparkerr.New("UNSUPPORTED_TIME_TYPE")
		}
	}
	call.Args = nil
	return never(returns(types.TimeOf(places)))(call)
}

// fromTime builds a timestamp from a date, a time of day and perhaps a zone.
func (m making) fromTime() expr.Kernel {
	return rowKernel(func(r *row) error {
		z := zoneOf(r.ctx, m.to.Kind == types.KindTimestampNTZ)
		if len(r.args) == 3 {
			var err error
			if z, err = datetime.LoadZone(string(r.text(2))); err != nil {
				return err
			}
		}
		local, ok := microsOf(int64(r.date(0)), r.long(1)/nanosPerMicro)
		if !ok {
			return longOverflow()
		}
		r.setLong(z.ToUTC(local))
		return nil
	})
}

// compileTimeFormat formats a time of day.
func compileTimeFormat() expr.Kernel {
	var patterns patternCache
	return rowKernel(func(r *row) error {
		if asksForDate(r.text(1)) {
			return notOfTime(string(r.text(1)))
		}
		p, err := patterns.get(r.java(1))
		if err != nil {
			return err
		}
		from := len(r.out.Data)
		r.out.Data = p.FormatLocal(r.out.Data, r.long(0)/nanosPerMicro)
		r.out.CloseBytes(r.i, from)
		return nil
	})
}

// asksForDate reports a letter outside of quotes that prints part of a date or zone.
func asksForDate(pattern []byte) bool {
	quoted := false
	for _, c := range pattern {
		switch {
		case c == '\'':
			quoted = !quoted
		case !quoted && strings.IndexByte("GyuYMLdDQqEeFwWVzOXxZ", c) >= 0:
			return true
		}
	}
	return false
}

func notOfTime(pattern string) error {
	err := sparkerr.New("INVALID_PARAMETER_VALUE.PATTERN", "parameter", "`format`", "functionName", "`date_format`", "value", "'"+pattern+"'").
		WithHint("the letters of times of day are H h K k m s S n N A a")
	err.Text = "The pattern " + err.Params["value"] + " asks for a date or zone, which a time of day does not have."
	return err
}
