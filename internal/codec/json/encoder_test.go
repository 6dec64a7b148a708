package json

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
)

func BenchmarkEncoder(b *testing.B) {
	var data strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&data, `{"id":%d,"name":"name%d","price":%d.25,"tags":["a","b"],"s":{"x":1,"y":"z"},"m":{"k":1}}`+"\n", i, i%1000, i%100)
	}
	for name, ddl := range map[string]string{"flat": "id INT, name STRING, price DOUBLE", "nested": "id INT, tags ARRAY<STRING>, s STRUCT<x: INT, y: STRING>, m MAP<STRING, INT>"} {
		scan := scanOf(b, ddl)
		o, _ := ParseOptions(nil)
		r, err := NewReader(codec.FromBytes(nil, []byte(data.String())), o, scan)
		if err != nil {
			b.Fatal(err)
		}
		batch, err := r.Next(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		wo, _ := ParseWriteOptions(nil)
		e, err := NewEncoder(scan.Fields, wo, datetime.UTC)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			out, _ := e.AppendBatch(nil, batch)
			b.SetBytes(int64(len(out)))
			b.ReportAllocs()
			for b.Loop() {
				out, _ = e.AppendBatch(out[:0], batch)
			}
		})
	}
}
