package parquet

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/parquet-go/bitpack"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	pageRows  = 20_000  // like parquet.page.row.count.limit
	pageBytes = 1 << 20 // like parquet.page.size
)

// A pageWriter encodes columns as pages of version 1, as Spark does.
type pageWriter struct {
	steps    *halt.Steps // looks before each page
	compress compressor
	out      []byte // the pages of the row group
	raw      []byte // of the current page
	packed   []byte
	dict     dictionary
	meta     *format.ColumnMetaData
	header   bytes.Buffer
}

// column appends the pages of a column and describes them in meta, with offsets relative to the row group.
func (w *pageWriter) column(b *buffer, meta *format.ColumnMetaData) error {
	total := b.n + b.nulls
	*meta = format.ColumnMetaData{Type: b.physical, PathInSchema: b.path, Codec: w.compress.codec, NumValues: int64(total)}
	w.meta = meta
	start := len(w.out)
	enc := format.Plain
	if w.dict.build(b) {
		enc = format.RLEDictionary
		if err := w.dictionaryPage(b); err != nil {
			return err
		}
	}
	meta.DataPageOffset = int64(len(w.out))
	b.bounds(&w.dict, &meta.Statistics)
	meta.Statistics.NullCount = int64(b.nulls)
	meta.Encoding = []format.Encoding{enc, format.RLE}
	if enc == format.RLEDictionary {
		meta.Encoding = append(meta.Encoding, format.Plain)
	}
	used := 0
	for at := 0; at < total; {
		n, values := b.nextPage(at, used)
		if err := w.dataPage(b, enc, at, n, used, values); err != nil {
			return err
		}
		at, used = at+n, used+values
	}
	meta.TotalCompressedSize = int64(len(w.out) - start)
	if enc == format.RLEDictionary {
		meta.DictionaryPageOffset = int64(start)
	}
	return nil
}

// nextPage returns how many entries from at, and how many values from used, the next page holds. Pages hold whole rows.
func (b *buffer) nextPage(at, used int) (entries, count int) {
	rows, size, width := 0, 0, b.width()
	total := b.n + b.nulls
	for i := at; i < total; i++ {
		if b.maxRep == 0 || b.reps[i] == 0 {
			if rows == pageRows || size >= pageBytes {
				break
			}
			rows++
		}
		entries++
		if b.maxDef > 0 && b.defs[i] < b.maxDef {
			continue
		}
		size += width
		if b.physical == format.ByteArray {
			size += int(b.views[used+count].Len)
		}
		count++
	}
	return entries, count
}

// width returns the approximate size of a value in bytes.
func (b *buffer) width() int {
	switch b.physical {
	case format.Int64, format.Double:
		return 8
	case format.Int96:
		return 12
	case format.FixedLenByteArray:
		return b.stored.size
	case format.Boolean:
		return 1
	}
	return 4
}

func (w *pageWriter) dictionaryPage(b *buffer) error {
	w.raw = w.dict.appendPlain(w.raw[:0], b)
	return w.page(&format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{
		NumValues: int32(len(w.dict.first)), Encoding: format.Plain,
	})})
}

func (w *pageWriter) dataPage(b *buffer, enc format.Encoding, at, n, used, values int) error {
	w.raw = w.raw[:0]
	if b.maxRep > 0 {
		w.raw = appendLevels(w.raw, b.reps[at:at+n], b.maxRep)
	}
	if b.maxDef > 0 {
		w.raw = appendLevels(w.raw, b.defs[at:at+n], b.maxDef)
	}
	if enc == format.RLEDictionary {
		w.raw = w.dict.appendIndexes(w.raw, used, values)
	} else {
		w.raw = b.appendPlain(w.raw, used, values)
	}
	return w.page(&format.PageHeader{Type: format.DataPage, DataPageHeader: thrift.New(format.DataPageHeader{
		NumValues: int32(n), Encoding: enc, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
	})})
}

// page appends the header and raw, compressed.
func (w *pageWriter) page(h *format.PageHeader) (err error) {
	w.steps.Look()
	if w.packed, err = w.compress.pack(w.packed[:0], w.raw); err != nil {
		return err
	}
	h.UncompressedPageSize, h.CompressedPageSize = int32(len(w.raw)), int32(len(w.packed))
	w.header.Reset()
	if err := thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(&w.header)).Encode(h); err != nil {
		return err
	}
	w.out = append(append(w.out, w.header.Bytes()...), w.packed...)
	w.meta.TotalUncompressedSize += int64(w.header.Len() + len(w.raw))
	return nil
}

// appendLevels appends levels preceded by their length. Most levels form runs; others are packed in groups of eight.
func appendLevels(dst []byte, levels []uint8, highest uint8) []byte {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	width := levelWidth(highest)
	for i := 0; i < len(levels); {
		run := i + 1
		for run < len(levels) && levels[run] == levels[i] {
			run++
		}
		if run-i >= 8 || run == len(levels) {
			dst = append(binary.AppendUvarint(dst, uint64(run-i)<<1), levels[i])
			i = run
			continue
		}
		end := i
		for end < len(levels) && (end-i)%8 == 0 && !startsRun(levels[end:]) || end < len(levels) && (end-i)%8 != 0 {
			end++
		}
		dst = appendPackedLevels(dst, levels[i:end], width)
		i = end
	}
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start-4))
	return dst
}

// startsRun reports whether the next 16 levels are equal, so that a run is worth its head.
func startsRun(levels []uint8) bool {
	if len(levels) < 16 {
		return false
	}
	for _, x := range levels[1:16] {
		if x != levels[0] {
			return false
		}
	}
	return true
}

func appendPackedLevels(dst []byte, levels []uint8, width uint) []byte {
	groups := (len(levels) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	acc, n := uint64(0), uint(0)
	for i := range groups * 8 {
		if i < len(levels) {
			acc |= uint64(levels[i]) << n
		}
		for n += width; n >= 8; n -= 8 {
			dst = append(dst, byte(acc))
			acc >>= 8
		}
	}
	return dst
}

// appendPlain appends n values, starting at position from.
func (b *buffer) appendPlain(dst []byte, from, n int) []byte {
	switch b.physical {
	case format.Boolean:
		for i := 0; i < n; i += 8 {
			x := byte(0)
			for j, bit := range b.bools[from+i : from+min(i+8, n)] {
				x |= bit << j
			}
			dst = append(dst, x)
		}
	case format.Int32:
		for _, x := range b.i32[from : from+n] {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(x))
		}
	case format.Int64:
		for _, x := range b.i64[from : from+n] {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(x))
		}
	case format.Float:
		for _, x := range b.f32[from : from+n] {
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(x))
		}
	case format.Double:
		for _, x := range b.f64[from : from+n] {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
		}
	case format.Int96:
		for _, x := range b.i96[from : from+n] {
			dst = appendInt96(dst, x)
		}
	case format.FixedLenByteArray:
		dst = append(dst, b.data[from*b.stored.size:(from+n)*b.stored.size]...)
	case format.ByteArray:
		for _, v := range b.views[from : from+n] {
			dst = appendText(dst, b.data, v)
		}
	}
	return dst
}

func appendInt96(dst []byte, x deprecated.Int96) []byte {
	for _, part := range x {
		dst = binary.LittleEndian.AppendUint32(dst, part)
	}
	return dst
}

func appendText(dst, data []byte, v vector.View) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, v.Len)
	return append(dst, data[v.Off:v.Off+v.Len]...)
}

// appendIndexes appends the dictionary numbers of n values, bit-packed.
func (d *dictionary) appendIndexes(dst []byte, from, n int) []byte {
	width := uint(max(bits.Len(uint(len(d.first)-1)), 1))
	groups := (n + 7) / 8
	dst = append(dst, byte(width))
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	index := d.index[from : from+n]
	if rest := groups*8 - n; rest > 0 {
		d.tail = append(append(d.tail[:0], index[n-(8-rest):]...), make([]int32, rest)...)
		index = index[:n-(8-rest)]
	} else {
		d.tail = d.tail[:0]
	}
	dst = appendPacked(dst, index, width)
	return appendPacked(dst, d.tail, width)
}

func appendPacked(dst []byte, index []int32, width uint) []byte {
	size := len(index) * int(width) / 8
	start := len(dst)
	dst = append(dst, make([]byte, size+padding)...)
	if len(index) > 0 {
		bitpack.Pack(dst[start:], index, width)
	}
	return dst[:start+size]
}
