package javaregexp

import "strconv"

// maxRE2Repeat is the maximum count that RE2 accepts.
const maxRE2Repeat = 1000

// maxRE2 limits the length in bytes of a pattern in RE2's syntax, which spells classes out.
const maxRE2 = 16 << 20

// appendRE2 appends n in RE2's syntax. ok is false if RE2 lacks the operation, or if it has another meaning there.
func (n *node) appendRE2(dst []byte) (out []byte, ok bool) {
	switch n.op {
	case opSequence:
		for _, k := range n.kids {
			if len(dst) > maxRE2 {
				return dst, false
			}
			if dst, ok = k.appendGrouped(dst, k.op == opAlternation); !ok {
				return dst, false
			}
		}
		return dst, true
	case opAlternation:
		for i, k := range n.kids {
			if i > 0 {
				dst = append(dst, '|')
			}
			if len(dst) > maxRE2 {
				return dst, false
			}
			if dst, ok = k.appendRE2(dst); !ok {
				return dst, false
			}
		}
		return dst, true
	case opSet:
		return n.set.write(dst), true
	case opGroup:
		return n.kids[0].appendGrouped(dst, true)
	case opLineBreak:
		return n.kids[0].appendGrouped(dst, true)
	case opCapture:
		dst, ok = n.kids[0].appendRE2(append(dst, '('))
		return append(dst, ')'), ok
	case opRepeat:
		return n.appendRepeat(dst)
	case opBegin:
		return append(dst, `\A`...), true
	case opEnd, opFinal: // opFinal differs for texts that end with a line terminator; see linear
		return append(dst, `\z`...), true
	case opLineStart:
		return append(dst, `(?m:^)`...), true
	case opLineEnd:
		return append(dst, `(?m:$)`...), true
	case opWord:
		if n.not {
			return append(dst, `\B`...), true
		}
		return append(dst, `\b`...), true
	}
	return dst, false
}

func (n *node) appendGrouped(dst []byte, group bool) (out []byte, ok bool) {
	if !group {
		return n.appendRE2(dst)
	}
	dst, ok = n.appendRE2(append(dst, `(?:`...))
	return append(dst, ')'), ok
}

func (n *node) appendRepeat(dst []byte) (out []byte, ok bool) {
	if n.mode == possessive || n.kids[0].op == opLineBreak || n.low > maxRE2Repeat || n.high > maxRE2Repeat {
		return dst, false
	}
	if dst, ok = n.kids[0].appendGrouped(dst, n.kids[0].op != opCapture && n.kids[0].op != opGroup); !ok {
		return dst, false
	}
	switch {
	case n.low == 0 && n.high < 0:
		dst = append(dst, '*')
	case n.low == 1 && n.high < 0:
		dst = append(dst, '+')
	case n.low == 0 && n.high == 1:
		dst = append(dst, '?')
	default:
		dst = strconv.AppendInt(append(dst, '{'), int64(n.low), 10)
		if n.high != n.low {
			dst = append(dst, ',')
			if n.high >= 0 {
				dst = strconv.AppendInt(dst, int64(n.high), 10)
			}
		}
		dst = append(dst, '}')
	}
	if n.mode == lazy {
		dst = append(dst, '?')
	}
	return dst, true
}
