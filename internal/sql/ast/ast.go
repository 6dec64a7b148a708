// Package ast defines the syntax tree of Spark SQL expressions and queries as written: names are unresolved, types unknown.
package ast

import "github.com/streamctl/streamctl/internal/types"

// A Span is the byte range [Start, End) of a node in its SQL text.
type Span struct{ Start, End int }

// An Expr is a node; its dynamic type is one of the pointers below.
type Expr interface {
	Pos() Span
}

// Node carries the span; every node embeds it.
type Node struct{ Span Span }

// Pos returns the node's span.
func (n Node) Pos() Span { return n.Span }

// LiteralKind is the syntactic form of a Literal.
type LiteralKind uint8

// The forms of literals.
const (
	LitNull LiteralKind = iota
	LitBool
	LitString  // Text: value after escapes
	LitBinary  // Text: the raw bytes
	LitInteger // Text: digits without suffix, including a preceding minus; Suffix "", "Y", "S", "L"
	LitDecimal // Text; Suffix "" or "BD"
	LitDouble  // Text; Suffix "", "D" or "F" (float); an exponent without suffix is a double
	LitTyped   // DATE'…' and the like: Suffix is the upper-case type word, Text the string
)

type (
	// A Literal is a constant.
	Literal struct {
		Node
		Kind   LiteralKind
		Text   string
		Suffix string
	}
	// An IntervalLit is INTERVAL with unit values (INTERVAL 1 DAY 2 HOURS, INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1 day').
	IntervalLit struct {
		Node
		Parts []IntervalPart
		Text  string // INTERVAL '…' without units
	}
	// A Name is a possibly qualified column name: parts without backticks.
	Name struct {
		Node
		Parts []string
	}
	// A Star is * or q.*, with EXCEPT columns.
	Star struct {
		Node
		Target []string
		Except [][]string
	}
	// A Call is a function call, but not an operator.
	Call struct {
		Node
		Name        []string // parts, as written
		Args        []Expr
		Named       []string // the names of NAME => value arguments, parallel to Args; nil if there are none
		Distinct    bool
		Filter      Expr    // FILTER (WHERE …)
		Over        bool    // has an OVER clause (refused in streams)
		Within      []Order // WITHIN GROUP (ORDER BY …)
		IgnoreNulls bool    // IGNORE NULLS
		NameSpan    Span
	}
	// A Unary is a prefix operator: "-", "+", "~", "NOT".
	Unary struct {
		Node
		Op string
		X  Expr
	}
	// A Binary is an infix operator: + - * / % DIV || & ^ | << >> >>> = == <=> <> != < <= > >= AND OR.
	Binary struct {
		Node
		Op   string // upper case; "==" and "!=" as written
		L, R Expr
	}
	// A Between is x [NOT] BETWEEN lo AND hi.
	Between struct {
		Node
		X, Lo, Hi Expr
		Not       bool
	}
	// An In is x [NOT] IN (list).
	In struct {
		Node
		X    Expr
		List []Expr
		Not  bool
	}
	// A Like is LIKE, ILIKE or RLIKE (REGEXP), with Quantifier "", "ANY" (SOME) or "ALL".
	Like struct {
		Node
		Op         string
		X          Expr
		Patterns   []Expr // exactly one if there is no quantifier
		Quantifier string
		Escape     string // one character; "" = the default \
		Not        bool
	}
	// An Is is x IS [NOT] NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM Y.
	Is struct {
		Node
		X    Expr
		What string // "NULL", "TRUE", "FALSE", "UNKNOWN", "DISTINCT"
		Y    Expr   // DISTINCT FROM
		Not  bool
	}
	// A Case is CASE [operand] WHEN … THEN … [ELSE …] END.
	Case struct {
		Node
		Operand Expr // nil in a searched case
		Whens   []When
		Else    Expr // nil if missing
	}
	// A Cast is CAST(x AS t), TRY_CAST(x AS t) or x::t.
	Cast struct {
		Node
		X    Expr
		Type *types.Type
		Try  bool
	}
	// A Subscript is x[i].
	Subscript struct {
		Node
		X, Index Expr
	}
	// A Field is x.name where x is not a plain name.
	Field struct {
		Node
		X    Expr
		Name string
	}
	// An Extract is x:a.b[0]['c'], the part of a variant at the path $.a.b[0]['c'].
	Extract struct {
		Node
		X    Expr
		Path string
	}
	// A Lambda is (params) -> body.
	Lambda struct {
		Node
		Params []string
		Body   Expr
	}
	// An Alias is x AS name, or x AS (a, b) for generators.
	Alias struct {
		Node
		X     Expr
		Names []string
		List  bool // the names are in parentheses, which only generators allow
	}
	// A Subquery is a query as a value: (SELECT …), EXISTS (SELECT …), or x [NOT] IN (SELECT …).
	Subquery struct {
		Node
		Query  *Query
		Exists bool
		X      Expr // IN: what is looked up; nil otherwise
		Not    bool // NOT IN
	}
	// A Tuple is (a, b, …), a struct. Items may be aliases, like the arguments of struct().
	Tuple struct {
		Node
		Items []Expr
	}
	// A Parameter is :name, or ?, which is named _<byte offset>.
	Parameter struct {
		Node
		Name string
	}
)

// A When is a branch of CASE.
type When struct{ Cond, Then Expr }

// An IntervalPart is a value with its unit, or with a range of units (YEAR TO MONTH).
type IntervalPart struct {
	Value    Expr // literal or any expression
	From, To string
}

// An Order is an ORDER BY item.
type Order struct {
	X          Expr
	Desc       bool
	NullsFirst *bool
}
