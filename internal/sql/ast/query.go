package ast

// A Relation is a source of rows: an item of FROM or the body of a query. Its dynamic type is one of the pointers below. The input of a
// pipe operator is the Relation before the |> itself, whose columns keep their qualifiers.
type Relation interface {
	Pos() Span
}

type (
	// A Query is a relation with an order and a limit, and names for other queries within it.
	Query struct {
		Node
		With    []CommonTable
		Body    Relation
		OrderBy []Order
		Limit   Expr     // nil if missing, and for LIMIT ALL
		Offset  Expr     // nil if missing
		Others  []Clause // SORT BY, CLUSTER BY, DISTRIBUTE BY; TABLESAMPLE after |>
	}
	// A Select is SELECT … FROM … WHERE … GROUP BY … HAVING … QUALIFY.
	Select struct {
		Node
		Distinct bool
		Items    []Expr   // nil for all columns, as after |> WHERE
		Pipe     string   // the operator after |>: SELECT, EXTEND, DROP, WHERE or AGGREGATE, whose result begins with the keys
		From     Relation // nil if missing
		Views    []LateralView
		Where    Expr
		GroupBy  *GroupBy // nil if missing
		Having   Expr
		Qualify  Expr
		Others   []Clause // hints
	}
	// A SetOperation is UNION, EXCEPT (MINUS) or INTERSECT. Without ALL the result has no row twice.
	SetOperation struct {
		Node
		Op          string // upper case, EXCEPT also for MINUS
		All, ByName bool
		OpSpan      Span
		Left, Right Relation
	}
	// A Join of two relations. FROM a, b is a CROSS join with Comma.
	Join struct {
		Node
		Kind                    string // INNER, CROSS, LEFT, RIGHT, FULL, SEMI or ANTI
		Comma, Natural, Lateral bool
		OpSpan                  Span
		Left, Right             Relation
		On                      Expr
		Using                   []string
	}
	// A Table is a relation with a name. Stream: the keyword STREAM comes before it.
	Table struct {
		Node
		Name   []string
		Stream bool
		Naming
		Others []Clause // TABLESAMPLE, WATERMARK, OPTIONS
	}
	// A Derived is a query in parentheses, or a relation in parentheses.
	Derived struct {
		Node
		Of Relation
		Naming
		Others []Clause
	}
	// A Values is VALUES row, row.
	Values struct {
		Node
		Rows []Expr
		Naming
	}
	// A TableFunction is a call in FROM.
	TableFunction struct {
		Node
		Call *Call
		Naming
	}
	// A Piped is the result of |> AS name or |> SET x = y.
	Piped struct {
		Node
		Of    Relation
		Alias string // AS
		Set   []Expr // SET: aliases
	}
	// A Reshaped is the result of PIVOT or UNPIVOT, which only their names describe.
	Reshaped struct {
		Node
		Of     Relation
		Clause Clause
	}
)

// A Naming is AS alias (columns) after a relation. The zero value names nothing.
type Naming struct {
	Alias   string
	Columns []string
}

// A CommonTable is name (columns) AS (query) in WITH.
type CommonTable struct {
	Node
	Name      string
	Columns   []string
	Recursive bool
	Query     *Query
}

// A LateralView is LATERAL VIEW [OUTER] generator(…) table AS columns.
type LateralView struct {
	Node
	Outer   bool
	Call    *Call
	Alias   string
	Columns []string
}

// A GroupBy is GROUP BY …. Declared are the expressions before GROUPING SETS, which only decide the order of the keys.
type GroupBy struct {
	Node
	Items    []GroupItem
	Declared []Expr
}

// GroupKind is the kind of a GroupItem.
type GroupKind uint8

// The kinds of items of GROUP BY.
const (
	GroupOne  GroupKind = iota // X
	GroupList                  // (a, b): one element of grouping sets
	GroupSets                  // GROUPING SETS (item, item)
	Rollup                     // ROLLUP (element, element)
	Cube                       // CUBE (element, element)
)

// A GroupItem is a grouping expression, or several. GROUPING SETS may contain ROLLUP, CUBE and more GROUPING SETS.
type GroupItem struct {
	Node
	Kind  GroupKind
	X     Expr
	Items []GroupItem
}

// A Clause is one of which only the name is kept. Rows is set for TABLESAMPLE (n ROWS).
type Clause struct {
	Node
	Name string
	Rows Expr
	// Column and Delay are those of WATERMARK column DELAY OF interval.
	Column, Delay Expr
}
