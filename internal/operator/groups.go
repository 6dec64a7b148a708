package operator

import (
	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

// inPortions calls f for ranges of up to vector.BatchRows of n rows.
func inPortions(n int, f func(from, to int) error) error {
	for from := 0; from < n; from += vector.BatchRows {
		if err := f(from, min(from+vector.BatchRows, n)); err != nil {
			return err
		}
	}
	return nil
}

// A groupWriter hands on the results of groups of the store, some at a time.
type groupWriter struct {
	groups *aggregate.Operator
	width  int         // number of keys
	coders []*rowCoder // of the rows with the keys and buffers of a group, in the order of their columns
	out    Emit
	n      int
	all    []int32 // 0, 1, 2, …
}

// add adds a group, whose rows are one for each coder.
func (w *groupWriter) add(rows ...[]byte) error {
	for i, c := range w.coders {
		if w.n == 0 {
			c.reset()
		}
		if err := c.decode(rows[i]); err != nil {
			return err
		}
	}
	if w.n++; w.n == vector.BatchRows {
		return w.flush()
	}
	return nil
}

func (w *groupWriter) flush() error {
	if w.n == 0 {
		return nil
	}
	b := &vector.Batch{N: w.n}
	for _, c := range w.coders {
		b.Cols = append(b.Cols, c.cols...)
	}
	w.n = 0
	w.all = kernel.Identity(w.all, b.N)
	return emitMerged(w.groups, b, w.width, w.all, w.out)
}

// emitMerged hands on the results of groups: their keys, of which there are width, and the results of their buffers, the other columns. It merges these
// into empty ones of an operator. all lists the numbers of the groups.
func emitMerged(into *aggregate.Operator, groups *vector.Batch, width int, all []int32, out Emit) error {
	into.Number(groups.N)
	if err := into.MergeStates(all, groups.Cols[width:]); err != nil {
		return err
	}
	results, err := into.FinishStates(0, groups.N)
	if err != nil {
		return err
	}
	return out(&vector.Batch{N: groups.N, Cols: append(groups.Cols[:width:width], results...)})
}

// emitGroups hands on the results of all groups.
func emitGroups(groups *aggregate.Operator, out Emit) error {
	return inPortions(groups.Len(), func(from, to int) error {
		b, err := groups.Finish(from, to)
		if err != nil {
			return err
		}
		return out(b)
	})
}
