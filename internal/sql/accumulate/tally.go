package accumulate

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// A tally keeps values and how often each occurs. A value may have several rows, whose counts add up; it is saved with its total.
type tally struct {
	collector
	counts    []int64 // of each row; nil: all are 1
	normalize bool    // all zeros are one value; without it, 0.0 and -0.0 are two
	pair      []*vector.Vector
	encoder   *unsaferow.Encoder
	decoder   *unsaferow.Decoder
}

func newTally(t *types.Type) *tally {
	columns := []*types.Type{t, types.Long}
	return &tally{
		collector: newCollector(t), pair: []*vector.Vector{vector.New(t, 0), vector.New(types.Long, 0)},
		encoder: unsaferow.NewEncoder(columns), decoder: unsaferow.NewDecoder(columns),
	}
}

func (t *tally) Bytes() int { return t.collector.Bytes() + 8*cap(t.counts) }

func (t *tally) Reset() {
	t.collector.Reset()
	t.counts = nil
}

// offer adds n occurrences of a value that is not NULL.
func (t *tally) offer(group int32, v *vector.Vector, i int, n int64) {
	switch {
	case n == 0 || v.IsNull(i):
		return
	case t.normalize:
		t.addKey(group, t.keyOf(group, v, i))
	default:
		t.add(group, []*vector.Vector{v}, i)
	}
	if n != 1 && t.counts == nil {
		t.counts = slices.Repeat([]int64{1}, len(t.of)-1)
	}
	if t.counts != nil {
		t.counts = append(t.counts, n)
	}
}

// count returns the number of occurrences in a row.
func (t *tally) count(row int32) int64 {
	if t.counts == nil {
		return 1
	}
	return t.counts[row]
}

// totals returns the first rows of the different values of a group in the order in which Spark's hash map returns them, and how often
// each value occurs.
func (t *tally) totals(g int) (rows []int32, totals map[int32]int64) {
	first := map[string]int32{}
	totals = map[int32]int64{}
	v := t.cols[0]
	for _, r := range t.rows(g) {
		key := t.keyOf(0, v, int(r))
		if !t.normalize && isNegativeZero(v, int(r)) {
			key = append(key, 1)
		}
		one, known := first[string(key)]
		if !known {
			one = r
			first[string(key)] = r
			rows = append(rows, r)
		}
		totals[one] += t.count(r)
	}
	return openHashOrder(v, rows), totals
}

func isNegativeZero(v *vector.Vector, i int) bool {
	switch v.Type.Kind {
	case types.KindFloat:
		x := v.F32[v.At(i)]
		return x == 0 && math.Signbit(float64(x))
	case types.KindDouble:
		x := v.F64[v.At(i)]
		return x == 0 && math.Signbit(x)
	}
	return false
}

func (t *tally) State() []types.Field { return fields(types.Binary, "buf") }

// tallyEnd follows the last value of a saved tally, in place of a size.
const tallyEnd = math.MaxUint32

// Save writes, for each value, the size of a row as a big-endian integer, and the row: the value and its number.
func (t *tally) Save(from, to int, state []*vector.Vector) {
	buf := state[0]
	for g := range to - from {
		at := len(buf.Data)
		rows, totals := t.totals(from + g)
		for _, r := range rows {
			t.pair[0].Reset(t.cols[0].Type, 1)
			t.pair[1].Reset(types.Long, 1)
			kernel.Copy(t.pair[0], 0, t.cols[0], int(r))
			t.pair[1].I64[0] = totals[r]
			size := len(buf.Data)
			buf.Data = t.encoder.Append(binary.BigEndian.AppendUint32(buf.Data, 0), t.pair, 0)
			binary.BigEndian.PutUint32(buf.Data[size:], uint32(len(buf.Data)-size-4))
		}
		buf.Data = binary.BigEndian.AppendUint32(buf.Data, tallyEnd)
		buf.CloseBytes(g, at)
	}
}

// Merge adds the values of a state in the order in which the hash map that Spark reads them into returns them.
func (t *tally) Merge(groups []int32, state []*vector.Vector) error {
	for i, g := range groups {
		t.pair[0].Reset(t.cols[0].Type, 0)
		t.pair[1].Reset(types.Long, 0)
		rows := []int32{}
		b := state[0].Bytes(i)
		for {
			if len(b) < 4 {
				return damaged(errShort)
			}
			size := binary.BigEndian.Uint32(b)
			b = b[4:]
			if size == tallyEnd {
				break
			}
			if uint64(size) > uint64(len(b)) {
				return damaged(errShort)
			}
			if err := t.decoder.Append(b[:size], t.pair); err != nil {
				return damaged(err)
			}
			if t.pair[1].I64[len(rows)] <= 0 {
				return damaged(errCount)
			}
			b = b[size:]
			rows = append(rows, int32(len(rows)))
		}
		for _, r := range openHashOrder(t.pair[0], rows) {
			t.offer(g, t.pair[0], int(r), t.pair[1].I64[r])
		}
	}
	return nil
}

// Reasons why a state is damaged.
var (
	errShort = errors.New("it is too short")
	errCount = errors.New("a count is not positive")
)
