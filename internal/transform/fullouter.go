package transform

import (
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// fullTables makes a full outer join of two tables the union of a left outer join and the rows of the right side without a match, which an
// anti join returns.
func fullTables(n node) node {
	j, ok := n.(*join)
	if !ok || j.kind != operator.FullOuter || streams(j) {
		return n
	}
	first, rest := renewal{}, renewal{}
	outer := *j
	outer.kind = operator.LeftOuter
	left := first.plan(&outer)
	anti := rest.plan(&join{left: j.right, right: j.left, kind: operator.LeftAnti, cond: j.cond, place: j.place})
	list := make([]*expr.Expr, 0, len(j.output()))
	for _, c := range j.left.output() {
		list = append(list, alias(expr.Null(c.Type), c.Name))
	}
	return &union{[]node{left, &project{anti, append(list, anti.output()...)}}, j.output()}
}
