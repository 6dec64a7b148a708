// Package parquet reads and writes Parquet files column by column: the contents of pages go into vectors and back without
// intermediate rows.
//
// The layers of the format that do not involve rows (footer and page headers, encodings, bit packing) come from parquet-go. Its readers for rows
// are not used, because vectors need none: four columns of the benchmark (BenchmarkReader: two strings, an int, a long) take 65 ns per row here,
// 328 ns as parquet-go's rows, which would still have to be turned into columns, and 1148 ns and six allocations as Go structs (v0.32, one core).
// All of parquet-go would also make every start of the program slower, by 2.0 ms instead of 0.7 ms, and the program larger, by 8.9 MB
// instead of 2.9 MB; for arrow-go v18.8, that is 3.4 ms and 33 MB.
package parquet

import (
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// Table lists the options of the format.
var Table = []codec.Option{
	{Name: "compression", Aliases: []string{"parquet.compression"}, Doc: "snappy (default), none, gzip, zstd, lz4 or lz4_raw", Kind: codecs, Default: "snappy", Effect: codec.Write},
	{Name: "codec", Doc: "no effect: use compression", Kind: option.Text("any text"), Effect: codec.NoEffect},
	{Name: "mergeSchema", Doc: "infer the columns from all files, not just from the first", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "datetimeRebaseMode", Doc: "only CORRECTED is supported", Kind: rebaseMode, Default: "CORRECTED", Effect: codec.Read},
	{Name: "int96RebaseMode", Doc: "only CORRECTED is supported", Kind: rebaseMode, Default: "CORRECTED", Effect: codec.Read},
}

// rebaseMode is the kind of datetimeRebaseMode and int96RebaseMode. (Spark: SQLConf.LegacyBehaviorPolicy.)
var rebaseMode = option.OneOf("CORRECTED", "EXCEPTION").Checked(func(name, value string) error {
	switch strings.ToUpper(value) {
	case "CORRECTED", "EXCEPTION":
		return nil
	case "LEGACY":
		return sparkerr.Plain("%s=%s is not in the embedded engine: dates are read as stored in the file", name, value).
			WithHint("use --master for files of Spark 2 and Hive with dates before 1582")
	}
	return sparkerr.Plain("No value found for '%s'", strings.ToUpper(value))
})

// codecs is the kind of the option compression. Spark checks it when reading, too.
var codecs = option.OneOf(codecNames()...).Checked(func(_, value string) error {
	_, err := findCompression(value)
	return err
})

// Options holds the checked options of a reader; there are none to keep.
type Options struct{}

// ParseOptions checks the options of a reader. It ignores names that are not in Table.
func ParseOptions(options map[string]string) (*Options, error) {
	if err := codec.Check(Table, codec.NewValues(options)); err != nil {
		return nil, err
	}
	return &Options{}, nil
}

// unsupported lists the types that Parquet cannot hold.
var unsupported = []types.Kind{types.KindVoid, types.KindInterval}

// CheckSchema rejects types that Parquet cannot hold. (Spark: ParquetUtils.isDataTypeSupported.)
func CheckSchema(s *types.Schema) error {
	if err := codec.CheckNames(s); err != nil {
		return err
	}
	for _, f := range s.Fields {
		if f.Type.Has(types.KindVariant) { // Spark stores it, often split into columns ("shredded")
			return sparkerr.Plain("the column %s has type %s; the embedded engine does not support VARIANT in Parquet", types.Quote(f.Name), f.Type.SQL()).
				WithHint("store its JSON text, to_json(%s), or use --master", types.QuoteIfNeeded(f.Name))
		}
		if f.Type.Has(unsupported...) {
			return codec.UnsupportedType("Parquet", f)
		}
	}
	return nil
}
