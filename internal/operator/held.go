package operator

import "github.com/streamctl/streamctl/internal/state"

// Held counts the entries of a store that a watermark in milliseconds would have passed. time is an event time among the fields of its keys, or of its
// values if inValue is true.
func Held(s *state.Store, time EventTime, fields int, inValue bool, watermark int64) (n int) {
	if nonePassed(s, watermark*1000) {
		return 0
	}
	for key, value := range s.All() {
		row := key
		if inValue {
			row = value
		}
		if time.passed(row, fields, watermark) {
			n++
		}
	}
	return n
}

// HeldRows counts the stored rows of a side of a join that a watermark in milliseconds would have it forget: those that have matched, and the others.
// keys is the number of its keys, and columns that of its columns.
func HeldRows(s *state.State, number, side, partition, keys, columns int, x *Expiry, watermark int64) (matched, others int) {
	for key, value := range s.Store(number, sideNames[side]+rowStore, partition).All() {
		passed := false
		if x.Key.Has() {
			passed = x.Key.passed(key, keys+1, watermark)
		} else if x.Column.Has() {
			passed = x.Column.passed(value, columns+1, x.Limit(watermark))
		}
		switch {
		case !passed:
		case hasMatched(value, columns):
			matched++
		default:
			others++
		}
	}
	return matched, others
}
