package xml

import (
	"math"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A cell is a value that was read. A struct is built as Spark builds it, because a later element of the same name takes the place of
// an earlier one, and an array grows while other elements come in between.
type cell struct {
	set   bool // it is not NULL
	num   int64
	dec   decimal.Int128
	text  []byte
	cells []cell // fields of a struct, items of an array, keys and values of a map in turn
	loose bool   // it is an item where Spark expects an array of them
}

// cellBytes is what a cell takes.
const cellBytes = 96

func textCell(text []byte) cell { return cell{set: true, text: text} }
func numCell(n int64) cell      { return cell{set: true, num: n} }

// A storage puts cells into vectors.
type storage struct {
	take  func(steps int)
	loose *types.Type // an array type of which an item was to be stored
}

// store makes a cell the value of a row.
func (s *storage) store(v *vector.Vector, row int, c *cell) {
	s.take(1)
	if c.loose {
		s.loose = v.Type
	}
	if !c.set || v.Type.Kind == types.KindVoid {
		setNull(v, row)
		return
	}
	if v.Valid != nil {
		v.Valid.Set(row)
	}
	switch v.Type.Kind {
	case types.KindBoolean:
		v.Bool[row] = c.num != 0
	case types.KindByte:
		v.I8[row] = int8(c.num)
	case types.KindShort:
		v.I16[row] = int16(c.num)
	case types.KindInt, types.KindDate:
		v.I32[row] = int32(c.num)
	case types.KindFloat:
		v.F32[row] = float32(math.Float64frombits(uint64(c.num)))
	case types.KindDouble:
		v.F64[row] = math.Float64frombits(uint64(c.num))
	case types.KindDecimal:
		v.Dec[row] = c.dec
	case types.KindString, types.KindBinary, types.KindVariant:
		from := len(v.Data)
		v.AppendData(c.text)
		v.CloseBytes(row, from)
	case types.KindStruct:
		for i := range c.cells {
			s.store(v.Children[i], row, &c.cells[i])
		}
	case types.KindArray, types.KindMap:
		s.storeList(v, row, c)
	default:
		v.I64[row] = c.num
	}
}

// storeList stores the items of an array, or the keys and values of a map.
func (s *storage) storeList(v *vector.Vector, row int, c *cell) {
	columns := len(v.Children)
	from := v.Children[0].Len()
	n := len(c.cells) / columns
	for _, child := range v.Children {
		child.Extend(from + n)
	}
	for i := range c.cells {
		s.store(v.Children[i%columns], from+i/columns, &c.cells[i])
	}
	v.Views[row] = vector.View{Off: uint32(from), Len: uint32(n)}
}

// setNull makes a row NULL, with all fields of a struct.
func setNull(v *vector.Vector, row int) {
	v.SetNull(row)
	if v.Type.Kind == types.KindStruct {
		for _, child := range v.Children {
			setNull(child, row)
		}
	}
}
