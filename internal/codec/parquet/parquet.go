// Package parquet reads and writes Parquet files column by column: what a page holds goes into vectors and back without a row
// in between. The layers of the format that have no opinion on rows (footer and page headers, encodings, bit packing) are those
// of parquet-go; its packages for rows and schemas would cost every start of the program time.
package parquet

import (
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// Table lists the options of the format.
var Table = []codec.Option{
	{Name: "compression", Aliases: []string{"parquet.compression"}, Doc: "snappy (default), none, gzip, zstd, lz4 or lz4_raw", Effect: codec.Write},
	{Name: "codec", Doc: "without effect: compression is meant", Effect: codec.NoEffect},
	{Name: "mergeSchema", Doc: "without effect: schemas are given", Effect: codec.NoEffect},
	{Name: "datetimeRebaseMode", Doc: "CORRECTED is the only value here", Effect: codec.Read},
	{Name: "int96RebaseMode", Doc: "CORRECTED is the only value here", Effect: codec.Read},
}

// Options are the options of a reader, checked.
type Options struct{}

// ParseOptions checks the options of a reader. Names that are not in Table are left to the caller.
func ParseOptions(options map[string]string) (*Options, error) {
	v := codec.NewValues(options)
	for _, name := range []string{"datetimeRebaseMode", "int96RebaseMode"} {
		if mode := v.Text(name, "CORRECTED"); !strings.EqualFold(mode, "CORRECTED") && !strings.EqualFold(mode, "EXCEPTION") {
			return nil, sparkerr.Plain("%s=%s is not in the embedded engine: dates are read as they stand in the file", name, mode).
				WithHint("use --master for files of Spark 2 and Hive with dates before 1582")
		}
	}
	return &Options{}, nil
}

// unsupported are the types that Parquet cannot hold.
var unsupported = []types.Kind{types.KindVoid, types.KindInterval, types.KindVariant}

// CheckSchema reports what Parquet cannot hold. (Spark: ParquetUtils.isDataTypeSupported.)
func CheckSchema(s *types.Schema) error {
	if err := codec.CheckNames(s); err != nil {
		return err
	}
	for _, f := range s.Fields {
		if f.Type.Has(unsupported...) {
			return codec.UnsupportedType("Parquet", f)
		}
	}
	return nil
}
