package parse

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
)

// joinWords returns the kind of the join at the cursor and the number of its words; 0 if there is no join.
func (p *parser) joinWords() (kind string, n int) {
	if p.Is("NATURAL") {
		n++
	}
	kind = "INNER"
	switch t := p.PeekAt(n); {
	case t.Is("JOIN"):
		return kind, n + 1
	case t.Is("INNER"), t.Is("CROSS"), t.Is("SEMI"), t.Is("ANTI"):
		kind = upper(t)
		n++
	case t.Is("LEFT"), t.Is("RIGHT"), t.Is("FULL"):
		kind = upper(t)
		n++
		switch t := p.PeekAt(n); {
		case t.Is("OUTER"):
			n++
		case kind == "LEFT" && (t.Is("SEMI") || t.Is("ANTI")):
			kind = upper(t)
			n++
		}
	}
	if !p.PeekAt(n).Is("JOIN") {
		return "", 0
	}
	return kind, n + 1
}

func (p *parser) joinFollows() bool {
	_, n := p.joinWords()
	return n > 0
}

// join parses the rest of left JOIN right [ON condition | USING (columns)].
func (p *parser) join(start int, left ast.Relation) (ast.Relation, *sparkerr.Error) {
	kind, words := p.joinWords()
	j := &ast.Join{Kind: kind, Natural: p.Is("NATURAL"), Left: left}
	at := p.start()
	for range words {
		p.Next()
	}
	j.OpSpan = p.node(at).Span
	j.Lateral = p.acceptLateral()
	var err *sparkerr.Error
	if j.Right, err = p.relationPrimary(); err != nil {
		return nil, err
	}
	switch {
	case p.Accept("ON"):
		j.On, err = p.expression()
	case p.Accept("USING"):
		j.Using, err = p.nameList()
	}
	j.Node = p.node(start)
	return j, err
}

// pivotFollows reports whether PIVOT or UNPIVOT follows.
func (p *parser) pivotFollows() bool {
	after := p.PeekAt(1)
	return p.IsAny("PIVOT", "UNPIVOT") && after.Is("(") || p.Is("UNPIVOT") && (after.Is("INCLUDE") || after.Is("EXCLUDE"))
}

// pivot parses PIVOT (…) and UNPIVOT [INCLUDE NULLS|EXCLUDE NULLS] (…), of which only the name is kept.
func (p *parser) pivot(start int, of ast.Relation) (ast.Relation, *sparkerr.Error) {
	at := p.start()
	r := &ast.Reshaped{Of: of, Clause: ast.Clause{Name: upper(p.Next())}}
	if p.IsAny("INCLUDE", "EXCLUDE") {
		p.Next()
		if err := p.Expect("NULLS"); err != nil {
			return nil, err
		}
	}
	if !p.Is("(") {
		return nil, p.Unexpected("")
	}
	if err := p.skipParentheses(); err != nil {
		return nil, err
	}
	r.Clause.Node = p.node(at)
	r.Node = p.node(start)
	_, err := p.naming()
	return r, err
}
