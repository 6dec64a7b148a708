package xml

import (
	"math"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A cell is a value that has been read. A struct is built step by step, as in Spark: a later element replaces an earlier one
// of the same name, and an array grows while other elements occur in between.
type cell struct {
	set   bool // not NULL
	num   int64
	dec   decimal.Int128
	text  []byte
	cells []cell // fields of a struct, items of an array, alternating keys and values of a map
	loose bool   // a single item where Spark expects an array of items
}

// cellBytes is the size of a cell.
const cellBytes = 96

func textCell(text []byte) cell { return cell{set: true, text: text} }
func numCell(n int64) cell      { return cell{set: true, num: n} }

// A storage stores cells in vectors.
type storage struct {
	take  func(steps int)
	loose *types.Type // array type for which a single item was to be stored
}

// store stores a cell as the value of a row.
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

// setNull makes a row NULL, including all fields of a struct.
func setNull(v *vector.Vector, row int) {
	v.SetNull(row)
	if v.Type.Kind == types.KindStruct {
		for _, child := range v.Children {
			setNull(child, row)
		}
	}
}
