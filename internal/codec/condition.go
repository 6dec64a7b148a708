package codec

import "github.com/streamctl/streamctl/internal/vector"

// A Condition lets a reader skip the parts of a file whose statistics show that no row can match. It compares a column with
// constants, or combines other conditions.
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
