package xpath

import (
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/valuetext"
)

type valueKind uint8

const (
	nodeSet valueKind = iota
	number
	text
	boolean
)

// A value is the result of an expression. Nodes are in document order.
type value struct {
	kind  valueKind
	nodes []int32
	num   float64
	str   string
	bool  bool
}

func truth(b bool) value               { return value{kind: boolean, bool: b} }
func numeral(f float64) value          { return value{kind: number, num: f} }
func words(s string) value             { return value{kind: text, str: s} }
func set(nodes ...int32) value         { return value{kind: nodeSet, nodes: nodes} }
func (c *focus) textOf(n int32) string { return c.doc.text(n, c.budget.Take) }

// str converts a value to text.
func (c *focus) str(v value) string {
	switch v.kind {
	case nodeSet:
		if len(v.nodes) == 0 {
			return ""
		}
		return c.textOf(v.nodes[0])
	case number:
		return numberText(v.num)
	case boolean:
		return strconv.FormatBool(v.bool)
	}
	return v.str
}

// num converts a value to a number.
func (c *focus) num(v value) float64 {
	switch v.kind {
	case number:
		return v.num
	case boolean:
		if v.bool {
			return 1
		}
		return 0
	}
	return parseNumber(c.str(v))
}

// bool converts a value to a boolean.
func (c *focus) bool(v value) bool {
	switch v.kind {
	case nodeSet:
		return len(v.nodes) > 0
	case number:
		return v.num != 0 && !math.IsNaN(v.num)
	case text:
		return v.str != ""
	}
	return v.bool
}

// parseNumber parses digits with an optional minus and point, surrounded by blanks; anything else is NaN. (XString.toDouble)
func parseNumber(s string) float64 {
	s = strings.TrimFunc(s, func(c rune) bool { return c <= ' ' })
	if strings.Trim(s, "0123456789.-") != "" {
		return math.NaN()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return math.NaN()
	}
	return f
}

// numberText formats a number without an exponent and without redundant zeros. (XNumber.str)
func numberText(f float64) string {
	s := string(valuetext.AppendDouble(nil, f))
	mantissa, exponent, scientific := strings.Cut(s, "E")
	mantissa = strings.TrimSuffix(mantissa, ".0")
	if mantissa == "-0" {
		return "0"
	}
	if !scientific {
		return mantissa
	}
	sign, digits := "", strings.ReplaceAll(mantissa, ".", "")
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", rest
	}
	point, _ := strconv.Atoi(exponent)
	point++ // places before the point
	switch {
	case point <= 0:
		return sign + "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		return sign + digits + strings.Repeat("0", point-len(digits))
	}
	return sign + digits[:point] + "." + digits[point:]
}

// compare applies =, !=, <, <=, > or >=. For a node set it suffices that one node matches.
func (c *focus) compare(op string, a, b value) bool {
	switch {
	case a.kind == nodeSet && b.kind == nodeSet:
		return c.compareSets(op, a, b)
	case b.kind == nodeSet:
		return c.compare(mirrored[op], b, a)
	case a.kind != nodeSet || b.kind == boolean:
		if a.kind == nodeSet {
			a = numeral(c.num(truth(c.bool(a))))
			b = numeral(c.num(b))
		}
		return c.compareOne(op, a, b)
	}
	for _, n := range a.nodes {
		c.budget.Take(1)
		if c.compareOne(op, words(c.textOf(n)), b) {
			return true
		}
	}
	return false
}

var mirrored = map[string]string{"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

// keptTexts limits the bytes of strings that a comparison of node sets caches; nested elements repeat the same text.
const keptTexts = 1 << 24

func (c *focus) compareSets(op string, a, b value) bool {
	var others []value
	for i, size := 0, 0; i < len(b.nodes) && size < keptTexts; i++ {
		others = append(others, words(c.textOf(b.nodes[i])))
		size += len(others[i].str)
	}
	for _, n := range a.nodes {
		one := words(c.textOf(n))
		c.budget.Take(len(others))
		for _, other := range others {
			if c.compareOne(op, one, other) {
				return true
			}
		}
		for _, m := range b.nodes[len(others):] {
			if c.compareOne(op, one, words(c.textOf(m))) {
				return true
			}
		}
	}
	return false
}

// compareOne compares values that are not node sets.
func (c *focus) compareOne(op string, a, b value) bool {
	if op != "=" && op != "!=" {
		return order(op, c.num(a), c.num(b))
	}
	var equal bool
	switch {
	case a.kind == boolean || b.kind == boolean:
		equal = c.bool(a) == c.bool(b)
	case a.kind == number || b.kind == number:
		equal = c.num(a) == c.num(b)
	default:
		equal = c.str(a) == c.str(b)
	}
	return equal == (op == "=")
}

func order(op string, a, b float64) bool {
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}
