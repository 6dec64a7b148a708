package function

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// datetimeZoneFunctions convert timestamps between time zones.
func datetimeZoneFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "from_utc_timestamp", Group: "datetime_funcs", Usage: "from_utc_timestamp(timestamp, timezone)",
			Doc:     "The local time in the time zone at the given UTC time.",
			Example: "from_utc_timestamp('2016-08-31', 'Asia/Seoul')", Result: "2016-08-31 09:00:00", MinArgs: 2, MaxArgs: 2,
			Resolve: returns(types.Timestamp, coerce.Timestamp, coerce.String),
			Compile: eachRow(inZone(1, func(z *datetime.Zone, at int64) int64 { return z.ToLocal(at) })),
		},
		{
			Name: "to_utc_timestamp", Group: "datetime_funcs", Usage: "to_utc_timestamp(timestamp, timezone)",
			Doc:     "The UTC time at the given local time in the time zone.",
			Example: "to_utc_timestamp('2016-08-31', 'Asia/Seoul')", Result: "2016-08-30 15:00:00", MinArgs: 2, MaxArgs: 2,
			Resolve: returns(types.Timestamp, coerce.Timestamp, coerce.String),
			Compile: eachRow(inZone(1, func(z *datetime.Zone, at int64) int64 { return z.ToUTC(at) })),
		},
		{
			Name: "convert_timezone", Group: "datetime_funcs", Usage: "convert_timezone([sourceTz, ]targetTz, sourceTs)",
			Doc:     "The local timestamp converted from sourceTz, by default the session's time zone, to targetTz.",
			Example: "convert_timezone('Europe/Brussels', 'America/Los_Angeles', timestamp_ntz'2021-12-06 00:00:00')",
			Result:  "2021-12-05 15:00:00", MinArgs: 2, MaxArgs: 3,
			Resolve: resolveConvertTimezone, Compile: eachRow(convertTimezone),
		},
	}
}

// inZone converts timestamp argument 0 with the zone named by argument k.
func inZone(k int, move func(z *datetime.Zone, at int64) int64) func(r *row) error {
	return func(r *row) error {
		z, err := datetime.LoadZone(string(r.text(k)))
		if err != nil {
			return err
		}
		r.setLong(move(z, r.long(0)))
		return nil
	}
}

func resolveConvertTimezone(call *expr.Expr) error {
	if len(call.Args) == 2 {
		source, err := Call(call, "current_timezone")
		if err != nil {
			return err
		}
		call.Args = []*expr.Expr{source, call.Args[0], call.Args[1]}
	}
	return returns(types.TimestampNTZ, coerce.String, coerce.String, coerce.TimestampNTZ)(call)
}

func convertTimezone(r *row) error {
	from, err := datetime.LoadZone(string(r.text(0)))
	if err != nil {
		return err
	}
	to, err := datetime.LoadZone(string(r.text(1)))
	if err != nil {
		return err
	}
	r.setLong(to.ToLocal(from.ToUTC(r.long(2))))
	return nil
}

// timeFunctions return or accept values of type TIME, which Spark disables by default: their calls are refused as in Spark.
func timeFunctions() []*expr.Function {
	entry := func(name, usage, doc string, minArgs, maxArgs int) *expr.Function {
		return &expr.Function{
			Name: name, Group: "datetime_funcs", Usage: usage, Doc: doc, MinArgs: minArgs, MaxArgs: maxArgs,
			Resolve: func(*expr.Expr) error { return sparkerr.New("UNSUPPORTED_TIME_TYPE") },
		}
	}
	return []*expr.Function{
		currentTime(),
		entry("make_time", "make_time(hour, minute, second)", "The time of day with the given parts.", 3, 3),
		entry("to_time", "to_time(str[, format])", "The string as a time of day.", 1, 2),
		entry("try_to_time", "try_to_time(str[, format])", "The string as a time of day, or NULL.", 1, 2),
		entry("time_diff", "time_diff(unit, start, end)", "The number of whole units between two times of day.", 3, 3),
		entry("time_trunc", "time_trunc(unit, time)", "A time of day truncated to a unit.", 2, 2),
		entry("time_from_seconds", "time_from_seconds(seconds)", "The time of day the given number of seconds after midnight.", 1, 1),
		entry("time_from_millis", "time_from_millis(millis)", "The time of day the given number of milliseconds after midnight.", 1, 1),
		entry("time_from_micros", "time_from_micros(micros)", "The time of day the given number of microseconds after midnight.", 1, 1),
		entry("time_to_seconds", "time_to_seconds(time)", "The number of seconds from midnight to a time of day.", 1, 1),
		entry("time_to_millis", "time_to_millis(time)", "The number of milliseconds from midnight to a time of day.", 1, 1),
		entry("time_to_micros", "time_to_micros(time)", "The number of microseconds from midnight to a time of day.", 1, 1),
	}
}
