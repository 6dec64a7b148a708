package group_test

import (
	"math/rand/v2"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/group"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// checkFound compares what a finder finds with the oracle.
func (o *oracle) checkFound(t *testing.T, f *group.Finder, table *group.Table, n int, sel vector.Selection, cols []*vector.Vector) {
	t.Helper()
	groups := make([]int32, n)
	if err := f.Find(nil, table, n, sel, cols, groups); err != nil {
		t.Fatal(err)
	}
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		want, known := o.index[string(encoded(cols, i))]
		if !known {
			want = -1
		}
		if groups[i] != want {
			t.Fatalf("row %d, key %x: group %d, want %d", i, encoded(cols, i), groups[i], want)
		}
	}
}

func TestAFinderFindsTheKeysOfATableOnly(t *testing.T) {
	for name, list := range keyTypes {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(4) {
				r := rand.New(rand.NewPCG(seed, 11))
				finder := group.NewFinder(list...)
				for range 3 { // one finder, several tables
					table, known := group.New(list...), newOracle()
					known.checkFound(t, finder, table, 100, nil, columns(r, list, 100, 100))
					for range r.IntN(4) {
						n := 1 + r.IntN(3000)
						known.check(t, table, n, selection(r, n), columns(r, list, n, 1+r.IntN(4000)))
					}
					n := 1 + r.IntN(5000)
					known.checkFound(t, finder, table, n, selection(r, n), columns(r, list, n, 1+r.IntN(8000)))
				}
			}
		})
	}
}

// A key whose words are all zero and NULL have the same words, and here the table keeps no NULLs.
func TestAFinderDoesNotTakeNullForAKey(t *testing.T) {
	table, v := group.New(types.Long), longs(5000, 3000)
	newOracle().check(t, table, v.Len(), nil, []*vector.Vector{v})
	null := vector.New(types.Long, 2)
	null.SetNull(0)
	null.SetNull(1)
	groups := make([]int32, 2)
	if err := group.NewFinder(types.Long).Find(nil, table, 2, nil, []*vector.Vector{null}, groups); err != nil || groups[0] != -1 || groups[1] != -1 {
		t.Errorf("groups %v, %v", groups, err)
	}
}

// 600,000 keys have some 40 pairs with equal tags, and many keys that are not in the table have the tag of one that is.
func TestAFinderTellsKeysWithEqualTagsApart(t *testing.T) {
	table, known := group.New(types.Long), newOracle()
	finder := group.NewFinder(types.Long)
	for from := 0; from < 600_000; from += 50_000 {
		v := vector.New(types.Long, 50_000)
		for i := range v.I64 {
			v.I64[i] = int64(from+i) * 3
		}
		known.check(t, table, v.Len(), nil, []*vector.Vector{v})
	}
	for from := 0; from < 1_800_000; from += 100_000 {
		v := vector.New(types.Long, 100_000)
		for i := range v.I64 {
			v.I64[i] = int64(from + i)
		}
		known.checkFound(t, finder, table, v.Len(), nil, []*vector.Vector{v})
	}
}
