package pyspark

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
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
		if err := c.step(&step); err != nil {
			return err
		}
	}
	c.end()
	return nil
}

// end writes the calls collected so far.
func (c *chain) end() {
	c.printf("%s", assign(c.name, c.start, c.calls))
	c.start, c.calls = c.name, nil
}

func (c *chain) call(method, args string) { c.calls = append(c.calls, "."+method+"("+args+")") }

// step adds the calls for a step.
func (c *chain) step(s *job.Step) error {
	switch s.Kind {
	case job.WithColumn:
		for _, it := range s.Items {
			c.call("withColumn", quote(it.Name)+", "+c.expr(it.Text))
		}
	case job.WithColumnRenamed:
		for _, it := range s.Items {
			c.call("withColumnRenamed", quote(it.Name)+", "+quote(it.Text))
		}
	case job.Filter:
		c.call("filter", quote(s.Items[0].Text))
	case job.Select:
		c.call("selectExpr", quoteItems(s.Items))
	case job.Drop:
		c.call("drop", quoteItems(s.Items))
	case job.WithWatermark:
		c.call("withWatermark", quote(text(s, "eventTime"))+", "+quote(text(s, "delayThreshold")))
	case job.GroupBy:
		c.groupBy(s)
	case job.DropDuplicates, job.DropDupsWatermark:
		columns := ""
		if len(s.Items) > 0 {
			columns = "[" + quoteItems(s.Items) + "]"
		}
		c.call(string(s.Kind), columns)
	case job.Distinct:
		c.call("distinct", "")
	case job.Repartition:
		c.call("repartition", c.expressions(s, ""))
	case job.OrderBy:
		c.orderBy(s)
	case job.Limit:
		c.call("limit", strings.TrimSpace(s.Items[0].Text))
	case job.SQL:
		c.end()
		c.printf("%s.createOrReplaceTempView(\"stream\")\n%s = spark.sql(%s)\n", c.name, c.name, quote(s.Items[0].Text))
	case job.Join:
		return c.join(s)
	default:
		return &sparkerr.Error{Text: fmt.Sprintf("the step %s cannot be translated", s.Kind), Place: s.Place}
	}
	return nil
}

// text returns the text of the step's item with the given name.
func text(s *job.Step, name string) string {
	for _, it := range s.Items {
		if it.Name == name {
			return it.Text
		}
	}
	return ""
}

// expressions returns the items with the given name as column expressions.
func (c *chain) expressions(s *job.Step, name string) string {
	var out []string
	for _, it := range s.Items {
		if it.Name == name {
			out = append(out, c.expr(it.Text))
		}
	}
	return strings.Join(out, ", ")
}

func (c *chain) expr(text string) string {
	c.functions = true
	return "F.expr(" + quote(text) + ")"
}

func (c *chain) groupBy(s *job.Step) {
	c.call("groupBy", c.expressions(s, "keys"))
	if agg := c.expressions(s, "agg"); agg != "" {
		c.call("agg", agg)
	} else {
		c.call("count", "")
	}
}

// orderBy converts the suffixes DESC and ASC, which are not part of an expression, to method calls.
func (c *chain) orderBy(s *job.Step) {
	var out []string
	for _, it := range s.Items {
		key, method := it.Text, ".asc()"
		switch lower := strings.ToLower(key); {
		case strings.HasSuffix(lower, " desc"):
			key, method = key[:len(key)-len(" desc")], ".desc()"
		case strings.HasSuffix(lower, " asc"):
			key = key[:len(key)-len(" asc")]
		}
		out = append(out, c.expr(key)+method)
	}
	c.call("orderBy", strings.Join(out, ", "))
}

// join reads the static table into a separate DataFrame.
func (c *chain) join(s *job.Step) error {
	var table job.Source
	var on []string
	var steps []job.Step
	condition, how := "", "inner"
	for _, it := range s.Items {
		switch {
		case it.Name == "format":
			table.Format = it.Text
		case it.Name == "path":
			table.Path = it.Text
		case it.Name == "schema":
			table.Schema = job.Schema{Text: it.Text, Given: true}
		case strings.HasPrefix(it.Name, "option:"):
			table.Options = append(table.Options, job.Option{Name: strings.TrimPrefix(it.Name, "option:"), Value: it.Text})
		case it.Name == "on":
			on = append(on, it.Text)
		case it.Name == "condition":
			condition = it.Text
		case it.Name == "how":
			how = it.Text
		case it.Name == "transform":
			steps = it.Steps
		}
	}
	reader, err := c.reader("spark.read", &table)
	if err != nil {
		return err
	}
	c.end()
	other := &chain{writer: c.writer, name: c.name + "_table", start: reader[0], calls: reader[1:]}
	if err := other.steps(steps); err != nil {
		return err
	}
	by := "[" + quoteAll(on) + "]"
	if condition != "" {
		by = c.expr(condition)
	}
	c.call("alias", quote("l"))
	c.call("join", fmt.Sprintf("%s.alias(%s), %s, %s", other.name, quote("r"), by, quote(how)))
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

func quoteItems(items []job.Item) string {
	texts := make([]string, len(items))
	for i, it := range items {
		texts[i] = it.Text
	}
	return quoteAll(texts)
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
