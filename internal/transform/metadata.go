package transform

import (
	"path/filepath"
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
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
	metadataType        = types.StructOf(metadataFields...)
	parquetMetadataType = types.StructOf(append(slices.Clone(metadataFields), types.Field{Name: "row_index", Type: types.Long})...)
)

func metadataColumn(format string) *expr.Expr {
	t := metadataType
	if format == "parquet" {
		t = parquetMetadataType
	}
	return &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: metadataName, Type: t}
}

// withoutMetadata gives the columns that the reader itself has to make; the metadata column stands last when it is wanted.
func withoutMetadata(cols []*expr.Expr) []*expr.Expr {
	if n := len(cols); n > 0 && (cols[n-1].Type == metadataType || cols[n-1].Type == parquetMetadataType) {
		return cols[:n-1]
	}
	return cols
}

// metadataOp appends the metadata column, which is the same for all rows of a batch but for the row's number.
type metadataOp struct {
	typ   *types.Type
	out   vector.Batch
	index vector.Vector
}

func (m *metadataOp) apply(_ *expr.Context, b *vector.Batch) (*vector.Batch, error) {
	v := vector.NewConst(m.typ)
	for _, c := range v.Children {
		*c = *vector.NewConst(c.Type)
	}
	if o := b.Origin; o != nil && o.File != nil {
		v.Children[0].SetString(0, codec.FileURI(o.File.Path))
		v.Children[1].SetString(0, filepath.Base(codec.FileURI(o.File.Path)))
		v.Children[2].I64[0] = o.File.Size
		v.Children[3].I64[0] = o.Block.Start
		v.Children[4].I64[0] = o.Block.Length
		v.Children[5].I64[0] = o.File.ModTime.UnixMilli() * 1000 // Hadoop knows milliseconds
	} else {
		v.SetNull(0)
	}
	if m.typ == parquetMetadataType && b.Origin != nil {
		v = m.numbered(v.Children, b)
	}
	m.out = *b
	m.out.Cols = append(b.Cols[:len(b.Cols):len(b.Cols)], v)
	return &m.out, nil
}

// numbered makes the column of a batch from a Parquet file.
func (m *metadataOp) numbered(fields []*vector.Vector, b *vector.Batch) *vector.Vector {
	m.index.Reset(types.Long, b.N)
	for i := range b.N {
		m.index.I64[i] = b.Origin.FirstRow + int64(i)
	}
	v := &vector.Vector{}
	v.Reset(types.StructOf(), b.N)
	v.Type, v.Children = m.typ, append(fields[:len(fields)-1:len(fields)-1], &m.index)
	return v
}
