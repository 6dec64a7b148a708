package transform

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
)

// A builder adds the steps of a stream to a plan, one after the other.
type builder struct {
	*inputs
	plan     node
	steps    halt.Steps // of texts, so that analysis can be stopped
	zone     *datetime.Zone
	metadata *expr.Expr // the hidden column of file sources; nil for others
	// relations are what a query calls the relations that its columns come from, "" for none; nil outside of queries.
	relations map[expr.ID]string
	leftOut   []*expr.Expr     // the columns of USING that a join has left out, which only their relations name
	queries   analyze.Subquery // analyses queries within expressions
	outer     analyze.Outer    // within such a query, the columns around it; nil outside

	cuts []cut

	mistakes []error
	broken   bool     // a mistake leaves nothing that further steps could be judged by
	missing  []string // columns that are not there because of a mistake
}

// step adds one step, named after the DataFrame method.
func (b *builder) step(step job.Step) {
	switch s := step.(type) {
	case job.WithColumn:
		for i := range s.Columns {
			b.one(b.withColumn(&s.Columns[i]), &s.Columns[i].Text, s.Columns[i].Name)
		}
	case job.WithColumnRenamed:
		for i := range s.Columns {
			b.steps.Take(halt.Pace)
			b.rename(&s.Columns[i])
		}
	case job.Filter:
		b.one(b.filter(&s.Condition), &s.Condition, "")
	case job.Select:
		b.selectExprs(s.Exprs)
	case job.Drop:
		b.drop(s.Columns)
	case job.SQL:
		b.one(b.sql(&s.Query), &s.Query, "")
	case job.Limit:
		b.one(b.limit(&s.Rows), &s.Rows, "")
	case job.OrderBy:
		b.orderBy(&s)
	case job.Repartition:
		b.repartition(s.Keys)
	case job.GroupBy:
		b.groupBy(&s)
	case job.WithWatermark:
		b.withWatermark(&s)
	case job.Distinct:
		b.distinct(&s)
	case job.DropDuplicates:
		b.dropDuplicates(&s)
	case job.Join:
		b.whole(b.join(&s))
	case job.Union:
		b.whole(b.union(&s))
	}
}

// add adds steps.
func (b *builder) add(steps []job.Step) {
	for _, s := range steps {
		if b.broken {
			return
		}
		b.step(s)
	}
}

// whole notes the mistake of a step with which the steps after it cannot be judged.
func (b *builder) whole(err error) {
	b.steps.Take(halt.Pace)
	if err != nil {
		b.mistakes = append(b.mistakes, err)
		b.broken = true
	}
}

// one counts a text whose analysis has ended with err, and notes the mistake, if any.
func (b *builder) one(err error, text *job.Text, column string) {
	b.steps.Take(halt.Pace)
	if err != nil {
		b.mistake(err, text, column)
	}
}

// mistake notes an error and the column that is missing because of it. Texts that name such a column are not judged.
func (b *builder) mistake(err error, text *job.Text, column string) {
	for _, name := range b.missing {
		if mentions(text.Text, name) {
			b.missing = append(b.missing, column)
			return
		}
	}
	b.mistakes = append(b.mistakes, err)
	if column != "" {
		b.missing = append(b.missing, column)
	}
}

// mentions reports whether text has name as a word, regardless of case.
func mentions(text, name string) bool {
	text, name = strings.ToLower(text), strings.ToLower(name)
	word := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i] == '_' || text[i] >= '0' && text[i] <= '9' || text[i] >= 'a' && text[i] <= 'z')
	}
	for from := 0; name != ""; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		if at := from + i; !word(at-1) && !word(at+len(name)) {
			return true
		}
		from += i + 1
	}
	return false
}

// scope is what expressions of the next step can name: the columns of the plan.
func (b *builder) scope() analyze.Scope {
	s := analyze.Scope{Columns: b.plan.output(), Zone: b.zone, Stop: b.steps.Stop, Subquery: b.subquery, Outer: b.outer}
	if b.metadata != nil || b.leftOut != nil {
		s.Hidden, s.Relations = slices.Values(b.unlisted()), b.relations
	}
	if b.relations != nil {
		for _, c := range s.Columns {
			s.Qualifiers = append(s.Qualifiers, b.relations[c.ID])
		}
	}
	return s
}

// reveal makes the plan carry hidden columns that expressions name.
func (b *builder) reveal(list ...*expr.Expr) {
	used := map[expr.ID]int{}
	references(used, list...)
	var cols []*expr.Expr
	for _, level := range b.unlisted() {
		for _, c := range level {
			if used[c.ID] > 0 {
				cols = append(cols, c)
			}
		}
	}
	if len(cols) > 0 {
		b.plan = carry(b.plan, cols)
	}
}

// unlisted returns the columns that are not those of the plan and can be named all the same.
func (b *builder) unlisted() (levels [][]*expr.Expr) {
	if b.metadata != nil {
		levels = append(levels, []*expr.Expr{b.metadata})
	}
	if b.leftOut != nil {
		levels = append(levels, b.leftOut)
	}
	return levels
}

// parseText parses an expression of a step.
func parseText(t *job.Text) (ast.Expr, *expr.Origin, error) {
	tree, err := parse.Expression(t.Text)
	if err != nil {
		return nil, nil, placed(err, t.Place)
	}
	return tree, &expr.Origin{Text: t.Text, Place: t.Place}, nil
}

// placed adds the place of the text to an error of the parser.
func placed(err *sparkerr.Error, at *sparkerr.Place) *sparkerr.Error {
	if err.Fragment != nil {
		err.Fragment.Place = at
	}
	if err.Place == nil {
		err.Place = at
	}
	return err
}

// withColumn adds a column at the end, or replaces those of that name where they stand; the new spelling counts.
func (b *builder) withColumn(c *job.Named) error {
	tree, origin, err := parseText(&c.Text)
	if err != nil {
		return err
	}
	list, err := analyze.SelectList([]ast.Expr{tree}, b.scope(), []*expr.Origin{origin})
	if err != nil {
		return err
	}
	if len(list) != 1 {
		return &sparkerr.Error{Text: "withColumn takes one expression for one column.", Place: c.Place}
	}
	before := b.plan.output()
	b.reveal(list...)
	if list, err = b.windows(list); err != nil {
		return err
	}
	e := unalias(list[0])
	if e.Kind == expr.Call && e.Fn.Generator {
		if err := oneColumn(e, c.Name); err != nil {
			return err
		}
		e = b.generate(e, nil)
	}
	out := make([]*expr.Expr, 0, len(before)+1)
	replaced := false
	for _, column := range before {
		if strings.EqualFold(column.Name, c.Name) {
			column, replaced = alias(e, c.Name), true
		}
		out = append(out, column)
	}
	if !replaced {
		out = append(out, alias(e, c.Name))
	}
	b.plan = &project{b.plan, out}
	return nil
}

// generatedFields are the columns that a generator makes, with Spark's default names.
func generatedFields(gen *expr.Expr) []types.Field { return gen.Type.Elem.Fields }

// oneColumn refuses a generator of several columns where one is named.
func oneColumn(g *expr.Expr, name string) error {
	n := len(generatedFields(g))
	if n == 1 {
		return nil
	}
	err := sparkerr.New("UDTF_ALIAS_NUMBER_MISMATCH", "aliasesSize", strconv.Itoa(n), "aliasesNames", name)
	err.Fragment = g.Fragment()
	return err
}

// rename renames columns; a name that does not exist is ignored (Spark: withColumnRenamed).
func (b *builder) rename(names *job.Named) {
	out := make([]*expr.Expr, 0, len(b.plan.output()))
	for _, c := range b.plan.output() {
		if strings.EqualFold(c.Name, names.Name) {
			c = alias(c, names.Text.Text)
		}
		out = append(out, c)
	}
	b.plan = &project{b.plan, out}
}

// drop removes columns; names that do not exist are ignored.
func (b *builder) drop(names []job.Text) {
	out := make([]*expr.Expr, 0, len(b.plan.output()))
	for _, c := range b.plan.output() {
		dropped := false
		for _, name := range names {
			dropped = dropped || strings.EqualFold(c.Name, name.Text)
		}
		if !dropped {
			out = append(out, c)
		}
	}
	b.plan = &project{b.plan, out}
}

// filter keeps rows. Its condition may also name columns that exist below a select, drop or rename (Spark: resolves
// missing references): they are carried along and dropped again.
func (b *builder) filter(condition *job.Text) error {
	tree, origin, err := parseText(condition)
	if err != nil {
		return err
	}
	scope := b.scope()
	scope.Hidden = b.hiddenColumns
	cond, err := analyze.Condition(tree, scope, origin)
	if err != nil {
		return err
	}
	visible := scope.Columns
	missing := b.invisible(cond)
	if len(missing) == 0 {
		b.plan = &filter{b.plan, cond}
		return nil
	}
	b.plan = &project{&filter{carry(b.plan, missing), cond}, visible}
	return nil
}

// invisible lists the hidden columns that an expression uses.
func (b *builder) invisible(e *expr.Expr) []*expr.Expr {
	used := map[expr.ID]int{}
	references(used, e)
	for _, c := range b.plan.output() {
		delete(used, c.ID)
	}
	if len(used) == 0 {
		return nil
	}
	var list []*expr.Expr
	for level := range b.hiddenColumns {
		if len(used) == 0 {
			break
		}
		for _, c := range level {
			if used[c.ID] > 0 {
				delete(used, c.ID)
				list = append(list, c)
			}
		}
	}
	return list
}

// hiddenColumns yields, level by level downwards, the columns below the projects at the top of the plan, then those of the source.
func (b *builder) hiddenColumns(yield func([]*expr.Expr) bool) {
	passes := true
	for n := b.plan; passes && below(n) != nil; n = below(n) {
		switch n.(type) {
		case *project:
			level := below(n).output()
			if a, ok := below(n).(*aggregation); ok {
				level = columnsOf(a.keys)
			}
			if !yield(level) {
				return
			}
		case *generate, *aggregation, *expand:
			passes = false
		}
	}
	if b.metadata != nil {
		yield([]*expr.Expr{b.metadata})
	}
}

// carry makes a plan pass on columns from below, or hidden ones of the source.
func carry(n node, cols []*expr.Expr) node {
	have := map[expr.ID]bool{}
	for _, c := range n.output() {
		have[c.ID] = true
	}
	var missing []*expr.Expr
	for _, c := range cols {
		if !have[c.ID] {
			missing = append(missing, c)
		}
	}
	if len(missing) == 0 {
		return n
	}
	if r, ok := n.(*relation); ok {
		return &relation{r.source, r.name, r.static, append(r.cols[:len(r.cols):len(r.cols)], missing...)}
	}
	if j, ok := n.(*join); ok {
		left, right := partition(missing, func(c *expr.Expr) bool { return makes(j.left, c) })
		return j.over(carry(j.left, left), carry(j.right, right), j.cond)
	}
	n = n.withInputs([]node{carry(below(n), missing)})
	if p, ok := n.(*project); ok {
		return &project{p.in, append(p.list[:len(p.list):len(p.list)], missing...)}
	}
	return n
}

// makes reports whether a plan has a column somewhere.
func makes(n node, c *expr.Expr) (found bool) {
	walk(n, func(n node) { found = found || position(made(n), c) >= 0 })
	return found
}

// selectExprs is selectExpr.
func (b *builder) selectExprs(texts []job.Text) {
	scope := b.scope()
	scope.Dataset = true
	var sound []job.Text
	var trees []ast.Expr
	var origins []*expr.Origin
	for i := range texts {
		tree, origin, err := parseText(&texts[i])
		if err != nil {
			b.mistake(err, &texts[i], "")
			continue
		}
		sound, trees, origins = append(sound, texts[i]), append(trees, tree), append(origins, origin)
	}
	err := b.project(scope, trees, origins)
	if err == nil {
		return
	}
	if analyze.HasAggregate(trees) { // items depend on each other
		b.mistakes = append(b.mistakes, err)
		return
	}
	// find each item that is wrong: those that are right together with the right ones before them stay
	n := 0
	for i := range sound {
		sound[n], trees[n], origins[n] = sound[i], trees[i], origins[i]
		if _, err := analyze.SelectList(trees[:n+1], scope, origins[:n+1]); err != nil {
			b.mistake(err, &sound[n], aliasOf(trees[n]))
			continue
		}
		n++
	}
	if err := b.project(scope, trees[:n], origins[:n]); err != nil {
		b.mistakes = append(b.mistakes, err)
	}
}

// aliasOf is the name that an item gives its column, "" when it has none.
func aliasOf(e ast.Expr) string {
	if a, ok := e.(*ast.Alias); ok && len(a.Names) == 1 {
		return a.Names[0]
	}
	return ""
}

// project adds a select list with at most one generator. If it has aggregates, all rows form one group.
func (b *builder) project(scope analyze.Scope, trees []ast.Expr, origins []*expr.Origin) error {
	if analyze.HasAggregate(trees) {
		g, err := analyze.GroupBy(nil, trees, scope, origins)
		if err != nil {
			return err
		}
		return b.aggregate(g, g.Output)
	}
	list, err := analyze.SelectList(trees, scope, origins)
	if err != nil {
		return err
	}
	b.reveal(list...)
	if list, err = b.windows(list); err != nil {
		return err
	}
	b.selected(list)
	return nil
}

// selected adds an analysed select list, whose generator, if it has one, goes below it.
func (b *builder) selected(list []*expr.Expr) {
	var out []*expr.Expr
	for _, e := range list {
		if !isGenerator(e) {
			out = append(out, e)
			continue
		}
		b.generate(unalias(e), aliasNames(e))
		out = append(out, b.plan.(*generate).cols...)
	}
	b.plan = &project{b.plan, out}
}

// generate puts a generator below the plan and gives its last column.
func (b *builder) generate(g *expr.Expr, names []string) *expr.Expr {
	fields := generatedFields(g)
	cols := make([]*expr.Expr, len(fields))
	for i, f := range fields {
		name := f.Name
		if len(names) == len(fields) {
			name = names[i]
		}
		cols[i] = &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: name, Type: f.Type, Nullable: f.Nullable}
	}
	b.plan = &generate{b.plan, g, cols}
	return cols[len(cols)-1]
}

// repartition moves rows with equal values of the keys to the same task. How many there are is a setting, which is looked at when the plan
// is optimised: a checkpoint may have pinned it.
func (b *builder) repartition(texts []job.Text) {
	var keys []*expr.Expr
	for i := range texts {
		tree, origin, err := parseText(&texts[i])
		if err == nil {
			tree = &ast.Call{Node: ast.Node{Span: tree.Pos()}, Name: []string{"hash"}, Args: []ast.Expr{tree}} // takes what can be hashed
			var hash *expr.Expr
			if hash, err = analyze.Expression(tree, b.scope(), origin); err == nil {
				keys = append(keys, hash.Args...)
				continue
			}
		}
		b.mistake(err, &texts[i], "")
	}
	b.reveal(keys...)
	b.plan = &repartition{in: b.plan, keys: keys}
}

// unalias is the expression below an alias.
func unalias(e *expr.Expr) *expr.Expr {
	if e.Kind == expr.Alias {
		return e.Args[0]
	}
	return e
}

// aliasNames are the names given to a generator's columns: none, x AS name, x AS (a, b).
func aliasNames(e *expr.Expr) []string {
	if e.Kind != expr.Alias {
		return nil
	}
	if list, ok := e.Data.([]string); ok {
		return list
	}
	return []string{e.Name}
}

// alias names an expression.
func alias(e *expr.Expr, name string) *expr.Expr {
	return &expr.Expr{
		Kind: expr.Alias, Args: []*expr.Expr{e}, Name: name, ID: expr.NewID(), Type: e.Type, Nullable: e.Nullable,
		Origin: e.Origin, Span: e.Span,
	}
}
