package aggregate_test

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/streamctl/streamctl/internal/sql/aggregate"
	"github.com/streamctl/streamctl/internal/sql/analyze"
	"github.com/streamctl/streamctl/internal/sql/eval"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

// A recording has what Spark 4.3.0 stored in its state store for a grouping by k.
type recording struct {
	Name    string
	Columns [][2]string // names and types of the input
	Batches [][][]*string
	Calls   []struct {
		Call    string
		Columns []string            // of the state
		States  []map[string]string // after each of the last batches, by key: the state as an UnsafeRow in hexadecimal digits
	}
}

func recordings(t *testing.T) []recording {
	t.Helper()
	text, err := os.ReadFile("testdata/spark_buffers.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []recording }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

// batch returns a batch of the input, whose texts are cast to the types of the columns.
func (r *recording) batch(t *testing.T, texts [][]*string) ([]*expr.Expr, *vector.Batch) {
	t.Helper()
	in := &vector.Batch{N: len(texts)}
	var columns []any
	var casts []string
	for c, column := range r.Columns {
		v := vector.New(types.String, in.N)
		for i, row := range texts {
			if row[c] == nil {
				v.SetNull(i)
			} else {
				v.SetString(i, *row[c])
			}
		}
		in.Cols = append(in.Cols, v)
		columns = append(columns, column[0], types.String)
		casts = append(casts, "cast("+column[0]+" AS "+column[1]+") AS "+column[0])
	}
	inputs := exprColumns(columns...)
	trees, origins := trees(t, casts)
	items, err := analyze.GroupKeys(trees, analyze.Scope{Columns: inputs}, origins)
	if err != nil {
		t.Fatal(err)
	}
	p, err := eval.Compile(items, inputs)
	if err != nil {
		t.Fatal(err)
	}
	cols, err := p.Eval(ctx, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	columns = nil
	for c, item := range items {
		columns = append(columns, r.Columns[c][0], item.Type)
	}
	return exprColumns(columns...), &vector.Batch{N: in.N, Cols: cols}
}

// A store keeps the state of each key as a state store does, and merges batches into it as Spark's physical plan does.
type store struct {
	states map[string]*vector.Batch
}

func (s *store) merge(t *testing.T, newOperator func() *aggregate.Operator, b *vector.Batch) {
	t.Helper()
	partial, once, final := newOperator(), newOperator(), newOperator()
	if err := partial.Process(ctx, b); err != nil {
		t.Fatal(err)
	}
	if err := once.Merge(ctx, partial.Save(0, partial.Len())); err != nil {
		t.Fatal(err)
	}
	touched := once.Save(0, once.Len())
	for i := range touched.N {
		if old := s.states[keyText(touched, i)]; old != nil {
			if err := final.Merge(ctx, old); err != nil {
				t.Fatal(err)
			}
		}
		if err := final.Merge(ctx, gathered(touched, i)); err != nil {
			t.Fatal(err)
		}
	}
	saved := final.Save(0, final.Len())
	for i := range saved.N {
		s.states[keyText(saved, i)] = gathered(saved, i)
	}
}

func keyText(b *vector.Batch, i int) string {
	if b.Cols[0].IsNull(i) {
		return ""
	}
	return string(b.Cols[0].Bytes(i))
}

// gathered returns row i.
func gathered(b *vector.Batch, i int) *vector.Batch {
	out := &vector.Batch{N: 1}
	for _, v := range b.Cols {
		c := &vector.Vector{}
		kernel.Gather(c, v, []int32{int32(i)})
		out.Cols = append(out.Cols, c)
	}
	return out
}

// damage changes some values of a saved state.
func damage(r *rand.Rand, b *vector.Batch) {
	for _, v := range b.Cols[1:] {
		for i := range b.N {
			switch {
			case r.IntN(3) > 0:
			case v.Type.Kind == types.KindBinary && r.IntN(4) == 0:
				v.SetBytes(i, make([]byte, r.IntN(40)))
			case v.Type.Kind == types.KindBinary && len(v.Bytes(i)) > 0:
				w := v.Bytes(i)
				for range 1 + r.IntN(3) {
					w[r.IntN(len(w))] = byte(r.IntN(256))
				}
				if r.IntN(3) == 0 {
					v.Views[i].Len = uint32(r.IntN(len(w)))
				}
			case v.Type.Kind == types.KindLong:
				v.I64[i] = r.Int64() >> r.IntN(64)
			case v.Type.Kind == types.KindDouble:
				v.F64[i] = math.Float64frombits(r.Uint64())
			case v.Type.Kind == types.KindArray:
				v.Views[i].Len = uint32(r.IntN(int(v.Views[i].Len) + 1))
			default:
				v.SetNull(i)
			}
		}
	}
}

func FuzzDamagedStates(f *testing.F) {
	for k := range calls {
		f.Add(uint64(k), k)
	}
	in := rows([]string{"a", "b", "a", "", "a"}, []float64{1, 2, 4, -1, 2.5}, []int32{3, -1, 1, 4, 9})
	f.Fuzz(func(t *testing.T, seed uint64, k int) {
		r := rand.New(rand.NewPCG(seed, 6))
		g, err := grouping([]string{"k"}, []string{calls[uint(k)%uint(len(calls))]})(t)
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			o, merged := newOperator(t, g), newOperator(t, g)
			process(t, o, in)
			state := o.Save(0, o.Len())
			damage(r, state)
			var err error
			for _, part := range []*vector.Batch{state, o.Save(0, o.Len()), state} {
				if err = merged.Merge(ctx, part); err != nil {
					break
				}
			}
			if err == nil {
				_, err = merged.Finish(0, merged.Len())
			}
			if err == nil {
				merged.Save(0, merged.Len())
			}
		}
	})
}

func TestStatesAreThoseThatSparkStores(t *testing.T) {
	for _, r := range recordings(t) {
		for _, c := range r.Calls {
			s := store{states: map[string]*vector.Batch{}}
			for number, texts := range r.Batches {
				columns, b := r.batch(t, texts)
				var state []types.Field
				s.merge(t, func() *aggregate.Operator {
					scope := analyze.Scope{Columns: columns}
					list, origins := trees(t, []string{"k", c.Call})
					keys, err := analyze.GroupKeys(list[:1], scope, origins[:1])
					if err != nil {
						t.Fatal(err)
					}
					g, err := analyze.GroupBy(keys, list[1:], scope, origins[1:])
					if err != nil {
						t.Fatalf("%s: %v", c.Call, err)
					}
					o, err := aggregate.New(g.Keys, g.Calls, columns)
					if err != nil {
						t.Fatal(err)
					}
					state = o.State()
					return o
				}, b)
				want := number - len(r.Batches) + len(c.States)
				if want < 0 {
					continue
				}
				var list []*types.Type
				for k, f := range state {
					list = append(list, f.Type)
					if k < len(c.Columns) && f.Name != c.Columns[k] {
						t.Errorf("%s: column %s, want %s", c.Call, f.Name, c.Columns[k])
					}
				}
				for key, bytes := range c.States[want] {
					got := hex.EncodeToString(unsaferow.NewEncoder(list).Append(nil, s.states[key].Cols[1:], 0))
					if got != bytes {
						t.Errorf("%s, %s of %q after batch %d:\n%s, want\n%s", r.Name, c.Call, key, number, got, bytes)
					}
				}
			}
		}
	}
}
