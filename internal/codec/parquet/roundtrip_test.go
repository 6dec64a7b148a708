package parquet

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
	"github.com/streamctl/streamctl/test/codectest"
)

// allTypes lists the types that Parquet can hold.
const allTypes = "b BOOLEAN, i8 TINYINT, i16 SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, d9 DECIMAL(9,2), d18 DECIMAL(18,18), d38 DECIMAL(38,10), d19 DECIMAL(19,0), " +
	"day DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, time TIME(6), ym INTERVAL YEAR TO MONTH, dt INTERVAL DAY TO SECOND, s STRING, c CHAR(3), bin BINARY, " +
	"a ARRAY<INT>, aa ARRAY<ARRAY<STRING>>, m MAP<INT, DECIMAL(20,3)>, st STRUCT<x: INT, y: STRUCT<z: STRING, ts: TIMESTAMP>>, " +
	"ast ARRAY<STRUCT<k: STRING, v: DOUBLE>>, mm MAP<STRING, MAP<DATE, ARRAY<BINARY>>>"

// A written is a file of random batches in row groups, appended by several encoders.
type written struct {
	fields []types.Field
	file   []byte
	rows   []string // after the loss
}

func write(t testing.TB, seed uint64) *written {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	times := []string{"TIMESTAMP_MICROS", "INT96", "TIMESTAMP_MILLIS"}[random.IntN(3)]
	compression := []string{"none", "snappy", "gzip", "zstd", "lz4", "lz4_raw"}[random.IntN(6)]
	o, err := ParseWriteOptions(map[string]string{"compression": compression}, map[string]string{"spark.sql.parquet.outputTimestampType": times})
	if err != nil {
		t.Fatal(err)
	}
	schema, parseErr := types.ParseDDL(allTypes)
	if parseErr != nil {
		t.Fatal(parseErr)
	}
	w := &written{fields: schema.Fields}
	j, err := NewJoiner(w.fields, o)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	put := func(b []byte) error { file.Write(b); return nil }
	values := &codectest.Values{Rand: random, Texts: []string{"a", "b", "é", "\x00", "\xff", "long text "}} // bytes are preserved
	loss := codectest.Loss{}
	few := values.Batch(w.fields, 1+random.IntN(10))
	for range random.IntN(4) {
		e, err := NewEncoder(w.fields, o)
		if err != nil {
			t.Fatal(err)
		}
		var out []byte
		for range 1 + random.IntN(3) {
			b := values.Batch(w.fields, random.IntN(30))
			if random.IntN(2) == 0 { // repeated values produce dictionaries
				b = few
			}
			for i, f := range w.fields {
				if f.Name == "ts" && times == "TIMESTAMP_MILLIS" { // all timestamps lose digits, those of TIMESTAMP_NTZ do not
					truncate(b.Cols[i])
				}
				if f.Name == "st" && times == "TIMESTAMP_MILLIS" {
					truncate(b.Cols[i].Children[1].Children[1])
				}
			}
			w.rows = append(w.rows, loss.Rows(b)...)
			if out, err = e.AppendBatch(out, b); err != nil {
				t.Fatal(err)
			}
		}
		if out, err = e.AppendEnd(out); err == nil {
			err = j.Join(out, put)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := j.End(put); err != nil {
		t.Fatal(err)
	}
	w.file = file.Bytes()
	return w
}

// truncate rounds timestamps down to milliseconds.
func truncate(v *vector.Vector) {
	for i, x := range v.I64 {
		v.I64[i] = x - (x%1000+1000)%1000
	}
}

// read returns the rows of a part of the file and passes the batches to see.
func (w *written) read(t testing.TB, start, length int64, conditions []*codec.Condition, see func(b *vector.Batch)) (rows []string) {
	t.Helper()
	in := codec.FromBytes(nil, w.file)
	in.Start, in.Length = start, length
	r, err := NewReader(in, nil, &codec.Scan{Fields: w.fields, Conditions: conditions}, new(Footers))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		if see != nil {
			see(b)
		}
		rows = append(rows, (&codectest.Loss{}).Rows(b)...)
	}
}

// checkReads compares what is read, as a whole and in parts, with what was written.
func checkReads(t testing.TB, seed uint64) {
	t.Helper()
	w := write(t, seed)
	if got := w.read(t, 0, -1, nil, nil); !slices.Equal(got, w.rows) {
		t.Fatalf("seed %d:\n got %s\nwant %s", seed, strings.Join(got, "\n     "), strings.Join(w.rows, "\n     "))
	}
	random := rand.New(rand.NewPCG(seed, 1))
	var got []string
	for start := int64(0); start < int64(len(w.file)); {
		length := 1 + random.Int64N(int64(len(w.file)))
		got = append(got, w.read(t, start, length, nil, nil)...)
		start += length
	}
	if !slices.Equal(got, w.rows) {
		t.Fatalf("seed %d: %d rows in parts, want %d", seed, len(got), len(w.rows))
	}
}

// checkConditions checks that row groups are skipped only if no row in them meets the condition.
func checkConditions(t testing.TB, seed uint64) {
	t.Helper()
	w := write(t, seed)
	random := rand.New(rand.NewPCG(seed, 2))
	var conditions []*codec.Condition
	w.read(t, 0, -1, nil, func(b *vector.Batch) {
		for range 5 {
			conditions = append(conditions, w.condition(random, b, 2))
		}
	})
	for _, c := range conditions {
		var want []string
		w.read(t, 0, -1, nil, func(b *vector.Batch) {
			part := vector.Batch{N: b.N, Cols: b.Cols, Sel: vector.Selection{}}
			for row := range b.N {
				if meets(c, b, row) {
					part.Sel = append(part.Sel, int32(row))
				}
			}
			want = append(want, (&codectest.Loss{}).Rows(&part)...)
		})
		for _, row := range w.read(t, 0, -1, []*codec.Condition{c}, nil) {
			if len(want) > 0 && want[0] == row {
				want = want[1:]
			}
		}
		if len(want) > 0 {
			t.Fatalf("seed %d: %+v loses %d rows, the first is %s", seed, c, len(want), want[0])
		}
	}
}

// condition returns a random condition over values of the batch.
func (w *written) condition(random *rand.Rand, b *vector.Batch, depth int) *codec.Condition {
	if kind := random.IntN(6); kind < 2 && depth > 0 {
		return &codec.Condition{Op: []codec.ConditionOp{codec.AllOf, codec.AnyOf}[kind],
			Args: []*codec.Condition{w.condition(random, b, depth-1), w.condition(random, b, depth-1)}}
	}
	c := &codec.Condition{Op: codec.OneOf + codec.ConditionOp(random.IntN(7)), Column: random.IntN(18)} // types other than binary and nested ones
	v := b.Cols[c.Column]
	if w.fields[c.Column].Name == "s" && random.IntN(2) == 0 {
		c.Op = codec.StartsWith
	} else if c.Op == codec.StartsWith {
		c.Op = codec.IsNotNull
	}
	row := random.IntN(b.N)
	if v.IsNull(row) {
		c.Op = codec.IsNotNull
	}
	if c.Op != codec.IsNotNull {
		c.Values = []*vector.Vector{constant(v, row)}
	}
	return c
}

// constant returns the value of a row.
func constant(v *vector.Vector, row int) *vector.Vector {
	c := vector.NewConst(v.Type)
	switch i := v.At(row); {
	case len(v.Bool) > 0:
		c.Bool[0] = v.Bool[i]
	case len(v.I8) > 0:
		c.I8[0] = v.I8[i]
	case len(v.I16) > 0:
		c.I16[0] = v.I16[i]
	case len(v.I32) > 0:
		c.I32[0] = v.I32[i]
	case len(v.I64) > 0:
		c.I64[0] = v.I64[i]
	case len(v.F32) > 0:
		c.F32[0] = v.F32[i]
	case len(v.F64) > 0:
		c.F64[0] = v.F64[i]
	case len(v.Dec) > 0:
		c.Dec[0] = v.Dec[i]
	default:
		c.SetBytes(0, v.Bytes(row))
	}
	return c
}

// meets reports whether a condition is true for a row, in Spark's order of values.
func meets(c *codec.Condition, b *vector.Batch, row int) bool {
	switch c.Op {
	case codec.AllOf:
		return meets(c.Args[0], b, row) && meets(c.Args[1], b, row)
	case codec.AnyOf:
		return meets(c.Args[0], b, row) || meets(c.Args[1], b, row)
	}
	v := b.Cols[c.Column]
	if v.IsNull(row) {
		return false
	}
	if c.Op == codec.IsNotNull {
		return true
	}
	if c.Op == codec.StartsWith {
		return bytes.HasPrefix(v.Bytes(row), c.Values[0].Bytes(0))
	}
	order := orderOf(constant(v, row), c.Values[0])
	switch c.Op {
	case codec.OneOf:
		return order == 0
	case codec.Less:
		return order < 0
	case codec.LessOrEqual:
		return order <= 0
	case codec.Greater:
		return order > 0
	}
	return order >= 0
}

// orderOf compares two values: NaN equals itself and is greater than all other values.
func orderOf(a, b *vector.Vector) int {
	double := func(v *vector.Vector) float64 {
		if len(v.F32) > 0 {
			return float64(v.F32[0])
		}
		return v.F64[0]
	}
	switch {
	case len(a.F32)+len(a.F64) > 0:
		x, y := double(a), double(b)
		if math.IsNaN(x) || math.IsNaN(y) {
			return boolOf(math.IsNaN(x)) - boolOf(math.IsNaN(y))
		}
		return cmp.Compare(x, y)
	case len(a.Bool) > 0:
		return cmp.Compare(boolOf(a.Bool[0]), boolOf(b.Bool[0]))
	case len(a.I8) > 0:
		return cmp.Compare(a.I8[0], b.I8[0])
	case len(a.I16) > 0:
		return cmp.Compare(a.I16[0], b.I16[0])
	case len(a.I32) > 0:
		return cmp.Compare(a.I32[0], b.I32[0])
	case len(a.I64) > 0:
		return cmp.Compare(a.I64[0], b.I64[0])
	case len(a.Dec) > 0:
		return a.Dec[0].Cmp(b.Dec[0])
	}
	return bytes.Compare(a.Bytes(0), b.Bytes(0))
}

func boolOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestRoundTrips(t *testing.T) {
	for seed := range uint64(100) {
		checkReads(t, seed)
	}
}

func TestStatisticsNeverSkipMatchingRows(t *testing.T) {
	for seed := range uint64(60) {
		checkConditions(t, seed)
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		checkReads(t, seed)
		checkConditions(t, seed)
	})
}
