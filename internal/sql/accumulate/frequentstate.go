package accumulate

import (
	"encoding/binary"
	"errors"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/sketch"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// The default and the greatest number of values that a sketch of frequent values tracks.
const (
	DefaultTracked = 10_000
	MostTracked    = 1_000_000
)

// Untracked is the number of tracked values of a combination without maxItemsTracked, before its first sketch.
const Untracked = -1

// FrequentState returns the type of the sketches that approx_top_k_accumulate makes of values of type t. The third field is always NULL: it and the
// fourth hold the type of the values.
func FrequentState(t *types.Type) *types.Type {
	return types.StructOf(
		types.Field{Name: "sketch", Type: types.Binary},
		types.Field{Name: "maxItemsTracked", Type: types.Int},
		types.Field{Name: "itemDataType", Type: t, Nullable: true},
		types.Field{Name: "itemDataTypeDDL", Type: types.String},
	)
}

// FrequentSketch returns the aggregation of approx_top_k_accumulate: a sketch of values of type t, a FrequentState. (Spark: ApproxTopKAccumulate.)
func FrequentSketch(t *types.Type, tracked int) expr.Aggregator {
	f := frequentItem{t}
	return &frequents{frequentItem: f, tracked: tracked, finish: func(g *frequentGroup, i int, out *vector.Vector) { f.setState(g, tracked, i, out) }}
}

// setState makes a sketch value i of a FrequentState.
func (f frequentItem) setState(g *frequentGroup, tracked, i int, out *vector.Vector) {
	at := out.Children[0]
	from := len(at.Data)
	at.Data = g.append(at.Data, f)
	at.CloseBytes(i, from)
	out.Children[1].I32[i] = int32(tracked)
	out.Children[2].SetNull(i)
	out.Children[3].SetString(i, f.ddl())
}

// ddl is the type of the items as the only column of a schema.
func (f frequentItem) ddl() string {
	if f.t.IsText() {
		return "item string not null"
	}
	return (&types.Schema{Fields: []types.Field{{Name: "item", Type: f.t}}}).DDL()
}

// Countable reports whether values of a type can be counted in a sketch of frequent values.
func Countable(t *types.Type) bool {
	switch t.Kind {
	case types.KindBoolean, types.KindByte, types.KindShort, types.KindInt, types.KindLong, types.KindFloat, types.KindDouble, types.KindDate,
		types.KindTimestamp, types.KindTimestampNTZ, types.KindDecimal:
		return true
	}
	return t.IsText()
}

var errNullState = errors.New("it is NULL, or has a field that is NULL")

// notFrequent returns the error of a function for a value that is not a sketch of frequent values.
func notFrequent(function string, reason error) error {
	return sparkerr.Plain("%s needs a sketch such as approx_top_k_accumulate makes: %s", function, reason)
}

// frequentState is a FrequentState that has been read.
type frequentState struct {
	tracked int
	item    frequentItem
	group   *frequentGroup
}

// stateOf reads value i of a FrequentState. check gets the number of tracked values, 0 for NULL; nil: all are right. function is the name in errors.
func stateOf(function string, v *vector.Vector, i int, check func(tracked int) error) (s frequentState, err error) {
	at := v.At(i)
	if v.IsNull(i) {
		return s, notFrequent(function, errNullState)
	}
	if n := v.Children[1]; !n.IsNull(at) {
		s.tracked = int(n.I32[n.At(at)])
	}
	if check != nil {
		if err := check(s.tracked); err != nil {
			return s, err
		}
	}
	if v.Children[0].IsNull(at) || v.Children[3].IsNull(at) {
		return s, notFrequent(function, errNullState)
	}
	schema, bad := types.ParseDDL(string(v.Children[3].Bytes(at)))
	if bad != nil {
		return s, bad
	}
	s.item = frequentItem{schema.Fields[0].Type}
	if !Countable(s.item.t) {
		return s, notFrequent(function, errors.New("values of type "+s.item.t.SQL()+" are not counted"))
	}
	if s.group, err = s.item.readGroup(v.Children[0].Bytes(at)); err != nil {
		return s, notFrequent(function, err)
	}
	return s, nil
}

func (f frequentItem) equal(t *types.Type) bool {
	return f.t.IsText() && t.IsText() || f.t.SameShape(t)
}

// SetMostFrequent makes the k most frequent values in a sketch, value i of a FrequentState, value i of out. check gets the number of tracked
// values. function is the name in errors. (Spark: ApproxTopKEstimate.)
func SetMostFrequent(function string, v *vector.Vector, i, k int, check func(tracked int) error, out *vector.Vector) error {
	s, err := stateOf(function, v, i, check)
	if err != nil {
		return err
	}
	if t := v.Type.Fields[2].Type; !s.item.equal(t) {
		return notFrequent(function, errors.New("its values have type "+s.item.t.SQL()+", not "+t.SQL()))
	}
	s.item.setMost(s.group, k, out.At(i), out)
	return nil
}

// CombineFrequent returns the aggregation of approx_top_k_combine: one sketch of all values that given ones count. t is the type of the values.
// tracked is how many of them the result tracks; Untracked: as many as the given ones, which must be equally many. function is the name in errors.
// (Spark: ApproxTopKCombine, CombineInternal.)
func CombineFrequent(function string, t *types.Type, tracked int) expr.Aggregator {
	return &sketches[*combinedFrequent]{
		empty: func() *combinedFrequent {
			c := &combinedFrequent{fixed: tracked != Untracked, tracked: tracked}
			most := tracked
			if !c.fixed {
				most = MostTracked
			}
			c.group = &frequentGroup{items: sketch.NewFrequent(most)}
			return c
		},
		add: func(c *combinedFrequent, args []*vector.Vector, i int) error {
			s, err := stateOf(function, args[0], i, nil)
			if err != nil {
				return err
			}
			return c.add(s)
		},
		finish: func(c *combinedFrequent, out *vector.Vector, g int) {
			item := c.item
			if item.t == nil {
				item.t = t
			}
			n := c.tracked
			if n == Untracked {
				n = DefaultTracked
			}
			item.setState(c.group, n, g, out)
		},
	}
}

type combinedFrequent struct {
	fixed   bool // tracked is that of the call
	tracked int
	item    frequentItem // without a type before the first sketch
	group   *frequentGroup
}

// add adds the values of another sketch.
func (c *combinedFrequent) add(s frequentState) error {
	if !c.fixed && s.tracked != Untracked {
		switch c.tracked {
		case Untracked:
			c.tracked = s.tracked
		case s.tracked:
		default:
			return sparkerr.New("APPROX_TOP_K_SKETCH_SIZE_NOT_MATCH", "size1", strconv.Itoa(c.tracked), "size2", strconv.Itoa(s.tracked))
		}
	}
	switch {
	case s.item.t == nil:
	case c.item.t == nil:
		c.item = s.item
	case !c.item.equal(s.item.t):
		return sparkerr.New("APPROX_TOP_K_SKETCH_TYPE_NOT_MATCH", "type1", quoted(c.item.t), "type2", quoted(s.item.t))
	}
	c.group.merge(s.group)
	return nil
}

func quoted(t *types.Type) string { return `"` + t.SQL() + `"` }

func (c *combinedFrequent) Bytes() int { return c.group.items.Bytes() }

// Append appends, big-endian, the number of tracked values and the length of their type, then the type as JSON, the sketch, and the number of NULLs.
func (c *combinedFrequent) Append(dst []byte) []byte {
	text := ""
	if c.item.t != nil {
		text = c.item.t.JSON()
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(int32(c.tracked)))
	dst = append(binary.BigEndian.AppendUint32(dst, uint32(len(text))), text...)
	return c.group.append(dst, c.item)
}

func (c *combinedFrequent) Merge(b []byte) error {
	if len(b) < 8 {
		return errShort
	}
	tracked, n := int(int32(binary.BigEndian.Uint32(b))), int(binary.BigEndian.Uint32(b[4:]))
	if b = b[8:]; n > len(b) {
		return errShort
	}
	s := frequentState{tracked: tracked}
	if n > 0 {
		t, err := types.ParseTypeJSON(b[:n])
		if err != nil {
			return err
		}
		if !Countable(t) {
			return errItems
		}
		s.item.t = t
	}
	var err error
	if s.group, err = s.item.readGroup(b[n:]); err != nil {
		return err
	}
	return c.add(s)
}
