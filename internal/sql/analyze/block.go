package analyze

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// A Block is the part of a SELECT that works on groups.
type Block struct {
	Items   []ast.Expr
	GroupBy *ast.GroupBy // nil: all rows form one group
	Having  ast.Expr     // nil if missing
	OrderBy []ast.Order
	// KeysFirst is set after |> AGGREGATE: the output begins with the keys, and positions in GROUP BY count columns of the input.
	KeysFirst bool
}

// Groups is an analysed Block.
type Groups struct {
	Grouping
	Having  *expr.Expr   // over the columns of keys and calls; nil if missing
	OrderBy []*expr.Expr // over the same columns and those of Output
}

// A blockAnalyzer analyses a Block. Keys may be named by the select list, and the select list may name keys: keys that are not columns of
// the input wait until the select list has been analysed.
type blockAnalyzer struct {
	*analyzer
	block *Block
	out   *Groups
	items []*expr.Expr // the analysed select list, before it is rewritten in terms of groups
}

// Select analyses a Block of the text of origin.
func (b *Block) Select(scope Scope, origin *expr.Origin) (*Groups, error) {
	a := newAnalyzer(scope, origin, inAggregate)
	a.used = map[expr.ID]*expr.Expr{}
	s := &blockAnalyzer{analyzer: a, block: b, out: &Groups{}}
	for _, step := range []func() error{s.group, s.output, s.having, s.order} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return s.out, nil
}

// group analyses GROUP BY and the select list.
func (s *blockAnalyzer) group() error {
	var sets [][]ast.Expr
	var list []ast.Expr
	if by := s.block.GroupBy; by != nil {
		s.sets = slices.ContainsFunc(by.Items, func(i ast.GroupItem) bool { return i.Kind != ast.GroupOne })
		list = append(by.Declared[:len(by.Declared):len(by.Declared)], elements(by.Items)...)
		var ok bool
		if sets, ok = combined(by.Items); !ok {
			return s.placeSpan(by.Span, sparkerr.Plain("GROUP BY has more than %d grouping sets", maxSets).WithHint("name the sets that you need in GROUPING SETS"))
		}
	}
	keys := make([]*expr.Expr, len(list))
	for i, e := range list {
		key, err := s.inputKey(e)
		if err != nil {
			return err
		}
		if keys[i] = key; key != nil && isTimeWindow(key) {
			s.nameKey(key)
		}
	}
	if err := s.selectList(); err != nil {
		return err
	}
	for i, e := range list {
		if keys[i] != nil {
			continue
		}
		if s.isAll(list) {
			s.allKeys()
			return nil
		}
		var err error
		if keys[i], err = s.itemKey(e); err != nil {
			return err
		}
	}
	return s.setKeys(list, keys, sets)
}

func isTimeWindow(key *expr.Expr) bool {
	return key.Kind == expr.Alias && (key.Args[0].Is("window") || key.Args[0].Is("session_window"))
}

// inputKey analyses a key over the columns of the input. It returns nil for one that has to wait for the select list.
func (s *blockAnalyzer) inputKey(e ast.Expr) (*expr.Expr, error) {
	if n := FindAggregate(e); n != nil {
		return nil, s.fail(n, "GROUP_BY_AGGREGATE", "sqlExpr", s.text(n))
	}
	if _, ok := position(e); ok {
		return s.positionInInput(e)
	}
	key, err := s.key(e, nil)
	var wrong *sparkerr.Error
	if errors.As(err, &wrong) && strings.HasPrefix(wrong.Condition, "UNRESOLVED_COLUMN") {
		return nil, nil
	}
	return key, err
}

// positionInInput returns the column that a position after |> AGGREGATE means; nil for positions in the select list.
func (s *blockAnalyzer) positionInInput(e ast.Expr) (*expr.Expr, error) {
	if !s.block.KeysFirst {
		return nil, nil
	}
	at, _ := position(e)
	if at < 1 || at > len(s.Columns) {
		return nil, s.fail(e, "GROUP_BY_POS_OUT_OF_RANGE", "index", strconv.Itoa(at), "size", strconv.Itoa(len(s.Columns)))
	}
	c := s.Columns[at-1]
	return s.locate(columnOf(c, c), e), nil
}

// key analyses a key, which may name items of the select list.
func (s *blockAnalyzer) key(e ast.Expr, items []*expr.Expr) (*expr.Expr, error) {
	a := newAnalyzer(s.Scope, s.origin, inSelect)
	a.used = map[expr.ID]*expr.Expr{}
	for _, item := range items {
		if item.Kind == expr.Alias && len(itemsNamed(a.lateral, item.Name)) == 0 {
			a.lateral = append(a.lateral, item)
			a.used[item.ID] = item.Args[0]
		}
	}
	key, err := a.item(e)
	if err == nil && findGenerator(key) != nil {
		err = s.fail(e, "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", "plan", "GROUP BY")
	}
	return key, err
}

// itemKey returns the key that a position or an alias of the select list means.
func (s *blockAnalyzer) itemKey(e ast.Expr) (*expr.Expr, error) {
	at, ok := position(e)
	if !ok {
		key, err := s.key(e, s.items)
		if err == nil && hasAggregate(key) {
			return nil, s.fail(e, "GROUP_BY_AGGREGATE", "sqlExpr", bareSQL(key))
		}
		return key, err
	}
	if slices.ContainsFunc(s.block.Items, isStar) {
		return nil, s.fail(e, "STAR_GROUP_BY_POS")
	}
	if at < 1 || at > len(s.items) {
		return nil, s.fail(e, "GROUP_BY_POS_OUT_OF_RANGE", "index", strconv.Itoa(at), "size", strconv.Itoa(len(s.items)))
	}
	item := s.items[at-1]
	if hasAggregate(item) {
		return nil, s.fail(e, "GROUP_BY_POS_AGGREGATE", "index", strconv.Itoa(at), "aggExpr", item.SQL())
	}
	return item, nil
}

// isAll reports whether the only key is the word ALL, which is not a column.
func (s *blockAnalyzer) isAll(list []ast.Expr) bool {
	if s.sets || len(list) != 1 || !isWord(list[0], "all") {
		return false
	}
	return len(itemsNamed(s.items, "all")) == 0
}

// allKeys makes every item without aggregates a key. (Spark: ResolveReferencesInAggregate, GROUP BY ALL.)
func (s *blockAnalyzer) allKeys() {
	for _, item := range s.items {
		if !hasAggregate(item) {
			s.addKey(item)
		}
	}
}

// addKey adds a key unless there is an equal one, and returns its position.
func (s *blockAnalyzer) addKey(key *expr.Expr) int {
	if i := s.out.key(key); i >= 0 {
		return i
	}
	s.out.Keys = append(s.out.Keys, key)
	return len(s.out.Keys) - 1
}

// setKeys sets the keys, each once, and the grouping sets. keys are the analysed expressions of list.
func (s *blockAnalyzer) setKeys(list []ast.Expr, keys []*expr.Expr, sets [][]ast.Expr) error {
	at := map[ast.Expr]int{}
	for i, key := range keys {
		at[list[i]] = s.addKey(key)
	}
	if !s.sets {
		return nil
	}
	if len(s.out.Keys) > maxSetKeys {
		return s.placeSpan(s.block.GroupBy.Span, sparkerr.New("GROUPING_SIZE_LIMIT_EXCEEDED", "maxSize", strconv.Itoa(maxSetKeys)))
	}
	numbers := make([][]int, len(sets))
	for i, set := range sets {
		for _, e := range set {
			numbers[i] = append(numbers[i], at[e])
		}
	}
	s.out.Sets = newSets(s.out.Keys, numbers)
	return nil
}

// selectList analyses the items, and expands stars.
func (s *blockAnalyzer) selectList() error {
	for _, item := range s.block.Items {
		if err := s.checkRoutines(item); err != nil {
			return err
		}
	}
	for _, item := range s.block.Items {
		if star, ok := item.(*ast.Star); ok {
			cols, err := s.star(star)
			if err != nil {
				return err
			}
			s.items = append(s.items, cols...)
			continue
		}
		x, err := s.item(item)
		if err != nil {
			return err
		}
		s.items = append(s.items, x)
	}
	return s.checkGenerators(s.items)
}

// output rewrites the select list in terms of groups.
func (s *blockAnalyzer) output() error {
	s.grouping = &s.out.Grouping
	if s.block.KeysFirst {
		for i, k := range s.out.Keys {
			s.out.Output = append(s.out.Output, s.out.keyColumn(&expr.Expr{Span: k.Span, Origin: k.Origin}, i))
		}
	}
	var list []*expr.Expr
	for _, item := range s.items {
		if s.block.KeysFirst && !hasAggregate(item) {
			return located(item, sparkerr.New("PIPE_OPERATOR_AGGREGATE_EXPRESSION_CONTAINS_NO_AGGREGATE_FUNCTION", "expr", bareSQL(item)))
		}
		if err := s.correlated(item); err != nil {
			return err
		}
		x, err := s.out.regroup(item)
		if err != nil {
			return err
		}
		list = append(list, x)
	}
	s.out.Output = append(s.out.Output, list...)
	s.out.missing = s.notInOutput
	return nil
}

// hasAggregate reports whether an analysed expression calls an aggregate function.
func hasAggregate(x *expr.Expr) (found bool) {
	expr.Walk(x, func(e *expr.Expr) bool {
		found = found || e.IsAggregate()
		return !found
	})
	return found
}

func bareExpr(x *expr.Expr) *expr.Expr {
	for x.Kind == expr.Alias {
		x = x.Args[0]
	}
	return x
}

func bareSQL(x *expr.Expr) string { return bareExpr(x).SQL() }

// columnsOf returns references to named expressions.
func columnsOf(list []*expr.Expr) []*expr.Expr {
	cols := make([]*expr.Expr, len(list))
	for i, e := range list {
		cols[i] = columnOf(e, e)
	}
	return cols
}
