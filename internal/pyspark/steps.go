package pyspark

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/parse"
)

// A chain is the DataFrame of a stream under construction: a sequence of calls.
type chain struct {
	*writer
	name, start string
	calls       []string
}

// steps writes the DataFrame with the calls for all steps.
func (c *chain) steps(steps []job.Step) error {
	for _, step := range steps {
		if err := c.step(step); err != nil {
			return err
		}
	}
	c.end()
	return nil
}

// end writes the calls collected so far, if there are any.
func (c *chain) end() {
	if len(c.calls) == 0 && c.start == c.name {
		return
	}
	c.printf("%s", assign(c.name, c.start, c.calls))
	c.start, c.calls = c.name, nil
}

func (c *chain) call(method, args string) { c.calls = append(c.calls, "."+method+"("+args+")") }

// step adds the calls for a step.
func (c *chain) step(step job.Step) error {
	switch s := step.(type) {
	case job.WithColumn:
		for _, column := range s.Columns {
			c.call("withColumn", quote(column.Name)+", "+c.expr(column.Text.Text))
		}
	case job.WithColumnRenamed:
		for _, column := range s.Columns {
			c.call("withColumnRenamed", quote(column.Name)+", "+quote(column.Text.Text))
		}
	case job.Filter:
		c.call("filter", quote(s.Condition.Text))
	case job.Select:
		c.call("selectExpr", quoteTexts(s.Exprs))
	case job.Drop:
		c.call("drop", quoteTexts(s.Columns))
	case job.WithWatermark:
		c.call("withWatermark", quote(s.EventTime.Text)+", "+quote(s.Delay.Text))
	case job.GroupBy:
		c.groupBy(&s)
	case job.DropDuplicates:
		columns := ""
		if len(s.Columns) > 0 {
			columns = "[" + quoteTexts(s.Columns) + "]"
		}
		c.call(s.Method(), columns)
	case job.Distinct:
		c.call("distinct", "")
	case job.Repartition:
		c.call("repartition", c.expressions(s.Keys))
	case job.OrderBy:
		return c.orderBy(&s)
	case job.Limit:
		c.call("limit", strings.TrimSpace(s.Rows.Text))
	case job.SQL:
		c.end()
		c.printf("%s.createOrReplaceTempView(\"stream\")\n%s = spark.sql(%s)\n", c.name, c.name, quote(quoteView(s.Query.Text)))
	case job.Join:
		return c.join(&s)
	default:
		return &sparkerr.Error{Text: fmt.Sprintf("the step %s cannot be translated", s.Method()), Place: s.At()}
	}
	return nil
}

// expressions returns texts as column expressions.
func (c *chain) expressions(texts []job.Text) string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = c.expr(t.Text)
	}
	return strings.Join(out, ", ")
}

func (c *chain) expr(text string) string {
	c.functions = true
	return "F.expr(" + quote(text) + ")"
}

func (c *chain) groupBy(s *job.GroupBy) {
	c.call("groupBy", c.expressions(s.Keys))
	if len(s.Aggregates) > 0 {
		c.call("agg", c.expressions(s.Aggregates))
	} else {
		c.call("count", "")
	}
}

// orderBy converts the directions, which are not part of an expression, to method calls.
func (c *chain) orderBy(s *job.OrderBy) error {
	var out []string
	for _, key := range s.Keys {
		o, err := parse.OrderItem(key.Text)
		if err != nil {
			return sparkerr.At(err, key.Place)
		}
		span := o.X.Pos()
		out = append(out, c.expr(key.Text[span.Start:span.End])+"."+sortMethod(o)+"()")
	}
	c.call("orderBy", strings.Join(out, ", "))
	return nil
}

// sortMethod returns the method of Column that sorts by it.
func sortMethod(o ast.Order) string {
	method := "asc"
	if o.Desc {
		method = "desc"
	}
	switch {
	case o.NullsFirst == nil:
		return method
	case *o.NullsFirst:
		return method + "_nulls_first"
	}
	return method + "_nulls_last"
}

// join reads the static table into a separate DataFrame.
func (c *chain) join(s *job.Join) error {
	reader, err := c.reader("spark.read", &s.With.Source)
	if err != nil {
		return err
	}
	c.end()
	other := &chain{writer: c.writer, name: c.name + "_table", start: reader[0], calls: reader[1:]}
	if err := other.steps(s.With.Steps); err != nil {
		return err
	}
	by := "[" + quoteTexts(s.On) + "]"
	if s.Condition.Text != "" {
		by = c.expr(s.Condition.Text)
	}
	c.call("alias", quote("l"))
	c.call("join", fmt.Sprintf("%s.alias(%s), %s, %s", other.name, quote("r"), by, quote(cmp.Or(s.How.Text, "inner"))))
	return nil
}

// path makes local paths absolute, because the program may run in any directory.
func (w *writer) path(path string) string {
	if !job.Local(path) {
		return path
	}
	resolved := w.job.Resolve(path)
	if abs, err := filepath.Abs(resolved); err == nil {
		return abs
	}
	return resolved
}

func quoteTexts(texts []job.Text) string {
	plain := make([]string, len(texts))
	for i, t := range texts {
		plain[i] = t.Text
	}
	return quoteAll(plain)
}

func quoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = quote(t)
	}
	return strings.Join(quoted, ", ")
}

// quote returns s as a Python string literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
