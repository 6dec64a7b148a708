package main

import (
	"slices"
	"strings"
)

// A finding is an expression on which the engines disagree.
type finding struct {
	tree   *node
	rows   []int32
	kind   string
	ours   *answer
	theirs *answer
	times  int  // number of similar expressions that differed
	done   bool // nothing smaller differs
}

// candidatesPerRound limits the variants of one finding to try at a time.
const candidatesPerRound = 24

// A variant is a smaller form of a finding.
type variant struct {
	of   *finding
	tree *node
	rows []int32
}

// shrink replaces findings with smaller ones as long as these still differ. It shrinks all findings together,
// so that each round is one batch of questions.
func (r *runner) shrink(list []*finding) error {
	for range 12 {
		var tries []variant
		for _, f := range list {
			if !f.done {
				tries = append(tries, smaller(f)...)
			}
		}
		if len(tries) == 0 {
			return nil
		}
		questions := make([]question, len(tries))
		for i, v := range tries {
			questions[i] = question{Expr: v.tree.sql(), Rows: v.rows}
		}
		found, err := r.compare(questions)
		if err != nil {
			return err
		}
		best := map[*finding]int{}
		for i, v := range tries {
			if found[i] == nil {
				continue
			}
			if at, ok := best[v.of]; !ok || less(v, tries[at]) {
				best[v.of] = i
			}
		}
		for _, f := range list {
			i, ok := best[f]
			if !ok {
				f.done = true
				continue
			}
			f.tree, f.rows = tries[i].tree, tries[i].rows
			f.kind, f.ours, f.theirs = found[i].kind, found[i].ours, found[i].theirs
		}
	}
	return nil
}

func less(a, b variant) bool { return slices.Compare(a.weight(), b.weight()) < 0 }

// weight orders variants: fewer rows, then fewer nodes, then shorter text.
func (v variant) weight() []int { return []int{len(v.rows), v.tree.size(), len(v.tree.sql())} }

// smaller lists the most promising variants of a finding: single rows, subtrees, and the tree with a node
// replaced by one of its operands or by a constant.
func smaller(f *finding) []variant {
	if len(f.rows) > 1 {
		var out []variant
		for _, row := range f.rows {
			out = append(out, variant{f, f.tree, []int32{row}})
		}
		out = append(out, variant{f, f.tree, f.rows[:1]}, variant{f, f.tree, f.rows[1:]})
		return append(out, subtrees(f, 4)...)
	}
	out := subtrees(f, 12)
	seen := map[string]bool{f.tree.sql(): true}
	var rest []variant
	f.tree.walk(func(at *node, replace func(*node) *node) {
		for _, with := range simpler(at) {
			t := replace(with)
			if text := t.sql(); !seen[text] && !huge(t) {
				seen[text] = true
				rest = append(rest, variant{f, t, f.rows})
			}
		}
	})
	now := variant{f, f.tree, f.rows}
	rest = slices.DeleteFunc(rest, func(v variant) bool { return !less(v, now) })
	slices.SortStableFunc(rest, func(a, b variant) int { return slices.Compare(a.weight(), b.weight()) })
	return append(out, rest[:min(candidatesPerRound, len(rest))]...)
}

// subtrees lists the smallest proper subtrees.
func subtrees(f *finding, most int) []variant {
	var out []variant
	f.tree.walk(func(at *node, _ func(*node) *node) {
		if at != f.tree && at.fn != "" {
			out = append(out, variant{f, at, f.rows})
		}
	})
	slices.SortStableFunc(out, func(a, b variant) int { return slices.Compare(a.weight(), b.weight()) })
	return out[:min(most, len(out))]
}

// simpler lists possible replacements for a node.
func simpler(n *node) []*node {
	var out []*node
	for _, k := range n.kids {
		if k.class == n.class {
			out = append(out, k)
		}
	}
	if n.fn == "" && !strings.Contains(n.text[0], "(") {
		return out
	}
	for _, text := range literals[n.class][:min(2, len(literals[n.class]))] {
		out = append(out, leaf(n.class, text))
	}
	for _, c := range columns {
		if c.class == n.class {
			out = append(out, leaf(n.class, c.name))
			break
		}
	}
	return append(out, leaf(n.class, "NULL"))
}
