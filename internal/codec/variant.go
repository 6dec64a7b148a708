package codec

import (
	"slices"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// SingleVariantOption turns each record into one VARIANT.
var SingleVariantOption = Option{
	Name: "singleVariantColumn", Doc: "a record is one VARIANT, in the column of this name", Kind: option.Text("the name of a column"), Effect: Read,
}

// SingleVariant returns the value of SingleVariantOption.
func (v Values) SingleVariant() (column string, given bool) {
	return v.Lookup(SingleVariantOption.Name)
}

// CheckSingleVariant rejects fields other than one VARIANT, in addition to the column for the text of malformed records, if records are to
// be read as one VARIANT. Spark's streams do not check the schema and crash with the first record.
func CheckSingleVariant(v Values, fields []types.Field) error {
	if _, given := v.SingleVariant(); !given {
		return nil
	}
	corrupt := v.Text("columnNameOfCorruptRecord", CorruptRecordColumn)
	rest := slices.DeleteFunc(slices.Clone(fields), func(f types.Field) bool { return f.Name == corrupt })
	if len(rest) == 1 && rest[0].Type.Kind == types.KindVariant {
		return nil
	}
	return InvalidSingleVariant(fields)
}

// CheckSingleVariantNamed is CheckSingleVariant for Spark's batch readers and from_csv, where the field must also have the name in the
// option and be nullable. (Spark: DataSourceOptions.validateSingleVariantColumn.)
func CheckSingleVariantNamed(v Values, fields []types.Field) error {
	name, given := v.SingleVariant()
	corrupt := v.Text("columnNameOfCorruptRecord", CorruptRecordColumn)
	has := func(name string, kind types.Kind) bool {
		return slices.ContainsFunc(fields, func(f types.Field) bool { return f.Name == name && f.Type.Kind == kind && f.Nullable })
	}
	switch {
	case !given:
	case len(fields) > 2 || !has(name, types.KindVariant):
		return InvalidSingleVariant(fields)
	case len(fields) == 2 && !has(corrupt, types.KindString):
		return InvalidSingleVariant(fields)
	}
	return nil
}

// InvalidSingleVariant returns the error for fields that cannot hold records as one VARIANT.
func InvalidSingleVariant(fields []types.Field) error {
	return sparkerr.New("INVALID_SINGLE_VARIANT_COLUMN", "schema", `"`+types.StructOf(fields...).SQL()+`"`).
		WithHint("leave the option singleVariantColumn out, or declare one VARIANT column")
}

// Exact parses a decimal of at most 38 digits with a scale from 0 to 38, in the format of the locale, as the readers do for a VARIANT.
func (p *DecimalParser) Exact(text []byte) (v decimal.Int128, scale int, ok bool) {
	plain, ok := p.Plain(text)
	if !ok {
		return v, 0, false
	}
	v, scale, err := decimal.Parse(plain)
	if err != nil {
		return v, 0, false
	}
	if scale < 0 {
		v, ok, _ = decimal.ParseAs(plain, decimal.MaxPrecision, 0)
		scale = 0
	}
	return v, scale, ok && scale <= decimal.MaxPrecision && len(v.Abs().String()) <= decimal.MaxPrecision
}
