package transform

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/parse"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// withWatermark makes a column the event time of the stream. (Spark: ResolveEventTimeWatermark.)
func (b *builder) withWatermark(s *job.WithWatermark) {
	tree, origin, err := parseText(&s.EventTime)
	if err != nil {
		b.mistake(err, &s.EventTime, "")
		return
	}
	column, err := analyze.Expression(tree, b.scope(), origin)
	if err == nil {
		err = checkEventTime(column, s.EventTime.Text)
	}
	if err != nil {
		b.mistake(err, &s.EventTime, "")
		return
	}
	delay, err := watermarkDelay(s.Delay.Text)
	if err != nil {
		b.mistakes = append(b.mistakes, sparkerr.At(err, s.Delay.Place))
		return
	}
	b.reveal(column)
	b.watermark(column, delay)
}

// watermark makes a column the event time. Tables have none. (Spark: EliminateEventTimeWatermark.)
func (b *builder) watermark(column *expr.Expr, delay int64) {
	if streams(b.plan) {
		b.plan = &eventTime{b.plan, column, delay}
	}
}

// checkEventTime refuses what cannot be an event time. Spark accepts the struct of a time window, and then takes an offset within its
// bytes for the time.
func checkEventTime(column *expr.Expr, text string) error {
	if column.Kind != expr.Column {
		err := sparkerr.New("EVENT_TIME_MUST_BE_TOP_LEVEL_COLUMN", "eventExpr", text).WithHint("withColumn: copy it to a column first")
		err.Fragment = column.Fragment()
		return err
	}
	if column.Type.Kind != types.KindTimestamp {
		err := sparkerr.New("EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE", "eventName", types.Quote(column.Name), "eventType", `"`+column.Type.SQL()+`"`).
			WithHint("withColumn: CAST(%s AS TIMESTAMP)", column.Name)
		err.Fragment = column.Fragment()
		return err
	}
	return nil
}

// daysPerMonth is how long a month of a watermark's delay is. (Spark: EventTimeWatermark.getDelayMs.)
const daysPerMonth = 31

// watermarkDelay parses the delay of a watermark and returns it in milliseconds.
func watermarkDelay(text string) (int64, error) {
	months, days, micros, err := datetime.ParseCalendar(text)
	if err != nil {
		return 0, err
	}
	return delayMillis(vector.CalendarInterval{Months: months, Days: days, Micros: micros}, text)
}

// delayMillis returns a delay, written as text, in milliseconds.
func delayMillis(i vector.CalendarInterval, text string) (int64, error) {
	ms := (int64(i.Months)*daysPerMonth+int64(i.Days))*datetime.MicrosPerDay/1000 + i.Micros/1000
	if i.Months < 0 || i.Days < 0 || i.Micros < 0 || ms < 0 {
		return 0, sparkerr.Plain("requirement failed: delay threshold (%s) should not be negative.", text).WithHint(`write "10 minutes"`)
	}
	return ms, nil
}

// groupBy groups by expressions. The result has the keys before the aggregates. (Spark: RelationalGroupedDataset.agg.)
func (b *builder) groupBy(s *job.GroupBy) {
	before := len(b.mistakes)
	keys, keyOrigins := b.parseAll(s.Keys)
	items, origins := b.parseAll(s.Aggregates)
	if len(b.mistakes) > before {
		return
	}
	if len(s.Aggregates) == 0 {
		items, origins = []ast.Expr{countAll()}, []*expr.Origin{{Text: "count(1)", Place: s.Place}}
	}
	scope := b.scope()
	resolved, err := analyze.GroupKeys(keys, scope, keyOrigins)
	if err != nil {
		b.mistakes = append(b.mistakes, err)
		return
	}
	g, err := analyze.GroupBy(resolved, items, scope, origins)
	if err == nil {
		err = b.aggregate(g, append(columnsOf(resolved), g.Output...))
	}
	if err != nil {
		b.mistakes = append(b.mistakes, err)
	}
}

// countAll is count(1) AS count.
func countAll() ast.Expr {
	call := &ast.Call{Name: []string{"count"}, Args: []ast.Expr{&ast.Literal{Kind: ast.LitInteger, Text: "1"}}}
	return &ast.Alias{X: call, Names: []string{"count"}}
}

// parseAll parses texts and notes the mistakes.
func (b *builder) parseAll(texts []job.Text) (trees []ast.Expr, origins []*expr.Origin) {
	for i := range texts {
		tree, origin, err := parseText(&texts[i])
		if err != nil {
			b.mistake(err, &texts[i], "")
			continue
		}
		trees, origins = append(trees, tree), append(origins, origin)
	}
	return trees, origins
}

// aggregate adds an aggregation to the plan, and above it the expressions of output over its keys and calls.
func (b *builder) aggregate(g *analyze.Grouping, output []*expr.Expr) error {
	if err := groupable(g.Keys); err != nil {
		return err
	}
	b.reveal(g.Keys...)
	b.reveal(g.Calls...)
	keys, err := b.windows(g.Keys)
	if err != nil {
		return err
	}
	b.plan = newAggregate(b.plan, keys, g.Calls)
	b.selected(output)
	b.metadata = nil
	return nil
}

// groupable refuses keys whose values cannot be told apart. (Spark: ExprUtils.checkValidGroupingExprs.)
func groupable(keys []*expr.Expr) error {
	for _, k := range keys {
		if k.Type.Has(types.KindVariant) {
			err := sparkerr.New("GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE", "sqlExpr", `"`+unalias(k).SQL()+`"`, "dataType", `"`+k.Type.SQL()+`"`)
			err.Fragment = k.Fragment()
			return err.WithHint("variant_get(…) or to_json(…) gives a value that rows can be grouped by")
		}
	}
	return nil
}

// newAggregate returns an aggregation whose event time is the first key that has a watermark.
func newAggregate(in node, keys, calls []*expr.Expr) *aggregation {
	a := &aggregation{in: in, keys: keys, calls: calls}
	times := eventTimes(in)
	for _, k := range keys {
		name := "_groupingexpression"
		if u := unalias(k); u.Kind == expr.Column {
			name = u.Name
		}
		a.stored = append(a.stored, types.Field{Name: name, Metadata: keyMetadata(in, times, k)})
		if delay, ok := timeOf(times, k); ok && a.time.column == nil {
			a.time = watermarked{columnOf(k), delay}
		}
		if u := unalias(k); u.Kind == expr.Column && a.session == nil && isSession(in, u) {
			a.session = columnOf(k)
		}
	}
	return a
}

// distinct keeps the first of equal rows of the whole stream.
func (b *builder) distinct(s *job.Distinct) {
	b.deduplicate(slices.Clone(b.plan.output()), false, s.Place)
}

// dropDuplicates keeps the first row for each combination of values of some columns, all if there are none.
func (b *builder) dropDuplicates(s *job.DropDuplicates) {
	columns := b.plan.output()
	keys := slices.Clone(columns)
	if len(s.Columns) > 0 {
		keys = nil
	}
	for i := range s.Columns {
		name := &s.Columns[i]
		found := slices.IndexFunc(columns, func(c *expr.Expr) bool { return strings.EqualFold(c.Name, name.Text) })
		if found < 0 {
			b.mistake(unknownColumn(name, columns), name, "")
			return
		}
		for _, c := range columns[found:] { // all of that name, as Spark does
			if strings.EqualFold(c.Name, name.Text) && !slices.ContainsFunc(keys, func(k *expr.Expr) bool { return k.ID == c.ID }) {
				keys = append(keys, c)
			}
		}
	}
	b.deduplicate(keys, s.WithinWatermark, s.Place)
}

func unknownColumn(name *job.Text, columns []*expr.Expr) error {
	err := sparkerr.New("UNRESOLVED_COLUMN_AMONG_FIELD_NAMES", "colName", name.Text, "fieldNames", names(columns))
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	err.Hint, err.Place = job.DidYouMean(name.Text, list), name.Place
	return err
}

// deduplicate adds the step at place. Spark does not look at the types of dropDuplicatesWithinWatermark.
func (b *builder) deduplicate(keys []*expr.Expr, within bool, place *sparkerr.Place) {
	if err := distinguishable(keys); err != nil && !within {
		b.whole(sparkerr.At(err, place))
		return
	}
	d := &dedup{in: b.plan, keys: keys, within: within}
	times := eventTimes(b.plan)
	for _, c := range b.plan.output() {
		if delay, ok := times[c.ID]; ok && d.time.column == nil {
			d.time = watermarked{c, delay}
		}
	}
	b.plan = d
}

// orderBy sorts by expressions, each with an optional direction and place of NULLs.
func (b *builder) orderBy(s *job.OrderBy) {
	var keys []*expr.Expr
	var order []expr.Sorting
	for i := range s.Keys {
		key, direction, err := b.sortKey(&s.Keys[i])
		if err != nil {
			b.mistake(err, &s.Keys[i], "")
			continue
		}
		keys, order = append(keys, key), append(order, direction)
	}
	b.sort(keys, order, s.Place)
}

func (b *builder) sortKey(text *job.Text) (*expr.Expr, expr.Sorting, error) {
	o, err := parse.OrderItem(text.Text)
	if err != nil {
		err.Hint = cmp.Or(err.Hint, "a key is an expression, then ASC or DESC, then NULLS FIRST or NULLS LAST")
		return nil, expr.Sorting{}, placed(err, text.Place)
	}
	key, e := analyze.Expression(o.X, b.scope(), &expr.Origin{Text: text.Text, Place: text.Place})
	if e != nil {
		return nil, expr.Sorting{}, e
	}
	key, direction := unalias(key), analyze.Direction(o)
	if e := coerce.CheckSortKey(key, direction); e != nil {
		return nil, direction, e
	}
	return key, direction, nil
}

// sort adds a sort by expressions over the columns of the plan.
func (b *builder) sort(keys []*expr.Expr, order []expr.Sorting, place *sparkerr.Place) {
	b.reveal(keys...)
	b.plan = &sorted{b.plan, keys, order, place}
}

// limit keeps the first rows.
func (b *builder) limit(text *job.Text) error {
	n, err := strconv.ParseInt(strings.TrimSpace(text.Text), 10, 32)
	switch {
	case err != nil:
		return sparkerr.At(sparkerr.Plain("limit %s is not a number of rows", text.Text).WithHint("limit: 10"), text.Place)
	case n < 0:
		return sparkerr.At(sparkerr.New("INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "name", "limit", "expr", fmt.Sprintf(`"%d"`, n), "v", strconv.FormatInt(n, 10)), text.Place)
	}
	b.take(n, text.Place)
	return nil
}

// take adds a limit. No rows at all need no state.
func (b *builder) take(rows int64, place *sparkerr.Place) {
	if rows == 0 {
		b.cuts = append(b.cuts, cut{b.plan, place})
		b.plan = emptied(b.plan)
		return
	}
	b.plan = &limit{b.plan, rows, place}
}
