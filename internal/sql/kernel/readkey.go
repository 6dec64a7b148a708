package kernel

import (
	"encoding/binary"
	"math"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// ReadKey sets row i of dst, a flat vector, to the value that AppendKey has encoded at the start of key, and returns the rest of
// key.
func ReadKey(dst *vector.Vector, i int, key []byte) []byte {
	valid := key[0] != 0
	key = key[1:]
	if !valid {
		dst.SetNull(i)
		return key
	}
	little := binary.LittleEndian
	switch dst.Type.Kind {
	case types.KindBoolean:
		dst.Bool[i] = key[0] != 0
		return key[1:]
	case types.KindByte:
		dst.I8[i] = int8(key[0])
		return key[1:]
	case types.KindShort:
		dst.I16[i] = int16(little.Uint16(key))
		return key[2:]
	case types.KindInt, types.KindDate, types.KindYearMonth:
		dst.I32[i] = int32(little.Uint32(key))
		return key[4:]
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		dst.I64[i] = int64(little.Uint64(key))
		return key[8:]
	case types.KindFloat:
		dst.F32[i] = math.Float32frombits(little.Uint32(key))
		return key[4:]
	case types.KindDouble:
		dst.F64[i] = math.Float64frombits(little.Uint64(key))
		return key[8:]
	case types.KindDecimal:
		dst.Dec[i] = decimal.Int128{Hi: int64(little.Uint64(key)), Lo: little.Uint64(key[8:])}
		return key[16:]
	case types.KindInterval:
		dst.Cal[i] = vector.CalendarInterval{Months: int32(little.Uint32(key)), Days: int32(little.Uint32(key[4:])), Micros: int64(little.Uint64(key[8:]))}
		return key[16:]
	case types.KindVoid:
		return key
	}
	return readNestedKey(dst, i, key)
}

// readNestedKey is ReadKey for values with parts or a length.
func readNestedKey(dst *vector.Vector, i int, key []byte) []byte {
	if dst.Type.Kind == types.KindStruct {
		for _, c := range dst.Children {
			key = ReadKey(c, i, key)
		}
		return key
	}
	length, size := binary.Uvarint(key)
	key, n := key[size:], int(length)
	switch dst.Type.Kind {
	case types.KindArray, types.KindMap:
		from := dst.Children[0].Len()
		for _, c := range dst.Children {
			c.Extend(from + n)
		}
		dst.Views[i] = vector.View{Off: uint32(from), Len: uint32(n)}
		for k := range n {
			for _, c := range dst.Children {
				key = ReadKey(c, from+k, key)
			}
		}
		return key
	}
	dst.Views[i] = vector.View{Off: uint32(len(dst.Data)), Len: uint32(n)}
	dst.AppendData(key[:n])
	return key[n:]
}
