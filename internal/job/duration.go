package job

import (
	"errors"
	"math"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// ParseDuration parses a duration in Go's syntax (1m30s) or Spark's (90 seconds).
func ParseDuration(text string) (time.Duration, *sparkerr.Error) {
	text = strings.TrimSpace(text)
	if d, err := time.ParseDuration(text); err == nil {
		return d, nil
	}
	d, err := interval(text)
	if err != nil {
		return 0, sparkerr.Plain("%q is not a duration", text).WithHint("%s", durationHint(text))
	}
	return d, nil
}

// durationHint returns example durations. For a bare number, it adds the unit.
func durationHint(text string) string {
	if text != "" && strings.Trim(text, "0123456789") == "" {
		return text + " has no unit: " + text + "s, or \"" + text + " seconds\""
	}
	return "write 10s, 1m30s, 500ms, or \"10 seconds\""
}

// ParseTrigger parses the interval of a processing-time trigger, with Spark's errors.
func ParseTrigger(text string) (time.Duration, *sparkerr.Error) {
	d, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil || strings.TrimSpace(text) == "0" {
		var serr *sparkerr.Error
		if d, serr = interval(text); serr != nil {
			return 0, serr.WithHint("%s", durationHint(strings.TrimSpace(text)))
		}
	}
	if d < 0 {
		return 0, sparkerr.Plain("requirement failed: the interval of trigger should not be negative")
	}
	return d, nil
}

// interval parses Spark's interval syntax. It refuses months and years, which have no fixed length.
func interval(text string) (time.Duration, *sparkerr.Error) {
	months, days, micros, err := datetime.ParseCalendar(text)
	if err != nil {
		return 0, asSparkError(err)
	}
	if months != 0 {
		return 0, sparkerr.Plain("Doesn't support month or year interval: %s", text)
	}
	const maxMicros = math.MaxInt64 / 1000
	day := int64(24 * time.Hour / time.Microsecond)
	if int64(days) > maxMicros/day || int64(days) < -maxMicros/day {
		return 0, sparkerr.Plain("the interval %q is too long", text)
	}
	total := int64(days) * day
	if micros > maxMicros-max(total, 0) || micros < -maxMicros-min(total, 0) {
		return 0, sparkerr.Plain("the interval %q is too long", text)
	}
	return time.Duration(total+micros) * time.Microsecond, nil
}

func asSparkError(err error) *sparkerr.Error {
	var e *sparkerr.Error
	if errors.As(err, &e) {
		return e
	}
	return &sparkerr.Error{Text: err.Error(), Cause: err}
}
