// Command difftest finds differences between streamctl and Apache Spark. It generates expressions from the
// function table over rows of edge values, evaluates them in both engines, shrinks those that differ, and
// prints the differences as a table. Expressions that the embedded engine refuses by name are counted, but are
// not differences.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/test/difftest/ask"
)

var (
	count  = flag.Int("count", 20000, "expressions to compare")
	seed   = flag.Uint64("seed", 1, "seed of the expressions and rows")
	only   = flag.String("only", "", "comma-separated functions that expressions start with; all when empty")
	python = flag.String("python", "python3", "a Python with pyspark")
	driver = flag.String("driver", "scripts/difffuzz/driver.py", "the program that asks Spark")
	calls  = flag.Bool("calls", false, "first call every function over every pair of column types")
	direct = flag.Bool("generated", false, "ask Spark's generated code at once; slower, and finds what differs only there")
	interp = flag.Bool("interpreter", false, "list too what differs in Spark's interpreter only")
)

const (
	tableRows = 24  // rows of edge values
	someRows  = 3   // number of rows that an expression is evaluated over
	batchSize = 400 // expressions evaluated at a time
	sameRows  = 40  // consecutive expressions over the same rows
	shrunk    = 4   // findings to shrink with the same outermost function and kind
)

func main() {
	flag.Parse()
	clean, err := run(os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "difftest:", err)
		os.Exit(2)
	}
	if !clean {
		os.Exit(1)
	}
}

func run(out io.Writer) (clean bool, err error) {
	random := rand.New(rand.NewPCG(*seed, 0))
	spec := newTable(random, tableRows)
	table, err := spec.read()
	if err != nil {
		return false, err
	}
	s, err := ask.Start(*python, *driver)
	if err != nil {
		return false, err
	}
	defer s.Close()
	if err := s.Send(spec); err != nil {
		return false, err
	}
	r := &runner{ours: newOurs(table), spark: s, generator: newGenerator(random, findSignatures(random, table.Schema, function.All()))}
	if err := r.checkRows(); err != nil {
		return false, err
	}
	next, n := r.drawn, *count
	if *calls {
		list := r.everyCall()
		n += len(list)
		next = func() *node {
			if len(list) == 0 {
				return r.drawn()
			}
			first := list[0]
			list = list[1:]
			return first
		}
	}
	findings, err := r.hunt(n, next)
	if err != nil {
		return false, err
	}
	if findings, err = r.reduce(findings); err != nil {
		return false, err
	}
	if *interp {
		more, err := r.reduceInterpreted()
		if err != nil {
			return false, err
		}
		findings = merged(append(findings, more...))
	}
	findings = r.setKnownAside(findings)
	r.report(out, findings)
	return len(findings) == 0, nil
}

// A runner compares the two engines.
type runner struct {
	ours  *ours
	spark *ask.Session
	*generator
	stats struct {
		asked, rejected, failed, refused, unconfirmed int
	}
	known       map[string]int // number of findings by reason for which they remain
	interpreted []*finding     // differences in Spark's interpreter only
}

// compare evaluates the questions in both engines. It returns a finding without a tree for each question with
// different answers.
func (r *runner) compare(questions []question) ([]*finding, error) {
	mine := make([]*answer, len(questions))
	for i := range questions {
		q := &questions[i]
		mine[i] = r.ours.ask(*q)
		q.Alone = mine[i].Error != nil && mine[i].Error.Phase != "analysis"
		q.Generated = q.Generated || *direct
	}
	theirs, err := ask.All[question, *answer](r.spark, questions)
	if err != nil {
		return nil, err
	}
	out := make([]*finding, len(questions))
	for i, q := range questions {
		if kind := difference(mine[i], theirs[i]); kind != "" {
			out[i] = &finding{rows: q.Rows, kind: kind, ours: mine[i], theirs: theirs[i], times: 1}
		}
		r.note(mine[i], theirs[i])
	}
	return out, nil
}

func (r *runner) note(mine, theirs *answer) {
	r.stats.asked++
	switch {
	case mine.refused():
		r.stats.refused++
	case theirs.Error != nil && theirs.Error.Phase == "analysis":
		r.stats.rejected++
	case theirs.Error != nil:
		r.stats.failed++
	}
}

// checkRows checks that both engines see the same rows.
func (r *runner) checkRows() error {
	rows := make([]int32, tableRows)
	for i := range rows {
		rows[i] = int32(i)
	}
	var questions []question
	for _, c := range columns {
		questions = append(questions, question{Expr: c.name, Rows: rows})
	}
	found, err := r.compare(questions)
	if err != nil {
		return err
	}
	for i, f := range found {
		if f != nil {
			return fmt.Errorf("the engines see different rows: column %s is %s in Spark, %s here", columns[i].name, f.theirs.show(), f.ours.show())
		}
	}
	return nil
}

// everyCall returns the calls of each wanted function with up to two operands, over columns of all classes.
func (r *runner) everyCall() []*node {
	var out []*node
	for _, f := range function.All() {
		if !usable(f) || !wanted(f.Name) {
			continue
		}
		for _, n := range counts(f) {
			if n > 2 {
				break
			}
			for _, args := range combinations(r.Rand, n) {
				out = append(out, (&signature{fn: f.Name, args: args, consts: fixed(f.Name, n)}).overColumns())
			}
		}
	}
	return out
}

func wanted(fn string) bool { return *only == "" || slices.Contains(strings.Split(*only, ","), fn) }

// hunt compares n expressions returned by next. It keeps a few similar findings and counts the others.
func (r *runner) hunt(n int, next func() *node) ([]*finding, error) {
	start := time.Now()
	var kept []*finding
	alike := map[string][]*finding{}
	for done := 0; done < n; {
		trees, questions := r.batch(min(batchSize, n-done), next)
		found, err := r.compare(questions)
		if err != nil {
			return nil, err
		}
		for i, f := range found {
			if f == nil {
				continue
			}
			f.tree = trees[i]
			key := f.tree.root() + " " + f.kind
			if same := alike[key]; len(same) >= shrunk {
				same[len(same)-1].times++
				continue
			}
			alike[key] = append(alike[key], f)
			kept = append(kept, f)
		}
		done += len(trees)
		fmt.Fprintf(os.Stderr, "difftest: %d of %d expressions, %d differences to shrink, %s\n", done, n, len(kept), time.Since(start).Round(time.Second))
	}
	return kept, nil
}

func (r *runner) batch(n int, next func() *node) ([]*node, []question) {
	trees := make([]*node, n)
	questions := make([]question, n)
	var rows []int32
	for i := range trees {
		if i%sameRows == 0 {
			rows = nil
			for _, row := range r.Perm(tableRows)[:someRows] {
				rows = append(rows, int32(row))
			}
		}
		trees[i] = next()
		questions[i] = question{Expr: trees[i].sql(), Rows: rows}
	}
	return trees, questions
}

// drawn generates an expression that starts with a wanted function and is deterministic.
func (r *runner) drawn() *node {
	for {
		if n := r.next(); wanted(n.root()) && !varies(n) {
			return n
		}
	}
}

// reduce shrinks findings and keeps those that Spark's generated code confirms, one per expression.
func (r *runner) reduce(list []*finding) ([]*finding, error) {
	all := list
	list, err := r.confirmed(list)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if !slices.Contains(list, f) {
			r.interpreted = append(r.interpreted, f)
		}
	}
	r.stats.unconfirmed = len(r.interpreted)
	before := make([]finding, len(list))
	for i, f := range list {
		before[i] = *f
	}
	if err := r.shrink(list); err != nil {
		return nil, err
	}
	still, err := r.confirmed(list)
	if err != nil {
		return nil, err
	}
	for i, f := range list {
		if !slices.Contains(still, f) { // it only differed before it was shrunk
			still = append(still, &before[i])
		}
	}
	return merged(still), nil
}

// reduceInterpreted shrinks differences that occur in Spark's interpreter only. Streaming jobs do not meet
// these, but the recorded corpus does. It returns those that also differ in generated code once shrunk.
func (r *runner) reduceInterpreted() ([]*finding, error) {
	if err := r.shrink(r.interpreted); err != nil {
		return nil, err
	}
	r.interpreted = merged(r.interpreted)
	before := make([]finding, len(r.interpreted))
	for i, f := range r.interpreted {
		before[i] = *f
	}
	both, err := r.confirmed(r.interpreted)
	if err != nil {
		return nil, err
	}
	var alone []*finding
	for i, f := range r.interpreted {
		if !slices.Contains(both, f) {
			alone = append(alone, &before[i])
		}
	}
	r.interpreted = alone
	return both, nil
}

func merged(list []*finding) []*finding {
	var out []*finding
	byText := map[string]*finding{}
	for _, f := range list {
		key := f.tree.sql()
		if same := byText[key]; same != nil {
			same.times += f.times
			continue
		}
		byText[key] = f
		out = append(out, f)
	}
	return out
}

// confirmed keeps the findings that also differ in Spark's generated code, which streaming jobs run.
func (r *runner) confirmed(list []*finding) ([]*finding, error) {
	var out []*finding
	for part := range slices.Chunk(list, batchSize/4) {
		questions := make([]question, len(part))
		for i, f := range part {
			questions[i] = question{Expr: f.tree.sql(), Rows: f.rows, Generated: true}
		}
		found, err := r.compare(questions)
		if err != nil {
			return nil, err
		}
		for i, f := range part {
			if found[i] == nil {
				continue
			}
			f.kind, f.ours, f.theirs = found[i].kind, found[i].ours, found[i].theirs
			out = append(out, f)
		}
	}
	return out, nil
}
