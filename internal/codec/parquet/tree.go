package parquet

import (
	"errors"
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// maxDepth limits the depth of a file's schema.
const maxDepth = 100

// A node is a column of a file, or a group of columns.
type node struct {
	*format.SchemaElement
	children       []*node
	leaf           int // column number in the file; -1 for groups
	maxDef, maxRep uint8
	path           []string
}

// newTree builds a tree from the flat list in a footer.
func newTree(list []format.SchemaElement) (*node, error) {
	b := &treeBuilder{list: list}
	if len(list) == 0 {
		return nil, errDamagedSchema
	}
	root, err := b.build(nil)
	if err == nil && b.next != len(list) {
		err = errDamagedSchema
	}
	return root, err
}

var errDamagedSchema = errors.New("the schema in the footer of the Parquet file is damaged")

type treeBuilder struct {
	list         []format.SchemaElement
	next, leaves int
}

func (b *treeBuilder) build(parent *node) (*node, error) {
	if b.next >= len(b.list) {
		return nil, errDamagedSchema
	}
	n := &node{SchemaElement: &b.list[b.next], leaf: -1}
	b.next++
	if parent != nil {
		n.maxDef, n.maxRep = parent.maxDef, parent.maxRep
		n.path = append(parent.path[:len(parent.path):len(parent.path)], n.Name)
		if len(n.path) > maxDepth {
			return nil, errDamagedSchema
		}
		switch rep, _ := n.RepetitionType.Get(); rep {
		case format.Optional:
			n.maxDef++
		case format.Repeated:
			n.maxDef++
			n.maxRep++
		}
	}
	count, _ := n.NumChildren.Get()
	if _, primitive := n.Type.Get(); primitive && count == 0 {
		n.leaf = b.leaves
		b.leaves++
		return n, nil
	}
	for range count {
		child, err := b.build(n)
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, child)
	}
	return n, nil
}

// firstLeaf returns the first column below n, or n itself; nil if a group is empty.
func (n *node) firstLeaf() *node {
	if n.leaf >= 0 {
		return n
	}
	for _, c := range n.children {
		if l := c.firstLeaf(); l != nil {
			return l
		}
	}
	return nil
}

// child finds a field of a group by name, ignoring case, as Spark does by default.
func (n *node) child(name string) (*node, error) {
	var found *node
	for _, c := range n.children {
		if !strings.EqualFold(c.Name, name) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("found duplicate fields %q: [%s, %s] in case-insensitive mode", name, found.Name, c.Name)
		}
		found = c
	}
	return found, nil
}

func (n *node) repeated() bool {
	rep, ok := n.RepetitionType.Get()
	return ok && rep == format.Repeated
}

func (n *node) physical() format.Type {
	t, _ := n.Type.Get()
	return t
}

// isList and isMap recognise the annotated groups.
func (n *node) isList() bool {
	_, logical := n.LogicalType.Value.(*format.ListType)
	return n.leaf < 0 && (logical || n.converted(deprecated.List))
}

func (n *node) isMap() bool {
	_, logical := n.LogicalType.Value.(*format.MapType)
	return n.leaf < 0 && (logical || n.converted(deprecated.Map) || n.converted(deprecated.MapKeyValue))
}

func (n *node) converted(t deprecated.ConvertedType) bool {
	c, ok := n.ConvertedType.Get()
	return ok && c == t
}

// element returns, for a group annotated with LIST, the repeated node and the node of its elements. In older files these are
// the same. (parquet-format: LogicalTypes.md, backward-compatibility rules.)
func (n *node) element() (repeated, element *node, err error) {
	if len(n.children) != 1 || !n.children[0].repeated() {
		return nil, nil, fmt.Errorf("the list %s in the Parquet file has an unknown form", strings.Join(n.path, "."))
	}
	r := n.children[0]
	if r.leaf >= 0 || len(r.children) != 1 || r.Name == "array" || r.Name == n.Name+"_tuple" {
		return r, r, nil
	}
	return r, r.children[0], nil
}

// entries returns the repeated node of a map and the nodes of its keys and values.
func (n *node) entries() (repeated, key, value *node, err error) {
	if len(n.children) != 1 || !n.children[0].repeated() || len(n.children[0].children) != 2 {
		return nil, nil, nil, fmt.Errorf("the map %s in the Parquet file has an unknown form", strings.Join(n.path, "."))
	}
	r := n.children[0]
	return r, r.children[0], r.children[1], nil
}

// An annotation is the meaning of a primitive column, taken from its logical type or, in older files, its converted type.
type annotation struct {
	kind             annotationKind
	precision, scale int
	bits             int
	signed           bool
	utc              bool
	unit             timeUnit
}

type annotationKind uint8

const (
	plain annotationKind = iota
	text
	decimalNumber
	date
	timeOfDay
	timestamp
	integer
	bson
	interval
	float16
	uuid
)

// A timeUnit is the unit of times in a file.
type timeUnit uint8

const (
	millis timeUnit = iota
	micros
	nanos
)

func (n *node) annotation() annotation {
	switch t := n.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType:
		return annotation{kind: text}
	case *format.DecimalType:
		return annotation{kind: decimalNumber, precision: int(t.Precision), scale: int(t.Scale)}
	case *format.DateType:
		return annotation{kind: date}
	case *format.TimeType:
		return annotation{kind: timeOfDay, utc: t.IsAdjustedToUTC, unit: unitOf(t.Unit)}
	case *format.TimestampType:
		return annotation{kind: timestamp, utc: t.IsAdjustedToUTC, unit: unitOf(t.Unit)}
	case *format.IntType:
		return annotation{kind: integer, bits: int(t.BitWidth), signed: t.IsSigned}
	case *format.BsonType:
		return annotation{kind: bson}
	case *format.UUIDType:
		return annotation{kind: uuid}
	case *format.Float16Type:
		return annotation{kind: float16}
	}
	return n.convertedAnnotation() // for NullType too: Spark treats a column that is always NULL as one of its physical type
}

func unitOf(u format.TimeUnit) timeUnit {
	switch u.Value.(type) {
	case *format.MilliSeconds:
		return millis
	case *format.NanoSeconds:
		return nanos
	}
	return micros
}

func (n *node) convertedAnnotation() annotation {
	c, ok := n.ConvertedType.Get()
	if !ok {
		return annotation{}
	}
	switch c {
	case deprecated.UTF8, deprecated.Enum, deprecated.Json:
		return annotation{kind: text}
	case deprecated.Decimal:
		precision, _ := n.Precision.Get()
		scale, _ := n.Scale.Get()
		return annotation{kind: decimalNumber, precision: int(precision), scale: int(scale)}
	case deprecated.Date:
		return annotation{kind: date}
	case deprecated.TimeMillis:
		return annotation{kind: timeOfDay, utc: true, unit: millis}
	case deprecated.TimeMicros:
		return annotation{kind: timeOfDay, utc: true, unit: micros}
	case deprecated.TimestampMillis:
		return annotation{kind: timestamp, utc: true, unit: millis}
	case deprecated.TimestampMicros:
		return annotation{kind: timestamp, utc: true, unit: micros}
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return annotation{kind: integer, bits: 8 << (c - deprecated.Uint8)}
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
		return annotation{kind: integer, bits: 8 << (c - deprecated.Int8), signed: true}
	case deprecated.Bson:
		return annotation{kind: bson}
	case deprecated.Interval:
		return annotation{kind: interval}
	}
	return annotation{}
}
