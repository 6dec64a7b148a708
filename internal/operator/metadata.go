package operator

import (
	"path/filepath"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// rowIndex is the last field of the column for Parquet files, which number their rows. (Spark: ParquetFileFormat.ROW_INDEX.)
const rowIndex = "row_index"

// metadata appends the hidden column of file sources, which is the same for all rows of a batch except for the row's number.
type metadata struct {
	stateless
	typ   *types.Type
	out   vector.Batch
	index vector.Vector
}

// NewMetadata returns an operator that appends a column with what is known of the file of each row, a struct of the given type.
// (Spark: FileFormat.METADATA_NAME.)
func NewMetadata(typ *types.Type) Operator { return &metadata{typ: typ} }

func (m *metadata) Process(_ *expr.Context, _ int, b *vector.Batch, out Emit) error {
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
	if last := len(v.Children) - 1; m.typ.Fields[last].Name == rowIndex && b.Origin != nil {
		v = m.numbered(v.Children, b)
	}
	m.out = *b
	m.out.Cols = append(b.Cols[:len(b.Cols):len(b.Cols)], v)
	return out(&m.out)
}

// numbered makes the column of a batch from a Parquet file.
func (m *metadata) numbered(fields []*vector.Vector, b *vector.Batch) *vector.Vector {
	m.index.Reset(types.Long, b.N)
	for i := range b.N {
		m.index.I64[i] = b.Origin.FirstRow + int64(i)
	}
	v := &vector.Vector{}
	v.Reset(types.StructOf(), b.N)
	v.Type, v.Children = m.typ, append(fields[:len(fields)-1:len(fields)-1], &m.index)
	return v
}
