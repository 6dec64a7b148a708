package xml

import (
	"errors"
	"slices"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

// A TextReader reads texts that each consist of one element into structs or VARIANTs, for the function from_xml.
type TextReader struct {
	o        *Options
	root     *types.Type
	corrupt  int // index of the field for the text of malformed records, or -1
	formats  *codec.Formats
	decimals *codec.DecimalParser
	shapes   map[*types.Type]*shape
	builder  variant.Builder
	events   *events
	budget   Budget
}

// NewTextReader returns a reader of values of type t, a STRUCT or VARIANT.
func NewTextReader(t *types.Type, o *Options, scan *codec.Scan, budget Budget) (*TextReader, error) {
	formats, err := codec.NewFormats(o.values, scan)
	if err != nil {
		return nil, err
	}
	formats.Exact = true
	if o.oneVariant && (len(t.Fields) != 1 || t.Fields[0].Type.Kind != types.KindVariant) && t.Kind == types.KindStruct {
		return nil, sparkerr.Plain("With the option singleVariantColumn the schema must have one field, of type VARIANT, not %s.", t.SQL()).
			WithHint("leave the option out, or name a VARIANT field as the schema")
	}
	r := &TextReader{o: o, root: t, formats: formats, decimals: codec.NewDecimalParser(formats.Locale),
		shapes: map[*types.Type]*shape{}, budget: budget}
	if err := codec.CheckCorruptRecord(o.corruptColumn, t.Fields); err != nil {
		return nil, err
	}
	r.corrupt = slices.IndexFunc(t.Fields, func(f types.Field) bool { return f.Name == o.corruptColumn })
	return r, nil
}

// A partialError is the reason why a record is malformed although its row holds what could be read. (Spark:
// PartialResultException.)
type partialError struct {
	row   cell
	cause error
}

func (e *partialError) Error() string { return e.cause.Error() }
func (e *partialError) Unwrap() error { return e.cause }

// Read reads a text into a row of a vector of the reader's type. It returns an error in mode FAILFAST, or an error that does
// not count as a malformed record in any mode.
func (r *TextReader) Read(out *vector.Vector, row int, text []byte) error {
	c, err := r.record(text)
	if failure := r.formats.Failure(); failure != nil {
		return failure
	}
	var partial *partialError
	var checked *checkedError
	switch {
	case err == nil:
		return r.store(out, row, c, cell{})
	case isLimit(err):
		return err
	case r.root.Kind == types.KindVariant:
		return r.badVariant(out, row, err)
	case errors.As(err, &partial):
		c = partial.row
	case errors.As(err, &checked):
		return checked.failure()
	default:
		c = r.empty(r.root)
	}
	if err := r.store(out, row, c, textCell(text)); err != nil || r.o.mode != codec.FailFast {
		return err
	}
	return failFast(codec.RowText(out.Children, row), err)
}

// A limitError reports that reading has exceeded a limit, which does not make the record malformed.
type limitError struct{ error }

func (e limitError) Unwrap() error { return e.error }

func isLimit(err error) bool {
	_, ok := errors.AsType[limitError](err)
	return ok
}

// failFast returns the error for a malformed record.
func failFast(row string, reason error) error {
	e := sparkerr.New("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord", row, "failFastMode", "FAILFAST")
	var partial *partialError
	for errors.As(reason, &partial) {
		reason = partial.cause
	}
	var checked *checkedError
	if errors.As(reason, &checked) {
		reason = checked.error
	}
	e.Cause = reason
	return e.WithHint("%v", reason)
}

// record reads the row of a text.
func (r *TextReader) record(text []byte) (cell, error) {
	var err error
	if r.events, err = newEvents(text, r.budget); err != nil {
		return cell{}, err
	}
	root, err := r.events.root()
	if err != nil {
		return cell{}, err
	}
	if r.root.Kind == types.KindVariant {
		return r.variant(root.attrs)
	}
	if r.o.oneVariant {
		v, err := r.variant(root.attrs)
		row := r.empty(r.root)
		if len(row.cells) > 0 {
			row.cells[0] = v
		}
		return row, err
	}
	return r.object(r.root, root.attrs)
}

// empty returns a struct whose fields are NULL.
func (r *TextReader) empty(t *types.Type) cell {
	return cell{set: true, cells: make([]cell, len(t.Fields))}
}

// store stores a row; record is the text of a malformed one, and otherwise NULL. Spark reads values by the complete schema
// and then moves those from the position of the field for malformed records onwards by one field, so a value may end up in a
// field of another type.
func (r *TextReader) store(out *vector.Vector, row int, c, record cell) error {
	if r.corrupt >= 0 {
		for i := len(c.cells) - 1; i > r.corrupt; i-- {
			if v, t := c.cells[i-1], r.root.Fields[i-1].Type; v.set && !t.Equal(r.root.Fields[i].Type) {
				return sparkerr.Plain("Spark fails to read a value of the field %s as one of %s", types.Quote(r.root.Fields[i-1].Name), types.Quote(r.root.Fields[i].Name)).
					WithHint("put the field %s last in the schema", types.Quote(r.o.corruptColumn))
			}
			c.cells[i] = c.cells[i-1]
		}
		c.cells[r.corrupt] = record
	}
	to := storage{take: r.budget.Take}
	to.store(out, row, &c)
	if t := to.loose; t != nil {
		return sparkerr.Plain("Spark fails to read a value of type %s as %s: an element is an item of an array only as a field of a struct", t.Elem.SQL(), t.SQL()).
			WithHint("let a struct hold the array")
	}
	return nil
}

// A shape locates the fields of a struct.
type shape struct {
	exact, folded map[string]int // by name, and by name in lower case
	value         int            // index of the text field, or -1
	wildcard      int            // index of the field for elements without a field, or -1
}
