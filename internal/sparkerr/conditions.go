package sparkerr

import "sort"

// A condition is one row of the table: Spark's name, its SQLSTATE, and our sentence with <parameters>.
type condition struct {
	name, sqlState, sentence string
}

// lookup finds a condition by name.
func lookup(name string) (condition, bool) {
	i := sort.Search(len(conditions), func(i int) bool { return conditions[i].name >= name })
	if i < len(conditions) && conditions[i].name == name {
		return conditions[i], true
	}
	return condition{}, false
}

// conditions is sorted by name; names and SQLSTATEs are Spark's (4.3.0), the sentences are ours.
var conditions = []condition{
	{"DIVIDE_BY_ZERO", "22012", "Division by zero."},
	{"INTERNAL_ERROR", "XX000", "This is a bug in streamctl."},
}
