package parquet

import (
	"slices"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// A shape describes how a type is written: the schema elements, and the contents of each file column. It follows Spark's
// layout with spark.sql.parquet.writeLegacyFormat off: three levels for lists, decimals of up to 18 digits as integers.
type shape struct {
	elements []format.SchemaElement
	columns  []stored
	times    timestampForm
}

// A stored is a column of the file.
type stored struct {
	typ            *types.Type
	physical       format.Type
	size           int  // of fixed-length byte arrays
	millis         bool // timestamps in milliseconds
	maxDef, maxRep uint8
	path           []string
}

// A timestampForm is a value of spark.sql.parquet.outputTimestampType.
type timestampForm uint8

const (
	timestampMicros timestampForm = iota
	timestampMillis
	timestampInt96
)

func newShape(fields []types.Field, times timestampForm) (*shape, error) {
	if hasEmpty(types.StructOf(fields...)) {
		return nil, sparkerr.New("EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE", "format", "Parquet")
	}
	s := &shape{times: times}
	root := s.element("spark_schema", nil)
	root.NumChildren = thrift.New(int32(len(fields)))
	for _, f := range fields {
		if f.Type.Has(unsupported...) {
			return nil, codec.UnsupportedType("Parquet", f)
		}
		s.add(f.Name, f.Type, true, stored{})
	}
	return s, nil
}

// hasEmpty reports whether t contains a struct without fields: Parquet cannot represent its NULLs.
func hasEmpty(t *types.Type) bool {
	switch t.Kind {
	case types.KindArray:
		return hasEmpty(t.Elem)
	case types.KindMap:
		return hasEmpty(t.Key) || hasEmpty(t.Elem)
	case types.KindStruct:
		return len(t.Fields) == 0 || slices.ContainsFunc(t.Fields, func(f types.Field) bool { return hasEmpty(f.Type) })
	}
	return false
}

// asNullable returns fields as Spark writes files: everything may be NULL.
func asNullable(fields []types.Field) []types.Field {
	out := make([]types.Field, len(fields))
	for i, f := range fields {
		out[i] = types.Field{Name: f.Name, Type: f.Type.TextAsString().AsNullable(), Nullable: true, Comment: f.Comment}
	}
	return out
}

// element appends an element of the schema; the pointer is valid until the next call.
func (s *shape) element(name string, rep *format.FieldRepetitionType) *format.SchemaElement {
	e := format.SchemaElement{Name: name}
	if rep != nil {
		e.RepetitionType = thrift.New(*rep)
	}
	s.elements = append(s.elements, e)
	return &s.elements[len(s.elements)-1]
}

// below returns the position of a child in the tree.
func (c stored) below(name string, rep format.FieldRepetitionType) stored {
	c.path = append(c.path[:len(c.path):len(c.path)], name)
	if rep != format.Required {
		c.maxDef++
	}
	if rep == format.Repeated {
		c.maxRep++
	}
	return c
}

// add adds a field and its nested fields.
func (s *shape) add(name string, t *types.Type, nullable bool, parent stored) {
	rep := format.Required
	if nullable {
		rep = format.Optional
	}
	at := parent.below(name, rep)
	switch t.Kind {
	case types.KindStruct:
		e := s.element(name, &rep)
		e.NumChildren = thrift.New(int32(len(t.Fields)))
		for _, f := range t.Fields {
			s.add(f.Name, f.Type, f.Nullable, at)
		}
	case types.KindArray:
		s.group(name, rep, deprecated.List, &format.ListType{})
		repeated := format.Repeated
		s.element("list", &repeated).NumChildren = thrift.New(int32(1))
		s.add("element", t.Elem, t.ContainsNull, at.below("list", format.Repeated))
	case types.KindMap:
		s.group(name, rep, deprecated.Map, &format.MapType{})
		repeated := format.Repeated
		s.element("key_value", &repeated).NumChildren = thrift.New(int32(2))
		inner := at.below("key_value", format.Repeated)
		s.add("key", t.Key, false, inner)
		s.add("value", t.Elem, t.ContainsNull, inner)
	default:
		s.primitive(s.element(name, &rep), t, at)
	}
}

func (s *shape) group(name string, rep format.FieldRepetitionType, c deprecated.ConvertedType, l format.LogicalTypeValue) {
	e := s.element(name, &rep)
	e.NumChildren = thrift.New(int32(1))
	e.ConvertedType, e.LogicalType = thrift.New(c), format.LogicalType{Value: l}
}

// primitive fills in the schema element of a column.
func (s *shape) primitive(e *format.SchemaElement, t *types.Type, at stored) {
	at.typ = t
	annotate := func(physical format.Type, l format.LogicalTypeValue) {
		at.physical = physical
		e.LogicalType.Value = l
	}
	switch t.Kind {
	case types.KindBoolean:
		annotate(format.Boolean, nil)
	case types.KindByte:
		annotate(format.Int32, &format.IntType{BitWidth: 8, IsSigned: true})
		e.ConvertedType = thrift.New(deprecated.Int8)
	case types.KindShort:
		annotate(format.Int32, &format.IntType{BitWidth: 16, IsSigned: true})
		e.ConvertedType = thrift.New(deprecated.Int16)
	case types.KindInt, types.KindYearMonth:
		annotate(format.Int32, nil)
	case types.KindDate:
		annotate(format.Int32, &format.DateType{})
		e.ConvertedType = thrift.New(deprecated.Date)
	case types.KindLong, types.KindDayTime:
		annotate(format.Int64, nil)
	case types.KindTime:
		annotate(format.Int64, &format.TimeType{Unit: format.TimeUnit{Value: &format.MicroSeconds{}}})
	case types.KindTimestampNTZ:
		annotate(format.Int64, &format.TimestampType{Unit: format.TimeUnit{Value: &format.MicroSeconds{}}})
	case types.KindTimestamp:
		s.timestamp(e, annotate)
		at.millis = s.times == timestampMillis
	case types.KindFloat:
		annotate(format.Float, nil)
	case types.KindDouble:
		annotate(format.Double, nil)
	case types.KindDecimal:
		annotate(format.Int32, &format.DecimalType{Precision: int32(t.Precision), Scale: int32(t.Scale)})
		e.ConvertedType, e.Precision, e.Scale = thrift.New(deprecated.Decimal), thrift.New(int32(t.Precision)), thrift.New(int32(t.Scale))
		if t.Precision > 18 {
			at.physical, at.size = format.FixedLenByteArray, decimalBytes(t.Precision)
			e.TypeLength = thrift.New(int32(at.size))
		} else if t.Precision > 9 {
			at.physical = format.Int64
		}
	case types.KindBinary:
		annotate(format.ByteArray, nil)
	default:
		annotate(format.ByteArray, &format.StringType{})
		e.ConvertedType = thrift.New(deprecated.UTF8)
	}
	e.Type = thrift.New(at.physical)
	s.columns = append(s.columns, at)
}

func (s *shape) timestamp(e *format.SchemaElement, annotate func(format.Type, format.LogicalTypeValue)) {
	switch s.times {
	case timestampInt96:
		annotate(format.Int96, nil)
	case timestampMillis:
		annotate(format.Int64, &format.TimestampType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: &format.MilliSeconds{}}})
		e.ConvertedType = thrift.New(deprecated.TimestampMillis)
	default:
		annotate(format.Int64, &format.TimestampType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: &format.MicroSeconds{}}})
		e.ConvertedType = thrift.New(deprecated.TimestampMicros)
	}
}

// decimalBytes returns the minimum number of bytes for numbers of precision digits. (Spark: computeMinBytesForPrecision.)
func decimalBytes(precision int) int {
	return [...]int{19: 9, 20: 9, 21: 9, 22: 10, 23: 10, 24: 11, 25: 11, 26: 11, 27: 12, 28: 12, 29: 13, 30: 13, 31: 13, 32: 14, 33: 14,
		34: 15, 35: 15, 36: 16, 37: 16, 38: 16}[precision]
}
