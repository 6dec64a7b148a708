package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A leaf reads one column of the file into a vector. It first reads the present values contiguously, and the levels
// separately; then finish moves the values to their rows or list elements.
type leaf struct {
	node    *node
	typ     *types.Type
	convert converter
	pages   *chunk
	out     *vector.Vector

	raw     []byte // the decompressed page
	dict    *vector.Vector
	dictRaw []byte
	page    page

	defs, reps []uint8 // levels of the current batch
	entries    int     // in the current batch
	count      int     // number of the batch's values in out
	from       source  // what the views of the batch refer to
	arena      []byte
	valid      vector.Bitmap

	ledger  *ledger
	counted int // bytes of memory recorded in the ledger
}

// A page is the page being read.
type page struct {
	defs, reps []uint8 // empty if the highest level is 0
	n, pos     int     // entries: total, and consumed
	used       int     // values consumed
	vals       values
	index      []int32 // numbers of values in the dictionary; nil if vals holds the values
	indexStore []int32
	defStore   []uint8
	repStore   []uint8
	levels     hybrid
}

// A source says where the bytes of a batch's views are stored.
type source uint8

const (
	nowhere source = iota
	inPage
	inDictionary
	inArena
)

func newLeaf(n *node, t *types.Type, b *binder) (*leaf, error) {
	c := converterFor(n, t)
	if c == nil {
		return nil, mismatch(b.file, n, t)
	}
	l := newLevels(n, b)
	l.typ, l.convert = t, c
	return l, nil
}

// newLevels returns a leaf that is read for its levels only.
func newLevels(n *node, b *binder) *leaf {
	l := &leaf{node: n, pages: newChunk(b.src), out: &vector.Vector{}, ledger: b.ledger}
	l.pages.reserve = l.reserve
	return l
}

// open moves to a row group.
func (l *leaf) open(group *format.RowGroup, fileSize int64) error {
	if l.node.leaf >= len(group.Columns) || group.Columns[l.node.leaf].FilePath != "" {
		return errShortPage
	}
	l.page.n, l.page.pos, l.dict = 0, 0, nil
	return l.pages.reset(&group.Columns[l.node.leaf].MetaData, fileSize)
}

// read reads the next rows of the column.
func (l *leaf) read(rows int) error {
	l.defs, l.reps, l.count, l.from = l.defs[:0], l.reps[:0], 0, nowhere
	l.arena, l.entries = l.arena[:0], 0
	known := rows
	if l.node.maxRep > 0 {
		known = 0 // unknown: as many as the lists have elements
	}
	if l.typ != nil {
		l.out.Reset(l.typ, known)
	}
	if l.node.maxRep > 0 {
		return l.readRepeated(rows)
	}
	for rows > 0 {
		if err := l.ready(); err != nil {
			return noEOF(err)
		}
		n := min(rows, l.page.n-l.page.pos)
		if err := l.take(n); err != nil {
			return err
		}
		rows -= n
	}
	return nil
}

// readRepeated reads whole rows, which may extend beyond the end of a page.
func (l *leaf) readRepeated(rows int) error {
	begun := 0
	for {
		err := l.ready()
		if errors.Is(err, io.EOF) && begun == rows {
			return nil
		}
		if err != nil {
			return noEOF(err)
		}
		n := 0
		for _, r := range l.page.reps[l.page.pos:] {
			if r == 0 {
				if begun == rows {
					break
				}
				begun++
			}
			n++
		}
		if n == 0 {
			return nil
		}
		if err := l.take(n); err != nil {
			return err
		}
	}
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the Parquet file is damaged: a column has fewer rows than its row group")
	}
	return err
}

// take consumes n entries of the page.
func (l *leaf) take(n int) error {
	p := &l.page
	m := n
	if l.node.maxDef > 0 {
		defs := p.defs[p.pos : p.pos+n]
		l.defs = append(l.defs, defs...)
		m = countLevel(defs, l.node.maxDef)
	}
	if l.node.maxRep > 0 {
		l.reps = append(l.reps, p.reps[p.pos:p.pos+n]...)
	}
	p.pos += n
	l.entries += n
	if l.typ == nil || m == 0 {
		return nil
	}
	l.out.Extend(l.count + m)
	from := inPage
	if p.index != nil {
		from = inDictionary
	}
	if isBytes(l.typ) {
		l.share(from)
	}
	if p.index != nil {
		l.lookUp(p.index[p.used : p.used+m])
	} else {
		l.convert(l.out, l.count, &p.vals, p.used, m)
	}
	if l.from == inArena {
		l.keep(l.count, m, from)
	}
	p.used += m
	l.count += m
	return nil
}

func countLevel(levels []uint8, level uint8) int {
	n := 0
	for _, x := range levels {
		if x == level {
			n++
		}
	}
	return n
}

// share decides where the bytes of the next values are stored. As long as all values of a batch come from one page or one
// dictionary they remain there; otherwise they are copied.
func (l *leaf) share(from source) {
	switch l.from {
	case nowhere:
		l.from = from
		l.out.Data = l.bytesOf(from)
	case inArena, from:
	default:
		l.own()
	}
}

func (l *leaf) bytesOf(from source) []byte {
	if from == inDictionary {
		return l.dict.Data
	}
	return l.page.vals.data
}

// own copies the bytes of the values so far into the arena.
func (l *leaf) own() {
	if l.from == nowhere || l.from == inArena {
		return
	}
	old := l.from
	l.from = inArena
	l.keep(0, l.count, old)
}

// keep copies the bytes of the n values from position at, whose views refer to a page or dictionary.
func (l *leaf) keep(at, n int, from source) {
	data := l.bytesOf(from)
	for i := at; i < at+n; i++ {
		w := &l.out.Views[i]
		off := uint32(len(l.arena))
		l.arena = append(l.arena, data[w.Off:w.Off+w.Len]...)
		w.Off = off
	}
	l.out.Data = l.arena
}

// lookUp appends values of the dictionary.
func (l *leaf) lookUp(index []int32) {
	at, d, o := l.count, l.dict, l.out
	switch l.typ.Kind {
	case types.KindBoolean:
		pick(o.Bool[at:], d.Bool, index)
	case types.KindByte:
		pick(o.I8[at:], d.I8, index)
	case types.KindShort:
		pick(o.I16[at:], d.I16, index)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		pick(o.I32[at:], d.I32, index)
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		pick(o.I64[at:], d.I64, index)
	case types.KindFloat:
		pick(o.F32[at:], d.F32, index)
	case types.KindDouble:
		pick(o.F64[at:], d.F64, index)
	case types.KindDecimal:
		pick(o.Dec[at:], d.Dec, index)
	default:
		pick(o.Views[at:], d.Views, index)
	}
}

func pick[T any](out, dict []T, index []int32) {
	out = out[:len(index)]
	for i, x := range index {
		out[i] = dict[x]
	}
}

// finish turns out into a vector of the entries with a definition level of at least above: rows, or elements of the innermost
// list around the column. It moves the values to their positions.
func (l *leaf) finish(above uint8) *vector.Vector {
	highest := l.node.maxDef
	if highest == above { // cannot be NULL
		return l.out
	}
	slots := len(l.defs)
	if above > 0 {
		slots = 0
		for _, d := range l.defs {
			if d >= above {
				slots++
			}
		}
	}
	if slots == l.count {
		return l.out
	}
	l.valid = grow(l.valid, (slots+63)/64)
	clear(l.valid)
	i := 0
	for _, d := range l.defs {
		if d < above {
			continue
		}
		if d == highest {
			l.valid.Set(i)
		}
		i++
	}
	l.out.Extend(slots)
	l.out.Valid = l.valid
	spreadVector(l.out, l.valid, l.count, slots)
	return l.out
}

// spreadVector moves the first count values of v to the positions that are set in valid.
func spreadVector(v *vector.Vector, valid vector.Bitmap, count, slots int) {
	switch v.Type.Kind {
	case types.KindBoolean:
		spread(v.Bool, valid, count, slots)
	case types.KindByte:
		spread(v.I8, valid, count, slots)
	case types.KindShort:
		spread(v.I16, valid, count, slots)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		spread(v.I32, valid, count, slots)
	case types.KindLong, types.KindTimestamp, types.KindTimestampNTZ, types.KindDayTime, types.KindTime:
		spread(v.I64, valid, count, slots)
	case types.KindFloat:
		spread(v.F32, valid, count, slots)
	case types.KindDouble:
		spread(v.F64, valid, count, slots)
	case types.KindDecimal:
		spread[decimal.Int128](v.Dec, valid, count, slots)
	default:
		spread(v.Views, valid, count, slots)
	}
}

func spread[T any](s []T, valid vector.Bitmap, count, slots int) {
	var zero T
	j := count - 1
	for i := slots - 1; i >= 0; i-- {
		if !valid.Get(i) {
			s[i] = zero
			continue
		}
		if i == j { // all earlier ones are in place
			return
		}
		s[i] = s[j]
		j--
	}
}

// ready ensures that the page has unconsumed entries. It returns io.EOF at the end of the column.
func (l *leaf) ready() error {
	for l.page.pos >= l.page.n {
		header, body, err := l.pages.next()
		if err != nil {
			return err
		}
		if l.from == inPage {
			l.own()
		}
		if err := l.load(header, body); err != nil {
			return err
		}
	}
	return nil
}

func (l *leaf) load(header *format.PageHeader, body []byte) error {
	switch header.Type {
	case format.DictionaryPage:
		h, ok := header.DictionaryPageHeader.Get()
		if !ok || l.dict != nil {
			return errShortPage
		}
		return l.loadDictionary(header, &h, body)
	case format.DataPage:
		h, ok := header.DataPageHeader.Get()
		if !ok {
			return errShortPage
		}
		return l.loadV1(header, &h, body)
	case format.DataPageV2:
		h, ok := header.DataPageHeaderV2.Get()
		if !ok {
			return errShortPage
		}
		return l.loadV2(header, &h, body)
	}
	return nil // an index page
}

// maxPageValues limits how much a damaged header can make the reader allocate.
const maxPageValues = 64 << 20

func (l *leaf) loadDictionary(header *format.PageHeader, h *format.DictionaryPageHeader, body []byte) (err error) {
	n := int(h.NumValues)
	if n < 0 || n > maxPageValues {
		return errShortPage
	}
	if l.typ == nil {
		l.dict = &vector.Vector{}
		return nil
	}
	if l.dictRaw, err = l.pages.codec.decompress(l.dictRaw, body, int(header.UncompressedPageSize)); err != nil {
		return err
	}
	var vals values
	if err := vals.decode(l.node.physical(), l.fixedSize(), format.Plain, l.dictRaw, n); err != nil {
		return err
	}
	l.dict = vector.New(l.typ, n)
	l.convert(l.dict, 0, &vals, 0, n)
	l.dict.Data = vals.data
	return nil
}

func (l *leaf) fixedSize() int {
	n, _ := l.node.TypeLength.Get()
	return int(n)
}

func (l *leaf) loadV1(header *format.PageHeader, h *format.DataPageHeader, body []byte) (err error) {
	p := &l.page
	if err := l.begin(int(h.NumValues)); err != nil {
		return err
	}
	if l.raw, err = l.pages.codec.decompress(l.raw, body, int(header.UncompressedPageSize)); err != nil {
		return err
	}
	rest := l.raw
	if l.node.maxRep > 0 {
		if rest, err = p.prefixed(rest, h.RepetitionLevelEncoding, l.node.maxRep, p.reps); err != nil {
			return err
		}
	}
	if l.node.maxDef > 0 {
		if rest, err = p.prefixed(rest, h.DefinitionLevelEncoding, l.node.maxDef, p.defs); err != nil {
			return err
		}
	}
	return l.values(h.Encoding, rest)
}

// prefixed decodes levels preceded by their length.
func (p *page) prefixed(src []byte, enc format.Encoding, highest uint8, dst []uint8) ([]byte, error) {
	if enc != format.RLE {
		return nil, fmt.Errorf("levels of the Parquet file have the encoding %s, which is not in the embedded engine", enc)
	}
	if len(src) < 4 || uint64(binary.LittleEndian.Uint32(src)) > uint64(len(src)-4) {
		return nil, errShortPage
	}
	n := 4 + int(binary.LittleEndian.Uint32(src))
	p.levels.src, p.levels.width = src[4:n], levelWidth(highest)
	return src[n:], p.levels.levels(dst)
}

func (l *leaf) loadV2(header *format.PageHeader, h *format.DataPageHeaderV2, body []byte) (err error) {
	p := &l.page
	if err := l.begin(int(h.NumValues)); err != nil {
		return err
	}
	reps, defs := int(h.RepetitionLevelsByteLength), int(h.DefinitionLevelsByteLength)
	size := int(header.UncompressedPageSize) - reps - defs
	if reps < 0 || defs < 0 || reps > len(body) || defs > len(body)-reps || size < 0 {
		return errShortPage
	}
	if l.node.maxRep > 0 {
		p.levels.src, p.levels.width = padded(body[:reps]), levelWidth(l.node.maxRep)
		if err := p.levels.levels(p.reps); err != nil {
			return err
		}
	}
	if l.node.maxDef > 0 {
		p.levels.src, p.levels.width = padded(body[reps:reps+defs]), levelWidth(l.node.maxDef)
		if err := p.levels.levels(p.defs); err != nil {
			return err
		}
	}
	rest := body[reps+defs:]
	if compressed, given := h.IsCompressed.Get(); given && !compressed || len(rest) == 0 {
		if len(rest) != size {
			return errShortPage
		}
		l.raw = append(grow(l.raw, size+padding)[:0], rest...)
	} else if l.raw, err = l.pages.codec.decompress(l.raw, rest, size); err != nil {
		return err
	}
	return l.values(h.Encoding, l.raw)
}

// padded copies levels, which are short, to a buffer with room for padding.
func padded(b []byte) []byte { return append(make([]byte, 0, len(b)+padding), b...) }

// begin prepares for a page of n entries.
func (l *leaf) begin(n int) error {
	if n < 0 || n > maxPageValues {
		return errShortPage
	}
	p := &l.page
	p.n, p.pos, p.used, p.defs, p.reps = n, 0, 0, nil, nil
	if l.node.maxDef > 0 {
		p.defStore = grow(p.defStore, n)
		p.defs = p.defStore
	}
	if l.node.maxRep > 0 {
		p.repStore = grow(p.repStore, n)
		p.reps = p.repStore
	}
	return nil
}

// values decodes the data after the levels.
func (l *leaf) values(enc format.Encoding, src []byte) error {
	p := &l.page
	p.index = nil
	n := p.n
	if p.defs != nil {
		n = countLevel(p.defs, l.node.maxDef)
	}
	if l.typ == nil {
		return nil
	}
	if enc != format.PlainDictionary && enc != format.RLEDictionary { //nolint:staticcheck // old files have the deprecated one
		return p.vals.decode(l.node.physical(), l.fixedSize(), enc, src, n)
	}
	if l.dict == nil {
		return errShortPage
	}
	p.indexStore = grow(p.indexStore, max(n, 1))[:n]
	p.index = p.indexStore
	if n == 0 {
		return nil
	}
	if len(src) < 1 || src[0] > 32 {
		return errShortPage
	}
	p.levels.src, p.levels.width = src[1:], uint(src[0])
	return p.levels.indexes(p.index, l.dict.Len())
}
