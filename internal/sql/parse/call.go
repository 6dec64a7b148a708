package parse

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// function parses the arguments of a call and its suffixes; the name has been parsed.
func (p *parser) function(start int, name []string) (ast.Expr, *sparkerr.Error) {
	c := &ast.Call{Name: name, NameSpan: p.node(start).Span}
	p.Next()
	if !p.Accept(")") {
		if p.IsAny("DISTINCT", "ALL") && startsExpression(p.PeekAt(1)) {
			c.Distinct = p.Next().Is("DISTINCT")
		}
		if err := p.arguments(c, operand{start: p.start()}); err != nil {
			return nil, err
		}
	}
	if err := p.callSuffixes(c); err != nil {
		return nil, err
	}
	c.Node = p.node(start)
	return c, nil
}

// arguments parses arguments up to ")". If first.x is not nil, it is the start of the first one.
func (p *parser) arguments(c *ast.Call, first operand) *sparkerr.Error {
	for {
		name := ""
		if first.x == nil && p.Peek().IsName() && p.PeekAt(1).Is("=>") {
			name = p.Next().Name()
			p.Next()
			first.start = p.start()
		}
		arg, err := p.disjunction(first)
		if err != nil {
			return err
		}
		c.Args = append(c.Args, arg)
		p.nameArgument(c, name)
		if p.Accept(")") {
			return nil
		}
		if err := p.Expect(","); err != nil {
			return err
		}
		first = operand{start: p.start()}
	}
}

// moreArguments parses the arguments after those that c already has.
func (p *parser) moreArguments(c *ast.Call) (ast.Expr, *sparkerr.Error) {
	if !p.Accept(")") {
		if err := p.Expect(","); err != nil {
			return nil, err
		}
		if err := p.arguments(c, operand{start: p.start()}); err != nil {
			return nil, err
		}
	}
	if err := p.callSuffixes(c); err != nil {
		return nil, err
	}
	c.Node = p.node(c.NameSpan.Start)
	return c, nil
}

// nameArgument keeps Named parallel to Args, starting with the first named argument.
func (p *parser) nameArgument(c *ast.Call, name string) {
	if name == "" && c.Named == nil {
		return
	}
	for len(c.Named) < len(c.Args) {
		c.Named = append(c.Named, "")
	}
	c.Named[len(c.Args)-1] = name
}

// callSuffixes parses WITHIN GROUP, FILTER, IGNORE NULLS and OVER.
func (p *parser) callSuffixes(c *ast.Call) *sparkerr.Error {
	var err *sparkerr.Error
	if p.Accept("WITHIN", "GROUP", "(") {
		if c.Within, err = p.within(); err != nil {
			return err
		}
	}
	if p.Accept("FILTER", "(", "WHERE") {
		if c.Filter, err = p.expression(); err != nil {
			return err
		}
		if err = p.Expect(")"); err != nil {
			return err
		}
	}
	if p.Is("IGNORE", "NULLS") || p.Is("RESPECT", "NULLS") {
		c.IgnoreNulls = p.Next().Is("IGNORE")
		p.Next()
	}
	if p.Is("OVER") && (p.PeekAt(1).Is("(") || p.PeekAt(1).IsName()) {
		p.Next()
		c.Over = true
		return p.window()
	}
	return nil
}

func (p *parser) within() ([]ast.Order, *sparkerr.Error) {
	if !p.Accept("ORDER", "BY") {
		return nil, p.Unexpected("")
	}
	order, err := p.orderItems()
	if err != nil {
		return nil, err
	}
	return order, p.Expect(")")
}

// orderItems parses a list of x [ASC|DESC] [NULLS FIRST|LAST].
func (p *parser) orderItems() ([]ast.Order, *sparkerr.Error) {
	var items []ast.Order
	for {
		o, err := p.orderItem()
		if err != nil {
			return nil, err
		}
		if items = append(items, o); !p.Accept(",") {
			return items, nil
		}
	}
}

func (p *parser) orderItem() (o ast.Order, err *sparkerr.Error) {
	if o.X, err = p.expression(); err != nil {
		return o, err
	}
	if p.IsAny("ASC", "DESC") {
		o.Desc = p.Next().Is("DESC")
	}
	if p.Is("NULLS", "FIRST") || p.Is("NULLS", "LAST") {
		p.Next()
		first := p.Next().Is("FIRST")
		o.NullsFirst = &first
	}
	return o, nil
}

// window parses a window specification and discards it: streams refuse every OVER.
func (p *parser) window() *sparkerr.Error {
	if !p.Accept("(") {
		_, err := p.Identifier()
		return err
	}
	if p.Peek().IsName() && p.PeekAt(1).Is(")") {
		p.Next()
		p.Next()
		return nil
	}
	if p.Accept("PARTITION", "BY") || p.Accept("DISTRIBUTE", "BY") || p.Accept("CLUSTER", "BY") {
		for more := true; more; more = p.Accept(",") {
			if _, err := p.expression(); err != nil {
				return err
			}
		}
	}
	if p.Accept("ORDER", "BY") || p.Accept("SORT", "BY") {
		if _, err := p.orderItems(); err != nil {
			return err
		}
	}
	if p.IsAny("RANGE", "ROWS") {
		if err := p.frame(); err != nil {
			return err
		}
	}
	return p.Expect(")")
}

func (p *parser) frame() *sparkerr.Error {
	p.Next()
	if !p.Accept("BETWEEN") {
		return p.bound()
	}
	if err := p.bound(); err != nil {
		return err
	}
	if err := p.Expect("AND"); err != nil {
		return err
	}
	return p.bound()
}

func (p *parser) bound() *sparkerr.Error {
	if p.Accept("CURRENT", "ROW") || p.Accept("UNBOUNDED", "PRECEDING") || p.Accept("UNBOUNDED", "FOLLOWING") {
		return nil
	}
	if _, err := p.value(); err != nil {
		return err
	}
	if p.Accept("PRECEDING") {
		return nil
	}
	return p.Expect("FOLLOWING")
}
