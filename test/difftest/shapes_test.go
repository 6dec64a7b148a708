package main

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
)

// A shape is a kind of job that grows with n, over the columns of newTable. Each has been, or could be,
// quadratic or worse to plan, or endless to run.
type shape struct {
	name  string
	make  func(g *generator, n int) []job.Step
	steps bool // n is a number of steps, each of which passes on columns
	deep  bool // n is a depth, which the parser limits to some hundred
	works bool // its constants cause work that the text does not show, which must be stoppable
}

// most returns the largest n.
func (s *shape) most() int {
	if s.steps {
		return 600
	}
	return 5000
}

// some returns an n that is large enough to expose quadratic work, or as deep as the parser allows.
func (s *shape) some() int {
	switch {
	case s.steps:
		return 100
	case s.works:
		return 200
	case s.deep:
		return 200
	}
	return 1000
}

// A maker returns a step with one text, and its name if it has one.
type maker func(name, text string) job.Step

func withColumn(name, text string) job.Step {
	return job.WithColumn{Columns: []job.Named{{Name: name, Text: job.Text{Text: text}}}}
}

func renamed(name, text string) job.Step {
	return job.WithColumnRenamed{Columns: []job.Named{{Name: name, Text: job.Text{Text: text}}}}
}

func where(_, text string) job.Step { return job.Filter{Condition: job.Text{Text: text}} }

func selected(_, text string) job.Step { return job.Select{Exprs: []job.Text{{Text: text}}} }

func dropped(_, text string) job.Step { return job.Drop{Columns: []job.Text{{Text: text}}} }

func query(_, text string) job.Step { return job.SQL{Query: job.Text{Text: text}} }

// chain returns n operands joined by a separator.
func chain(n int, separator string, operand func(i int) string) string {
	operands := make([]string, n)
	for i := range operands {
		operands[i] = operand(i)
	}
	return strings.Join(operands, separator)
}

// nest wraps a text n times in two others.
func nest(n int, before, inner, after string) string {
	return strings.Repeat(before, n) + inner + strings.Repeat(after, n)
}

// numbered returns a function that replaces # with a number.
func numbered(text string) func(i int) string {
	return func(i int) string { return strings.ReplaceAll(text, "#", strconv.Itoa(i)) }
}

// newColumn is the shape of a step that adds a column, whose expression has n operands.
func newColumn(name string, text func(g *generator, n int) string) shape {
	return shape{name: name, make: func(g *generator, n int) []job.Step {
		return []job.Step{withColumn("v", text(g, n))}
	}}
}

// condition is the shape of a filter.
func condition(name string, text func(g *generator, n int) string) shape {
	return shape{name: name, make: func(g *generator, n int) []job.Step { return []job.Step{where("", text(g, n))} }}
}

func nested(before, inner, after string) shape {
	s := newColumn(before+"…"+after, func(_ *generator, n int) string { return nest(n, before, inner, after) })
	s.deep = true
	return s
}

func chained(operand, separator string) shape {
	return newColumn(operand+separator+"…", func(_ *generator, n int) string { return chain(n, separator, numbered(operand)) })
}

func list(before, operand, after string) shape {
	return newColumn(before+operand+", …"+after, func(_ *generator, n int) string { return before + chain(n, ", ", numbered(operand)) + after })
}

// repeated returns n steps with the column #.
func repeated(step maker, name, text string) shape {
	return inSteps(step(name, text).String()+", …", func(_ *generator, n int) []job.Step {
		steps := make([]job.Step, n)
		for i := range steps {
			before := strings.ReplaceAll(text, "#-1", strconv.Itoa(max(i-1, 0)))
			steps[i] = step(numbered(name)(i), numbered(before)(i))
		}
		return steps
	})
}

func inOne(name string, steps func(g *generator, n int) []job.Step) shape {
	return shape{name: name, make: steps}
}

// working marks a shape whose constants cause the work.
func working(s shape) shape {
	s.works = true
	return s
}

func inSteps(name string, steps func(g *generator, n int) []job.Step) shape {
	return shape{name: name, make: steps, steps: true}
}

func after(first job.Step, s shape) shape {
	return inSteps(s.name+" after "+first.String(), func(g *generator, n int) []job.Step { return append([]job.Step{first}, s.make(g, n)...) })
}

// literal returns an expression with a text repeated n times.
func literal(before, text, after string) shape {
	return newColumn(before+text+"…"+after, func(_ *generator, n int) string { return before + strings.Repeat(text, n) + after })
}

// sized returns an expression with # replaced by n, for sizes that do not show in the length of the text.
func sized(text string) shape {
	s := newColumn(text, func(_ *generator, n int) string { return numbered(text)(n) })
	s.works = true
	return s
}
