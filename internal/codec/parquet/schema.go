package parquet

import (
	"io"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// rowMetadata is the footer key under which Spark stores the schema.
const rowMetadata = "org.apache.spark.sql.parquet.row.metadata"

// Schema reads the schema of a file: the one that Spark wrote into the footer, or else the one implied by the columns. All
// columns are nullable, since files guarantee nothing about NULLs. (Spark: ParquetToSparkSchemaConverter, asNullable.)
func Schema(r io.ReaderAt, size int64) (*types.Schema, error) {
	f, err := readFooter(r, size)
	if err != nil {
		return nil, err
	}
	if text, ok := f.value(rowMetadata); ok {
		if s, err := types.ParseJSON([]byte(text)); err == nil {
			return &types.Schema{Fields: asNullable(s.Fields)}, nil
		}
	}
	fields, err := fieldsOf(f.root)
	return &types.Schema{Fields: asNullable(fields)}, err
}

func fieldsOf(group *node) ([]types.Field, error) {
	var fields []types.Field
	for _, n := range group.children {
		t, err := typeOf(n)
		if err != nil {
			return nil, err
		}
		fields = append(fields, types.Field{Name: n.Name, Type: t, Nullable: n.optional()})
	}
	return fields, nil
}

func (n *node) optional() bool {
	rep, ok := n.RepetitionType.Get()
	return ok && rep == format.Optional
}

func typeOf(n *node) (*types.Type, error) {
	if n.repeated() {
		t, err := ownType(n)
		return types.ArrayOf(t, false), err
	}
	return ownType(n)
}

// ownType returns the type of n ignoring its repetition.
func ownType(n *node) (*types.Type, error) {
	switch {
	case n.leaf >= 0:
		return primitiveType(n)
	case n.isList():
		repeated, element, err := n.element()
		if err != nil {
			return nil, err
		}
		t, err := ownType(element)
		return types.ArrayOf(t, element != repeated && element.optional()), err
	case n.isMap():
		_, key, value, err := n.entries()
		if err != nil {
			return nil, err
		}
		k, err := typeOf(key)
		if err != nil {
			return nil, err
		}
		v, err := typeOf(value)
		return types.MapOf(k, v, value.optional()), err
	}
	fields, err := fieldsOf(n)
	return types.StructOf(fields...), err
}

func primitiveType(n *node) (*types.Type, error) {
	a := n.annotation()
	if a.kind == decimalNumber {
		if a.precision < 1 || a.precision > 38 || a.scale < 0 || a.scale > a.precision {
			return nil, illegal(n)
		}
		return types.DecimalOf(a.precision, a.scale), nil
	}
	switch n.physical() {
	case format.Boolean:
		return types.Boolean, nil
	case format.Float:
		return types.Float, nil
	case format.Double:
		return types.Double, nil
	case format.Int96:
		return types.Timestamp, nil
	case format.Int32:
		return int32Type(n, a)
	case format.Int64:
		return int64Type(n, a)
	case format.ByteArray:
		if a.kind == text {
			return types.String, nil
		}
		return types.Binary, nil
	}
	if a.kind == plain {
		return types.Binary, nil
	}
	return nil, illegal(n)
}

func int32Type(n *node, a annotation) (*types.Type, error) {
	switch {
	case a.kind == plain, a.kind == integer && a.signed && a.bits == 32, a.kind == integer && !a.signed && a.bits == 16:
		return types.Int, nil
	case a.kind == date:
		return types.Date, nil
	case a.kind == integer && a.signed && a.bits == 8:
		return types.Byte, nil
	case a.kind == integer && a.bits <= 16:
		return types.Short, nil
	case a.kind == integer:
		return types.Long, nil
	}
	return nil, illegal(n)
}

func int64Type(n *node, a annotation) (*types.Type, error) {
	switch {
	case a.kind == plain, a.kind == integer && a.signed:
		return types.Long, nil
	case a.kind == integer:
		return types.DecimalOf(20, 0), nil
	case a.kind == timestamp && a.unit != nanos && a.utc:
		return types.Timestamp, nil
	case a.kind == timestamp && a.unit != nanos:
		return types.TimestampNTZ, nil
	case a.kind == timeOfDay && a.unit == micros && !a.utc:
		return types.TimeOf(6), nil
	}
	return nil, illegal(n)
}

func illegal(n *node) error {
	text := n.physical().String()
	if l := n.LogicalType.String(); l != "" {
		text += " (" + l + ")"
	}
	return sparkerr.Plain("the column %s of the Parquet file has the type %s, for which there is no SQL type", strings.Join(n.path, "."), text).
		WithHint("name the columns you need in a schema without it")
}
