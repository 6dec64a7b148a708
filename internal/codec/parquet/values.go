package parquet

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/encoding/bytestreamsplit"
	"github.com/parquet-go/parquet-go/encoding/delta"
	plainencoding "github.com/parquet-go/parquet-go/encoding/plain"
	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/vector"
)

// values holds the decoded values of a page in the physical type of their column; only one of the slices is in use.
type values struct {
	bools []uint8 // one byte each
	i32   []int32
	i64   []int64
	i96   []deprecated.Int96
	f32   []float32
	f64   []float64
	data  []byte        // byte arrays
	views []vector.View // parts of data
	size  int           // of fixed-length byte arrays, which are stored contiguously in data
	n     int

	offsets []uint32
	owned   []byte // data's memory, unless it belongs to the page
}

// at returns the byte array at position i.
func (v *values) at(i int) []byte {
	if v.size > 0 {
		return v.data[i*v.size : (i+1)*v.size]
	}
	w := v.views[i]
	return v.data[w.Off : w.Off+w.Len]
}

var (
	plainCodec  plainencoding.Encoding
	splitCodec  bytestreamsplit.Encoding
	deltaCodec  delta.BinaryPackedEncoding
	lengthCodec delta.LengthByteArrayEncoding
	prefixCodec delta.ByteArrayEncoding
)

// decode decodes up to limit values. src must be followed by padding and must live as long as v's contents are used.
func (v *values) decode(kind format.Type, size int, enc format.Encoding, src []byte, limit int) (err error) {
	v.size, v.n = 0, 0
	switch kind {
	case format.Boolean:
		err = v.decodeBooleans(enc, src, limit)
	case format.Int32:
		v.i32, err = fixed(v.i32, enc, src, limit, 4, plainCodec.DecodeInt32, deltaCodec.DecodeInt32, splitCodec.DecodeInt32)
		v.n = len(v.i32)
	case format.Int64:
		v.i64, err = fixed(v.i64, enc, src, limit, 8, plainCodec.DecodeInt64, deltaCodec.DecodeInt64, splitCodec.DecodeInt64)
		v.n = len(v.i64)
	case format.Int96:
		v.i96, err = fixed(v.i96, enc, src, limit, 12, plainCodec.DecodeInt96, nil, nil)
		v.n = len(v.i96)
	case format.Float:
		v.f32, err = fixed(v.f32, enc, src, limit, 4, plainCodec.DecodeFloat, nil, splitCodec.DecodeFloat)
		v.n = len(v.f32)
	case format.Double:
		v.f64, err = fixed(v.f64, enc, src, limit, 8, plainCodec.DecodeDouble, nil, splitCodec.DecodeDouble)
		v.n = len(v.f64)
	case format.ByteArray:
		err = v.decodeByteArrays(enc, src, limit)
	case format.FixedLenByteArray:
		err = v.decodeFixed(size, enc, src, limit)
	}
	if err == nil && v.n < limit {
		err = errShortPage
	}
	return err
}

func unknownEncoding(enc format.Encoding) error {
	return fmt.Errorf("the encoding %s of a page of the Parquet file does not match its type", enc)
}

// fixed decodes numbers of width bytes.
func fixed[T any](dst []T, enc format.Encoding, src []byte, limit, width int, decoders ...func([]T, []byte) ([]T, error)) ([]T, error) {
	if enc != format.DeltaBinaryPacked {
		if len(src) < limit*width {
			return dst, errShortPage
		}
		if enc == format.Plain {
			src = src[:limit*width]
		}
	}
	var decode func([]T, []byte) ([]T, error)
	switch enc {
	case format.Plain:
		decode = decoders[0]
	case format.DeltaBinaryPacked:
		if deltaCount(src) > uint64(limit) {
			return dst, errShortPage
		}
		decode = decoders[1]
	case format.ByteStreamSplit:
		if len(src) != limit*width {
			return dst, errShortPage
		}
		decode = decoders[2]
	}
	if decode == nil {
		return dst, unknownEncoding(enc)
	}
	return decode(grow(dst, limit), src)
}

// deltaCount returns the number of values that a delta-encoded block claims to hold. (parquet-format: block size, miniblocks,
// count.)
func deltaCount(src []byte) uint64 {
	for range 2 {
		_, n := binary.Uvarint(src)
		if n <= 0 {
			return math.MaxUint64
		}
		src = src[n:]
	}
	count, n := binary.Uvarint(src)
	if n <= 0 {
		return math.MaxUint64
	}
	return count
}

func (v *values) decodeBooleans(enc format.Encoding, src []byte, limit int) error {
	v.bools = grow(v.bools, limit)
	v.n = limit
	switch enc {
	case format.Plain:
		if len(src)*8 < limit {
			return errShortPage
		}
		for i := range v.bools {
			v.bools[i] = src[i>>3] >> (i & 7) & 1
		}
		return nil
	case format.RLE:
		if len(src) < 4 || uint64(binary.LittleEndian.Uint32(src)) > uint64(len(src)-4) {
			return errShortPage
		}
		h := hybrid{src: src[4 : 4+binary.LittleEndian.Uint32(src)], width: 1}
		return h.levels(v.bools)
	}
	return unknownEncoding(enc)
}

func (v *values) decodeByteArrays(enc format.Encoding, src []byte, limit int) error {
	switch enc {
	case format.Plain:
		return v.plainByteArrays(src, limit)
	case format.DeltaLengthByteArray, format.DeltaByteArray:
	default:
		return unknownEncoding(enc)
	}
	if deltaCount(src) > uint64(limit) {
		return errShortPage
	}
	var e encoding.Encoding = &lengthCodec
	if enc == format.DeltaByteArray {
		e = &prefixCodec
	}
	data, offsets, err := e.DecodeByteArray(v.owned[:0], src, v.offsets[:0])
	if err != nil {
		return err
	}
	v.owned, v.data, v.offsets = data, data, offsets
	v.n = max(len(offsets)-1, 0)
	v.views = grow(v.views, v.n)
	for i := range v.views {
		if offsets[i] > offsets[i+1] || int(offsets[i+1]) > len(data) {
			return errShortPage
		}
		v.views[i] = vector.View{Off: offsets[i], Len: offsets[i+1] - offsets[i]}
	}
	return nil
}

// plainByteArrays locates the values in the page, without copying them.
func (v *values) plainByteArrays(src []byte, limit int) error {
	v.data = src
	if limit > len(src)/4 {
		return errShortPage
	}
	v.views = grow(v.views, limit)
	pos := 0
	for i := range v.views {
		if len(src)-pos < 4 {
			return errShortPage
		}
		n := int(binary.LittleEndian.Uint32(src[pos:]))
		pos += 4
		if n < 0 || n > len(src)-pos {
			return errShortPage
		}
		v.views[i] = vector.View{Off: uint32(pos), Len: uint32(n)}
		pos += n
	}
	v.n = limit
	return nil
}

func (v *values) decodeFixed(size int, enc format.Encoding, src []byte, limit int) (err error) {
	if size <= 0 {
		return errShortPage
	}
	v.size = size
	switch enc {
	case format.Plain:
		v.data = src
	case format.ByteStreamSplit:
		v.owned, err = splitCodec.DecodeFixedLenByteArray(v.owned[:0], src, size)
		v.data = v.owned
	case format.DeltaByteArray:
		if deltaCount(src) > uint64(limit) {
			return errShortPage
		}
		v.owned, err = prefixCodec.DecodeFixedLenByteArray(v.owned[:0], src, size)
		v.data = v.owned
	default:
		return unknownEncoding(enc)
	}
	v.n = min(len(v.data)/size, limit)
	return err
}
