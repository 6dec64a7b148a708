package main

import (
	"math/rand/v2"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/test/evaluate"
)

// A signature is a well-typed way to call a function.
type signature struct {
	fn     string
	args   []string // classes
	consts []string // parallel to args: a required constant, or "" for any value of the class
	result string
}

// signatures are found by analyzing calls over columns, so that the generator does not need its own list.
type signatures struct {
	byFunction map[string][]signature
	names      []string                    // of functions that have any
	byResult   map[string]map[string][]int // class → function → indexes into byFunction
	results    map[string][]string         // class → functions
}

// tries is the number of calls tried for a function with three or more operands.
const tries = 150

func findSignatures(r *rand.Rand, schema *types.Schema, functions []*expr.Function) *signatures {
	s := &signatures{byFunction: map[string][]signature{}, byResult: map[string]map[string][]int{}, results: map[string][]string{}}
	for _, f := range functions {
		if !usable(f) {
			continue
		}
		for _, n := range counts(f) {
			for _, args := range combinations(r, n) {
				s.try(schema, f, args)
			}
		}
		if len(s.byFunction[f.Name]) > 0 {
			s.names = append(s.names, f.Name)
		}
	}
	return s
}

// counts returns the numbers of operands to try.
func counts(f *expr.Function) []int {
	if len(f.ArgCounts) > 0 {
		return f.ArgCounts
	}
	most := f.MaxArgs
	if most < 0 {
		most = f.MinArgs + 3
	}
	var out []int
	for n := f.MinArgs; n <= most; n++ {
		out = append(out, n)
	}
	return out
}

// combinations returns lists of n classes: all of them for up to two, otherwise equal and random ones.
func combinations(r *rand.Rand, n int) [][]string {
	all := classes()
	var out [][]string
	switch n {
	case 0:
		return [][]string{nil}
	case 1:
		for _, c := range all {
			out = append(out, []string{c})
		}
	case 2:
		for _, a := range all {
			for _, b := range all {
				out = append(out, []string{a, b})
			}
		}
	default:
		for _, c := range all {
			out = append(out, slices.Repeat([]string{c}, n))
			out = append(out, append([]string{"boolean"}, slices.Repeat([]string{c}, n-1)...))
			out = append(out, append([]string{c}, slices.Repeat([]string{"int"}, n-1)...))
			out = append(out, append([]string{"string"}, slices.Repeat([]string{c}, n-1)...))
		}
		for range tries {
			args := make([]string, n)
			for i := range args {
				args[i] = pick(r, all)
			}
			out = append(out, args)
		}
	}
	return out
}

func (s *signatures) try(schema *types.Schema, f *expr.Function, args []string) {
	sig := signature{fn: f.Name, args: args, consts: fixed(f.Name, len(args))}
	given := samples(f)
	if t := resultOf(schema, sig); t != nil {
		s.add(sig, t)
		return
	}
	for i, text := range given { // some operands must be constants
		if i < len(args) && text != "" && args[i] == "string" && sig.consts[i] == "" {
			sig.consts[i] = text
			if t := resultOf(schema, sig); t != nil {
				s.add(sig, t)
				return
			}
		}
	}
}

// fixed returns the required constants among n operands.
func fixed(fn string, n int) []string {
	consts := make([]string, n)
	if i, ok := always[fn]; ok && i < n {
		consts[i] = pools[fn][i][0]
	}
	return consts
}

func (s *signatures) add(sig signature, t *types.Type) {
	sig.result = classOf(t)
	list := s.byFunction[sig.fn]
	s.byFunction[sig.fn] = append(list, sig)
	of := s.byResult[sig.result]
	if of == nil {
		of = map[string][]int{}
		s.byResult[sig.result] = of
	}
	if len(of[sig.fn]) == 0 {
		s.results[sig.result] = append(s.results[sig.result], sig.fn)
	}
	of[sig.fn] = append(of[sig.fn], len(list))
}

// resultOf returns the type of a call over columns, or nil if it is not well-typed.
func resultOf(schema *types.Schema, sig signature) *types.Type {
	q, _, _ := evaluate.Query(schema, "local", nil, []string{sig.overColumns().sql() + " AS v"})
	if q == nil {
		return nil
	}
	return q.Output[0].Type
}

// overColumns returns a call over the first column of each class.
func (sig *signature) overColumns() *node {
	call := &node{fn: sig.fn, text: form(sig.fn, len(sig.args))}
	for i, class := range sig.args {
		text := sig.consts[i]
		if text == "" {
			text = columnOf(class)
		}
		call.kids = append(call.kids, leaf(class, text))
	}
	return call
}

func columnOf(class string) string {
	for _, c := range columns {
		if c.class == class {
			return c.name
		}
	}
	return "NULL"
}
