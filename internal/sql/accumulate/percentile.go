package accumulate

import (
	"math"
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Percentile describes a call of percentile and similar functions.
type Percentile struct {
	Value     int       // index of the argument with the values: numbers or ANSI intervals
	Frequency int       // index of the argument with the frequency of each value; 0: each counts once
	Text      string    // of that argument, for errors
	Shares    []float64 // the percentages, from 0 to 1
	List      bool      // return an array with one result per share, else the result for the only one
	Discrete  bool      // return one of the values, else interpolate between neighbors
	Desc      bool      // sort in descending order
}

// New returns the aggregation for arguments of the given types.
func (p *Percentile) New(args []*types.Type) expr.Aggregator {
	return &percentiles{newTally(args[p.Value]), p}
}

type percentiles struct {
	*tally
	*Percentile
}

func (p *percentiles) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		times := int64(1)
		if p.Frequency > 0 {
			times = kernel.Int64At(args[p.Frequency], args[p.Frequency].At(i))
		}
		if times < 0 {
			return expr.AtRow(i, sparkerr.New("NEGATIVE_VALUES_IN_FREQUENCY_EXPRESSION", "frequencyExpression", `"`+p.Text+`"`,
				"negativeValue", strconv.FormatInt(times, 10)+"L"))
		}
		p.offer(groups[i], args[p.Value], i, times)
	}
	return nil
}

func (p *percentiles) Finish(from, to int, out *vector.Vector) error {
	for g := range to - from {
		p.finish(p.rows(from+g), out, g)
	}
	return nil
}

// finish writes the result for the given rows.
func (p *percentiles) finish(rows []int32, out *vector.Vector, g int) {
	rows = p.inOrder(rows, 0, []expr.Sorting{{Desc: p.Desc}})
	counts := make([]int64, len(rows)) // number of values up to and including each row
	total := int64(0)
	for k, r := range rows {
		total += min(p.count(r), math.MaxInt64-total)
		counts[k] = total
	}
	if total == 0 {
		out.SetNull(g)
		return
	}
	to, at := out, g
	if p.List {
		to = out.Children[0]
		at = to.Len()
		to.Extend(at + len(p.Shares))
		out.Views[g] = vector.View{Off: uint32(at), Len: uint32(len(p.Shares))}
	}
	for k, w := range p.Shares {
		setNumber(to, at+k, p.at(p.cols[0], rows, counts, total, w))
	}
}

// at returns the value at the given fraction of the sorted rows.
func (p *Percentile) at(v *vector.Vector, rows []int32, counts []int64, total int64, share float64) float64 {
	find := func(n int64) float64 { // the n-th value, counting from 1
		k, _ := slices.BinarySearch(counts, n)
		return numberAt(v, int(rows[k]))
	}
	if p.Discrete {
		return find(max(1, int64(math.Ceil(float64(total)*share))))
	}
	position := float64(total-1) * share
	lower, higher := math.Floor(position), math.Ceil(position)
	low := find(int64(lower) + 1)
	if lower == higher {
		return low
	}
	high := find(int64(higher) + 1)
	if low == high {
		return low
	}
	return low + float64((position-lower)*(high-low))
}
