package state

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/storage"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/unsaferow"
	"github.com/streamctl/streamctl/internal/vector"
)

const corpus = "../../test/conformance/testdata/checkpoints"

// A recorded entry of state.jsonl, which is what another program decoded.
type recorded struct {
	Operator  int
	Store     string
	Partition int
	Version   int64
	Key       []any
	Value     []any
}

// sparkCheckpoints calls do for the state directory of each checkpoint that Spark wrote.
func sparkCheckpoints(t *testing.T, do func(t *testing.T, dir string, want []recorded)) {
	t.Helper()
	cases, err := os.ReadDir(corpus)
	if err != nil || len(cases) < 20 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(corpus, c.Name(), "state.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			var want []recorded
			for line := range bytes.Lines(data) {
				d := json.NewDecoder(bytes.NewReader(line))
				d.UseNumber()
				var r recorded
				if err := d.Decode(&r); err != nil {
					t.Fatal(err)
				}
				want = append(want, r)
			}
			do(t, filepath.Join(corpus, c.Name(), "ckpt", "state"), want)
		})
	}
}

// TestSparksStateIsRead reads the state that Spark wrote, compares it with what another program decoded, and encodes it again.
func TestSparksStateIsRead(t *testing.T) {
	sparkCheckpoints(t, func(t *testing.T, dir string, want []recorded) {
		a, err := OpenArchive(storage.OS, dir)
		if err != nil {
			t.Fatal(err)
		}
		entries := 0
		for id, op := range a.Operators {
			for i := range op.Stores {
				l := &op.Stores[i]
				checkDescription(t, dir, id, &op, l)
				version := versionIn(want, id)
				err := a.tables(t.Context(), id, l.Name, version, func(partition int, l *Layout, table *table) error {
					entries += table.n
					checkRows(t, l, table)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if entries != len(want) {
			t.Errorf("%d entries, want %d", entries, len(want))
		}
		for _, r := range want {
			checkRecorded(t, a, r)
		}
	})
}

// versionIn returns the version of the recorded state; a store without entries is read at the newest one.
func versionIn(want []recorded, _ int) int64 {
	if len(want) == 0 {
		return 0
	}
	return want[0].Version
}

// checkDescription checks that the schema and metadata files are written as Spark wrote them.
func checkDescription(t *testing.T, dir string, id int, op *Operator, l *Layout) {
	t.Helper()
	for path, got := range map[string][]byte{metadataPath(dir, id): op.metadata(id), schemaPath(dir, id, l.Name): l.schema()} {
		want, err := atomicfile.Read(storage.OS, path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", path, got, want)
		}
	}
}

// checkRows checks that all rows are decoded, and encoded to the same bytes.
func checkRows(t *testing.T, l *Layout, table *table) {
	t.Helper()
	for key, value := range table.all {
		for _, x := range []struct {
			row    []byte
			fields []types.Field
			encode *unsaferow.Encoder
		}{{key, l.Key, unsaferow.NewKeyEncoder(typesOf(l.Key))}, {value, l.Value, unsaferow.NewEncoder(typesOf(l.Value))}} {
			d := unsaferow.NewDecoder(typesOf(x.fields))
			cols := d.Columns()
			if err := d.Append(x.row, cols); err != nil {
				t.Fatal(err)
			}
			if got := x.encode.Append(nil, cols, 0); !bytes.Equal(got, x.row) {
				t.Errorf("%v:\n got %x\nwant %x", x.fields, got, x.row)
			}
		}
	}
}

func checkRecorded(t *testing.T, a *Archive, r recorded) {
	t.Helper()
	l, err := a.layout(r.Operator, r.Store)
	if err != nil {
		t.Fatal(err)
	}
	table, err := a.load(t.Context(), r.Operator, r.Partition, l, r.Version)
	if err != nil {
		t.Fatal(err)
	}
	key, value := encodeJSON(t, l.Key, r.Key), encodeJSON(t, l.Value, r.Value)
	addr, _, ok := table.find(key)
	if !ok {
		t.Fatalf("the key %v is not in the state", r.Key)
	}
	if got := entry(table.at(addr)).value(); !bytes.Equal(got, value) {
		t.Errorf("key %v has the value\n%x, want\n%x", r.Key, got, value)
	}
}

// encodeJSON encodes a row of state.jsonl.
func encodeJSON(t *testing.T, fields []types.Field, values []any) []byte {
	t.Helper()
	cols := make([]*vector.Vector, len(fields))
	for i, f := range fields {
		cols[i] = vector.New(f.Type, 1)
		setJSON(t, cols[i], 0, values[i])
	}
	return unsaferow.NewEncoder(typesOf(fields)).Append(nil, cols, 0)
}

// setJSON sets a value in the notation of state.jsonl.
func setJSON(t *testing.T, v *vector.Vector, i int, value any) {
	t.Helper()
	if value == nil {
		v.SetNull(i)
		return
	}
	number := func(x any) *big.Int {
		n, ok := new(big.Int).SetString(x.(json.Number).String(), 10)
		if !ok {
			t.Fatal(x)
		}
		return n
	}
	object, _ := value.(map[string]any)
	switch v.Type.Kind.Storage() {
	case types.KindBoolean:
		v.Bool[i] = value.(bool)
	case types.KindByte:
		v.I8[i] = int8(number(value).Int64())
	case types.KindShort:
		v.I16[i] = int16(number(value).Int64())
	case types.KindInt:
		v.I32[i] = int32(number(value).Int64())
	case types.KindLong:
		v.I64[i] = number(value).Int64()
	case types.KindFloat:
		v.F32[i] = float32(jsonDouble(t, value, 4))
	case types.KindDouble:
		v.F64[i] = jsonDouble(t, value, 8)
	case types.KindDecimal:
		n := number(object["unscaled"])
		lo := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
		v.Dec[i] = decimal.Int128{Hi: new(big.Int).Rsh(n, 64).Int64(), Lo: lo}
	case types.KindInterval:
		v.Cal[i] = vector.CalendarInterval{Months: int32(number(object["months"]).Int64()), Days: int32(number(object["days"]).Int64()), Micros: number(object["micros"]).Int64()}
	case types.KindString:
		v.SetString(i, value.(string))
	case types.KindBinary:
		b, err := hex.DecodeString(object["hex"].(string))
		if err != nil {
			t.Fatal(err)
		}
		v.SetBytes(i, b)
	case types.KindStruct:
		for k, c := range v.Children {
			setJSON(t, c, i, value.([]any)[k])
		}
	case types.KindArray:
		list := value.([]any)
		v.Views[i] = vector.View{Off: uint32(v.Children[0].Len()), Len: uint32(len(list))}
		v.Children[0].Extend(v.Children[0].Len() + len(list))
		for k, x := range list {
			setJSON(t, v.Children[0], int(v.Views[i].Off)+k, x)
		}
	default:
		t.Fatalf("a value of type %s", v.Type)
	}
}

func jsonDouble(t *testing.T, value any, size int) float64 {
	t.Helper()
	if o, ok := value.(map[string]any); ok {
		b, err := hex.DecodeString(o["bits"].(string))
		if err != nil || len(b) != size {
			t.Fatal(value, err)
		}
		if size == 4 {
			return float64(math.Float32frombits(little.Uint32(b)))
		}
		return math.Float64frombits(little.Uint64(b))
	}
	f, err := value.(json.Number).Float64()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSnapshotOfSparkIsTheSumOfItsDeltas compares a snapshot that Spark wrote with the deltas before it, and with the snapshot made of them here.
func TestSnapshotOfSparkIsTheSumOfItsDeltas(t *testing.T) {
	dir := t.TempDir()
	from := filepath.Join(corpus, "ck-snapshot/ckpt/state/0/0")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	read := func() map[string]string {
		m := map[string]string{}
		f := &folder{fs: storage.OS, path: dir}
		if err := f.open(); err != nil {
			t.Fatal(err)
		}
		table := newTable(nil)
		if err := f.read(t.Context(), 13, rows{}, table.apply); err != nil {
			t.Fatal(err)
		}
		for k, v := range table.all {
			m[string(k)] = string(v)
		}
		return m
	}
	spark := read()
	if err := os.Remove(filepath.Join(dir, "13.snapshot")); err != nil {
		t.Fatal(err)
	}
	f := &folder{fs: storage.OS, path: dir}
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	deltas := read()
	if err := f.snapshot(t.Context(), 13); err != nil {
		t.Fatal(err)
	}
	if ours := read(); !equal(spark, deltas) || !equal(spark, ours) || len(spark) == 0 {
		t.Errorf("Spark's snapshot has %d entries, the deltas %d, our snapshot %d", len(spark), len(deltas), len(ours))
	}
	if !slices.Equal(f.snapshots, []int64{13}) {
		t.Error(f.snapshots)
	}
}

func equal(a, b map[string]string) bool {
	for k, v := range a {
		if w, ok := b[k]; !ok || w != v {
			return false
		}
	}
	return len(a) == len(b)
}
