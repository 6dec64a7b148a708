package file

import (
	"strings"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// readPartition makes the constant of a partition directory. (Spark: castPartValueToDesiredType.)
func readPartition(f types.Field, raw string, zone *datetime.Zone) (*vector.Vector, error) {
	if raw == "" {
		return nil, sparkerr.Plain("Empty partition column value in '%s='", f.Name)
	}
	v := vector.NewConst(f.Type)
	if raw == nullPartition {
		v.SetNull(0)
		return v, nil
	}
	if !setPartition(v, raw, zone) {
		return nil, sparkerr.New("INVALID_PARTITION_VALUE", "value", "'"+raw+"'", "dataType", `"`+f.Type.SQL()+`"`,
			"columnName", types.Quote(f.Name))
	}
	return v, nil
}

// setPartition stores a value; it is false for one that does not fit the type.
func setPartition(v *vector.Vector, raw string, zone *datetime.Zone) (ok bool) {
	switch t := v.Type; t.Kind {
	case types.KindString, types.KindChar, types.KindVarchar:
		v.SetString(0, unescape(raw))
		return true
	case types.KindBinary:
		v.SetString(0, raw)
		return true
	case types.KindBoolean:
		v.Bool[0] = strings.EqualFold(raw, "true")
		return v.Bool[0] || strings.EqualFold(raw, "false")
	case types.KindByte, types.KindShort, types.KindInt:
		n, ok := valuetext.ParseIntegerStrict([]byte(raw), 32)
		switch t.Kind { // Spark cuts bits off without a word
		case types.KindByte:
			v.I8[0] = int8(n)
		case types.KindShort:
			v.I16[0] = int16(n)
		default:
			v.I32[0] = int32(n)
		}
		return ok
	case types.KindLong:
		v.I64[0], ok = valuetext.ParseIntegerStrict([]byte(raw), 64)
		return ok
	case types.KindFloat:
		f, ok := valuetext.ParseDoubleStrict([]byte(raw))
		v.F32[0] = float32(f)
		return ok
	case types.KindDouble:
		v.F64[0], ok = valuetext.ParseDoubleStrict([]byte(raw))
		return ok
	case types.KindDecimal:
		v.Dec[0], ok, _ = decimal.ParseAs([]byte(raw), t.Precision, t.Scale)
		return ok
	}
	return setTimePartition(v, raw, zone)
}

// setTimePartition is setPartition for dates, times and intervals.
func setTimePartition(v *vector.Vector, raw string, zone *datetime.Zone) (ok bool) {
	text := []byte(unescape(raw))
	var err error
	switch t := v.Type; t.Kind {
	case types.KindDate:
		v.I32[0], ok = datetime.ParseDate([]byte(raw))
		return ok
	case types.KindTimestamp:
		v.I64[0], ok = datetime.ParseTimestamp(text, zone, 0)
		return ok
	case types.KindTimestampNTZ:
		v.I64[0], ok = datetime.ParseTimestampNTZ(text, true)
		return ok
	case types.KindTime:
		v.I64[0], ok = datetime.ParseTime(text)
		return ok
	case types.KindYearMonth:
		v.I32[0], err = datetime.ParseYearMonth(string(text), t.Start, t.End)
		return err == nil
	case types.KindDayTime:
		v.I64[0], err = datetime.ParseDayTime(string(text), t.Start, t.End)
		return err == nil
	}
	return false
}

// partitionTimes reads timestamps in the names of directories.
var partitionTimes, _ = datetime.CompilePattern("yyyy-MM-dd HH:mm:ss[.S]", "", true)

var partitionDates, _ = datetime.CompilePattern("yyyy-MM-dd", "", true)

// inferPartition returns the type that a value can be read as. (Spark: inferPartitionColumnValue.)
func inferPartition(raw string, zone *datetime.Zone) *types.Type {
	if raw == nullPartition {
		return types.Void
	}
	b := []byte(raw)
	if _, ok := valuetext.ParseIntegerStrict(b, 32); ok {
		return types.Int
	}
	if _, ok := valuetext.ParseIntegerStrict(b, 64); ok {
		return types.Long
	}
	if unscaled, scale, err := decimal.Parse(b); err == nil && scale <= 0 {
		if v, ok := decimal.Rescale(unscaled, scale, 0); ok {
			if digits := len(v.Abs().String()); digits <= maxPrecision {
				return types.DecimalOf(digits, 0)
			}
		}
	}
	if _, ok := valuetext.ParseDoubleStrict(b); ok {
		return types.Double
	}
	text := []byte(unescape(raw))
	if _, err := partitionTimes.ParseTimestamp(text, zone); err == nil {
		return types.Timestamp
	}
	if _, err := partitionDates.ParseDate(b); err == nil {
		return types.Date
	}
	return types.String
}

const maxPrecision = 38

// commonPartitionType is the type of a column with values of both types. (Spark: findWiderTypeForPartitionColumn.)
func commonPartitionType(a, b *types.Type) *types.Type {
	switch {
	case a.Equal(b) || b.Kind == types.KindVoid:
		return a
	case a.Kind == types.KindVoid:
		return b
	}
	if a.Kind > b.Kind {
		a, b = b, a
	}
	switch {
	case a.Kind == types.KindInt && b.Kind == types.KindLong, a.Kind == types.KindInt && b.Kind == types.KindDouble,
		a.Kind == types.KindDate && b.Kind == types.KindTimestamp:
		return b
	case a.Kind == types.KindDecimal && b.Kind == types.KindDecimal:
		return types.DecimalOf(max(a.Precision, b.Precision), 0)
	case b.Kind == types.KindDecimal && a.Kind == types.KindInt:
		return types.DecimalOf(max(10, b.Precision), 0)
	case b.Kind == types.KindDecimal && a.Kind == types.KindLong:
		return types.DecimalOf(max(20, b.Precision), 0)
	}
	return types.String
}
