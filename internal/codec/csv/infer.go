package csv

import (
	"bytes"
	"cmp"
	"strconv"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// Infer returns the type of the record in a text, with columns _c0, _c1 and so on. It calls look before each attempt.
func Infer(text []byte, o *Options, scan *codec.Scan, look func()) (*types.Type, error) {
	in, err := newInferrer(o, scan)
	if err != nil {
		return nil, err
	}
	cells, err := cellsOf(text, o, look)
	if err != nil {
		return nil, err
	}
	fields := make([]types.Field, len(cells))
	for i, cell := range cells {
		t := types.String
		if len(cell) > 0 && string(cell) != o.nullValue {
			t = in.cell(cell, types.Void)
		}
		fields[i] = types.Field{Name: "_c" + strconv.Itoa(i), Type: t, Nullable: true}
	}
	return types.StructOf(fields...), nil
}

// cellsOf splits a record into as many columns as can be requested without making it malformed. nil is an empty cell.
func cellsOf(text []byte, o *Options, look func()) ([][]byte, error) {
	plain := *o
	plain.mode = codec.DropMalformed
	values := 0 // in the record, once known
	scan := &codec.Scan{OnMalformed: func(m *codec.Malformed) { values = m.Values }}
	for n := min(bytes.Count(text, o.sep)+1, o.maxColumns); n > 0; {
		look()
		fields := make([]types.Field, n)
		for i := range fields {
			fields[i] = types.Field{Name: strconv.Itoa(i), Type: types.String, Nullable: true}
		}
		var cells [][]byte
		r := NewTextReader(fields, &plain, scan)
		_, err := r.Read([][]byte{text}, func(_ int, b *vector.Batch, row int) {
			if b == nil {
				return
			}
			cells = make([][]byte, n)
			for i, v := range b.Cols {
				if !v.IsNull(row) {
					cells[i] = bytes.Clone(v.Bytes(row))
				}
			}
		})
		if cells != nil || err != nil {
			return cells, err
		}
		if n--; values < n { // 0: no record has this many columns, or more
			n = values
		}
	}
	return nil, nil
}

// An inferrer infers the types of cells. (Spark: CSVInferSchema.)
type inferrer struct {
	o       *Options
	formats *codec.Formats
	days    *datetime.Pattern // for dates if dateFormat is not set; otherwise nil
	dates   bool              // text may be a date
	anyTime bool              // there is no timestampFormat: dates are timestamps too
}

func newInferrer(o *Options, scan *codec.Scan) (*inferrer, error) {
	in := &inferrer{o: o}
	var err error
	if in.formats, err = codec.NewFormats(o.values, scan); err != nil {
		return nil, err
	}
	if err := cmp.Or(in.formats.CheckTimestamp(), in.formats.CheckTimestampNTZ()); err != nil {
		return nil, err
	}
	if in.dates, err = o.values.Flag("preferDate", true); err != nil {
		return nil, err
	}
	if _, given := o.values.Lookup("dateFormat"); !given {
		if in.days, err = datetime.CompilePattern("yyyy-MM-dd", in.formats.Locale, true); err != nil {
			return nil, err
		}
	}
	_, given := o.values.Lookup("timestampFormat")
	in.anyTime = !given
	return in, nil
}

// The candidate types, in this order.
const (
	asInteger = iota
	asLong
	asDecimal
	asDouble
	asDate
	asTimestamp
	asBoolean
)

// firstTried returns the first candidate for a column whose type so far is t.
func firstTried(t *types.Type) int {
	switch t.Kind {
	case types.KindLong:
		return asLong
	case types.KindDecimal:
		return asDecimal
	case types.KindDouble:
		return asDouble
	case types.KindDate:
		return asDate
	case types.KindTimestamp:
		return asTimestamp
	case types.KindBoolean:
		return asBoolean
	}
	return asInteger
}

// cell returns the type of a cell in a column whose type so far is soFar, no narrower than that.
func (in *inferrer) cell(cell []byte, soFar *types.Type) *types.Type {
	first := firstTried(soFar)
	if n, ok := valuetext.ParseIntegerStrict(cell, 64); ok && first <= asLong {
		if first == asInteger && n == int64(int32(n)) {
			return types.Int
		}
		return types.Long
	}
	if first <= asDecimal {
		if v, scale, err := decimal.Parse(cell); err == nil && scale == 0 {
			if digits := len(v.Abs().String()); digits <= decimal.MaxPrecision {
				return types.DecimalOf(digits, 0)
			}
		}
	}
	if first <= asDouble {
		_, number := valuetext.ParseDoubleStrict(cell)
		if _, word := in.o.words.Lookup(cell); number || word {
			return types.Double
		}
	}
	if first <= asDate && in.dates && in.isDate(cell) {
		return types.Date
	}
	if first <= asTimestamp {
		if _, ok := in.formats.ParseTimestamp(cell); ok {
			return types.Timestamp
		}
	}
	if bytes.EqualFold(cell, []byte("true")) || bytes.EqualFold(cell, []byte("false")) {
		return types.Boolean
	}
	return types.String
}

func (in *inferrer) isDate(cell []byte) bool {
	if in.days == nil {
		_, ok := in.formats.ParseDate(cell)
		return ok
	}
	_, err := in.days.ParseDate(cell)
	return err == nil
}

// merge returns the common type of a column with values of both types.
func (in *inferrer) merge(a, b *types.Type) *types.Type {
	switch {
	case a.Kind == types.KindVoid || a.Equal(b):
		return b
	case a.Kind == types.KindString || b.Kind == types.KindString:
		return types.String
	case a.Kind == types.KindDate && b.Kind == types.KindTimestamp || a.Kind == types.KindTimestamp && b.Kind == types.KindDate:
		if in.anyTime {
			return types.Timestamp
		}
		return types.String
	case !a.IsNumeric() || !b.IsNumeric():
		return types.String
	case a.Kind == types.KindDouble || b.Kind == types.KindDouble:
		return types.Double
	case a.Kind == types.KindDecimal || b.Kind == types.KindDecimal:
		return types.DecimalOf(max(digitsOf(a), digitsOf(b)), 0)
	}
	return types.Long
}

func digitsOf(t *types.Type) int {
	switch t.Kind {
	case types.KindInt:
		return 10
	case types.KindLong:
		return 20
	}
	return t.Precision
}
