package transform

import (
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

// sql is SELECT … FROM stream [WHERE …] [LIMIT 0].
func (b *builder) sql(query *job.Text) error {
	q, perr := parse.Select(query.Text)
	if perr != nil {
		if perr.Fragment != nil {
			perr.Fragment.Place = query.Place
		}
		perr.Place = query.Place
		return perr
	}
	if err := needsState(q, query.Place); err != nil {
		return err
	}
	if !strings.EqualFold(q.From, "stream") {
		e := sparkerr.New("TABLE_OR_VIEW_NOT_FOUND", "relationName", types.Quote(q.From)).WithHint("the rows of the stream are FROM stream")
		e.Fragment = &sparkerr.Fragment{Text: query.Text, Start: q.FromSpan.Start, End: q.FromSpan.End, Place: query.Place}
		return e
	}
	b.from = q.From
	defer func() { b.from = "" }()
	origin := &expr.Origin{Text: query.Text, Place: query.Place}
	if q.Where != nil {
		if err := b.where(q.Where, origin); err != nil {
			return err
		}
	}
	origins := make([]*expr.Origin, len(q.Items))
	for i := range origins {
		origins[i] = origin
	}
	if err := b.project(b.scope(), q.Items, origins); err != nil {
		return err
	}
	if q.Limit != nil {
		b.take(0, query.Place)
	}
	return nil
}

// needsState refuses the clauses that look at more than one row.
func needsState(q *ast.Select, place *sparkerr.Place) error {
	if len(q.OrderBy) > 0 && !q.Distinct && len(q.GroupBy) == 0 && q.Having == nil && !analyze.HasAggregate(q.Items) {
		return unsorted(place)
	}
	if q.Distinct || len(q.GroupBy) > 0 || q.Having != nil || len(q.OrderBy) > 0 || q.Limit != nil && !isZero(q.Limit) {
		return &sparkerr.Error{
			Text:  "DISTINCT, GROUP BY, HAVING, ORDER BY and LIMIT need state and are not in the embedded engine yet.",
			Place: place,
		}
	}
	return nil
}

// unsorted is the error of an order of rows that have not been grouped.
func unsorted(place *sparkerr.Place) error {
	err := sparkerr.Unstreamable(parse.Unsorted).
		WithHint("the rows of a stream have no last one: sort what it wrote")
	err.Place = place
	return err
}

// isZero reports the number 0 as written.
func isZero(e ast.Expr) bool {
	n, ok := e.(*ast.Literal)
	return ok && n.Kind == ast.LitInteger && n.Text == "0"
}
