package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/test/difftest/ask"
)

// mostTries limits the variants of one finding to try at a time.
const mostTries = 12

// shrink replaces findings with smaller ones that still differ. more reports whether it found any. It shrinks
// all findings together.
func shrink(s *ask.Session, list []*finding) (more bool, err error) {
	var questions []question
	var of []*finding
	for _, f := range list {
		if f.done {
			continue
		}
		f.done = true
		tries := smaller(f.question)
		for _, q := range tries[:min(len(tries), mostTries)] {
			questions, of = append(questions, q), append(of, f)
		}
	}
	for part := range slices.Chunk(questions, 10*batchSize) {
		found, err := compare(s, part)
		if err != nil {
			return false, err
		}
		for i, better := range found {
			f := of[i]
			if better != nil && (f.done || better.size() < f.size()) {
				better.done = false
				*f, more = *better, true
			}
		}
		of = of[len(part):]
	}
	return more, nil
}

func (q *question) size() int {
	n := 4*len(q.Data) + 20*strings.Count(q.Schema, " ") + len(q.Select)
	for name, value := range q.Options {
		n += 30 + len(name) + len(value)
	}
	return n
}

// smaller returns simpler forms of a question: without an option, a line, a part of a line, or the selection.
func smaller(q question) []question {
	var out []question
	for _, name := range slices.Sorted(maps.Keys(q.Options)) {
		with := q
		with.Options = maps.Clone(q.Options)
		delete(with.Options, name)
		out = append(out, with)
	}
	if len(q.Select) > 0 {
		with := q
		with.Select = nil
		out = append(out, with)
	}
	for n := len(q.Data) / 2; n >= 1; n /= 2 {
		for at := 0; at+n <= len(q.Data); at += n {
			with := q
			with.Data = slices.Concat(q.Data[:at], q.Data[at+n:])
			out = append(out, with)
		}
	}
	fields := splitFields(q.Schema)
	for i := len(fields) - 1; i >= 0 && len(fields) > 1; i-- {
		with := q
		with.Schema = strings.Join(slices.Delete(slices.Clone(fields), i, i+1), ", ")
		with.Select = nil
		out = append(out, with)
	}
	return out
}

// splitFields splits a DDL schema into fields. Commas within types do not separate.
func splitFields(ddl string) []string {
	depth, from := 0, 0
	var out []string
	for i, c := range ddl {
		switch c {
		case '<', '(':
			depth++
		case '>', ')':
			depth--
		case ',':
			if depth == 0 {
				out, from = append(out, strings.TrimSpace(ddl[from:i])), i+1
			}
		}
	}
	return append(out, strings.TrimSpace(ddl[from:]))
}

// distinct removes findings that have shrunk to the same question.
func distinct(list []*finding) []*finding {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(f *finding) bool {
		key := fmt.Sprint(f.question)
		again := seen[key]
		seen[key] = true
		return again
	})
}
