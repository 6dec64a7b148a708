package variant

import (
	"strconv"
	"strings"
)

// An Edit changes the part of a variant at a path. (Spark: VariantBuilder's insertAtPath, setAtPath, arrayAppendAtPath, deleteAtPath.)
type Edit struct {
	Kind  EditKind
	Path  []Step
	Value Value // of all but Delete

	b *Builder
}

// An EditKind is what an Edit does.
type EditKind uint8

// The kinds of edits.
const (
	Insert  EditKind = iota // a member that an object does not have yet, or an item before the one at the position
	Set                     // a member or item, be it there or not
	Replace                 // a member or item that is there
	Add                     // an item behind the others of an array
	Delete                  // a member or item, if it is there
)

// A Mismatch is the error of a path that asks a value of another type for a member: that behind the first Depth steps.
type Mismatch struct{ Depth int }

func (e *Mismatch) Error() string { return "the path does not fit the value" }

// Apply builds v with the change. The error is a *Mismatch or, of Insert, a *DuplicateKey.
func (e *Edit) Apply(b *Builder, v Value) error {
	e.b = b
	return e.part(v, 0)
}

// part appends v, a value behind the first steps of the path.
func (e *Edit) part(v Value, depth int) error {
	kind := v.Kind()
	if depth == len(e.Path) { // of Add: others end at the last step
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

// creates reports that what the path does not find is made.
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

// member appends a member as it is, or what the change makes of it if the path leads here.
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

// add appends an array with the value behind its items.
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

// pad appends nulls from position n on up to that of the path, and the new item there.
func (e *Edit) pad(o Open, n, depth int) error {
	const wide = 1 << 24 // items whose positions take four bytes
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

// create appends the value in the objects and arrays that the rest of the path asks for.
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

// StripNulls builds v without members that are null, and without such items if items is true.
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

// PathText is a path as Spark prints it. (Spark: renderVariantPath.)
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
