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
	others      int // inputs without a name
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
	case job.WithColumn, job.Filter, job.Select:
		if err := c.views(s); err != nil {
			return err
		}
	}
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
		return c.sql(&s)
	case job.Join:
		return c.join(&s)
	case job.Union:
		return c.union(&s)
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

// join joins with the DataFrame of another input.
func (c *chain) join(s *job.Join) error {
	other, err := c.ref(&s.With)
	if err != nil {
		return err
	}
	c.call("alias", quote("l"))
	args := fmt.Sprintf("%s.alias(%s)", other, quote("r"))
	how := cmp.Or(s.How.Text, "inner")
	switch {
	case s.Condition.Text != "":
		args += fmt.Sprintf(", %s, %s", c.expr(s.Condition.Text), quote(how))
	case len(s.On) > 0:
		args += fmt.Sprintf(", [%s], %s", quoteTexts(s.On), quote(how))
	default:
		c.call("crossJoin", args)
		return nil
	}
	c.call("join", args)
	return nil
}

// union appends the DataFrame of another input.
func (c *chain) union(s *job.Union) error {
	other, err := c.ref(&s.With)
	switch {
	case err != nil:
		return err
	case !s.ByName:
		c.call("union", other)
	case s.AllowMissingColumns:
		c.call("unionByName", other+", allowMissingColumns=True")
	default:
		c.call("unionByName", other)
	}
	return nil
}

// sql runs a query, whose views are the rows so far and the inputs that it mentions.
func (c *chain) sql(s *job.SQL) error {
	c.end()
	c.printf("%s.createOrReplaceTempView(\"stream\")\n", c.name)
	if err := c.views(*s); err != nil {
		return err
	}
	c.printf("%s = spark.sql(%s)\n", c.name, quote(quoteView(s.Query.Text)))
	return nil
}

// views names the inputs that the queries in a step mention.
func (c *chain) views(s job.Step) error {
	for i, list := range [][]*job.Relation{c.job.Sources, c.job.Tables} {
		for _, r := range list {
			if !job.Mentions(s, r.Name) {
				continue
			}
			frame, err := c.input(r.Name, i == 1)
			if err != nil {
				return err
			}
			c.end()
			c.printf("%s.createOrReplaceTempView(%s)\n", frame, quote(r.Name))
		}
	}
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
