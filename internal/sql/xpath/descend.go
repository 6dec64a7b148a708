package xpath

// descends reports whether e is a path such as //b, .//b or /descendant::b, for which Xalan has an iterator that compares the
// identity of names and types: //b does not find p:b, which r/b does, and //text() does not find a text that consists only of
// CDATA sections. (WalkerFactory.isOptimizableForDescendantIterator)
func (e *path) descends() bool {
	count := len(e.steps)
	if e.absolute {
		count++
	}
	if e.from != nil || count < 2 || count > 3 {
		return false
	}
	var self, descendant, orSelf bool
	for i := range e.steps {
		s, number := &e.steps[i], i+1+count-len(e.steps)
		last := i == len(e.steps)-1
		if !last && (!s.any || len(s.predicates) > 0) || s.countsNodes() {
			return false
		}
		switch {
		case s.axis == axisSelf && number == 1:
			self = true
		case s.axis == axisDescendant && number < 3:
			descendant = true
		case s.axis == axisDescendantOrSelf && number < 3:
			descendant, orSelf = true, true
		case s.axis == axisChild && (orSelf || descendant && self):
		default:
			return false
		}
	}
	return true
}

// countsNodes reports whether a condition may depend on positions, as far as Xalan can tell. (WalkerFactory.mightBeProximate)
func (s *step) countsNodes() bool {
	for _, condition := range s.predicates {
		switch c := condition.(type) {
		case *path:
		case *call:
			if c.countsNodes() {
				return true
			}
		case *binary:
			if c.kind() != boolean || c.op == "and" || c.op == "or" || c.op == "!=" || operandCounts(c.left) || operandCounts(c.right) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

func (e *call) countsNodes() bool {
	for _, a := range e.args {
		if operandCounts(a) {
			return true
		}
	}
	return e.name == "position" || e.name == "last"
}

func operandCounts(e expression) bool {
	switch e := e.(type) {
	case *path, *constant:
		return false
	case *call:
		return e.countsNodes()
	}
	return true
}

// firstOfAny makes the argument //* of a function that expects one node select the first node of any kind.
// (DescendantIterator.asNode)
func firstOfAny(args []expression) {
	for _, a := range args {
		if g, grouped := a.(*group); grouped {
			a = g.expression
		}
		path, ok := a.(*path)
		if !ok || !path.descends() {
			continue
		}
		last := &path.steps[len(path.steps)-1]
		if last.name == "" && !last.never && len(last.predicates) == 0 && (last.kind == elementNode || last.kind == instructionNode) {
			last.any = true
		}
	}
}
