package group

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A layout says how a key is stored: values of fixed size as words, the fields of a struct one after another; the others as
// bytes. Of a single string, the words have its first bytes (see textWords), which are all there is to most strings.
type layout struct {
	types []*types.Type
	words int    // of each key
	parts []part // a struct comes before its fields
	text  int    // the column of variable size if it is the only one and a string, which is stored as it is; else -1
	lists []int  // other columns of variable size, in the encoding of kernel.AppendKey
	cols  []*vector.Vector
}

// A part is a column that is not in layout.lists, or a field of it.
type part struct {
	kind     types.Kind
	path     []int  // the column, its field, the field of that, …
	from, to int    // its words and those of its fields
	nulls    uint32 // its bit, and those of its fields
	v        *vector.Vector
	valid    vector.Bitmap // nil: no NULL in the current rows
}

// bit is set in the NULLs of a key if the part is NULL.
func (p *part) bit() uint32 { return p.nulls & -p.nulls }

// maxParts is the number of parts for which there are bits.
const maxParts = 32

func newLayout(list []*types.Type) layout {
	l := layout{types: list, text: -1}
	for i, t := range list {
		words, parts := l.words, l.parts
		if !l.add(t, []int{i}) {
			l.words, l.parts = words, parts
			l.lists = append(l.lists, i)
		}
	}
	if len(l.lists) == 1 && isText(list[l.lists[0]]) && len(l.parts) < maxParts {
		l.text = l.lists[0]
		l.parts = append(l.parts, part{path: l.lists, kind: list[l.text].Kind, from: l.words, to: l.words + textSize, nulls: 1 << len(l.parts)})
		l.lists = nil
		l.words += textSize
	}
	return l
}

func isText(t *types.Type) bool { return t.IsText() || t.Kind == types.KindBinary }

// add appends the parts of a column or field. It reports false, and may have added some, if the size is not fixed or there are
// too many parts.
func (l *layout) add(t *types.Type, path []int) bool {
	at, words := len(l.parts), wordsOf(t.Kind)
	if words < 0 || at == maxParts {
		return false
	}
	l.parts = append(l.parts, part{kind: t.Kind, path: path, from: l.words})
	l.words += words
	if t.Kind == types.KindStruct {
		for i, f := range t.Fields {
			if !l.add(f.Type, append(slices.Clone(path), i)) {
				return false
			}
		}
	}
	p := &l.parts[at]
	p.to, p.nulls = l.words, uint32(1<<len(l.parts)-1<<at)
	return true
}

// wordsOf returns the number of words for a value, not counting fields, or -1 if values differ in size.
func wordsOf(k types.Kind) int {
	switch k {
	case types.KindVoid, types.KindStruct:
		return 0
	case types.KindDecimal, types.KindInterval:
		return 2
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary, types.KindVariant, types.KindArray, types.KindMap:
		return -1
	}
	return 1
}

// varies reports whether keys have bytes.
func (l *layout) varies() bool { return l.text >= 0 || len(l.lists) > 0 }

// single reports whether a key is one column of one word.
func (l *layout) single() bool { return l.words == 1 && len(l.parts) == 1 && !l.varies() }

// size returns the memory for a key in bytes, without its bytes of variable number.
func (l *layout) size(nulls bool) int {
	size := 8 * l.words
	if l.varies() {
		size += 8
	}
	if nulls {
		size += 4
	}
	return size
}

// bind makes cols the current rows.
func (l *layout) bind(cols []*vector.Vector) {
	l.cols = cols
	for i := range l.parts {
		p := &l.parts[i]
		p.v = follow(cols, p.path)
		p.valid = p.v.Valid
		if p.valid != nil && kernel.AllSet(p.valid, p.v.Len()) {
			p.valid = nil
		}
	}
}

// follow returns the vector at a path.
func follow(cols []*vector.Vector, path []int) *vector.Vector {
	v := cols[path[0]]
	for _, f := range path[1:] {
		v = v.Children[f]
	}
	return v
}
