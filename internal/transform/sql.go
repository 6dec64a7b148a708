package transform

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

// A statement adds the query of one text to a plan. The rows of the plan so far are the view named stream.
type statement struct {
	*builder
	origin *expr.Origin
	stream commonTable
	tables []commonTable // of WITH, the innermost last
}

// A commonTable is a view that a query has a name for.
type commonTable struct {
	view
	name string
	used bool
}

// take returns the view for a place in the query. The second one and further ones get other columns.
func (t *commonTable) take() view {
	if !t.used {
		t.used = true
		return t.view
	}
	return t.renewed()
}

// streamName is the name of the view of the rows so far.
const streamName = "stream"

// sql is a step that is a whole query.
func (b *builder) sql(text *job.Text) error {
	q, perr := parse.Query(text.Text)
	if perr != nil {
		if perr.Fragment != nil {
			perr.Fragment.Place = text.Place
		}
		perr.Place = text.Place
		return perr
	}
	s := statement{builder: b, origin: &expr.Origin{Text: text.Text, Place: text.Place}, stream: commonTable{view: view{b.plan, b.metadata}}}
	b.relations, b.queries = map[expr.ID]string{}, s.subquery
	defer func() { b.relations, b.queries, b.leftOut = nil, nil, nil }()
	if err := s.query(q); err != nil {
		return err
	}
	if !streams(b.plan) && streams(s.stream.plan) {
		return s.static(q.Pos())
	}
	return nil
}

// refuse returns err with the part of the text that it is about.
func (s *statement) refuse(at ast.Span, err *sparkerr.Error) error {
	err.Fragment = &sparkerr.Fragment{Text: s.origin.Text, Start: at.Start, End: at.End, Place: s.origin.Place}
	return err
}

// static refuses rows that do not come from the stream.
func (s *statement) static(at ast.Span) error {
	return s.refuse(at, sparkerr.New("WRITE_STREAM_NOT_ALLOWED").WithHint("%s", s.known()))
}

// unstreamable is what Spark says of clauses that no stream can have.
var unstreamable = map[string]string{
	"SORT BY":     unsorted,
	"CLUSTER BY":  unsorted,
	"OFFSET":      "Offset is not supported on streaming DataFrames/Datasets",
	"TABLESAMPLE": "Sampling is not supported on streaming DataFrames/Datasets",
	"INTERSECT":   "Intersect of streaming DataFrames/Datasets is not supported",
	"EXCEPT":      "Except on a streaming DataFrame/Dataset on the right is not supported",
}

// unsorted is what Spark says of an order of rows that are not grouped.
const unsorted = "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode"

// clause refuses a clause by its name.
func (s *statement) clause(name string, at ast.Span) error {
	if text := unstreamable[name]; text != "" {
		return s.refuse(at, sparkerr.Unstreamable(text))
	}
	return s.refuse(at, sparkerr.Plain("%s is not in the embedded engine yet.", name).WithHint("--master runs the job on Apache Spark, which has it"))
}

// clauses adds the clauses between a relation and its alias. A sample of a number of rows is a limit.
func (s *statement) clauses(list []ast.Clause) error {
	for _, c := range list {
		var err error
		switch {
		case c.Rows != nil:
			err = s.limitTo(c.Rows)
		case c.Delay != nil:
			err = s.watermark(c)
		default:
			err = s.clause(c.Name, c.Span)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// query adds a query to the plan.
func (s *statement) query(q *ast.Query) error {
	defer func(n int) { s.tables = s.tables[:n] }(len(s.tables))
	if err := s.with(q.With); err != nil {
		return err
	}
	if block, ok := q.Body.(*ast.Select); ok {
		if err := s.selection(block, q.OrderBy); err != nil {
			return err
		}
	} else {
		if err := s.relation(q.Body); err != nil {
			return err
		}
		if err := s.orderOutput(q.OrderBy, nil); err != nil {
			return err
		}
	}
	if err := s.clauses(q.Others); err != nil {
		return err
	}
	if q.Offset != nil {
		return s.clause("OFFSET", q.Offset.Pos())
	}
	if q.Limit != nil {
		return s.limitTo(q.Limit)
	}
	return nil
}

// with makes the views of WITH.
func (s *statement) with(list []ast.CommonTable) error {
	for i, t := range list {
		if slices.ContainsFunc(list[:i], func(other ast.CommonTable) bool { return strings.EqualFold(other.Name, t.Name) }) {
			return s.refuse(t.Span, sparkerr.New("DUPLICATED_CTE_NAMES", "duplicateNames", types.Quote(t.Name)))
		}
	}
	for _, t := range list {
		if t.Recursive {
			return s.clause("WITH RECURSIVE", t.Span)
		}
		table := commonTable{name: t.Name}
		if err := s.query(t.Query); err != nil {
			return err
		}
		if err := s.nameColumns(t.Columns, t.Span); err != nil {
			return err
		}
		table.view = view{s.plan, s.metadata}
		s.tables = append(s.tables, table)
	}
	return nil
}

// table finds a view of WITH by name.
func (s *statement) table(name string) *commonTable {
	for i := len(s.tables) - 1; i >= 0; i-- {
		if strings.EqualFold(s.tables[i].name, name) {
			return &s.tables[i]
		}
	}
	return nil
}

// limitTo keeps the first rows.
func (s *statement) limitTo(e ast.Expr) error {
	x, err := analyze.Expression(e, s.scope(), s.origin)
	if err != nil {
		return err
	}
	wrong := func(kind string, params ...string) error {
		return s.refuse(e.Pos(), sparkerr.New("INVALID_LIMIT_LIKE_EXPRESSION."+kind, append(params, "name", "limit", "expr", `"`+x.SQL()+`"`)...))
	}
	switch {
	case !x.Foldable():
		return wrong("IS_UNFOLDABLE")
	case x.Type.Kind != types.KindInt && x.Type.Kind != types.KindShort && x.Type.Kind != types.KindByte:
		return wrong("DATA_TYPE", "dataType", `"`+x.Type.SQL()+`"`)
	}
	v, err := eval.Constant(x, &expr.Context{Zone: s.zone})
	switch {
	case err != nil:
		return err
	case v.IsNull(0):
		return wrong("IS_NULL")
	}
	rows := kernel.Int64At(v, 0)
	if rows < 0 {
		return wrong("IS_NEGATIVE", "v", x.SQL())
	}
	s.take(rows, s.origin.Place)
	return nil
}

// nameColumns renames the columns of the plan; without names they stay as they are.
func (s *statement) nameColumns(columns []string, at ast.Span) error {
	cols := s.plan.output()
	if len(columns) == 0 {
		return nil
	}
	if len(columns) != len(cols) {
		return s.refuse(at, sparkerr.New("ASSIGNMENT_ARITY_MISMATCH", "numTarget", strconv.Itoa(len(cols)), "numExpr", strconv.Itoa(len(columns))))
	}
	list := make([]*expr.Expr, len(cols))
	for i, c := range cols {
		list[i] = alias(c, columns[i])
	}
	s.plan = &project{s.plan, list}
	return nil
}

// qualify makes the columns of the plan those of a relation; without a name, no qualifier is valid.
func (s *statement) qualify(name string) {
	clear(s.relations)
	s.leftOut = nil
	for _, c := range s.plan.output() {
		s.relations[c.ID] = name
	}
}

func isStream(t *ast.Table) bool { return len(t.Name) == 1 && strings.EqualFold(t.Name[0], streamName) }

// unknown is the error for a table that does not exist.
func (s *statement) unknown(t *ast.Table) error {
	quoted := make([]string, len(t.Name))
	for i, part := range t.Name {
		quoted[i] = types.Quote(part)
	}
	return s.refuse(t.Span, sparkerr.New("TABLE_OR_VIEW_NOT_FOUND", "relationName", strings.Join(quoted, ".")).WithHint("%s", s.known()))
}

// known says what a query can read.
func (s *statement) known() string {
	names := []string{streamName}
	for _, r := range slices.Concat(s.job.Sources, s.job.Tables) {
		names = append(names, r.Name)
	}
	if len(names) == 1 {
		return "the rows of the stream are FROM stream"
	}
	return "FROM " + strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
