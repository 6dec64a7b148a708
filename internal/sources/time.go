package sources

import (
	"strconv"
	"strings"
)

// timeUnits are microseconds per unit of Spark's time texts.
var timeUnits = map[string]int64{"us": 1, "ms": 1000, "s": 1e6, "m": 60e6, "min": 60e6, "h": 3600e6, "d": 86400e6}

// ParseTime reads a time as Spark's options do (7d, 90min, 1000) and gives milliseconds. A number without a unit counts unit
// milliseconds. (Spark: JavaUtils.timeStringAs.)
func ParseTime(text string, unit int64) (millis int64, ok bool) {
	s := strings.ToLower(strings.TrimSpace(text))
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz")
	micros, ok := timeUnits[s[len(digits):]]
	if digits == s {
		micros, ok = unit*1000, true
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n * micros / 1000, ok && err == nil
}
