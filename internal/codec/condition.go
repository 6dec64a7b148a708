package codec

import "github.com/streamctl/streamctl/internal/vector"

// A Condition is what a reader may look up in the statistics of a file to leave out parts none of whose rows can meet it: a
// comparison of a column with constants, or conditions combined.
type Condition struct {
	Op     ConditionOp
	Args   []*Condition     // AllOf, AnyOf
	Column int              // position in Scan.Fields
	Values []*vector.Vector // constants of the column's type, not NULL
}

// A ConditionOp is the kind of a Condition.
type ConditionOp uint8

// The kinds.
const (
	AllOf ConditionOp = iota
	AnyOf
	OneOf // equal to one of Values
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	StartsWith
	IsNotNull
)
