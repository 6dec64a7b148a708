package parquet

import (
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// mismatch is the error for a column that cannot be read as t. (Spark: SchemaColumnConvertNotSupportedException.)
func mismatch(file *vector.File, n *node, t *types.Type) error {
	path := "-"
	if file != nil {
		path = codec.FileURI(file.Path)
	}
	actual := "group"
	if n.leaf >= 0 {
		actual = n.physical().String()
		if n.physical() == format.ByteArray {
			actual = "BINARY"
		}
	}
	return sparkerr.New("FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH", "path", path,
		"column", "["+strings.Join(n.path, ", ")+"]", "expectedType", t.String(), "actualType", actual)
}
