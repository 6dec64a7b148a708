package accumulate

import (
	"math"
	"slices"

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
	Shares    []float64 // the percentages, from 0 to 1
	List      bool      // return an array with one result per share, else the result for the only one
	Discrete  bool      // return one of the values, else interpolate between neighbors
	Desc      bool      // sort in descending order
}

// New returns the aggregation for arguments of the given types.
func (p *Percentile) New(args []*types.Type) expr.Aggregator {
	inputs := []*types.Type{args[p.Value]}
	if p.Frequency > 0 {
		inputs = append(inputs, args[p.Frequency])
	}
	return &percentiles{newCollector(inputs, p.finish), p}
}

// percentiles excludes the percentages from the collected values.
type percentiles struct {
	*collector
	request *Percentile
}

func (p *percentiles) Update(n int, sel vector.Selection, groups []int32, args []*vector.Vector) error {
	inputs := []*vector.Vector{args[p.request.Value]}
	if p.request.Frequency > 0 {
		inputs = append(inputs, args[p.request.Frequency])
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			if kernel.Int64At(inputs[1], inputs[1].At(i)) < 0 {
				return expr.AtRow(i, sparkerr.Plain("Negative values found in the frequencies of percentile"))
			}
		}
	}
	return p.collector.Update(n, sel, groups, inputs)
}

func (p *Percentile) finish(s *collector, rows []int32, out *vector.Vector, g int) error {
	rows = s.inOrder(rows, 0, []expr.Sorting{{Desc: p.Desc}})
	counts := make([]int64, len(rows)) // number of values up to and including each row
	total := int64(0)
	for k, r := range rows {
		n := int64(1)
		if p.Frequency > 0 {
			n = kernel.Int64At(s.cols[1], int(r))
		}
		total += n
		counts[k] = total
	}
	if total == 0 {
		out.SetNull(g)
		return nil
	}
	to, at := out, g
	if p.List {
		to = out.Children[0]
		at = to.Len()
		to.Extend(at + len(p.Shares))
		out.Views[g] = vector.View{Off: uint32(at), Len: uint32(len(p.Shares))}
	}
	for k, w := range p.Shares {
		setNumber(to, at+k, p.at(s.cols[0], rows, counts, total, w))
	}
	return nil
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
	return float64((higher-position)*low) + float64((position-lower)*high)
}
