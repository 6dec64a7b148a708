package json

import (
	"cmp"
	"slices"
	"unicode/utf16"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// The option sortKeys: the members of objects are sorted by name, as Java compares strings.

// at returns the n-th position of an order; nil is the identity.
func at(order []int, n int) int {
	if order == nil {
		return n
	}
	return order[n]
}

// sortedFields returns the order of fields by name.
func sortedFields(fields []types.Field) []int {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return sortedTexts(names)
}

func sortedTexts(texts []string) []int {
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareUTF16(texts[a], texts[b]) })
	return order
}

// compareUTF16 compares strings by their UTF-16 units.
func compareUTF16(a, b string) int {
	if a == b {
		return 0
	}
	x, y := utf16.Encode([]rune(a)), utf16.Encode([]rune(b))
	return slices.CompareFunc(x, y, cmp.Compare[uint16])
}

// orderOf returns the order in which the fields of a struct are written.
func (e *encoder) orderOf(t *types.Type) []int {
	if !e.sorted {
		return nil
	}
	order, ok := e.orders[t]
	if !ok {
		if e.orders == nil {
			e.orders = map[*types.Type][]int{}
		}
		order = sortedFields(t.Fields)
		e.orders[t] = order
	}
	return order
}

// sortedKeys returns the order in which the entries of a map are written.
func (e *encoder) sortedKeys(keys *vector.Vector, w vector.View) []int {
	texts := make([]string, w.Len)
	for k := range texts {
		texts[k] = string(e.appendKey(nil, keys, int(w.Off)+k))
	}
	return sortedTexts(texts)
}
