package xpath

// widen returns the unions in an expression the operands that they have in Xalan: of what is written behind the first operand, also behind other
// operators up to the end of the parentheses, the paths, calls and groups up to anything else. So a | b = c is a | b | c = c, and a | 1 is
// a. after lists what is written behind e. (UnionPathIterator.loadLocationPaths goes through the operations as they lie in memory.)
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

// joins reports what a union takes in.
func joins(e expression) bool {
	switch e.(type) {
	case *path, *call, *group:
		return true
	}
	return false
}
