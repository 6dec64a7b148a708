package datetime

import "bytes"

const (
	nanosPerHour = MicrosPerHour * 1000
	leastPlaces  = 6 // the precision of a literal without a longer fraction
	mostPlaces   = 9
	neitherHalf  = -1 // neither AM nor PM
	hoursOfHalf  = 12
)

// ParseTimeLiteral parses the text of TIME '…', which may end in AM or PM and have up to nine digits of a fraction. places is the
// precision of its type, at least 6.
func ParseTimeLiteral(b []byte) (nanos int64, places int, ok bool) {
	b, half := cutHalf(bytes.TrimSpace(b))
	b, beyond, places := cutNanos(b)
	if places > mostPlaces {
		return 0, leastPlaces, false
	}
	if nanos, ok = ParseTime(b); !ok {
		return 0, leastPlaces, false
	}
	if half != neitherHalf {
		hour := nanos / nanosPerHour
		if hour < 1 || hour > hoursOfHalf {
			return 0, leastPlaces, false
		}
		nanos += (hour%hoursOfHalf + half - hour) * nanosPerHour
	}
	return nanos + beyond, places, true
}

// cutHalf takes AM or PM off the end.
func cutHalf(b []byte) (rest []byte, half int64) {
	n := len(b) - len("AM")
	switch {
	case n <= 0:
		return b, neitherHalf
	case bytes.EqualFold(b[n:], []byte("AM")):
		half = 0
	case bytes.EqualFold(b[n:], []byte("PM")):
		half = hoursOfHalf
	default:
		return b, neitherHalf
	}
	return bytes.TrimSpace(b[:n]), half
}

// cutNanos takes the digits of the fraction beyond the sixth off the end. What is not a digit stays, for ParseTime to refuse.
func cutNanos(b []byte) (rest []byte, beyond int64, places int) {
	dot := bytes.IndexByte(b, '.')
	digits := len(b) - dot - 1
	if dot < 0 || digits <= leastPlaces {
		return b, 0, leastPlaces
	}
	tail := b[dot+1+leastPlaces:]
	for _, c := range tail {
		if c < '0' || c > '9' {
			return b, 0, leastPlaces
		}
		beyond = beyond*10 + int64(c-'0')
	}
	for range mostPlaces - digits {
		beyond *= 10
	}
	return b[:dot+1+leastPlaces], beyond, digits
}
