package arrow

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
	"github.com/streamctl/streamctl/test/pyarrow"
)

var update = flag.Bool("update", false, "write the golden file")

// sample returns a stream of two batches with every type, NULLs, a selection and a constant.
func sample(t *testing.T) []byte {
	t.Helper()
	schema, err := types.ParseDDL("b BOOLEAN, i8 TINYINT, i16 SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, dec DECIMAL(20,2), s STRING, bin BINARY, " +
		"day DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, ym INTERVAL YEAR TO MONTH, dt INTERVAL DAY TO SECOND, a ARRAY<INT>, " +
		"m MAP<STRING, BIGINT>, st STRUCT<x: INT, y: ARRAY<STRING>>, k STRING")
	if err != nil {
		t.Fatal(err)
	}
	const rows = 5
	b := &vector.Batch{N: rows}
	for i, f := range schema.Fields {
		v := vector.New(f.Type, rows)
		for row := range rows {
			fill(v, row, row+i)
		}
		if i%3 == 0 {
			v.SetNull(1)
		}
		b.Cols = append(b.Cols, v)
	}
	k := vector.NewConst(types.String)
	k.SetString(0, "konst")
	b.Cols[len(b.Cols)-1] = k
	zone, zoneErr := datetime.LoadZone("Europe/Berlin")
	if zoneErr != nil {
		t.Fatal(zoneErr)
	}
	e := NewEncoder(schema.Fields, zone)
	out := e.Header(nil)
	for _, sel := range []vector.Selection{nil, {}, {0, 2, 4}} {
		b.Sel = sel
		var err error
		if out, err = e.AppendBatch(out, b); err != nil {
			t.Fatal(err)
		}
	}
	out, err2 := e.AppendRow(out, b, 3)
	if err2 != nil {
		t.Fatal(err2)
	}
	return out
}

// fill sets the value at row of v to one derived from x.
func fill(v *vector.Vector, row, x int) {
	switch v.Type.Kind {
	case types.KindBoolean:
		v.Bool[row] = x%2 == 0
	case types.KindByte:
		v.I8[row] = int8(-x)
	case types.KindShort:
		v.I16[row] = int16(x * 300)
	case types.KindInt, types.KindDate, types.KindYearMonth:
		v.I32[row] = int32(x * 1000)
	case types.KindFloat:
		v.F32[row] = float32(x) / 4
	case types.KindDouble:
		v.F64[row] = float64(x) / 8
	case types.KindDecimal:
		v.Dec[row] = decimal.FromInt64(int64(-x)).Sub(decimal.Pow10(15))
	case types.KindString, types.KindBinary:
		v.SetString(row, strings.Repeat("ü", x%3))
	case types.KindArray, types.KindMap:
		from := v.Children[0].Len()
		v.Views[row] = vector.View{Off: uint32(from), Len: uint32(x % 3)}
		for _, c := range v.Children {
			c.Extend(from + x%3)
			for i := range x % 3 {
				fill(c, from+i, x+i)
			}
		}
		if n := v.Children[len(v.Children)-1]; x%3 == 2 {
			n.SetNull(from + 1)
		}
	case types.KindStruct:
		for i, c := range v.Children {
			fill(c, row, x+i)
		}
	default:
		v.I64[row] = int64(x) * 1_000_000_007
	}
}

// TestStreamMatchesVerifiedSample compares the stream with the bytes that TestPyarrowReadsTheStream has verified.
func TestStreamMatchesVerifiedSample(t *testing.T) {
	got := sample(t)
	if *update {
		if err := os.WriteFile("testdata/sample.arrows", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/sample.arrows")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the stream has changed; see that pyarrow still reads it, then run with -update")
	}
}

const script = `
import sys, pyarrow as pa
t = pa.ipc.open_stream(sys.stdin.buffer).read_all()
t.validate(full=True)
print(t.schema)
for c in t.column_names:
    print(c, [x.as_py() if not isinstance(x, pa.MonthDayNanoIntervalScalar) else tuple(x.as_py()) for x in t[c].cast(pa.int64())] if pa.types.is_timestamp(t[c].type) else t[c].to_pylist() if str(t[c].type) != "month_interval" else t[c].null_count)
`

func TestPyarrowReadsTheStream(t *testing.T) {
	out := pyarrow.Run(t, script, sample(t))
	want, err := os.ReadFile("testdata/sample.txt")
	if *update {
		want, err = []byte(out), os.WriteFile("testdata/sample.txt", []byte(out), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out != string(want) {
		t.Errorf("pyarrow reads\n%s", out)
	}
}
