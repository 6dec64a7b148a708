package function

import (
	"encoding/binary"
	"slices"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// collectFunctions return the values of a group as a list or a string.
func collectFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "collect_list", Aliases: []string{"array_agg"}, Group: "agg_funcs", Usage: "collect_list(expr)",
			Doc: "The non-NULL values, in row order.", Example: "collect_list(5)", Result: "[5]", MinArgs: 1, MaxArgs: 1,
			Aggregate: true, Resolve: resolveCollect,
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) { return newCollector(call.Args[:1], finishList), nil },
		},
		{
			Name: "collect_set", Group: "agg_funcs", Usage: "collect_set(expr)", Doc: "The distinct non-NULL values, in no particular order.",
			Example: "collect_set(5)", Result: "[5]", MinArgs: 1, MaxArgs: 1, Aggregate: true, Resolve: resolveCollectSet,
			Accumulate: func(call *expr.Expr) (expr.Aggregator, error) {
				g := newCollector(call.Args[:1], finishSet)
				g.seen = map[string]struct{}{}
				return g, nil
			},
		},
		{
			Name: "listagg", Aliases: []string{"string_agg"}, Group: "agg_funcs",
			Usage:   "listagg(expr[, delimiter])[ WITHIN GROUP (ORDER BY key [ASC | DESC] [,...])]",
			Doc:     "The non-NULL strings concatenated, with a delimiter between them.",
			Example: "listagg('a', ',')", Result: "a", MinArgs: 1, MaxArgs: 2, Ordering: expr.MayBeOrdered, Aggregate: true, SeesNulls: true,
			Resolve: resolveListAgg, Accumulate: accumulateListAgg, SQL: listAggSQL,
		},
	}
}

func resolveCollect(call *expr.Expr) error {
	call.Type, call.Nullable = types.ArrayOf(call.Args[0].Type, false), false
	return nil
}

func resolveCollectSet(call *expr.Expr) error {
	if holds(call.Args[0].Type, types.KindMap) {
		return coerce.Mismatch(call, "UNSUPPORTED_INPUT_TYPE", "functionName", "`collect_set`", "dataType", `"MAP"`)
	}
	return resolveCollect(call)
}

// A collector keeps all values of some arguments, except rows whose first argument is NULL.
type collector struct {
	cols   []*vector.Vector
	of     []int32 // group of each row of cols
	groups int
	seen   map[string]struct{} // groups and values, if duplicates are dropped
	key    []byte
	// finish writes the result of group g, whose rows of cols are passed in order of arrival.
	finish func(s *collector, rows []int32, out *vector.Vector, g int) error
}

func newCollector(args []*expr.Expr, finish func(s *collector, rows []int32, out *vector.Vector, g int) error) *collector {
	s := &collector{finish: finish}
	for _, a := range args {
		s.cols = append(s.cols, vector.New(a.Type, 0))
	}
	return s
}

func (s *collector) Grow(n int) { s.groups = max(s.groups, n) }

func (s *collector) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		s.add(groups[i], args, i)
	}
	return nil
}

func (s *collector) add(group int32, args []*vector.Vector, i int) {
	if args[0].IsNull(i) || s.seen != nil && !s.isNew(group, args[0], i) {
		return
	}
	for k, c := range s.cols {
		kernel.Append(c, args[k], i)
	}
	s.of = append(s.of, group)
}

func (s *collector) isNew(group int32, v *vector.Vector, i int) bool {
	s.key = kernel.AppendKey(binary.LittleEndian.AppendUint32(s.key[:0], uint32(group)), v, i)
	_, known := s.seen[string(s.key)]
	if !known {
		s.seen[string(s.key)] = struct{}{}
	}
	return !known
}

func (s *collector) State() []*types.Type {
	var list []*types.Type
	for _, c := range s.cols {
		list = append(list, types.ArrayOf(c.Type, true))
	}
	return list
}

func (s *collector) Save(state []*vector.Vector) {
	for g, rows := range s.byGroup() {
		for k, c := range s.cols {
			setList(state[k], g, c, rows)
		}
	}
}

// setList makes a list of the given rows of items the value of row g.
func setList(out *vector.Vector, g int, items *vector.Vector, rows []int32) {
	list := out.Children[0]
	from := list.Len()
	list.Extend(from + len(rows))
	for k, r := range rows {
		kernel.Copy(list, from+k, items, int(r))
	}
	out.Views[g] = vector.View{Off: uint32(from), Len: uint32(len(rows))}
}

func (s *collector) Merge(groups []int32, state []*vector.Vector) error {
	items := make([]*vector.Vector, len(state))
	for k, v := range state {
		items[k] = v.Children[0]
	}
	for i, g := range groups {
		w := state[0].Views[i]
		for k := range int(w.Len) {
			s.add(g, items, int(w.Off)+k)
		}
	}
	return nil
}

// byGroup returns the rows of each group.
func (s *collector) byGroup() [][]int32 {
	counts := make([]int32, s.groups)
	for _, g := range s.of {
		counts[g]++
	}
	all := make([]int32, len(s.of))
	lists := make([][]int32, s.groups)
	at := int32(0)
	for g, n := range counts {
		lists[g] = all[at : at : at+n]
		at += n
	}
	for r, g := range s.of {
		lists[g] = append(lists[g], int32(r))
	}
	return lists
}

func (s *collector) Finish(out *vector.Vector) error {
	for g, rows := range s.byGroup() {
		if err := s.finish(s, rows, out, g); err != nil {
			return err
		}
	}
	return nil
}

func finishList(s *collector, rows []int32, out *vector.Vector, g int) error {
	setList(out, g, s.cols[0], rows)
	return nil
}

func finishSet(s *collector, rows []int32, out *vector.Vector, g int) error {
	setList(out, g, s.cols[0], hashSetOrder(s.cols[0], rows))
	return nil
}

// sorted sorts rows stably by the columns from number first on.
func (s *collector) sorted(rows []int32, first int, order []expr.Sorting) []int32 {
	slices.SortStableFunc(rows, func(i, j int32) int {
		for k, o := range order {
			c := s.cols[first+k]
			if r := compareSorted(c, int(i), int(j), o); r != 0 {
				return r
			}
		}
		return 0
	})
	return rows
}

func compareSorted(c *vector.Vector, i, j int, o expr.Sorting) int {
	r := kernel.Compare(c, i, c, j)
	switch a, b := c.IsNull(i), c.IsNull(j); {
	case a != b && o.NullsLast:
		return -r
	case a != b:
		return r
	case o.Desc:
		return -r
	}
	return r
}

// resolveListAgg accepts strings or binaries and a constant delimiter of the same type, which defaults to the empty string if
// missing or NULL.
func resolveListAgg(call *expr.Expr) error {
	args, order, _ := call.Parts()
	if len(args) == 1 {
		args = []*expr.Expr{args[0], expr.Null(types.Void)}
	}
	list := *call
	list.Args, list.Aggregation = args, nil
	param := coerce.OneOf(coerce.String, coerce.Binary)
	if err := coerce.Params(&list, param, param); err != nil {
		return err
	}
	args = list.Args
	if args[1].Type.Kind != args[0].Type.Kind && !(args[1].IsNullLit() || args[0].Type.IsText() && args[1].Type.IsText()) {
		return coerce.DifferentTypes(&list, call.CallName(), args)
	}
	delimiter, err := constantArg(&list, 1)
	if err != nil {
		return err
	}
	if delimiter == nil {
		return notConstant(&list, 1, "`delimiter`")
	}
	if err := checkListOrder(call, args[0], order); err != nil {
		return err
	}
	separator := []byte{}
	if !delimiter.IsNull(0) {
		separator = append(separator, delimiter.Bytes(0)...)
	}
	call.Data = string(separator)
	call.Args = append(args[:2:2], order...)
	call.Type, call.Nullable = args[0].Type, true
	return nil
}

// checkListOrder refuses to order DISTINCT strings by another expression, and rejects keys without an order.
func checkListOrder(call, value *expr.Expr, order []*expr.Expr) error {
	for _, key := range order {
		if err := coerce.CheckOrdering(call, key.Type, call.CallName()); err != nil {
			return err
		}
	}
	if len(order) == 0 || !call.Aggregation.Distinct {
		return nil
	}
	for value.Kind == expr.Cast && value.Implicit {
		value = value.Args[0]
	}
	if len(order) == 1 && expr.Equal(order[0], value) {
		return nil
	}
	return sparkerr.New("INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT", "funcName", "`"+call.CallName()+"`",
		"funcArg", `"`+value.SQL()+`"`, "orderingExpr", `"`+order[0].SQL()+`"`)
}

func accumulateListAgg(call *expr.Expr) (expr.Aggregator, error) {
	_, order, _ := call.Parts()
	var sorting []expr.Sorting
	if call.Aggregation != nil {
		sorting = call.Aggregation.Order
	}
	separator, _ := call.Data.(string)
	s := newCollector(append([]*expr.Expr{call.Args[0]}, order...), nil)
	s.finish = func(s *collector, rows []int32, out *vector.Vector, g int) error {
		if len(rows) == 0 {
			out.SetNull(g)
			return nil
		}
		from := len(out.Data)
		for k, r := range s.sorted(rows, 1, sorting) {
			if k > 0 {
				out.Data = append(out.Data, separator...)
			}
			out.Data = append(out.Data, s.cols[0].Bytes(int(r))...)
		}
		out.CloseBytes(g, from)
		return nil
	}
	return &listAgg{s}, nil
}

// listAgg excludes the delimiter, the second argument, from the collected values.
type listAgg struct{ *collector }

func (l *listAgg) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	return l.collector.Update(n, sel, groups, append([]*vector.Vector{args[0]}, args[2:]...))
}

func listAggSQL(call *expr.Expr, args []string) string {
	_, order, _ := call.Parts()
	if len(args) == 1 {
		args = []string{args[0], "NULL"}
	}
	text := callSQL(call.CallName(), args)
	for i, key := range order {
		o := call.Aggregation.Order[i]
		text += map[bool]string{true: ", ", false: " WITHIN GROUP (ORDER BY "}[i > 0] + key.SQL() + sortingSQL(o)
	}
	if len(order) > 0 {
		text += ")"
	}
	return text
}

func sortingSQL(o expr.Sorting) string {
	text := " ASC"
	if o.Desc {
		text = " DESC"
	}
	if o.NullsLast {
		return text + " NULLS LAST"
	}
	return text + " NULLS FIRST"
}
