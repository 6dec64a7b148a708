package sketch

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"unsafe"

	"github.com/streamctl/streamctl/internal/sql/kernel"
)

// Quantiles is a summary of numbers that yields quantiles with an error bounded by a fraction of the count, after Greenwald
// and Khanna, "Space-efficient online computation of quantile summaries" (2001). Numbers are merged and compressed at the
// same times as in Spark (QuantileSummaries), so that results are equal.
type Quantiles struct {
	error   float64
	samples []sample
	count   int64     // number of values in samples
	head    []float64 // numbers added since the last merge
	packed  bool
}

// A sample is a number with g, the minimum distance of its rank from that of the previous sample, and delta, by which the
// rank may be greater.
type sample struct {
	value    float64
	g, delta int64
}

const (
	quantileHead   = 50000
	quantilePacked = 10000
)

// NewQuantiles returns an empty summary. The rank of a quantile is off by at most bound times the count; bound must be in (0, 1].
func NewQuantiles(bound float64) *Quantiles { return &Quantiles{error: bound} }

// Add adds a number. NaN is larger than any other number.
func (q *Quantiles) Add(x float64) {
	q.head = append(q.head, x)
	q.packed = false
	if len(q.head) < quantileHead {
		if len(q.samples) >= q.mostSamples() {
			q.compress()
		}
		return
	}
	q.takeHead()
	if len(q.samples) >= min(quantilePacked, q.mostSamples()) {
		q.compress()
	}
}

// mostSamples returns the number of samples that triggers compression.
func (q *Quantiles) mostSamples() int { return int(1/q.error) * 4 }

// takeHead merges the most recent numbers into the samples.
func (q *Quantiles) takeHead() {
	if len(q.head) == 0 {
		return
	}
	slices.SortFunc(q.head, kernel.CompareFloat)
	out := make([]sample, 0, len(q.samples)+len(q.head))
	rest := q.samples
	for i, x := range q.head {
		for len(rest) > 0 && rest[0].value <= x {
			out, rest = append(out, rest[0]), rest[1:]
		}
		q.count++
		delta := int64(0)
		if len(out) > 0 && (len(rest) > 0 || i < len(q.head)-1) {
			delta = int64(math.Floor(2 * q.error * float64(q.count)))
		}
		out = append(out, sample{x, 1, delta})
	}
	q.samples, q.head = append(out, rest...), q.head[:0]
}

// compress merges all numbers and joins neighbours as far as the error bound allows.
func (q *Quantiles) compress() {
	if q.packed {
		return
	}
	q.takeHead()
	q.samples = packed(q.samples, 2*q.error*float64(q.count))
	q.packed = true
}

func packed(samples []sample, limit float64) []sample {
	if len(samples) == 0 {
		return nil
	}
	var out []sample // in reverse order
	head := samples[len(samples)-1]
	for i := len(samples) - 2; i >= 1; i-- {
		if s := samples[i]; float64(s.g+head.g+head.delta) < limit {
			head.g += s.g
		} else {
			out = append(out, head)
			head = s
		}
	}
	out = append(out, head)
	if first := samples[0]; first.value <= head.value && len(samples) > 1 {
		out = append(out, first)
	}
	slices.Reverse(out)
	return out
}

// Empty reports whether no number has been added.
func (q *Quantiles) Empty() bool { return q.count == 0 && len(q.head) == 0 }

// Query returns the number below which the given share (0 to 1) of all numbers lies. The summary must not be empty.
func (q *Quantiles) Query(share float64) float64 {
	q.compress()
	last := len(q.samples) - 1
	switch {
	case share <= q.error || last == 0:
		return q.samples[0].value
	case share >= 1-q.error:
		return q.samples[last].value
	}
	most := int64(0)
	for _, s := range q.samples {
		most = max(most, s.g+s.delta)
	}
	rank, slack, least := int64(math.Ceil(share*float64(q.count))), most/2, int64(0)
	for _, s := range q.samples[:last] {
		least += s.g
		if least+s.delta-slack <= rank && rank <= least+slack {
			return s.value
		}
	}
	return q.samples[last].value
}

// Bytes returns the memory of the summary.
func (q *Quantiles) Bytes() int { return int(unsafe.Sizeof(*q)) + 24*cap(q.samples) + 8*cap(q.head) }

// Append appends the summary to dst in the form that Merge reads, big-endian. (Spark: PercentileDigestSerializer.)
func (q *Quantiles) Append(dst []byte) []byte {
	q.compress()
	dst = binary.BigEndian.AppendUint32(dst, quantilePacked)
	dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(q.error))
	dst = binary.BigEndian.AppendUint64(dst, uint64(q.count))
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(q.samples)))
	for _, s := range q.samples {
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(s.value))
		dst = binary.BigEndian.AppendUint64(dst, uint64(s.g))
		dst = binary.BigEndian.AppendUint64(dst, uint64(s.delta))
	}
	return dst
}

// quantilesHead is the size of a summary without samples in bytes.
const quantilesHead = 24

// readQuantiles reads what Append has written.
func readQuantiles(b []byte) (*Quantiles, error) {
	if len(b) < quantilesHead {
		return nil, errBytes
	}
	q := NewQuantiles(math.Float64frombits(binary.BigEndian.Uint64(b[4:])))
	q.count = int64(binary.BigEndian.Uint64(b[12:]))
	n := binary.BigEndian.Uint32(b[20:])
	b = b[quantilesHead:]
	if len(b)%24 != 0 || uint64(n) != uint64(len(b)/24) || q.count < 0 || (n == 0) != (q.count == 0) || !(q.error > 0 && q.error <= 1) {
		return nil, errBytes
	}
	for ; len(b) > 0; b = b[24:] {
		q.samples = append(q.samples, sample{
			math.Float64frombits(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:])), int64(binary.BigEndian.Uint64(b[16:])),
		})
	}
	return q, nil
}

// errBytes is the error for bytes that are not those of a sketch.
var errBytes = errors.New("its bytes are not those of a sketch")

// Merge adds the numbers of another summary, as written by Append. The rank of a sample between samples of the other summary is uncertain
// by the error of that summary. The greater error bound becomes that of both; an empty summary takes that of the other. The error says
// that the bytes are not those of a summary.
func (q *Quantiles) Merge(b []byte) error {
	q.compress()
	read, err := readQuantiles(b)
	switch {
	case err != nil:
		return err
	case read.count == 0:
		return nil
	case q.count == 0:
		q.error, q.count, q.samples = read.error, read.count, read.samples
		return nil
	}
	mine, other := q.samples, read.samples
	myDelta, otherDelta := int64(math.Floor(2*read.error*float64(read.count))), int64(math.Floor(2*q.error*float64(q.count)))
	var out []sample
	i, j := 0, 0
	for i < len(mine) && j < len(other) {
		var s sample
		if mine[i].value < other[j].value {
			s = mine[i]
			if i++; j > 0 {
				s.delta += myDelta
			}
		} else {
			s = other[j]
			if j++; i > 0 {
				s.delta += otherDelta
			}
		}
		out = append(out, s)
	}
	out = append(append(out, mine[i:]...), other[j:]...)
	q.error, q.count = max(q.error, read.error), q.count+read.count
	q.samples = packed(out, 2*q.error*float64(q.count))
	return nil
}
