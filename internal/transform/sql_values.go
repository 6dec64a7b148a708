package transform

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/ast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
)

// single makes the plan one row without columns, as SELECT without FROM reads it.
func (s *statement) single() {
	s.plan, s.metadata = &relation{source: oneRowSource, name: "OneRowRelation", static: true}, nil
	s.qualify("")
}

// values adds VALUES, a table of constants. (Spark: UnresolvedInlineTable.)
func (s *statement) values(v *ast.Values) error {
	s.single()
	rows := make([][]*expr.Expr, len(v.Rows))
	for i, row := range v.Rows {
		items := []ast.Expr{row}
		if t, ok := row.(*ast.Tuple); ok {
			items = t.Items
		}
		for _, item := range items {
			e, err := analyze.Expression(item, s.scope(), s.origin)
			if err != nil {
				return err
			}
			rows[i] = append(rows[i], unalias(e))
		}
		if len(rows[i]) != len(rows[0]) {
			return s.refuse(row.Pos(), sparkerr.New("INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "expectedNumCols", strconv.Itoa(len(rows[0])),
				"actualNumCols", strconv.Itoa(len(rows[i])), "rowIndex", strconv.Itoa(i)))
		}
	}
	cols := make([]*expr.Expr, len(rows[0]))
	for k := range cols {
		column := make([]*expr.Expr, len(rows))
		for i := range rows {
			column[i] = rows[i][k]
		}
		t := coerce.WidestOf(coerce.Types(column)...)
		if t == nil {
			return s.refuse(v.Pos(), sparkerr.New("INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE", "colName", fmt.Sprintf("`col%d`", k+1)))
		}
		for i := range rows {
			rows[i][k] = coerce.Cast(rows[i][k], t)
		}
		nullable := slices.ContainsFunc(rows, func(row []*expr.Expr) bool { return row[k].Nullable })
		cols[k] = &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: fmt.Sprintf("col%d", k+1), Type: t, Nullable: nullable}
	}
	s.plan = &expand{s.plan, rows, cols}
	if err := s.nameColumns(v.Columns, v.Span); err != nil {
		return err
	}
	s.qualify(v.Alias)
	return nil
}
