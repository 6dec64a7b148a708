package parquet

import (
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// mismatch returns the error for a column that cannot be read as t. (Spark: SchemaColumnConvertNotSupportedException.)
func mismatch(file *vector.File, n *node, t *types.Type) error {
	path := "-"
	if file != nil {
		path = codec.FileURI(file.Path)
	}
	if n.leaf < 0 { // Spark has no better error for groups
		return codec.ReadFailed(file, fmt.Errorf("the column %s cannot be read as %s", strings.Join(n.path, "."), t))
	}
	actual := n.physical().String()
	if n.physical() == format.ByteArray {
		actual = "BINARY"
	}
	return sparkerr.New("FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH", "path", path,
		"column", "["+strings.Join(n.path, ", ")+"]", "expectedType", t.String(), "actualType", actual)
}
