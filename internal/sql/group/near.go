package group

// near is an index of keys that are one integer each and close together, such as codes, dates and small ids: an array with a
// place for each integer in a range. It is in addition to the slots, and exists as long as most rows have a key in the range.
type near struct {
	numbers []int32 // number of the key + 1, or 0; nil: there is none
	base    uint64  // the word of the first place
	spare   []int32 // memory for numbers
}

const nearSize = 1 << 15

// startNear creates the index around the first key.
func (t *Table) startNear(word uint64) error {
	n := &t.near
	if n.spare == nil {
		if err := t.hold(4 * nearSize); err != nil {
			return err
		}
		n.spare = make([]int32, nearSize)
	}
	n.numbers, n.base = n.spare, word-nearSize/2
	return nil
}

// reset empties the index of a table that has no more keys.
func (n *near) reset() {
	clear(n.spare)
	n.numbers = nil
}

// add records the number of a new key.
func (n *near) add(word uint64, number int) {
	if at := word - n.base; at < nearSize {
		n.numbers[at] = int32(number) + 1
	}
}

// findNear looks for the keys of a chunk in the index, and lists the rows where this does not succeed. It reports false without
// an index, and drops an index that does not cover the keys.
func (t *Table) findNear(c *chunk) bool {
	if t.near.numbers == nil || c.nulls != nil {
		return false
	}
	if far := t.near.find(c); far > len(c.words)/8 {
		t.near.numbers = nil
		return false
	}
	return true
}

// find looks for the keys of a chunk without NULLs, lists the rows where this does not succeed, and returns how many of these have a key
// outside of the range.
func (n *near) find(c *chunk) (far int) {
	numbers, base, missing := n.numbers[:nearSize], n.base, c.missing[:cap(c.missing)]
	m := 0
	for k, x := range c.words {
		number := int32(0)
		if at := x - base; at < nearSize {
			number = numbers[at]
		} else {
			far++
		}
		c.groups[k] = number - 1
		if missing[m] = int32(k); number == 0 {
			m++
		}
	}
	c.missing = missing[:m]
	return far
}
