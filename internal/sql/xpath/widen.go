package xpath

// widen sets the operands of the unions in an expression to those that they have in Xalan. These are the paths, calls and groups, up to
// anything else, among what is written after the first operand, including the operands of subsequent operators up to the end
// of the parentheses. So a | b = c is a | b | c = c, and a | 1 is a. after lists what is written after e.
// (UnionPathIterator.loadLocationPaths traverses the operations in memory order.)
func widen(e expression, after []expression) error {
	switch e := e.(type) {
	case *group:
		return widen(e.expression, after)
	case *negation:
		return widen(e.operand, after)
	case *binary:
		if err := widen(e.left, append([]expression{e.right}, after...)); err != nil {
			return err
		}
		return widen(e.right, after)
	case *union:
		return e.widen(after)
	}
	return nil
}

func (e *union) widen(after []expression) error {
	if e.wide {
		return nil
	}
	e.wide = true
	behind := append(append([]expression(nil), e.operands...), after...)
	for i, operand := range behind[:len(e.operands)] {
		if err := widen(operand, behind[i+1:]); err != nil {
			return err
		}
	}
	e.operands = nil
	for _, operand := range behind {
		if !joins(operand) {
			break
		}
		e.operands = append(e.operands, operand)
	}
	if len(e.operands) == 0 {
		return errorNodes("|")
	}
	return nil
}

// joins reports whether a union includes e as an operand.
func joins(e expression) bool {
	switch e.(type) {
	case *path, *call, *group:
		return true
	}
	return false
}
