package operator

// A JoinKind says which rows a join returns.
type JoinKind uint8

// The kinds of joins. A cross join is an Inner one without a condition. (Spark: JoinType.)
const (
	Inner      JoinKind = iota
	LeftOuter           // also left rows without a match, with NULLs on the right
	RightOuter          // also right rows without a match
	FullOuter           // also rows of both sides without a match
	LeftSemi            // left rows with a match, once each
	LeftAnti            // left rows without a match
	LeftSingle          // as LeftOuter, but a row with several matches is an error (a scalar subquery)
	Existence           // all left rows, with a column that says whether there is a match
)

var joinKindNames = [...]string{"Inner", "LeftOuter", "RightOuter", "FullOuter", "LeftSemi", "LeftAnti", "LeftSingle", "ExistenceJoin"}

// String returns Spark's name.
func (k JoinKind) String() string { return joinKindNames[k] }

// Returns reports whether rows of a side, which is 0 for the left one, come out without a match.
func (k JoinKind) Returns(side int) bool {
	return k == FullOuter || side == leftSide && k == LeftOuter || side == rightSide && k == RightOuter
}
