package xpath

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf16"
)

// A function is an XPath function. If its minimum of arguments is 0 and its maximum 1, a call without arguments applies to
// the context node.
type function struct {
	min, max int  // max -1: any number
	nodes    bool // the argument must be nodes
	result   valueKind
	run      func(c *focus, args []value) value
}

type call struct {
	name string
	fn   *function
	args []expression
}

func (e *call) kind() valueKind { return e.fn.result }

func (e *call) eval(c *focus) value {
	args := make([]value, len(e.args))
	for i, a := range e.args {
		args[i] = a.eval(c)
	}
	if len(args) == 0 && e.fn.max == 1 {
		args = []value{set(c.node)}
	}
	if e.fn.nodes && args[0].kind != nodeSet {
		panic(failure{errorNodes("the function " + e.name)})
	}
	return e.fn.run(c, args)
}

// functions holds the functions of XPath 1.0.
var functions map[string]*function

func init() {
	functions = map[string]*function{
		"position":         {0, 0, false, number, func(c *focus, _ []value) value { return numeral(float64(c.pos)) }},
		"last":             {0, 0, false, number, func(c *focus, _ []value) value { return numeral(float64(c.size)) }},
		"count":            {1, 1, true, number, func(_ *focus, a []value) value { return numeral(float64(len(a[0].nodes))) }},
		"sum":              {1, 1, true, number, sum},
		"id":               {1, 1, false, nodeSet, func(*focus, []value) value { return set() }}, // without a DTD, no attribute is an ID
		"name":             {0, 1, true, text, func(c *focus, a []value) value { return words(c.nameOf(a[0])) }},
		"local-name":       {0, 1, true, text, func(c *focus, a []value) value { return words(localPart(c.nameOf(a[0]))) }},
		"namespace-uri":    {0, 1, true, text, func(*focus, []value) value { return words("") }},
		"lang":             {1, 1, false, boolean, func(*focus, []value) value { return truth(false) }}, // xml:lang is not in a namespace
		"true":             {0, 0, false, boolean, func(*focus, []value) value { return truth(true) }},
		"false":            {0, 0, false, boolean, func(*focus, []value) value { return truth(false) }},
		"not":              {1, 1, false, boolean, func(c *focus, a []value) value { return truth(!c.bool(a[0])) }},
		"boolean":          {1, 1, false, boolean, func(c *focus, a []value) value { return truth(c.bool(a[0])) }},
		"number":           {0, 1, false, number, func(c *focus, a []value) value { return numeral(c.num(a[0])) }},
		"floor":            {1, 1, false, number, func(c *focus, a []value) value { return numeral(math.Floor(c.num(a[0]))) }},
		"ceiling":          {1, 1, false, number, func(c *focus, a []value) value { return numeral(math.Ceil(c.num(a[0]))) }},
		"round":            {1, 1, false, number, func(c *focus, a []value) value { return numeral(round(c.num(a[0]))) }},
		"string":           {0, 1, false, text, func(c *focus, a []value) value { return words(c.str(a[0])) }},
		"string-length":    {0, 1, false, number, func(c *focus, a []value) value { return numeral(float64(units(c.str(a[0])))) }},
		"normalize-space":  {0, 1, false, text, func(c *focus, a []value) value { return words(normalize(c.str(a[0]))) }},
		"concat":           {2, -1, false, text, concat},
		"starts-with":      {2, 2, false, boolean, func(c *focus, a []value) value { return truth(strings.HasPrefix(c.str(a[0]), c.str(a[1]))) }},
		"contains":         {2, 2, false, boolean, func(c *focus, a []value) value { return truth(strings.Contains(c.str(a[0]), c.str(a[1]))) }},
		"substring-before": {2, 2, false, text, before},
		"substring-after":  {2, 2, false, text, after},
		"substring":        {2, 3, false, text, substring},
		"translate":        {3, 3, false, text, translate},
	}
}

// ofXSLT lists functions that Xalan has but XPath 1.0 does not, or that need more than a text.
var ofXSLT = []string{"current", "generate-id", "system-property", "function-available", "element-available", "unparsed-entity-uri", "document-location", "here", "key"}

func unknownFunction(name string) error {
	if slices.Contains(ofXSLT, name) {
		return fmt.Errorf("the function %s belongs to XSLT and is not in the embedded engine", name)
	}
	return fmt.Errorf("there is no function %s", name)
}

func sum(c *focus, a []value) value {
	total := 0.0
	for _, n := range a[0].nodes {
		total += parseNumber(c.textOf(n))
	}
	return numeral(total)
}

// nameOf returns the name of the first node, or "" if it has none.
func (c *focus) nameOf(v value) string {
	if len(v.nodes) == 0 {
		return ""
	}
	return c.doc.nodes[v.nodes[0]].name
}

func localPart(name string) string {
	n := node{name: name}
	return n.local()
}

// round rounds halves up; numbers between -0.5 and 0 become -0. (FuncRound)
func round(f float64) float64 {
	if f >= -0.5 && f < 0 {
		return math.Copysign(0, -1)
	}
	if f == 0 {
		return f
	}
	return math.Floor(f + 0.5)
}

func normalize(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(c rune) bool { return c < 128 && isBlank(byte(c)) }), " ")
}

func concat(c *focus, a []value) value {
	var b strings.Builder
	for _, v := range a {
		s := c.str(v)
		if b.Len()+len(s) > maxText {
			panic(failure{fmt.Errorf("concat makes a text of more than %d bytes", maxText)})
		}
		b.WriteString(s)
		c.budget.Take(b.Len() / 64)
	}
	return words(b.String())
}

func before(c *focus, a []value) value {
	head, _, found := strings.Cut(c.str(a[0]), c.str(a[1]))
	if !found {
		return words("")
	}
	return words(head)
}

func after(c *focus, a []value) value {
	_, tail, _ := strings.Cut(c.str(a[0]), c.str(a[1]))
	return words(tail)
}

// units returns the length of a string as Java counts it.
func units(s string) (n int) {
	for _, c := range s {
		n += max(utf16.RuneLen(c), 1)
	}
	return n
}

// translate operates on UTF-16, as in Java.
func translate(c *focus, a []value) value {
	s, from, to := utf16.Encode([]rune(c.str(a[0]))), utf16.Encode([]rune(c.str(a[1]))), utf16.Encode([]rune(c.str(a[2])))
	c.budget.Take(len(s) + len(from) + len(to))
	become := make(map[uint16]int, len(from))
	for i, u := range from {
		if _, again := become[u]; !again {
			become[u] = i
		}
	}
	out := make([]uint16, 0, len(s))
	for _, u := range s {
		switch i, ok := become[u]; {
		case !ok:
			out = append(out, u)
		case i < len(to):
			out = append(out, to[i])
		}
	}
	return words(java(out))
}

// java converts UTF-16 to a string as Spark does: an unpaired surrogate becomes a question mark.
func java(u []uint16) string {
	var b strings.Builder
	for i := 0; i < len(u); i++ {
		c := rune(u[i])
		if utf16.IsSurrogate(c) {
			pair := rune(-1)
			if i+1 < len(u) {
				pair = utf16.DecodeRune(c, rune(u[i+1]))
			}
			if c = '?'; pair > 0xFFFF {
				c, i = pair, i+1
			}
		}
		b.WriteRune(c)
	}
	return b.String()
}

// substring counts from 1, rounds, and overflows like Java's. (FuncSubstring)
func substring(c *focus, a []value) value {
	s := utf16.Encode([]rune(c.str(a[0])))
	c.budget.Take(len(s))
	start, from := c.num(a[1]), 0
	if math.IsNaN(start) {
		start = -1000000
	} else if start = javaRound(start); start > 0 {
		from = int(min(start-1, float64(len(s))))
	}
	to := len(s)
	if len(a) > 2 {
		to = endOf(start, c.num(a[2]), len(s))
	}
	switch {
	case len(s) == 0:
		return words("")
	case from > to:
		panic(failure{errors.New("substring ends before it begins, which fails in Spark")})
	}
	return words(java(s[from:to]))
}

// endOf returns the end of a part of length units that begins at start, in a string of size units.
func endOf(start, length float64, size int) int {
	end := javaRound(length) + start
	if end <= math.MinInt32 {
		return size // Java's int wraps
	}
	return int(min(max(end-1, 0), float64(size)))
}

// javaRound is Math.round: a long, 0 for NaN.
func javaRound(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return min(max(math.Floor(f+0.5), math.MinInt64), math.MaxInt64)
}
