package transform

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// The names by which the condition of a join step calls its sides.
const (
	leftName  = "l"
	rightName = "r"
)

// joinKinds are the names of the kinds of joins, in lower case and without underscores. (Spark: JoinType.)
var joinKinds = map[string]operator.JoinKind{
	"": operator.Inner, "inner": operator.Inner, "cross": operator.Inner,
	"left": operator.LeftOuter, "leftouter": operator.LeftOuter, "right": operator.RightOuter, "rightouter": operator.RightOuter,
	"outer": operator.FullOuter, "full": operator.FullOuter, "fullouter": operator.FullOuter,
	"semi": operator.LeftSemi, "leftsemi": operator.LeftSemi, "anti": operator.LeftAnti, "leftanti": operator.LeftAnti,
}

const joinKindNames = "'inner', 'outer', 'full', 'fullouter', 'full_outer', 'leftouter', 'left', 'left_outer', 'rightouter', 'right', 'right_outer', " +
	"'leftsemi', 'left_semi', 'semi', 'leftanti', 'left_anti', 'anti', 'cross'"

// join is a step that joins the rows with those of another input.
func (b *builder) join(s *job.Join) error {
	kind, ok := joinKinds[strings.ReplaceAll(strings.ToLower(s.How.Text), "_", "")]
	if !ok {
		return sparkerr.At(sparkerr.New("UNSUPPORTED_JOIN_TYPE", "typ", "'"+s.How.Text+"'", "supported", joinKindNames), s.How.Place)
	}
	right, err := b.ref(&s.With)
	if err != nil {
		return err
	}
	j := &joining{builder: b, node: join{left: b.plan, right: right.plan, kind: kind, place: s.Place}, left: called(b.plan, leftName), right: called(right.plan, rightName)}
	if len(s.On) > 0 {
		names := make([]string, len(s.On))
		for i := range s.On {
			names[i] = s.On[i].Text
		}
		if err := j.using(names, &expr.Origin{Text: strings.Join(names, ", "), Place: s.On[0].Place}); err != nil {
			return sparkerr.At(err, s.On[0].Place)
		}
		return nil
	}
	if s.Condition.Text == "" {
		j.add()
		return nil
	}
	tree, origin, err := parseText(&s.Condition)
	if err != nil {
		return err
	}
	return j.on(tree, origin)
}

// called returns the relation of each column of a node, which is the same for all.
func called(n node, name string) map[expr.ID]string {
	relations := map[expr.ID]string{}
	for _, c := range n.output() {
		relations[c.ID] = name
	}
	return relations
}

// A joining adds a join to a plan. left and right are what the columns of its sides are called by.
type joining struct {
	*builder
	node        join
	left, right map[expr.ID]string
	hidden      []*expr.Expr // those columns of USING that earlier joins have left out
}

// add makes the join the plan, whose columns keep the names of their relations.
func (j *joining) add() {
	j.plan, j.metadata, j.leftOut = &j.node, nil, j.hidden
	j.relations = map[expr.ID]string{}
	for _, side := range []map[expr.ID]string{j.left, j.right} {
		for id, name := range side {
			j.relations[id] = name
		}
	}
}

// both is the scope of the condition: the columns of both sides.
func (j *joining) both() analyze.Scope {
	left, right := j.node.left.output(), j.node.right.output()
	s := analyze.Scope{Columns: append(left[:len(left):len(left)], right...), Zone: j.zone, Stop: j.steps.Stop, Subquery: j.subquery, Outer: j.outer}
	if j.hidden != nil {
		s.Hidden, s.Relations = slices.Values([][]*expr.Expr{j.hidden}), maps.Clone(j.left)
		maps.Copy(s.Relations, j.right)
	}
	for _, c := range left {
		s.Qualifiers = append(s.Qualifiers, j.left[c.ID])
	}
	for _, c := range right {
		s.Qualifiers = append(s.Qualifiers, j.right[c.ID])
	}
	return s
}

// on joins by a condition.
func (j *joining) on(tree ast.Expr, origin *expr.Origin) error {
	cond, err := analyze.JoinCondition(tree, j.both(), origin)
	if err != nil {
		return err
	}
	if err := uncorrelated(cond); err != nil {
		return err
	}
	refused := sparkerr.New("INVALID_NON_DETERMINISTIC_EXPRESSIONS", "sqlExprs", `"`+cond.SQL()+`"`).
		WithHint("compare with it in a filter after the join, or make a column of it before")
	refused.Fragment = cond.Fragment()
	if !cond.Deterministic() {
		return refused
	}
	if readsBatchTime(cond) {
		j.refuseLate(refused)
	}
	j.node.cond = cond
	j.add()
	visible := j.node.output()
	if j.reveal(cond); len(j.plan.output()) > len(visible) {
		j.plan = &project{j.plan, visible}
	}
	return nil
}

// readsBatchTime reports a call that Spark replaces by the time of each batch, which it then takes for an expression that is not deterministic.
// now() is not among them. (Spark: CurrentBatchTimestamp.)
func readsBatchTime(e *expr.Expr) (found bool) {
	expr.Walk(e, func(x *expr.Expr) bool {
		found = found || x.Is("current_date") || x.Is("current_timestamp") || x.Is("localtimestamp")
		return !found
	})
	return found
}

// refuseLate keeps an error that Spark finds when it plans the first batch, unless there is one.
func (b *builder) refuseLate(err error) {
	if b.inputs.query.late == nil {
		b.inputs.query.late = err
	}
}

// uncorrelated refuses queries in the condition of a join that are values and use its columns.
func uncorrelated(cond *expr.Expr) (err error) {
	expr.Walk(cond, func(e *expr.Expr) bool {
		if e.Kind == expr.Call && e.Fn == scalarQuery && len(e.Args) > 0 && err == nil {
			refused := sparkerr.New("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_SCALAR_SUBQUERY").
				WithHint("join without this condition, and put it into WHERE")
			refused.Fragment = e.Fragment()
			err = refused
		}
		return err == nil
	})
	return err
}

// using joins by columns that both sides have. These come first in the result, once. (Spark: Analyzer.commonNaturalJoinProcessing.)
func (j *joining) using(names []string, origin *expr.Origin) error {
	var left, right []*expr.Expr
	var conditions []*expr.Expr
	for _, name := range names {
		l, err := usingColumn(j.node.left, name, "left")
		if err != nil {
			return err
		}
		r, err := usingColumn(j.node.right, name, "right")
		if err != nil {
			return err
		}
		cond, err := j.equal(l, r, origin)
		if err != nil {
			return err
		}
		left, right, conditions = append(left, l), append(right, r), append(conditions, cond)
	}
	j.node.cond = conjunction(conditions)
	out, err := j.merged(left, right, origin)
	if err != nil {
		return err
	}
	j.add()
	j.plan = &project{j.plan, out}
	if j.node.kind != operator.LeftSemi && j.node.kind != operator.LeftAnti && j.relations != nil {
		for _, c := range j.node.output() {
			if position(out, c) < 0 {
				j.leftOut = append(j.leftOut[:len(j.leftOut):len(j.leftOut)], c)
			}
		}
	}
	return nil
}

// usingColumn finds a column by which a side is joined.
func usingColumn(side node, name, which string) (*expr.Expr, error) {
	cols := side.output()
	var found []*expr.Expr
	shown := make([]string, len(cols))
	for i, c := range cols {
		shown[i] = types.Quote(c.Name)
		if strings.EqualFold(c.Name, name) {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		slices.Sort(shown)
		return nil, sparkerr.New("UNRESOLVED_USING_COLUMN_FOR_JOIN", "colName", types.Quote(name), "side", which, "suggestion", "["+strings.Join(shown, ", ")+"]")
	}
	return nil, sparkerr.New("AMBIGUOUS_REFERENCE", "name", types.Quote(name), "referenceNames", fmt.Sprintf("[%s]", strings.Join(slices.Repeat([]string{types.Quote(name)}, len(found)), ", ")))
}

// equal is the condition that two columns are equal, once they have one type.
func (j *joining) equal(l, r *expr.Expr, origin *expr.Origin) (*expr.Expr, error) {
	scope := analyze.Scope{Columns: []*expr.Expr{l, r}, Qualifiers: []string{leftName, rightName}, Zone: j.zone, Stop: j.steps.Stop}
	return analyze.Condition(&ast.Binary{Op: "=", L: qualified(leftName, l), R: qualified(rightName, r)}, scope, origin)
}

func qualified(relation string, c *expr.Expr) ast.Expr {
	return &ast.Name{Parts: []string{relation, c.Name}}
}

// merged returns the columns of a join by the columns left and right.
func (j *joining) merged(left, right []*expr.Expr, origin *expr.Origin) (out []*expr.Expr, err error) {
	switch j.node.kind {
	case operator.RightOuter:
		out = slices.Clone(right)
	case operator.FullOuter:
		for i := range left {
			scope := analyze.Scope{Columns: nullable([]*expr.Expr{left[i], right[i]}), Qualifiers: []string{leftName, rightName}, Zone: j.zone, Stop: j.steps.Stop}
			first := &ast.Call{Name: []string{"coalesce"}, Args: []ast.Expr{qualified(leftName, left[i]), qualified(rightName, right[i])}}
			value, err := analyze.Expression(first, scope, origin)
			if err != nil {
				return nil, err
			}
			out = append(out, alias(value, left[i].Name))
		}
	default:
		out = slices.Clone(left)
	}
	keys := append(slices.Clone(left), right...)
	for _, c := range j.node.output() {
		if position(keys, c) < 0 {
			out = append(out, c)
		}
	}
	return out, nil
}

// union is a step that appends the rows of another input.
func (b *builder) union(s *job.Union) error {
	other, err := b.ref(&s.With)
	if err != nil {
		return err
	}
	left, right := b.plan, other.plan
	if s.ByName {
		if left, right, err = byName(left, right, s.AllowMissingColumns); err != nil {
			return sparkerr.At(err, s.Place)
		}
	}
	u, err := newUnion(left, right)
	if err != nil {
		return sparkerr.At(err, s.Place)
	}
	b.plan, b.metadata, b.relations = u, nil, nil
	return nil
}

func newUnion(left, right node) (*union, error) { return unionOf("UNION", left, right) }

// unionOf returns the rows of two plans, whose columns are matched by position, as inputs of a set operation. They get the names of the first.
// (Spark: WidenSetOperationTypes.)
func unionOf(operation string, left, right node) (*union, error) {
	l, r := left.output(), right.output()
	if len(l) != len(r) {
		return nil, sparkerr.New("NUM_COLUMNS_MISMATCH", "operator", operation, "firstNumColumns", strconv.Itoa(len(l)), "invalidOrdinalNum", "second", "invalidNumColumns", strconv.Itoa(len(r)))
	}
	u := &union{cols: make([]*expr.Expr, len(l))}
	for i := range l {
		t := l[i].Type
		if !t.Equal(r[i].Type) {
			if t = coerce.Widest(t, r[i].Type); t == nil {
				return nil, sparkerr.New("INCOMPATIBLE_COLUMN_TYPE", "operator", operation, "columnOrdinalNumber", ordinal(i), "tableOrdinalNumber", "second",
					"dataType1", `"`+r[i].Type.SQL()+`"`, "dataType2", `"`+l[i].Type.SQL()+`"`, "hint", "")
			}
		}
		u.cols[i] = &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: l[i].Name, Type: t, Nullable: l[i].Nullable || r[i].Nullable}
	}
	u.in = []node{widened(left, u.cols), widened(right, u.cols)}
	return u, nil
}

// ordinal is the word for the position of a column. (Spark: TypeUtils.ordinalNumber.)
func ordinal(i int) string {
	if i < 3 {
		return []string{"first", "second", "third"}[i]
	}
	return strconv.Itoa(i+1) + "th"
}

// widened casts the columns of a plan to the types of others.
func widened(n node, to []*expr.Expr) node {
	cols := n.output()
	list := slices.Clone(cols)
	changed := false
	for i, c := range cols {
		if !c.Type.Equal(to[i].Type) {
			list[i], changed = alias(coerce.Cast(c, to[i].Type), c.Name), true
		}
	}
	if !changed {
		return n
	}
	return &project{n, list}
}

// byName orders the columns of right like those of left with the same names. Columns that one side lacks are an error, or NULL if they may be
// missing. (Spark: ResolveUnion.unionTwoSides.)
func byName(left, right node, missing bool) (l, r node, err error) {
	find := func(cols []*expr.Expr, name string) *expr.Expr {
		i := slices.IndexFunc(cols, func(c *expr.Expr) bool { return strings.EqualFold(c.Name, name) })
		if i < 0 {
			return nil
		}
		return cols[i]
	}
	var lefts, rights []*expr.Expr
	for _, c := range left.output() {
		other := find(right.output(), c.Name)
		if other == nil && !missing {
			return nil, nil, unknownColumn(&job.Text{Text: types.Quote(c.Name)}, right.output())
		}
		if other == nil {
			other = alias(expr.Null(c.Type), c.Name)
		}
		lefts, rights = append(lefts, c), append(rights, other)
	}
	for _, c := range right.output() {
		if find(left.output(), c.Name) != nil {
			continue
		}
		if !missing {
			return nil, nil, sparkerr.New("NUM_COLUMNS_MISMATCH", "operator", "UNION", "firstNumColumns", strconv.Itoa(len(left.output())),
				"invalidOrdinalNum", "second", "invalidNumColumns", strconv.Itoa(len(right.output())))
		}
		lefts, rights = append(lefts, alias(expr.Null(c.Type), c.Name)), append(rights, c)
	}
	return &project{left, lefts}, &project{right, rights}, nil
}
