package xpath

// reverse reports whether position 1 of an axis is the nearest node in reverse document order.
func (a axis) reverse() bool {
	switch a {
	case axisAncestor, axisAncestorOrSelf, axisPreceding, axisPrecedingSibling:
		return true
	}
	return false
}

// candidates appends the nodes on an axis from n that pass the test, in axis order.
func (c *focus) candidates(s *step, n int32, to []int32) []int32 {
	d := c.doc
	add := func(i int32) {
		if s.matches(&d.nodes[i]) {
			to = append(to, i)
		}
	}
	switch s.axis {
	case axisSelf:
		add(n)
	case axisParent:
		if d.nodes[n].parent >= 0 {
			add(d.nodes[n].parent)
		}
	case axisChild:
		c.children(n, 0, int32(len(d.nodes)), add)
	case axisAttribute:
		for i := range d.nodes[n].attrs {
			add(n + 1 + i)
		}
	case axisAncestorOrSelf:
		add(n)
		c.ancestors(n, add)
	case axisAncestor:
		c.ancestors(n, add)
	case axisDescendantOrSelf:
		add(n)
		c.between(d.content(n), d.nodes[n].end, add)
	case axisDescendant:
		c.between(d.content(n), d.nodes[n].end, add)
	case axisFollowing:
		c.between(c.behind(n), int32(len(d.nodes)), add)
	case axisPreceding:
		c.preceding(n, add)
	case axisFollowingSibling, axisPrecedingSibling:
		c.siblings(s.axis, n, add)
	}
	c.budget.Take(1 + len(to))
	return to
}

// between visits the nodes numbered [from, to) except attributes.
func (c *focus) between(from, to int32, add func(int32)) {
	c.budget.Take(int(max(to-from, 0)))
	for i := from; i < to; i++ {
		if c.doc.nodes[i].kind != attributeNode {
			add(i)
		}
	}
}

// behind returns where the nodes that follow n begin. The nodes that follow an attribute include the content of its element.
func (c *focus) behind(n int32) int32 {
	if at := &c.doc.nodes[n]; at.kind == attributeNode {
		return c.doc.content(at.parent)
	}
	return c.doc.nodes[n].end
}

func (c *focus) ancestors(n int32, add func(int32)) {
	for p := c.doc.nodes[n].parent; p >= 0; p = c.doc.nodes[p].parent {
		c.budget.Take(1)
		add(p)
	}
}

// preceding visits the nodes before n that do not contain it, the nearest first. As in Xalan it does not leave the child of
// the root that contains n, so that comments before the root element are not found.
// (DTMDefaultBaseIterators.PrecedingIterator)
func (c *focus) preceding(n int32, add func(int32)) {
	ancestor, top := c.doc.nodes[n].parent, n
	for p := n; p > 0; p = c.doc.nodes[p].parent {
		top = p
	}
	c.budget.Take(int(n - top))
	for i := n - 1; i > top; i-- {
		switch {
		case i == ancestor:
			ancestor = c.doc.nodes[i].parent
		case c.doc.nodes[i].kind != attributeNode:
			add(i)
		}
	}
}

// children visits the children of n with numbers in a range.
func (c *focus) children(n, from, to int32, add func(int32)) {
	at := &c.doc.nodes[n]
	if at.kind > elementNode {
		return
	}
	for i := c.doc.content(n); i < min(at.end, to); i = c.doc.nodes[i].end {
		c.budget.Take(1)
		if i >= from {
			add(i)
		}
	}
}

func (c *focus) siblings(a axis, n int32, add func(int32)) {
	at := &c.doc.nodes[n]
	switch {
	case at.parent < 0 || at.kind == attributeNode:
	case a == axisFollowingSibling:
		for i, end := at.end, c.doc.nodes[at.parent].end; i < end; i = c.doc.nodes[i].end {
			c.budget.Take(1)
			add(i)
		}
	default:
		var before []int32
		c.children(at.parent, 0, n, func(i int32) { before = append(before, i) })
		for i := len(before) - 1; i >= 0; i-- {
			add(before[i])
		}
	}
}
