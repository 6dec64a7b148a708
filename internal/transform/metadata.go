package transform

import (
	"slices"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// metadataName is the hidden column of file sources (Spark: FileFormat.METADATA_NAME).
const metadataName = "_metadata"

var metadataFields = []types.Field{
	{Name: "file_path", Type: types.String},
	{Name: "file_name", Type: types.String},
	{Name: "file_size", Type: types.Long},
	{Name: "file_block_start", Type: types.Long},
	{Name: "file_block_length", Type: types.Long},
	{Name: "file_modification_time", Type: types.Timestamp},
}

// The types of the hidden column. Only Parquet files number their rows. (Spark: ParquetFileFormat.ROW_INDEX.)
var (
	metadataType         = types.StructOf(metadataFields...)
	numberedMetadataType = types.StructOf(append(slices.Clone(metadataFields), types.Field{Name: "row_index", Type: types.Long})...)
)

// metadataColumn returns the hidden column. numbered: files number their rows.
func metadataColumn(numbered bool) *expr.Expr {
	t := metadataType
	if numbered {
		t = numberedMetadataType
	}
	return &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: metadataName, Type: t}
}

// withoutMetadata returns the columns that the reader itself has to produce. The metadata column comes last if it is needed.
func withoutMetadata(cols []*expr.Expr) []*expr.Expr {
	if n := len(cols); n > 0 && (cols[n-1].Type == metadataType || cols[n-1].Type == numberedMetadataType) {
		return cols[:n-1]
	}
	return cols
}
