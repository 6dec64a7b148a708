package transform

import (
	"path/filepath"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// metadataName is the hidden column of file sources (Spark: FileFormat.METADATA_NAME).
const metadataName = "_metadata"

var metadataType = types.StructOf(
	types.Field{Name: "file_path", Type: types.String},
	types.Field{Name: "file_name", Type: types.String},
	types.Field{Name: "file_size", Type: types.Long},
	types.Field{Name: "file_block_start", Type: types.Long},
	types.Field{Name: "file_block_length", Type: types.Long},
	types.Field{Name: "file_modification_time", Type: types.Timestamp},
)

func metadataColumn() *expr.Expr {
	return &expr.Expr{Kind: expr.Column, ID: expr.NewID(), Name: metadataName, Type: metadataType}
}

// withoutMetadata gives the columns that the reader itself has to make; the metadata column stands last when it is wanted.
func withoutMetadata(cols []*expr.Expr) []*expr.Expr {
	if n := len(cols); n > 0 && cols[n-1].Type == metadataType {
		return cols[:n-1]
	}
	return cols
}

// metadataOp appends the metadata column, which is the same for all rows of a batch.
type metadataOp struct {
	out vector.Batch
}

func (m *metadataOp) apply(_ *expr.Context, b *vector.Batch) (*vector.Batch, error) {
	v := vector.NewConst(metadataType)
	for _, c := range v.Children {
		*c = *vector.NewConst(c.Type)
	}
	if o := b.Origin; o != nil && o.File != nil {
		v.Children[0].SetString(0, codec.FileURI(o.File.Path))
		v.Children[1].SetString(0, filepath.Base(codec.FileURI(o.File.Path)))
		v.Children[2].I64[0] = o.File.Size
		v.Children[3].I64[0] = o.Block.Start
		v.Children[4].I64[0] = o.Block.Length
		v.Children[5].I64[0] = o.File.ModTime.UnixMicro()
	} else {
		v.SetNull(0)
	}
	m.out = *b
	m.out.Cols = append(b.Cols[:len(b.Cols):len(b.Cols)], v)
	return &m.out, nil
}
