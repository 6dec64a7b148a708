package arrow

import "github.com/streamctl/streamctl/internal/types"

// Constants of Arrow's format. (Arrow: format/Schema.fbs, Message.fbs.)
const (
	version5 = 4

	headerSchema      = 1
	headerRecordBatch = 3

	typeNull      = 1
	typeInt       = 2
	typeFloat     = 3
	typeBinary    = 4
	typeUtf8      = 5
	typeBool      = 6
	typeDecimal   = 7
	typeDate      = 8
	typeTime      = 9
	typeTimestamp = 10
	typeInterval  = 11
	typeList      = 12
	typeStruct    = 13
	typeMap       = 17
	typeDuration  = 18

	unitDay          = 0
	unitMicro        = 2
	unitNano         = 3
	intervalMonths   = 0
	intervalMonthDay = 2
)

// schema writes a Schema and returns its position.
func (f *flatbuffer) schema(fields []types.Field, zone string) int {
	list := f.references(f.fieldList(fields, zone))
	f.begin(2)
	f.setRef(1, list)
	return f.end()
}

func (f *flatbuffer) fieldList(fields []types.Field, zone string) []int {
	out := make([]int, len(fields))
	for i, x := range fields {
		out[i] = f.field(x, zone)
	}
	return out
}

// field writes a Field and returns its position. (Spark: ArrowUtils.toArrowField.)
func (f *flatbuffer) field(x types.Field, zone string) int {
	children := f.references(f.fieldList(childFields(x.Type), zone))
	name := f.text(x.Name)
	kind, table := f.fieldType(x.Type, zone)
	f.begin(6)
	f.setRef(5, children)
	f.setRef(3, table)
	f.setRef(0, name)
	f.set8(2, kind)
	if x.Nullable {
		f.set8(1, 1)
	}
	return f.end()
}

// childFields returns the fields of a nested type, with Arrow's names.
func childFields(t *types.Type) []types.Field {
	switch t.Kind {
	case types.KindArray:
		return []types.Field{{Name: "element", Type: t.Elem, Nullable: true}}
	case types.KindMap:
		entries := types.StructOf(types.Field{Name: "key", Type: t.Key}, types.Field{Name: "value", Type: t.Elem, Nullable: true})
		return []types.Field{{Name: "entries", Type: entries}}
	case types.KindStruct:
		return t.Fields
	}
	return nil
}

// fieldType writes the table of a type and returns its position and the type's number. (Spark: ArrowUtils.toArrowType.)
func (f *flatbuffer) fieldType(t *types.Type, zone string) (kind uint8, table int) {
	zoneText := 0
	if t.Kind == types.KindTimestamp {
		zoneText = f.text(zone)
	}
	f.begin(3)
	integer := func(bits uint32) {
		f.set32(0, bits)
		f.set8(1, 1)
		kind = typeInt
	}
	switch t.Kind {
	case types.KindVoid:
		kind = typeNull
	case types.KindBoolean:
		kind = typeBool
	case types.KindByte:
		integer(8)
	case types.KindShort:
		integer(16)
	case types.KindInt:
		integer(32)
	case types.KindLong:
		integer(64)
	case types.KindFloat:
		f.set16(0, 1)
		kind = typeFloat
	case types.KindDouble:
		f.set16(0, 2)
		kind = typeFloat
	case types.KindDecimal:
		f.set32(2, 128)
		f.set32(1, uint32(t.Scale))
		f.set32(0, uint32(t.Precision))
		kind = typeDecimal
	case types.KindBinary:
		kind = typeBinary
	case types.KindDate:
		f.set16(0, unitDay)
		kind = typeDate
	case types.KindTime:
		f.set32(1, 64)
		f.set16(0, unitNano)
		kind = typeTime
	case types.KindTimestamp:
		f.setRef(1, zoneText)
		f.set16(0, unitMicro)
		kind = typeTimestamp
	case types.KindTimestampNTZ:
		f.set16(0, unitMicro)
		kind = typeTimestamp
	case types.KindYearMonth:
		f.set16(0, intervalMonths)
		kind = typeInterval
	case types.KindDayTime:
		f.set16(0, unitMicro)
		kind = typeDuration
	case types.KindInterval:
		f.set16(0, intervalMonthDay)
		kind = typeInterval
	case types.KindArray:
		kind = typeList
	case types.KindMap:
		kind = typeMap
	case types.KindStruct:
		kind = typeStruct
	default: // text; variants are JSON text
		kind = typeUtf8
	}
	return kind, f.end()
}
