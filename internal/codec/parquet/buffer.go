package parquet

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A buffer holds the values of a file column until its row group is written: the present values in the slice for their
// physical type, and the levels of all values.
type buffer struct {
	stored
	values
	steps      *halt.Steps
	defs, reps []uint8
	nulls      int
}

func (b *buffer) reset() {
	b.defs, b.reps, b.nulls = b.defs[:0], b.reps[:0], 0
	b.bools, b.i32, b.i64, b.i96, b.f32, b.f64 = b.bools[:0], b.i32[:0], b.i64[:0], b.i96[:0], b.f32[:0], b.f64[:0]
	b.data, b.views, b.n, b.values.size = b.data[:0], b.views[:0], 0, b.stored.size
}

// bytes returns the approximate memory of the values.
func (b *buffer) bytes() int {
	return len(b.bools) + 4*len(b.i32) + 8*len(b.i64) + 12*len(b.i96) + 4*len(b.f32) + 8*len(b.f64) + len(b.data) + 8*len(b.views) +
		len(b.defs) + len(b.reps)
}

// absent adds a missing value: it is NULL, or an ancestor is NULL or empty.
func (b *buffer) absent(rep, def uint8) {
	b.level(rep, def)
	b.nulls++
}

func (b *buffer) level(rep, def uint8) {
	if b.maxDef > 0 {
		b.defs = append(b.defs, def)
	}
	if b.maxRep > 0 {
		b.reps = append(b.reps, rep)
	}
}

// addRows adds the rows of a top-level column, the fast path.
func (b *buffer) addRows(v *vector.Vector, n int, sel vector.Selection) {
	if sel == nil && v.Valid == nil && !v.IsConst() {
		for range n {
			b.defs = append(b.defs, b.maxDef)
		}
		b.addAll(v, n)
		return
	}
	rows := n
	if sel != nil {
		rows = len(sel)
	}
	for i := range rows {
		row := i
		if sel != nil {
			row = int(sel[i])
		}
		if v.IsNull(row) {
			b.absent(0, b.maxDef-1)
			continue
		}
		b.defs = append(b.defs, b.maxDef)
		b.add(v, v.At(row))
	}
}

// addAll adds the first n values of v, none of which may be NULL.
func (b *buffer) addAll(v *vector.Vector, n int) {
	switch {
	case v.Type.Kind == types.KindInt || v.Type.Kind == types.KindDate:
		b.i32 = append(b.i32, v.I32[:n]...)
	case v.Type.Kind == types.KindLong:
		b.i64 = append(b.i64, v.I64[:n]...)
	case v.Type.Kind == types.KindDouble:
		b.f64 = append(b.f64, v.F64[:n]...)
	case isBytes(v.Type):
		for _, w := range v.Views[:n] {
			b.views = append(b.views, vector.View{Off: uint32(len(b.data)), Len: w.Len})
			b.data = append(b.data, v.Data[w.Off:w.Off+w.Len]...)
		}
	default:
		for i := range n {
			b.add(v, i)
		}
		return
	}
	b.n += n
}

// add adds the value at position i of v.
func (b *buffer) add(v *vector.Vector, i int) {
	b.n++
	switch v.Type.Kind {
	case types.KindBoolean:
		x := uint8(0)
		if v.Bool[i] {
			x = 1
		}
		b.bools = append(b.bools, x)
	case types.KindByte:
		b.i32 = append(b.i32, int32(v.I8[i]))
	case types.KindShort:
		b.i32 = append(b.i32, int32(v.I16[i]))
	case types.KindInt, types.KindDate, types.KindYearMonth:
		b.i32 = append(b.i32, v.I32[i])
	case types.KindTimestamp:
		b.addTimestamp(v.I64[i])
	case types.KindTime:
		b.i64 = append(b.i64, v.I64[i]/1000)
	case types.KindLong, types.KindTimestampNTZ, types.KindDayTime:
		b.i64 = append(b.i64, v.I64[i])
	case types.KindFloat:
		b.f32 = append(b.f32, v.F32[i])
	case types.KindDouble:
		b.f64 = append(b.f64, v.F64[i])
	case types.KindDecimal:
		b.addDecimal(v.Dec[i])
	default:
		w := v.Views[i]
		b.views = append(b.views, vector.View{Off: uint32(len(b.data)), Len: w.Len})
		b.data = append(b.data, v.Data[w.Off:w.Off+w.Len]...)
	}
}

func (b *buffer) addTimestamp(micros int64) {
	switch {
	case b.physical == format.Int96:
		b.i96 = append(b.i96, toInt96(micros))
	case b.millis:
		b.i64 = append(b.i64, floorDiv(micros, 1000))
	default:
		b.i64 = append(b.i64, micros)
	}
}

func toInt96(micros int64) deprecated.Int96 {
	const julianEpoch = 2_440_588
	day := floorDiv(micros, microsPerDay)
	nanos := uint64(micros-day*microsPerDay) * 1000
	return deprecated.Int96{uint32(nanos), uint32(nanos >> 32), uint32(day + julianEpoch)}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (b *buffer) addDecimal(d decimal.Int128) {
	switch b.physical {
	case format.Int32:
		b.i32 = append(b.i32, int32(d.Lo))
	case format.Int64:
		b.i64 = append(b.i64, int64(d.Lo))
	default:
		var buf [16]byte
		binary.BigEndian.PutUint64(buf[:], uint64(d.Hi))
		binary.BigEndian.PutUint64(buf[8:], d.Lo)
		b.data = append(b.data, buf[16-b.stored.size:]...)
	}
}

// shred adds the value at row of v, and everything nested in it, to the buffers of its columns, and returns the remaining
// buffers. optional is false for keys of maps. rep and def are the levels of the parent. (Dremel's column striping.)
func shred(bufs []*buffer, v *vector.Vector, row int, optional bool, rep, def, depth uint8) []*buffer {
	if v.IsNull(row) {
		return absentBelow(bufs, v.Type, rep, def)
	}
	if optional {
		def++
	}
	i := v.At(row)
	switch v.Type.Kind {
	case types.KindStruct:
		for _, c := range v.Children {
			bufs = shred(bufs, c, i, true, rep, def, depth)
		}
		return bufs
	case types.KindArray:
		return shredElements(bufs, v, i, rep, def, depth)
	case types.KindMap:
		return shredElements(bufs, v, i, rep, def, depth)
	}
	bufs[0].level(rep, def)
	bufs[0].add(v, i)
	return bufs[1:]
}

// shredElements adds the elements of an array, or the keys and values of a map.
func shredElements(bufs []*buffer, v *vector.Vector, i int, rep, def, depth uint8) []*buffer {
	w := v.Views[i]
	if w.Len == 0 {
		return absentBelow(bufs, v.Type, rep, def)
	}
	for k, child := range v.Children {
		optional := k == len(v.Children)-1
		rest := bufs
		for j := w.Off; j < w.Off+w.Len; j++ {
			if j%halt.Pace == 0 && len(bufs) > 0 {
				bufs[0].steps.Look()
			}
			r := depth + 1
			if j == w.Off {
				r = rep
			}
			rest = shred(bufs, child, int(j), optional, r, def+1, depth+1)
		}
		bufs = rest
	}
	return bufs
}

// absentBelow adds a missing value to all columns of a type.
func absentBelow(bufs []*buffer, t *types.Type, rep, def uint8) []*buffer {
	switch t.Kind {
	case types.KindStruct:
		for _, f := range t.Fields {
			bufs = absentBelow(bufs, f.Type, rep, def)
		}
		return bufs
	case types.KindMap:
		return absentBelow(absentBelow(bufs, t.Key, rep, def), t.Elem, rep, def)
	case types.KindArray:
		return absentBelow(bufs, t.Elem, rep, def)
	}
	bufs[0].absent(rep, def)
	return bufs[1:]
}
