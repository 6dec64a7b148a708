package job

import (
	"slices"
	"strconv"
	"strings"
)

// Options of every sink about the malformed records of its stream. They are not Spark's.
const (
	RejectsPath = "rejectsPath" // file that lists malformed records
	MaxBadRows  = "maxBadRows"  // more of them fail the query
)

// MaxLineBytes is the option of csv, json, text and socket sources that bounds the length of a record. It is not Spark's.
const MaxLineBytes = "maxLineBytes"

// aboutBadRows reports an option that every sink has.
func aboutBadRows(name string) bool {
	return slices.ContainsFunc([]string{RejectsPath, MaxBadRows}, func(s string) bool { return equalFold(s, name) })
}

// Count gives an option that is a number; ok is false when it is not given. Validate has checked it.
func (o Options) Count(name string) (n int64, ok bool) {
	text, ok := o.Get(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return n, err == nil
}

// count checks an option that is a number of at least least.
func (v *validator) count(opts Options, name string, least int64) {
	for _, o := range opts {
		if !equalFold(o.Name, name) {
			continue
		}
		if n, ok := (Options{o}).Count(name); !ok || n < least {
			v.errs.addf(o.Place, "%s is a number of at least %d, not %q", name, least, o.Value)
		}
	}
}
