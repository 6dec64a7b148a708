package function

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// sparkFunctions lists every function of Spark 4.3 with its group, whether implemented here or not.
//
//go:embed spark_functions.tsv
var sparkFunctions string

var known = sync.OnceValue(func() map[string]string {
	groups := map[string]string{}
	for line := range strings.Lines(sparkFunctions) {
		name, group, _ := strings.Cut(strings.TrimSpace(line), "\t")
		groups[name] = group
	}
	delete(groups, "name") // the heading
	return groups
})

// KnownToSpark returns the group of a function that Spark has, be it built here or not.
func KnownToSpark(name string) (group string, ok bool) {
	group, ok = known()[strings.ToLower(name)]
	return group, ok
}

// SparkNames lists the functions of Spark, sorted.
func SparkNames() []string {
	names := make([]string, 0, len(known()))
	for name := range known() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
