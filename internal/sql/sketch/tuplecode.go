package sketch

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"unsafe"
)

// The layout of a tuple sketch in bytes. (tuple.CompactSketch and tuple.QuickSelectSketch.)
const (
	tupleVersion     = 3
	tupleFamily      = 9
	tupleTable       = 0 // the type of a sketch that is a hash table
	tupleCompact     = 1
	tupleFlags       = 2 | 8 // read-only and compact
	tupleFlagEmpty   = 4
	tupleBigEndian   = 1
	tableVersion     = 2
	tableFlagSampled = 2
	tableFlagEmpty   = 4
	tableFlagEntries = 8
	tableFlagTheta   = 16
	oldFlagEmpty     = 2
	oldFlagEntries   = 4
	oldFlagTheta     = 8
)

// Append appends the sketch in the format of Apache DataSketches.
func (t *Tuple[T]) Append(dst []byte) []byte {
	le := binary.LittleEndian
	preamble, flags := byte(2), byte(tupleFlags)
	switch {
	case t.empty:
		preamble, flags = 1, tupleFlags|tupleFlagEmpty
	case t.estimates():
		preamble = 3
	case len(t.hashes) == 1:
		preamble = 1
	}
	dst = append(dst, preamble, tupleVersion, tupleFamily, tupleCompact, 0, flags)
	dst = le.AppendUint16(dst, seedHash)
	if preamble > 1 {
		dst = le.AppendUint64(dst, uint64(len(t.hashes)))
	}
	if preamble > 2 {
		dst = le.AppendUint64(dst, uint64(t.theta))
	}
	for i, h := range t.hashes {
		dst = le.AppendUint64(dst, uint64(h))
		dst = append(appendNumber(dst, t.summaries[i].Value), byte(t.summaries[i].Mode))
	}
	return dst
}

var errTuple = errors.New("it is not a tuple sketch")

// ReadTuple reads a sketch with summaries of type T, of any version, compact or a table. It retains nothing of b. (tuple.Sketches.heapifySketch.)
func ReadTuple[T TupleNumber](b []byte) (*Tuple[T], error) {
	if len(b) < 5 || b[2] != tupleFamily || b[0] < 1 || b[0] > 3 {
		return nil, errTuple
	}
	version := int8(b[1])
	switch {
	case b[3] == tupleTable && version <= tableVersion && len(b) >= 8:
		return readTupleTable[T](b)
	case b[3] == tupleCompact && version == tupleVersion && len(b) >= 8:
		return readTuple[T](b)
	case b[3] == tupleCompact && version < tupleVersion:
		return readOldTuple[T](b)
	}
	return nil, errTuple
}

func appendNumber[T TupleNumber](dst []byte, x T) []byte {
	switch x := any(x).(type) {
	case int32:
		return binary.LittleEndian.AppendUint32(dst, uint32(x))
	case float64:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
	}
	return dst
}

func readNumber[T TupleNumber](b []byte) (x T) {
	switch p := any(&x).(type) {
	case *int32:
		*p = int32(binary.LittleEndian.Uint32(b))
	case *float64:
		*p = math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return x
}

// A tupleReader reads the parts of a sketch. After the end of the bytes, or invalid ones, all parts are 0 and fail is set.
type tupleReader[T TupleNumber] struct {
	b    []byte
	fail bool
}

// take returns the next bytes, at most 255 of them.
func (r *tupleReader[T]) take(n int) []byte {
	if n > len(r.b) {
		r.b, r.fail = nil, true
		return make([]byte, n)
	}
	part := r.b[:n]
	r.b = r.b[n:]
	return part
}

func (r *tupleReader[T]) long() int64 { return int64(binary.LittleEndian.Uint64(r.take(8))) }

// count reads a number of hashes. It fails if there are not as many.
func (r *tupleReader[T]) count() int {
	n := int(int32(binary.LittleEndian.Uint32(r.take(4))))
	if n < 0 || n > len(r.b)/8 {
		r.fail = true
		return 0
	}
	return n
}

func (r *tupleReader[T]) summary() Summary[T] {
	value := readNumber[T](r.take(int(unsafe.Sizeof(*new(T)))))
	mode := SummaryMode(r.take(1)[0])
	r.fail = r.fail || mode > OneMode
	return Summary[T]{Value: value, Mode: mode}
}

// pairs reads n hashes, each with its summary.
func (r *tupleReader[T]) pairs(t *Tuple[T], n int) {
	for range n {
		t.hashes, t.summaries = append(t.hashes, r.long()), append(t.summaries, r.summary())
	}
}

func (r *tupleReader[T]) result(t *Tuple[T]) (*Tuple[T], error) {
	if r.fail {
		return nil, errTuple
	}
	return t, nil
}

func readTuple[T TupleNumber](b []byte) (*Tuple[T], error) {
	t := &Tuple[T]{theta: all, empty: b[5]&tupleFlagEmpty != 0}
	r := &tupleReader[T]{b: b[8:]}
	n := 1
	switch {
	case t.empty:
		return t, nil
	case b[0] > 1:
		n = r.count()
		r.take(4)
	}
	if b[0] > 2 {
		t.theta = r.long()
	}
	r.pairs(t, n)
	return r.result(t)
}

// readOldTuple reads a compact sketch before the third version, whose summaries follow all hashes.
func readOldTuple[T TupleNumber](b []byte) (*Tuple[T], error) {
	flags := b[4]
	t := &Tuple[T]{theta: all, empty: flags&oldFlagEmpty != 0}
	r := &tupleReader[T]{b: b[5:], fail: flags&tupleBigEndian != 0}
	if flags&oldFlagTheta != 0 {
		t.theta = r.long()
	}
	if flags&oldFlagEntries == 0 {
		return r.result(t)
	}
	name := 0 // the length of the name of a class
	if b[1] == 1 {
		name = int(r.take(1)[0])
	}
	n := r.count()
	r.take(name)
	for range n {
		t.hashes = append(t.hashes, r.long())
	}
	for range n {
		t.summaries = append(t.summaries, r.summary())
	}
	return r.result(t)
}

// readTupleTable reads a sketch that is a hash table, whose order the result has.
func readTupleTable[T TupleNumber](b []byte) (*Tuple[T], error) {
	flags, lg := b[4], int(b[6])
	t := &Tuple[T]{theta: all, empty: flags&tableFlagEmpty != 0}
	r := &tupleReader[T]{b: b[8:], fail: flags&tupleBigEndian != 0 || lg > 30}
	if flags&tableFlagSampled != 0 {
		t.theta = saturated(float64(all) * float64(math.Float32frombits(binary.LittleEndian.Uint32(r.take(4)))))
	}
	if flags&tableFlagTheta != 0 {
		t.theta = r.long()
	}
	n := 0
	if flags&tableFlagEntries != 0 {
		n = r.count()
	}
	r.pairs(t, n)
	if r.fail || !t.tabulate(lg) {
		return nil, errTuple
	}
	return t, nil
}

// saturated converts to the nearest integer of 64 bits.
func saturated(x float64) int64 {
	switch {
	case x != x:
		return 0
	case x >= math.MaxInt64:
		return math.MaxInt64
	case x <= math.MinInt64:
		return math.MinInt64
	}
	return int64(x)
}

// tabulate sorts the hashes as a table of 1<<lg slots has them, and reports whether they fit into one. It makes no table, whose size foreign bytes
// could choose.
func (t *Tuple[T]) tabulate(lg int) bool {
	type entry struct{ slot, at int }
	entries := make([]entry, 0, len(t.hashes))
	used := map[int]bool{}
	for i, h := range t.hashes {
		mask := 1<<lg - 1
		slot := int(h) & mask
		stride := int(uint64(h)>>lg&127)<<1 | 1
		if h <= 0 || len(used) > mask {
			return false
		}
		for used[slot] {
			slot = (slot + stride) & mask
		}
		used[slot] = true
		entries = append(entries, entry{slot, i})
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.slot, b.slot) })
	sorted := &Tuple[T]{theta: t.theta, empty: t.empty}
	for _, e := range entries {
		sorted.hashes, sorted.summaries = append(sorted.hashes, t.hashes[e.at]), append(sorted.summaries, t.summaries[e.at])
	}
	*t = *sorted
	return true
}
