package job

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Step is one transform of a stream, with one type for each DataFrame method: WithColumn, Filter, Join and so on.
type Step interface {
	// Method returns the name of the DataFrame method, which is also the key of the step in a job file.
	Method() string
	// At returns the place of the step in the job file or among the flags.
	At() *sparkerr.Place
	// String returns the step on one line, as checkpoints record it. Jobs with other steps are refused, so the text of a step must not
	// change between versions.
	String() string

	texts() []Text // which must not be blank
}

// A Text is an expression, a name or a number, as written in a step.
type Text struct {
	Text  string
	Place *sparkerr.Place
}

// A Named is a text with a name.
type Named struct {
	Name string
	Text
}

// A Position is where a step is written.
type Position struct{ Place *sparkerr.Place }

// At returns the place.
func (p Position) At() *sparkerr.Place { return p.Place }

type (
	// WithColumn adds columns, in order, or replaces those with the same name. The texts are expressions.
	WithColumn struct {
		Position
		Columns []Named
	}
	// WithColumnRenamed renames columns. Each Name is the present name and each Text the new one.
	WithColumnRenamed struct {
		Position
		Columns []Named
	}
	// Filter keeps the rows for which a condition is true. Job files also call it where.
	Filter struct {
		Position
		Condition Text
	}
	// Select is selectExpr: a list of expressions with optional aliases.
	Select struct {
		Position
		Exprs []Text
	}
	// Drop removes columns by name.
	Drop struct {
		Position
		Columns []Text
	}
	// SQL is a query over the stream, which it calls stream.
	SQL struct {
		Position
		Query Text
	}
	// Limit keeps the first rows of the whole stream.
	Limit struct {
		Position
		Rows Text
	}
	// OrderBy sorts by expressions, each with an optional ASC or DESC, and NULLS FIRST or LAST.
	OrderBy struct {
		Position
		Keys []Text
	}
	// Repartition moves rows with equal keys to the same task.
	Repartition struct {
		Position
		Keys []Text
	}
	// Distinct removes duplicate rows.
	Distinct struct{ Position }
	// DropDuplicates removes rows whose columns, all if there are none, have occurred before.
	DropDuplicates struct {
		Position
		Columns         []Text
		WithinWatermark bool // dropDuplicatesWithinWatermark: forgets rows that are older than the watermark
	}
	// WithWatermark defines how late rows may arrive.
	WithWatermark struct {
		Position
		EventTime Text // the column
		Delay     Text // an interval
	}
	// GroupBy aggregates by keys. Without aggregates, it counts.
	GroupBy struct {
		Position
		Keys, Aggregates []Text
	}
	// Join joins the rows with those of another input. Either On or Condition is set, or neither for a cross join.
	Join struct {
		Position
		With      Ref
		On        []Text // columns with the same name on both sides
		Condition Text   // calls the rows so far l and the others r
		How       Text   // the kind of join; inner by default
	}
	// Union appends the rows of another input.
	Union struct {
		Position
		With                        Ref
		ByName, AllowMissingColumns bool
	}
)

// A Ref is the other input of a join or union: a source or table of the job, or a separate static table, with more steps.
type Ref struct {
	Stream, Table Name // at most one is set
	Source             // if neither is
	Steps         []Step
}

// Method returns withColumn.
func (WithColumn) Method() string { return "withColumn" }

// Method returns withColumnRenamed.
func (WithColumnRenamed) Method() string { return "withColumnRenamed" }

// Method returns filter.
func (Filter) Method() string { return "filter" }

// Method returns select.
func (Select) Method() string { return "select" }

// Method returns drop.
func (Drop) Method() string { return "drop" }

// Method returns sql.
func (SQL) Method() string { return "sql" }

// Method returns limit.
func (Limit) Method() string { return "limit" }

// Method returns orderBy.
func (OrderBy) Method() string { return "orderBy" }

// Method returns repartition.
func (Repartition) Method() string { return "repartition" }

// Method returns distinct.
func (Distinct) Method() string { return "distinct" }

// Method returns withWatermark.
func (WithWatermark) Method() string { return "withWatermark" }

// Method returns groupBy.
func (GroupBy) Method() string { return "groupBy" }

// Method returns join.
func (Join) Method() string { return "join" }

// Method returns union.
func (Union) Method() string { return "union" }

// Method returns dropDuplicates or dropDuplicatesWithinWatermark.
func (s DropDuplicates) Method() string {
	if s.WithinWatermark {
		return "dropDuplicatesWithinWatermark"
	}
	return "dropDuplicates"
}

func (s WithColumn) texts() []Text      { return unnamed(s.Columns) }
func (WithColumnRenamed) texts() []Text { return nil } // Spark allows the name "  "
func (s Filter) texts() []Text          { return []Text{s.Condition} }
func (s Select) texts() []Text          { return s.Exprs }
func (s Drop) texts() []Text            { return s.Columns }
func (s SQL) texts() []Text             { return []Text{s.Query} }
func (Limit) texts() []Text             { return nil } // a blank is not a number
func (s OrderBy) texts() []Text         { return s.Keys }
func (s Repartition) texts() []Text     { return s.Keys }
func (Distinct) texts() []Text          { return nil }
func (s DropDuplicates) texts() []Text  { return s.Columns }
func (s WithWatermark) texts() []Text   { return []Text{s.EventTime} } // a blank is not an interval
func (s GroupBy) texts() []Text         { return append(s.Keys[:len(s.Keys):len(s.Keys)], s.Aggregates...) }
func (Join) texts() []Text              { return nil }
func (Union) texts() []Text             { return nil }

func unnamed(list []Named) []Text {
	texts := make([]Text, len(list))
	for i := range list {
		texts[i] = list[i].Text
	}
	return texts
}

// A line builds the text of a step.
type line struct{ items []string }

func (l *line) add(name string, texts ...Text) *line {
	for _, t := range texts {
		if name != "" {
			l.items = append(l.items, name+" = "+t.Text)
		} else {
			l.items = append(l.items, t.Text)
		}
	}
	return l
}

func (l *line) named(list []Named) *line {
	for _, n := range list {
		l.add(n.Name, n.Text)
	}
	return l
}

func (l *line) of(s Step) string { return s.Method() + " " + strings.Join(l.items, ", ") }

// String returns the step on one line.
func (s WithColumn) String() string        { return new(line).named(s.Columns).of(s) }
func (s WithColumnRenamed) String() string { return new(line).named(s.Columns).of(s) }
func (s Filter) String() string            { return new(line).add("", s.Condition).of(s) }
func (s Select) String() string            { return new(line).add("", s.Exprs...).of(s) }
func (s Drop) String() string              { return new(line).add("", s.Columns...).of(s) }
func (s SQL) String() string               { return new(line).add("", s.Query).of(s) }
func (s Limit) String() string             { return new(line).add("", s.Rows).of(s) }
func (s OrderBy) String() string           { return new(line).add("", s.Keys...).of(s) }
func (s Repartition) String() string       { return new(line).add("", s.Keys...).of(s) }
func (s Distinct) String() string          { return new(line).of(s) }
func (s DropDuplicates) String() string    { return new(line).add("", s.Columns...).of(s) }

func (s WithWatermark) String() string {
	return new(line).add("eventTime", s.EventTime).add("delayThreshold", s.Delay).of(s)
}

func (s GroupBy) String() string {
	return new(line).add("keys", s.Keys...).add("agg", s.Aggregates...).of(s)
}

func (s Join) String() string {
	l := new(line).with(&s.With).add("on", s.On...)
	if s.Condition.Text != "" {
		l.add("condition", s.Condition)
	}
	if s.How.Text != "" {
		l.add("how", s.How)
	}
	return l.of(s)
}

func (s Union) String() string {
	l := new(line).with(&s.With)
	if s.ByName {
		l.add("byName", Text{Text: "true"})
	}
	if s.AllowMissingColumns {
		l.add("allowMissingColumns", Text{Text: "true"})
	}
	return l.of(s)
}

// with adds another input.
func (l *line) with(r *Ref) *line {
	switch {
	case r.Stream.Text != "":
		l.add("stream", Text{Text: r.Stream.Text})
	case r.Table.Text != "":
		l.add("table", Text{Text: r.Table.Text})
	default:
		l.source(&r.Source)
	}
	return l.steps(r.Steps)
}

// source adds what decides the rows of a source.
func (l *line) source(s *Source) *line {
	l.add("format", Text{Text: s.Format}).add("path", Text{Text: s.Path})
	if s.Schema.Given {
		l.add("schema", Text{Text: s.Schema.ddl()})
	}
	for _, o := range s.Options {
		l.add("option:"+o.Name, Text{Text: o.Value})
	}
	return l
}

func (l *line) steps(list []Step) *line {
	for _, step := range list {
		l.add("transform", Text{Text: step.String()})
	}
	return l
}

// String returns the input on one line, like a step.
func (r *Relation) String() string {
	return strings.Join(append([]string{r.Name + ":"}, new(line).source(&r.Source).steps(r.Steps).items...), " ")
}
