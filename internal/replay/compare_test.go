package replay

import (
	"reflect"
	"testing"
)

func TestRowsThatOnlyOneListHas(t *testing.T) {
	a, b, c := Row{"1", nil}, Row{"1", ""}, Row{"2", []any{"x"}}
	for _, x := range []struct {
		name         string
		left, right  []Row
		ordered      bool
		onlyA, onlyB []Row
	}{
		{name: "order does not count", left: []Row{a, c}, right: []Row{{"2", []any{"x"}}, a}},
		{name: "order counts", left: []Row{a, b, c}, right: []Row{b, a, c}, ordered: true, onlyA: []Row{a, b}, onlyB: []Row{b, a}},
		{name: "how often counts", left: []Row{a, a, c}, right: []Row{c, a, c, c}, onlyA: []Row{a}, onlyB: []Row{c, c}},
		{name: "NULL is not the empty text", left: []Row{a}, right: []Row{b}, onlyA: []Row{a}, onlyB: []Row{b}},
		{name: "one is shorter", left: []Row{a}, right: []Row{a, b}, ordered: true, onlyB: []Row{b}},
		{name: "the other is shorter", left: []Row{b, a, c}, right: []Row{a}, ordered: true, onlyA: []Row{b, a, c}, onlyB: []Row{a}},
	} {
		onlyA, onlyB := Unequal(x.left, x.right, x.ordered)
		if !reflect.DeepEqual(onlyA, x.onlyA) || !reflect.DeepEqual(onlyB, x.onlyB) {
			t.Errorf("%s: %v and %v", x.name, onlyA, onlyB)
		}
	}
}
