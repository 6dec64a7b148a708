package json

import (
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Path selects parts of a JSON value for get_json_object: $.name, $['name'], $[0], $[*].
type Path []step

// A step descends into an object by name, or into an array by position or to all items. As in Spark, a wildcard for the
// members of an object is valid but never matches.
type step struct {
	kind  stepKind
	name  string
	index int64
}

type stepKind uint8

const (
	byName stepKind = iota
	byIndex
	allItems
	anyMember
)

// ParsePath parses a path; ok is false if it is malformed. It calls look periodically.
func ParsePath(text string, look func()) (p Path, ok bool) {
	rest, ok := strings.CutPrefix(text, "$")
	for ok && rest != "" {
		look()
		var s step
		if s, rest, ok = parseStep(rest); ok {
			p = append(p, s)
		}
	}
	return p, ok
}

func parseStep(text string) (s step, rest string, ok bool) {
	switch {
	case strings.HasPrefix(text, ".*"):
		return step{kind: anyMember}, text[2:], true
	case strings.HasPrefix(text, "['*']"):
		return step{kind: anyMember}, text[5:], true
	case strings.HasPrefix(text, "['"):
		end := strings.IndexAny(text[2:], "'?")
		if end <= 0 || !strings.HasPrefix(text[2+end:], "']") {
			return s, "", false
		}
		return step{kind: byName, name: text[2 : 2+end]}, text[2+end+2:], true
	case text[0] == '.':
		end := strings.IndexAny(text[1:], ".[")
		if end < 0 {
			end = len(text) - 1
		}
		return step{kind: byName, name: text[1 : 1+end]}, text[1+end:], end > 0
	case strings.HasPrefix(text, "[*]"):
		return step{kind: allItems}, text[3:], true
	case text[0] == '[':
		number, after, found := strings.Cut(text[1:], "]")
		index, err := strconv.ParseUint(number, 10, 63)
		return step{kind: byIndex, index: int64(index)}, after, found && err == nil
	}
	return s, "", false
}

// A style determines how a match is written.
type style uint8

const (
	raw     style = iota // strings without quotes
	quoted               // as JSON
	flatten              // as JSON, items of arrays without their brackets
)

// An Extractor extracts parts of JSON texts and writes them in Spark's form: without blanks, and numbers with a point or
// exponent as doubles. It accepts single quotes and control characters.
type Extractor struct {
	scanner
	writer encoder
	list   []bool // for each array being written: it has no item yet
	value  []byte
}

// NewExtractor returns an extractor.
func NewExtractor() *Extractor {
	return &Extractor{scanner: scanner{syntax: syntax{singleQuotes: true, controls: true}}, writer: encoder{WriteOptions: &WriteOptions{}}}
}

func (x *Extractor) start(text []byte) {
	x.buf = append(x.buf[:0], text...)
	x.pos, x.end, x.depth, x.list = 0, len(x.buf), 0, x.list[:0]
}

// Extract appends what path matches in the text. ok is false if it matches nothing or if the text, as far as it was read, is
// not JSON.
func (x *Extractor) Extract(dst, text []byte, path Path) (out []byte, ok bool) {
	if out, found, ok := plainExtract(dst, text, path); ok && len(path) > 0 {
		return out, found
	}
	x.start(text)
	out, found, ok := x.evaluate(dst, raw, path)
	return out, found && ok
}

// evaluate appends the matches of path in the next value, which it reads completely.
func (x *Extractor) evaluate(dst []byte, as style, path Path) (out []byte, found, ok bool) {
	c := x.peek()
	if len(path) == 0 {
		return x.match(dst, as, c)
	}
	switch s := path[0]; {
	case c == '{' && s.kind == byName:
		return x.member(dst, as, s.name, path[1:])
	case c == '[' && s.kind == byIndex:
		return x.item(dst, as, s.index, path[1:])
	case c == '[' && s.kind == allItems:
		return x.items(dst, as, path[1:])
	}
	return dst, false, x.skip()
}

// match appends the value itself.
func (x *Extractor) match(dst []byte, as style, c byte) (out []byte, found, ok bool) {
	switch {
	case as == raw && (c == '"' || c == '\''):
		view, ok := x.string()
		return append(dst, x.buf[view.Off:view.Off+view.Len]...), true, ok
	case as == flatten && c == '[':
		return x.each(dst, func(dst []byte) ([]byte, bool, bool) { return x.evaluate(dst, flatten, nil) })
	}
	dst = x.separate(dst)
	out, ok = x.copy(dst)
	return out, true, ok
}

// separate writes a comma between the items of the array being written.
func (x *Extractor) separate(dst []byte) []byte {
	if n := len(x.list); n > 0 {
		if !x.list[n-1] {
			dst = append(dst, ',')
		}
		x.list[n-1] = false
	}
	return dst
}

// each calls f for every item of an array and reports whether any call found a match.
func (x *Extractor) each(dst []byte, f func(dst []byte) ([]byte, bool, bool)) (out []byte, found, ok bool) {
	more, ok := x.open(']')
	for more && ok {
		var one bool
		if dst, one, ok = f(dst); !ok {
			break
		}
		found = found || one
		more, ok = x.next(']')
	}
	return dst, found, ok
}

// member tries the members of an object with the given name until one contains a match.
func (x *Extractor) member(dst []byte, as style, name string, path Path) (out []byte, found, ok bool) {
	more, ok := x.open('}')
	for more && ok {
		var view vector.View
		if view, ok = x.name(); !ok {
			break
		}
		switch {
		case found || string(x.buf[view.Off:view.Off+view.Len]) != name || x.peek() == 'n':
			ok = x.skip()
		default:
			dst, found, ok = x.evaluate(dst, as, path)
		}
		if ok {
			more, ok = x.next('}')
		}
	}
	return dst, found, ok
}

// item continues with one item of an array.
func (x *Extractor) item(dst []byte, as style, index int64, path Path) (out []byte, found, ok bool) {
	if len(path) > 0 && path[0].kind == allItems {
		as = quoted
	}
	at := int64(-1)
	return x.each(dst, func(dst []byte) ([]byte, bool, bool) {
		if at++; at != index {
			return dst, false, x.skip()
		}
		return x.evaluate(dst, as, path)
	})
}

// items continues with all items of an array. Two wildcards in a row produce one flat array. A single match is written
// without an enclosing array unless the style was quoted before. (Spark follows Hive.)
func (x *Extractor) items(dst []byte, as style, path Path) (out []byte, found, ok bool) {
	switch {
	case len(path) > 0 && path[0].kind == allItems:
		return x.array(dst, flatten, path[1:])
	case as == quoted:
		return x.array(dst, quoted, path)
	case as == raw:
		as = quoted
	}
	outer := x.list
	x.list = append(x.list, true)
	from, matches := len(dst), 0
	more, ok := x.open(']')
	for more && ok {
		var one bool
		if dst, one, ok = x.evaluate(dst, as, path); !ok {
			break
		}
		if one {
			matches++
		}
		more, ok = x.next(']')
	}
	x.list = outer
	if !ok || matches == 0 {
		return dst[:from], false, ok
	}
	text := string(dst[from:])
	if matches > 1 {
		text = "[" + text + "]"
	}
	return append(x.separate(dst[:from]), text...), true, true
}

// array writes an array of the matches in the items.
func (x *Extractor) array(dst []byte, as style, path Path) (out []byte, found, ok bool) {
	dst = append(x.separate(dst), '[')
	x.list = append(x.list, true)
	dst, found, ok = x.each(dst, func(dst []byte) ([]byte, bool, bool) { return x.evaluate(dst, as, path) })
	x.list = x.list[:len(x.list)-1]
	return append(dst, ']'), found, ok
}

// copy appends the next value without blanks.
func (x *Extractor) copy(dst []byte) ([]byte, bool) {
	k, view, ok := x.begin()
	if !ok {
		return dst, false
	}
	switch b := x.buf[view.Off : view.Off+view.Len]; k {
	case object:
		return x.copyObject(dst)
	case array:
		return x.copyArray(dst)
	case text:
		view, ok := x.string()
		return x.writer.appendString(dst, x.buf[view.Off:view.Off+view.Len]), ok
	case float:
		return appendDouble(dst, b), true
	case integer:
		if string(b) == "-0" {
			b = b[1:]
		}
		return append(dst, b...), true
	default:
		return append(dst, b...), true
	}
}

func appendDouble(dst, number []byte) []byte {
	f, _ := strconv.ParseFloat(string(number), 64)
	if math.IsInf(f, 0) {
		return append(valuetext.AppendDouble(append(dst, '"'), f), '"')
	}
	return valuetext.AppendDouble(dst, f)
}

func (x *Extractor) copyObject(dst []byte) ([]byte, bool) {
	dst = append(dst, '{')
	more, ok := x.open('}')
	for first := true; more && ok; first = false {
		if !first {
			dst = append(dst, ',')
		}
		var view vector.View
		if view, ok = x.name(); !ok {
			break
		}
		dst = append(x.writer.appendString(dst, x.buf[view.Off:view.Off+view.Len]), ':')
		if dst, ok = x.copy(dst); ok {
			more, ok = x.next('}')
		}
	}
	return append(dst, '}'), ok
}

func (x *Extractor) copyArray(dst []byte) ([]byte, bool) {
	dst = append(dst, '[')
	more, ok := x.open(']')
	for first := true; more && ok; first = false {
		if !first {
			dst = append(dst, ',')
		}
		if dst, ok = x.copy(dst); ok {
			more, ok = x.next(']')
		}
	}
	return append(dst, ']'), ok
}

// Members iterates over the members of the object in text and passes the wanted ones that are not NULL to take, strings
// without quotes. The slices are valid during the call. It returns false if the text is not an object.
func (x *Extractor) Members(text []byte, wanted func(name []byte) bool, take func(name, value []byte)) bool {
	x.start(text)
	if x.peek() != '{' {
		return false
	}
	more, ok := x.open('}')
	for more && ok {
		var view vector.View
		if view, ok = x.name(); !ok {
			break
		}
		name := x.buf[view.Off : view.Off+view.Len]
		if c := x.peek(); !wanted(name) || c == 'n' {
			ok = x.skip()
		} else if x.value, _, ok = x.match(x.value[:0], raw, c); ok {
			take(name, x.value)
		}
		if ok {
			more, ok = x.next('}')
		}
	}
	return ok
}

// Length counts the items of the array in text; ok is false if the text is not an array.
func (x *Extractor) Length(text []byte) (n int, ok bool) {
	x.start(text)
	if x.peek() != '[' {
		return 0, false
	}
	_, _, ok = x.each(nil, func([]byte) ([]byte, bool, bool) {
		n++
		return nil, false, x.skip()
	})
	return n, ok
}
