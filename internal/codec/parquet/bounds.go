package parquet

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/parquet-go/parquet-go/format"
)

// maxBound is the maximum length of a string kept as a bound.
const maxBound = 1024

// bounds stores the minimum and maximum of the column in the statistics. With a NaN they are unknown; zeros get the sign that
// widens the range. (parquet-format: ColumnOrder.)
func (b *buffer) bounds(d *dictionary, s *format.Statistics) {
	if b.n == 0 {
		return
	}
	switch b.physical {
	case format.Boolean:
		low, high := extremes(b.bools)
		s.MinValue, s.MaxValue = []byte{low}, []byte{high}
	case format.Int32:
		low, high := extremes(b.i32)
		s.MinValue, s.MaxValue = binary.LittleEndian.AppendUint32(nil, uint32(low)), binary.LittleEndian.AppendUint32(nil, uint32(high))
	case format.Int64:
		low, high := extremes(b.i64)
		s.MinValue, s.MaxValue = binary.LittleEndian.AppendUint64(nil, uint64(low)), binary.LittleEndian.AppendUint64(nil, uint64(high))
	case format.Float:
		if low, high := extremes(b.f32); low == low && high == high {
			low, high := signedZeros(float64(low), float64(high))
			s.MinValue = binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(low)))
			s.MaxValue = binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(high)))
		}
	case format.Double:
		if low, high := extremes(b.f64); low == low && high == high {
			low, high = signedZeros(low, high)
			s.MinValue = binary.LittleEndian.AppendUint64(nil, math.Float64bits(low))
			s.MaxValue = binary.LittleEndian.AppendUint64(nil, math.Float64bits(high))
		}
	case format.FixedLenByteArray:
		low, high := b.at(0), b.at(0)
		for i := 1; i < b.n; i++ {
			x := b.at(i)
			if compareSigned(x, low) < 0 {
				low = x
			} else if compareSigned(x, high) > 0 {
				high = x
			}
		}
		s.MinValue, s.MaxValue = bytes.Clone(low), bytes.Clone(high)
	case format.ByteArray:
		b.textBounds(d, s)
	}
}

// extremes returns the minimum and maximum, or NaN if there is one.
func extremes[T uint8 | int32 | int64 | float32 | float64](s []T) (low, high T) {
	low, high = s[0], s[0]
	for _, x := range s {
		low, high = min(low, x), max(high, x)
	}
	return low, high
}

func signedZeros(low, high float64) (float64, float64) {
	if low == 0 {
		low = math.Copysign(0, -1)
	}
	if high == 0 {
		high = 0
	}
	return low, high
}

// compareSigned compares big-endian two's complement numbers of equal length.
func compareSigned(a, b []byte) int {
	if (a[0]^b[0])&0x80 != 0 {
		return int(b[0]>>7) - int(a[0]>>7)
	}
	return bytes.Compare(a, b)
}

func (b *buffer) textBounds(d *dictionary, s *format.Statistics) {
	var low, high []byte
	see := func(x []byte) {
		if low == nil || bytes.Compare(x, low) < 0 {
			low = x
		}
		if high == nil || bytes.Compare(x, high) > 0 {
			high = x
		}
	}
	if len(d.first) > 0 {
		for _, i := range d.first {
			see(b.at(int(i)))
		}
	} else {
		for i := range b.n {
			see(b.at(i))
		}
	}
	if len(low) <= maxBound && len(high) <= maxBound {
		s.MinValue, s.MaxValue = bytes.Clone(low), bytes.Clone(high)
	}
}
