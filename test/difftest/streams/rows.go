package main

import (
	"math/rand/v2"
	"strings"
	"time"
)

// A field is a column of the files with a few values, so that keys occur again.
type field struct {
	name, ddl, class string
	values           []string
}

const null = `\N`

// The classes of fields and expressions say which functions take them.
const (
	integer  = "integer"
	floating = "floating"
	decimal  = "decimal"
	chars    = "text"
	boolean  = "boolean"
	when     = "time"   // date or timestamp
	nested   = "nested" // array or struct
	mapped   = "map"
	interval = "interval"
	binary   = "binary"
)

var fields = []field{
	{"i", "INT", integer, []string{"0", "1", "-1", "7"}},
	{"l", "BIGINT", integer, []string{"0", "1", "-5", "4000000000"}},
	{"y", "TINYINT", integer, []string{"0", "1", "-128", "127"}},
	{"h", "SMALLINT", integer, []string{"0", "2", "-3", "30000"}},
	{"f", "FLOAT", floating, []string{"0", "-0.0", "1.5", "NaN", "0.1", "-Inf"}},
	{"d", "DOUBLE", floating, []string{"0", "-0.0", "2.5", "NaN", "0.1", "1e10", "-3.75"}},
	{"c", "DECIMAL(10,2)", decimal, []string{"0", "1.50", "-3.25", "99999999.99"}},
	{"g", "DECIMAL(5,1)", decimal, []string{"0", "1.5", "-3.2", "7.0"}},
	{"e", "DECIMAL(38,18)", decimal, []string{"0", "1.5", "-0.000000000000000001", "123456789012.5"}},
	{"s", "STRING", chars, []string{"a", "b", "", "ü", " x", "A longer text with more than sixteen bytes"}},
	{"u", "STRING", chars, []string{"a", "B", "12", "zz"}},
	{"b", "BOOLEAN", boolean, []string{"true", "false"}},
	{"dt", "DATE", when, []string{"2024-02-29", "1969-12-31", "0001-01-01", "2000-01-01"}},
	{"t", "TIMESTAMP", when, []string{"2024-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2024-06-01T12:30:00.5Z"}},
	{"n", "TIMESTAMP_NTZ", when, []string{"2024-01-01T00:00:00", "1969-12-31T23:59:59.999999", "2024-06-01T12:30:00"}},
	{"x", "STRING", binary, []string{"", "61", "00FF", "C3A9"}},
}

// huge values overflow sums.
var huge = map[string][]string{
	"l": {"9223372036854775807", "-9223372036854775808", "1"}, "e": {"99999999999999999999.999999999999999999", "1"},
	"d": {"1.7976931348623157E308", "4.9E-324", "-1e300"}, "i": {"2147483647", "-2147483648"},
}

// eventTime is the field that windows and watermarks use. times makes its values.
var eventTime = field{name: "ts", ddl: "TIMESTAMP", class: when}

// A clock makes event times that go up from batch to batch, with late ones, ones at the bounds of windows, and missing ones.
type clock struct {
	*rand.Rand
	start  time.Time
	step   time.Duration // between batches
	spread time.Duration // within a batch
	late   int           // one in so many rows is late; 0: none
}

func newClock(r *rand.Rand) *clock {
	c := &clock{Rand: r, start: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), late: r.IntN(3) * 6}
	c.step = pick(r, []time.Duration{0, time.Minute, 5 * time.Minute, 20 * time.Minute, 3 * time.Hour})
	c.spread = pick(r, []time.Duration{time.Minute, 10 * time.Minute, 2 * time.Hour})
	switch r.IntN(12) {
	case 0:
		c.start = time.Date(1969, 12, 31, 23, 50, 0, 0, time.UTC)
	case 1:
		c.start = time.Date(1960, 2, 28, 0, 0, 0, 0, time.UTC)
	}
	return c
}

// next returns a time of a batch.
func (c *clock) next(batch int) string {
	if c.IntN(16) == 0 {
		return null
	}
	at := c.start.Add(time.Duration(batch) * c.step).Add(time.Duration(c.Int64N(int64(c.spread))))
	switch c.IntN(5) {
	case 0:
		at = at.Truncate(5 * time.Minute)
	case 1:
		at = at.Truncate(time.Minute).Add(-time.Microsecond)
	case 2, 3:
		at = at.Truncate(30 * time.Second)
	}
	if c.late > 0 && c.IntN(c.late) == 0 {
		at = at.Add(-pick(c.Rand, []time.Duration{5 * time.Minute, time.Hour, 48 * time.Hour}))
	}
	return at.Format("2006-01-02T15:04:05.999999Z")
}

// newRows makes the rows of a file.
func newRows(r *rand.Rand, list []field, c *clock, batch int) file {
	rows := file{}
	for range pick(r, []int{0, 1, 2, 3, 4, 5, 7, 10}) {
		var cells []string
		for _, f := range list {
			cells = append(cells, cell(r, f, c, batch))
		}
		rows = append(rows, strings.Join(cells, ",")+"\n")
	}
	return rows
}

func cell(r *rand.Rand, f field, c *clock, batch int) string {
	value := null
	switch {
	case f.values == nil: // an event time
		value = c.next(batch)
	case r.IntN(8) > 0:
		value = pick(r, f.values)
	}
	if value == null {
		return value
	}
	return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
