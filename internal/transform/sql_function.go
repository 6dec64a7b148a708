package transform

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/function"
	"github.com/streamctl/streamctl/internal/types"
)

// tableFunction makes the plan the rows that a function in FROM returns, which are a table.
func (s *statement) tableFunction(r *ast.TableFunction) error {
	s.single()
	name := strings.Join(r.Call.Name, ".")
	f, known := function.Lookup(r.Call.Name[len(r.Call.Name)-1])
	switch {
	case strings.EqualFold(name, "range"):
		return s.sequence(r)
	case !known:
		return s.refuse(r.Call.NameSpan, sparkerr.New("UNRESOLVABLE_TABLE_VALUED_FUNCTION", "name", types.Quote(name)).
			WithHint("range, explode, posexplode, inline, stack and json_tuple are such functions"))
	case !f.Generator:
		return s.refuse(r.Call.NameSpan, sparkerr.New("NOT_A_TABLE_FUNCTION", "functionName", types.Quote(name)))
	}
	return s.lateralView(ast.LateralView{Node: r.Node, Call: r.Call, Alias: r.Alias, Columns: r.Columns})
}

// sequence adds range(end), range(start, end) or range(start, end, step). A number of partitions does not matter here.
func (s *statement) sequence(r *ast.TableFunction) error {
	if n := len(r.Call.Args); n < 1 || n > 4 {
		return s.refuse(r.Call.NameSpan, sparkerr.New("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "functionName", "`range`", "expectedNum", "[1, 2, 3, 4]", "actualNum", strconv.Itoa(n)))
	}
	numbers := []int64{0, 0, 1}
	for i, arg := range r.Call.Args[:min(len(r.Call.Args), 3)] {
		if len(r.Call.Args) == 1 {
			i = 1
		}
		var err error
		if numbers[i], err = s.bigint(arg); err != nil {
			return err
		}
	}
	start, end, step := numbers[0], numbers[1], numbers[2]
	if step == 0 {
		return s.refuse(r.Pos(), sparkerr.Plain("the step of range must not be 0"))
	}
	columns := r.Columns
	if columns == nil {
		columns = []string{"id"}
	}
	if step > 0 && start >= end || step < 0 && start <= end {
		s.plan = &empty{[]*expr.Expr{{Kind: expr.Column, ID: expr.NewID(), Name: "id", Type: types.Long}}, true, nil}
		if err := s.nameColumns(columns, r.Span); err != nil {
			return err
		}
		s.qualify(r.Alias)
		return nil
	}
	last := end - 1
	if step < 0 {
		last = end + 1
	}
	call := &ast.Call{Node: r.Call.Node, Name: []string{"explode"}, NameSpan: r.Call.NameSpan, Args: []ast.Expr{
		&ast.Call{Node: r.Call.Node, Name: []string{"sequence"}, NameSpan: r.Call.NameSpan, Args: []ast.Expr{bigint(r, start), bigint(r, last), bigint(r, step)}},
	}}
	return s.lateralView(ast.LateralView{Node: r.Node, Call: call, Alias: r.Alias, Columns: columns})
}

func bigint(r *ast.TableFunction, n int64) ast.Expr {
	return &ast.Literal{Node: r.Call.Node, Kind: ast.LitInteger, Text: strconv.FormatInt(n, 10), Suffix: "L"}
}

// bigint returns the value of a constant argument.
func (s *statement) bigint(e ast.Expr) (int64, error) {
	x, err := analyze.Expression(e, s.scope(), s.origin)
	if err != nil {
		return 0, err
	}
	wrong := s.refuse(e.Pos(), sparkerr.Plain("the arguments of range must be constant integers"))
	if t := coerce.Widest(x.Type, types.Long); !x.Foldable() || t == nil {
		return 0, wrong
	}
	v, err := eval.Constant(coerce.Cast(x, types.Long), &expr.Context{Zone: s.zone})
	switch {
	case err != nil:
		return 0, sparkerr.At(err, s.origin.Place)
	case v.IsNull(0):
		return 0, wrong
	}
	return v.I64[0], nil
}
