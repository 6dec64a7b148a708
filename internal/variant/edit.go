package variant

import (
	"strconv"
	"strings"
)

// An Edit changes the part of a variant at a path. (Spark: insertAtPath, setAtPath, arrayAppendAtPath and deleteAtPath of
// VariantBuilder.)
type Edit struct {
	Kind  EditKind
	Path  []Step
	Value Value // unused by Delete

	b *Builder
}

// An EditKind is the kind of change that an Edit makes.
type EditKind uint8

// The kinds of edits.
const (
	Insert  EditKind = iota // a member that an object does not have yet, or an item before the one at the position
	Set                     // a member or item, existing or not
	Replace                 // an existing member or item
	Add                     // an item at the end of an array
	Delete                  // a member or item, if it exists
)

// A Mismatch is the error for a path that expects an object or array but finds another type. Depth is the number of steps
// that lead to that value.
type Mismatch struct{ Depth int }

func (e *Mismatch) Error() string { return "the path does not match the value" }

// Apply writes v with the change to b. The error is a *Mismatch or, for Insert, a *DuplicateKey.
func (e *Edit) Apply(b *Builder, v Value) error {
	e.b = b
	return e.part(v, 0)
}

// part appends v, the value reached by the first depth steps of the path.
func (e *Edit) part(v Value, depth int) error {
	kind := v.Kind()
	if depth == len(e.Path) { // only for Add: other edits end at the last step
		if kind != Array {
			return &Mismatch{depth}
		}
		return e.add(v)
	}
	step := e.Path[depth]
	switch {
	case step.Key && kind == Object:
		return e.object(v, depth)
	case !step.Key && kind == Array:
		return e.array(v, depth)
	case e.Kind == Delete:
		return e.b.Append(v)
	}
	return &Mismatch{depth}
}

func (e *Edit) isLast(depth int) bool { return e.Kind != Add && depth == len(e.Path)-1 }

// creates reports whether missing parts of the path are created.
func (e *Edit) creates() bool { return e.Kind == Insert || e.Kind == Set }

func (e *Edit) object(v Value, depth int) (err error) {
	name, o, found := e.Path[depth].Name, e.b.Open(), false
	v.Members(func(_ int, key []byte, member Value) bool {
		here := string(key) == name
		found = found || here
		if here && e.isLast(depth) && e.Kind == Delete {
			return true
		}
		e.b.Key(o, key)
		err = e.member(member, here, depth)
		return err == nil
	})
	if err == nil && e.creates() && (!found || e.Kind == Insert && e.isLast(depth)) {
		e.b.Key(o, []byte(name))
		err = e.create(depth + 1)
	}
	if err != nil {
		return err
	}
	return e.b.CloseObject(o)
}

// member appends a member unchanged or, if the path leads here, with the change.
func (e *Edit) member(v Value, here bool, depth int) error {
	switch {
	case !here || e.isLast(depth) && e.Kind == Insert:
		return e.b.Append(v)
	case e.isLast(depth):
		return e.b.Append(e.Value)
	}
	return e.part(v, depth+1)
}

func (e *Edit) array(v Value, depth int) error {
	index := e.Path[depth].Index
	o, n := e.b.Open(), v.Len()
	var err error
	v.Members(func(i int, _ []byte, item Value) bool {
		here := i == index
		if here && e.isLast(depth) {
			if e.Kind == Delete {
				return true
			}
			if e.Kind == Insert {
				e.b.Item(o)
				if err = e.b.Append(e.Value); err != nil {
					return false
				}
			}
		}
		e.b.Item(o)
		err = e.member(item, here, depth)
		return err == nil
	})
	if err == nil && index >= n && e.creates() {
		err = e.pad(o, n, depth)
	}
	if err != nil {
		return err
	}
	e.b.CloseArray(o)
	return nil
}

// add appends an array with the value after its items.
func (e *Edit) add(v Value) (err error) {
	o := e.b.Open()
	v.Members(func(_ int, _ []byte, item Value) bool {
		e.b.Item(o)
		err = e.b.Append(item)
		return err == nil
	})
	if err != nil {
		return err
	}
	e.b.Item(o)
	if err := e.b.Append(e.Value); err != nil {
		return err
	}
	e.b.CloseArray(o)
	return nil
}

// pad appends nulls from position n up to the position of the path, and then the new item.
func (e *Edit) pad(o Open, n, depth int) error {
	const wide = 1 << 24 // items whose offsets take four bytes
	if index := e.Path[depth].Index; index > wide && index > MaxSize/5 {
		return TooLarge{}
	}
	for i := n; i < e.Path[depth].Index; i++ {
		e.b.step(0)
		e.b.Item(o)
		e.b.Null()
	}
	e.b.Item(o)
	return e.create(depth + 1)
}

// create appends the value, nested in the objects and arrays that the rest of the path requires.
func (e *Edit) create(depth int) error {
	if depth == len(e.Path) {
		return e.b.Append(e.Value)
	}
	o := e.b.Open()
	if step := e.Path[depth]; step.Key {
		e.b.Key(o, []byte(step.Name))
		if err := e.create(depth + 1); err != nil {
			return err
		}
		return e.b.CloseObject(o)
	}
	if err := e.pad(o, 0, depth); err != nil {
		return err
	}
	e.b.CloseArray(o)
	return nil
}

// StripNulls copies v to b without members that are null and, if items is set, without array items that are null.
func StripNulls(b *Builder, v Value, items bool) error {
	k := v.Kind()
	if k != Array && k != Object {
		return b.Append(v)
	}
	o := b.Open()
	var err error
	v.Members(func(_ int, name []byte, member Value) bool {
		if member.Kind() == Null && (k == Object || items) {
			return true
		}
		if k == Array {
			b.Item(o)
		} else {
			b.Key(o, name)
		}
		err = StripNulls(b, member, items)
		return err == nil
	})
	if err != nil {
		return err
	}
	if k == Object {
		return b.CloseObject(o)
	}
	b.CloseArray(o)
	return nil
}

// PathText returns a path in Spark's notation. (Spark: renderVariantPath.)
func PathText(steps []Step) string {
	var s strings.Builder
	s.WriteByte('$')
	for _, step := range steps {
		switch {
		case !step.Key:
			s.WriteString("[" + strconv.Itoa(step.Index) + "]")
		case step.Name != "" && !strings.ContainsAny(step.Name, ".["):
			s.WriteString("." + step.Name)
		case !strings.Contains(step.Name, "'"):
			s.WriteString("['" + step.Name + "']")
		default:
			s.WriteString(`["` + step.Name + `"]`)
		}
	}
	return s.String()
}
