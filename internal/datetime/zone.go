// Package datetime is Spark's calendar: days and microseconds since 1970-01-01, time zones, the text forms of dates, times
// and intervals, and Java's pattern letters.
package datetime

import "time"

// A Zone is a session time zone.
type Zone struct {
	id  string
	loc *time.Location
}
