package decimal

import "strconv"

// SplitExponent parses a number in the form "d.ddde±n", as strconv formats it with 'e'. digits does not include the point.
func SplitExponent(text []byte) (digits []byte, exponent int) {
	for i, c := range text {
		switch {
		case c == 'e':
			exponent, _ = strconv.Atoi(string(text[i+1:]))
			return digits, exponent
		case c != '.':
			digits = append(digits, c)
		}
	}
	return digits, 0
}

// RoundsAway decides by the last drop digits of a positive number whether it is rounded away from zero if these are dropped.
func RoundsAway(digits []byte, drop int, mode Mode) bool {
	at := len(digits) - drop
	if at < 0 || digits[at] < '5' {
		return false
	}
	if mode == HalfUp || digits[at] > '5' || at+1 < len(digits) {
		return true
	}
	return at > 0 && digits[at-1]&1 != 0
}

// Increment drops the last drop digits of a number and adds one to the rest, which becomes one digit longer if all its digits are nines.
// It reuses the memory of digits.
func Increment(digits []byte, drop int) []byte {
	digits = digits[:len(digits)-drop]
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return digits
		}
		digits[i] = '0'
	}
	return append([]byte{'1'}, digits...)
}
