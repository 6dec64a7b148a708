package coerce_test

import (
	"testing"

	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

func column(t *types.Type) *expr.Expr {
	return &expr.Expr{Kind: expr.Column, Name: "c", Type: t, ID: expr.NewID()}
}

func call(op string, args ...*types.Type) *expr.Expr {
	c := &expr.Expr{Kind: expr.Call, Fn: &expr.Function{Name: op}}
	for _, t := range args {
		c.Args = append(c.Args, column(t))
	}
	return c
}

func TestArithmeticTypes(t *testing.T) {
	day := types.DayTimeOf(types.Day, types.Day)
	hour := types.DayTimeOf(types.Hour, types.Hour)
	for _, c := range []struct {
		op   string
		l, r *types.Type
		want string
		form coerce.Form
	}{
		{"+", types.Byte, types.Int, "int", coerce.Numbers},
		{"/", types.Int, types.Int, "double", coerce.Numbers},
		{"div", types.Int, types.Int, "bigint", coerce.Numbers},
		{"+", types.Float, types.Long, "double", coerce.Numbers},
		{"*", types.DecimalOf(38, 10), types.Int, "decimal(38,6)", coerce.Numbers},
		{"+", types.DecimalOf(10, 2), types.Double, "double", coerce.Numbers},
		{"-", types.String, types.Int, "bigint", coerce.Numbers},
		{"+", types.Date, types.Int, "date", coerce.DateAddDays},
		{"-", types.Date, types.Date, "interval day", coerce.SubtractDates},
		{"-", types.Date, types.String, "interval day", coerce.SubtractDates},
		{"-", types.Timestamp, types.Date, "interval day to second", coerce.SubtractTimestamps},
		{"+", day, types.Date, "date", coerce.DateAddDayInterval},
		{"+", hour, types.Date, "timestamp", coerce.TimestampAddInterval},
		{"+", day, hour, "interval day to hour", coerce.Numbers},
		{"*", types.Int, day, "interval day to second", coerce.MultiplyDayTime},
		{"/", types.YearMonthOf(types.Month, types.Month), types.String, "interval year to month", coerce.DivideMonths},
	} {
		e := call(c.op, c.l, c.r)
		if err := coerce.Arithmetic(e); err != nil {
			t.Errorf("%s %s %s: %v", c.l, c.op, c.r, err)
		} else if e.Type.String() != c.want || e.Data != c.form {
			t.Errorf("%s %s %s is %s (form %v), want %s (form %v)", c.l, c.op, c.r, e.Type, e.Data, c.want, c.form)
		}
	}
}

func TestStringPlusIntervalIsString(t *testing.T) {
	e := call("+", types.String, types.DayTimeOf(types.Day, types.Day))
	if err := coerce.Arithmetic(e); err != nil || e.Kind != expr.Cast || e.Type != types.String {
		t.Fatalf("got kind %v of type %v, error %v", e.Kind, e.Type, err)
	}
}

func TestWidest(t *testing.T) {
	for _, c := range []struct {
		a, b *types.Type
		want string
	}{
		{types.String, types.Int, "bigint"},
		{types.String, types.DecimalOf(3, 1), "double"},
		{types.Date, types.TimestampNTZ, "timestamp_ntz"},
		{types.Int, types.DecimalOf(3, 2), "decimal(12,2)"},
		{types.ArrayOf(types.Int, false), types.ArrayOf(types.Long, true), "array<bigint>"},
		{types.Boolean, types.Int, ""},
		{types.String, types.YearMonthOf(types.Year, types.Year), ""},
	} {
		got := ""
		if w := coerce.Widest(c.a, c.b); w != nil {
			got = w.String()
		}
		if got != c.want {
			t.Errorf("Widest(%s, %s) = %q, want %q", c.a, c.b, got, c.want)
		}
	}
}
