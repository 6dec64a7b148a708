package replay

import (
	"encoding/json"
	"strings"
)

// key encodes a row; equal rows have equal keys.
func (r Row) key() string {
	text, err := json.Marshal(r)
	if err != nil {
		return err.Error() // unreachable: a value can always be encoded
	}
	return string(text)
}

// Compare orders rows, by no particular rule.
func (r Row) Compare(other Row) int { return strings.Compare(r.key(), other.key()) }

// Unequal returns the rows of a and b that the other does not have. If they are ordered, rows are compared with those at the same position: the
// results have what differs, in pairs, and then the rows that one list has more. Otherwise each row is as often in a result as its list has more of it.
func Unequal(a, b []Row, ordered bool) (onlyA, onlyB []Row) {
	if !ordered {
		return WithoutCommon(a, b, Row.key)
	}
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(b):
			onlyA = append(onlyA, a[i])
		case i >= len(a):
			onlyB = append(onlyB, b[i])
		case a[i].key() != b[i].key():
			onlyA, onlyB = append(onlyA, a[i]), append(onlyB, b[i])
		}
	}
	return onlyA, onlyB
}

// WithoutCommon returns two lists without the elements that both have, as often as both have them. Elements with the same key are equal.
func WithoutCommon[T any](a, b []T, key func(T) string) (onlyA, onlyB []T) {
	left := map[string]int{}
	for _, x := range b {
		left[key(x)]++
	}
	for _, x := range a {
		if k := key(x); left[k] > 0 {
			left[k]--
		} else {
			onlyA = append(onlyA, x)
		}
	}
	for _, x := range b {
		if k := key(x); left[k] > 0 {
			left[k]--
			onlyB = append(onlyB, x)
		}
	}
	return onlyA, onlyB
}
