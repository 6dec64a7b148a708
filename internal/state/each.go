package state

import (
	"bytes"
	"context"

	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// A BatchFunc gets some rows of a partition. The batch is on loan until it returns.
type BatchFunc func(partition int, b *vector.Batch) error

// Each calls do for all entries of a version of a store, whose columns are those of Layout.Columns. The order is that of the partitions, and in a
// partition that of insertion.
func (a *Archive) Each(ctx context.Context, operator int, store string, version int64, do BatchFunc) error {
	return a.tables(ctx, operator, store, version, func(partition int, l *Layout, t *table) error {
		p := newPrinter(partition, do, l.Key, l.Value)
		for key, value := range t.all {
			if err := p.add(key, value); err != nil {
				return err
			}
		}
		return p.flush()
	})
}

// The kinds of differences between two versions, as values of the first column of Diff.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

var changeColumn = []types.Field{{Name: "change", Type: types.String}}

// DiffColumns returns the columns of the batches of Diff: the kind of the difference, the key, the old value, and the new value. Their names are not
// unique.
func (l *Layout) DiffColumns() []types.Field {
	return append(append(append(append([]types.Field(nil), changeColumn...), l.Key...), l.Value...), l.Value...)
}

// Diff calls do for the differences between two versions of a store: first the entries of the old version in its order, then those that are new.
// The columns are those of Layout.DiffColumns; those of a value that does not exist are NULL.
func (a *Archive) Diff(ctx context.Context, operator int, store string, from, to int64, do BatchFunc) error {
	return a.tables(ctx, operator, store, from, func(partition int, l *Layout, old *table) error {
		now, err := a.load(ctx, operator, partition, l, to)
		if err != nil {
			return err
		}
		p := newPrinter(partition, do, changeColumn, l.Key, l.Value, l.Value)
		kind := unsaferow.NewEncoder(typesOf(changeColumn))
		return diff(old, now, func(what string, key, before, after []byte) error {
			v := vector.NewConst(types.String)
			v.SetString(0, what)
			return p.add(kind.Append(nil, []*vector.Vector{v}, 0), key, before, after)
		}, p.flush)
	})
}

// diff calls report for each difference, and finish after the last one.
func diff(old, now *table, report func(what string, key, before, after []byte) error, finish func() error) error {
	for key, before := range old.all {
		what, after := Removed, []byte(nil)
		if addr, _, ok := now.find(key); ok {
			if after = entry(now.at(addr)).value(); bytes.Equal(before, after) {
				continue
			}
			what = Changed
		}
		if err := report(what, key, before, after); err != nil {
			return err
		}
	}
	for key, after := range now.all {
		if _, _, ok := old.find(key); ok {
			continue
		}
		if err := report(Added, key, nil, after); err != nil {
			return err
		}
	}
	return finish()
}

// A printer decodes rows to batches.
type printer struct {
	partition int
	do        BatchFunc
	parts     []*unsaferow.Decoder
	cols      [][]*vector.Vector // of each part
	types     [][]*types.Type
	batch     vector.Batch
}

func newPrinter(partition int, do BatchFunc, parts ...[]types.Field) *printer {
	p := &printer{partition: partition, do: do}
	for _, fields := range parts {
		d := unsaferow.NewDecoder(typesOf(fields))
		p.parts, p.cols, p.types = append(p.parts, d), append(p.cols, d.Columns()), append(p.types, typesOf(fields))
	}
	return p
}

// add adds the rows of all parts side by side. The columns of a nil row are NULL.
func (p *printer) add(rows ...[]byte) error {
	for i, row := range rows {
		if row == nil {
			appendNulls(p.cols[i])
		} else if err := p.parts[i].Append(row, p.cols[i]); err != nil {
			return err
		}
	}
	if p.batch.N++; p.batch.N < vector.BatchRows {
		return nil
	}
	return p.flush()
}

func appendNulls(cols []*vector.Vector) {
	for _, v := range cols {
		v.Extend(v.Len() + 1)
		v.SetNull(v.Len() - 1)
	}
}

// flush passes the rows on.
func (p *printer) flush() error {
	if p.batch.N == 0 {
		return nil
	}
	p.batch.Cols = p.batch.Cols[:0]
	for _, cols := range p.cols {
		p.batch.Cols = append(p.batch.Cols, cols...)
	}
	err := p.do(p.partition, &p.batch)
	for i, cols := range p.cols {
		for k, v := range cols {
			v.Reset(p.types[i][k], 0)
		}
	}
	p.batch.N = 0
	return err
}
