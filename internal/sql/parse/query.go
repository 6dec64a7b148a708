package parse

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// query parses SELECT items [FROM stream] [WHERE …] [GROUP BY …] [HAVING …] [ORDER BY …] [LIMIT n].
func (p *parser) query() (*ast.Select, *sparkerr.Error) {
	start := p.start()
	if err := p.Expect("SELECT"); err != nil {
		return nil, err
	}
	s := &ast.Select{}
	if p.IsAny("DISTINCT", "ALL") && startsExpression(p.PeekAt(1)) {
		s.Distinct = p.Next().Is("DISTINCT")
	}
	var err *sparkerr.Error
	if s.Items, err = p.namedExpressions(p.atClause); err != nil {
		return nil, err
	}
	if p.Is("FROM") {
		if err := p.from(s); err != nil {
			return nil, err
		}
	}
	if err := p.clauses(s); err != nil {
		return nil, err
	}
	s.Node = p.node(start)
	return s, nil
}

// otherClauses are those of Spark's queries that no query here has, and what Spark says of them where no stream can have them.
var otherClauses = []struct {
	words []string
	text  string
}{
	{[]string{"SORT", "BY"}, Unsorted},
	{[]string{"CLUSTER", "BY"}, Unsorted},
	{[]string{"OFFSET"}, "Offset is not supported on streaming DataFrames/Datasets"},
	{[]string{"TABLESAMPLE"}, "Sampling is not supported on streaming DataFrames/Datasets"},
	{[]string{"DISTRIBUTE", "BY"}, ""}, {[]string{"LATERAL"}, ""}, {[]string{"WINDOW"}, ""}, {[]string{"PIVOT"}, ""}, {[]string{"UNPIVOT"}, ""},
	{[]string{"UNION"}, ""}, {[]string{"EXCEPT"}, ""}, {[]string{"MINUS"}, ""}, {[]string{"INTERSECT"}, ""}, {[]string{"JOIN"}, ""},
	{[]string{"INNER"}, ""}, {[]string{"CROSS"}, ""}, {[]string{"LEFT"}, ""}, {[]string{"RIGHT"}, ""}, {[]string{"FULL"}, ""}, {[]string{"NATURAL"}, ""},
}

// Unsorted is what Spark says of an order of rows that are not grouped.
const Unsorted = "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode"

// otherClause refuses a clause behind those of query by its name.
func (p *parser) otherClause() *sparkerr.Error {
	for _, c := range otherClauses {
		if !p.Is(c.words...) {
			continue
		}
		err := sparkerr.Unstreamable(c.text)
		if c.text == "" || p.PeekAt(3).Is("ROWS") { // TABLESAMPLE (5 ROWS) is a limit
			err = sparkerr.Plain("%s is not in the embedded engine yet.", strings.Join(c.words, " ")).WithHint("--master runs the job on Apache Spark, which has it")
		}
		return p.Error(p.Peek().Start, p.PeekAt(len(c.words)-1).End, err)
	}
	return nil
}

// atClause reports whether a clause starts at the cursor, rather than an alias spelled like one.
func (p *parser) atClause() bool {
	after := p.PeekAt(1)
	switch {
	case p.Is("FROM"):
		return after.IsName()
	case p.IsAny("GROUP", "ORDER"):
		return after.Is("BY")
	case p.IsAny("WHERE", "HAVING", "LIMIT"):
		return startsExpression(after)
	}
	return false
}

// from parses the name of the stream.
func (p *parser) from(s *ast.Select) *sparkerr.Error {
	p.Next()
	start := p.start()
	parts, err := p.qualifiedName()
	if err != nil {
		return err
	}
	s.From, s.FromSpan = parts[len(parts)-1], p.node(start).Span
	return nil
}

func (p *parser) clauses(s *ast.Select) *sparkerr.Error {
	var err *sparkerr.Error
	if p.Accept("WHERE") {
		if s.Where, err = p.expression(); err != nil {
			return err
		}
	}
	if p.Accept("GROUP", "BY") {
		if s.GroupBy, err = p.list(); err != nil {
			return err
		}
	}
	if p.Accept("HAVING") {
		if s.Having, err = p.expression(); err != nil {
			return err
		}
	}
	if p.Accept("ORDER", "BY") {
		if s.OrderBy, err = p.orderItems(); err != nil {
			return err
		}
	}
	if p.Accept("LIMIT") {
		s.Limit, err = p.expression()
	}
	return err
}

// list parses a comma-separated list of expressions.
func (p *parser) list() ([]ast.Expr, *sparkerr.Error) {
	var list []ast.Expr
	for {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if !p.Accept(",") {
			return list, nil
		}
	}
}
