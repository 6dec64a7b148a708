package operator

import "github.com/streamctl/streamctl/internal/state"

// Held counts the groups of an aggregation that a watermark in milliseconds would have passed.
func Held(s *state.State, number, partition int, watermark int64) (n int) {
	for range s.Store(number, state.DefaultStore, partition).Passed(watermark * 1000) {
		n++
	}
	return n
}

// HeldRows counts the stored rows of a side of a join that a watermark in milliseconds would have it forget: those that have matched, and the others.
// columns is the number of its columns.
func HeldRows(s *state.State, number, side, partition, columns int, x *Expiry, watermark int64) (matched, others int) {
	limit := watermark
	if x.Column.Has() {
		limit = x.Limit(watermark)
	}
	for _, value := range s.Store(number, sideNames[side]+rowStore, partition).Passed(limit * 1000) {
		if hasMatched(value, columns) {
			matched++
		} else {
			others++
		}
	}
	return matched, others
}
