package csv

import (
	"errors"
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/variant"
	"github.com/streamctl/streamctl/internal/vector"
)

// The types that a text can have in a VARIANT, in the order in which they are tried.
const (
	variantLong uint8 = iota
	variantDecimal
	variantDate
	variantTimestamp
	variantBoolean
	variantText
)

// A guesser turns texts into VARIANTs. A type that failed for one value of a column is not tried for the following ones: after a text,
// all values are texts, and after 1.5 the value 1 is a decimal. (Spark: UnivocityParser.VariantValueConverter.)
type guesser struct {
	variant.Builder
	carry    *codec.Carry
	formats  *codec.Formats
	decimals *codec.DecimalParser
	dates    bool
}

func newGuesser(o *Options, scan *codec.Scan) (*guesser, error) {
	values := o.values.With("enableDateTimeParsingFallback", "false")
	if _, given := values.Lookup("dateFormat"); !given {
		values = values.With("dateFormat", "yyyy-MM-dd")
	}
	formats, err := codec.NewFormats(values, scan)
	if err != nil {
		return nil, err
	}
	formats.Exact = true
	g := &guesser{formats: formats, decimals: codec.NewDecimalParser(formats.Locale)}
	g.dates, err = o.values.Flag("preferDate", true)
	return g, err
}

// begin forgets the types found so far, unless the input shares them with others.
func (g *guesser) begin(shared *codec.Carry) {
	if g.carry = shared; shared == nil {
		g.carry = &codec.Carry{}
	}
}

// append appends a text at a position of the record.
func (g *guesser) append(at int, text []byte) {
	for at >= len(g.carry.Types) {
		g.carry.Types = append(g.carry.Types, variantLong)
	}
	first := &g.carry.Types[at]
	for !g.try(*first, text) {
		*first++
	}
}

// try appends a text if it is of the given type.
func (g *guesser) try(kind uint8, text []byte) (ok bool) {
	switch kind {
	case variantLong:
		var n int64
		if n, ok = valuetext.ParseIntegerStrict(text, 64); ok {
			g.Int(n)
		}
	case variantDecimal:
		v, scale, isDecimal := g.decimals.Exact(text)
		if ok = isDecimal; ok {
			g.Decimal(v, scale)
		}
	case variantDate:
		var days int32
		if days, ok = g.date(text); ok {
			g.Date(days)
		}
	case variantTimestamp:
		var micros int64
		if micros, ok = g.formats.ParseTimestamp(text); ok {
			g.Timestamp(micros)
		}
	case variantBoolean:
		var b bool
		if b, ok = parseBool(text); ok {
			g.Bool(b)
		}
	default:
		g.Text(text)
		ok = true
	}
	return ok
}

func (g *guesser) date(text []byte) (int32, bool) {
	if !g.dates {
		return 0, false
	}
	return g.formats.ParseDate(text)
}

// store appends what was built to the data of v, as the value of row.
func (g *guesser) store(v *vector.Vector, row int) error {
	from := len(v.Data)
	data, err := g.AppendStored(v.Data)
	if err != nil {
		return err
	}
	v.Data = data
	v.Views[row] = vector.View{Off: uint32(from), Len: uint32(len(data) - from)}
	return nil
}

// planVariants prepares for VARIANT columns.
func (r *reader) planVariants() (err error) {
	isVariant := func(c column) bool { return c.isVariant() }
	if slices.ContainsFunc(r.columns, isVariant) {
		r.guesser, err = newGuesser(r.o, r.scan)
	}
	if r.whole = r.guesser != nil && r.o.single; r.whole {
		r.want, r.selected, r.ends = -1, false, make([]int, vector.BatchRows)
	}
	return err
}

func (c *column) isVariant() bool { return c.v.Type.Kind == types.KindVariant }

// convertVariants turns the tokens of a VARIANT column, or of whole records, into VARIANTs.
func (r *reader) convertVariants(c *column, at int) error {
	if err := r.holdVariants(c); err != nil {
		return err
	}
	r.eachAlive(func(row int) {
		switch err := r.oneVariant(c, row); {
		case errors.Is(err, errAbsent):
			r.clearValue(c, row)
		case err != nil:
			r.clearValue(c, row)
			r.variantFailed(row, at, err)
		}
	})
	return nil
}

// variantFailed records why the VARIANT of column at cannot be built.
func (r *reader) variantFailed(row, at int, reason error) {
	r.valueFailed(row, at)
	if r.whole {
		r.judge.State[row] = noRecord
	}
	if r.reasons == nil {
		r.reasons = map[int]error{}
	}
	r.reasons[row] = reason
}

// clearValue makes a value NULL.
func (r *reader) clearValue(c *column, row int) {
	if c.v.Valid == nil {
		setAll(c.valid, r.n)
		c.v.Valid = c.valid
	}
	c.valid.Clear(row)
}

// eachAlive calls f with each row that no filter has dropped.
func (r *reader) eachAlive(f func(row int)) {
	if r.alive == nil {
		for row := range r.n {
			f(row)
		}
		return
	}
	for _, row := range r.alive {
		f(int(row))
	}
}

// variantBytes is more than a text takes in a VARIANT beyond its length: header, offset, and the metadata that each VARIANT has.
const variantBytes = 40

// holdVariants reserves the memory of the VARIANTs of a column.
func (r *reader) holdVariants(c *column) error {
	clear(c.v.Views)
	if !memory.Limited() {
		return nil
	}
	size, names := 0, 0
	for _, name := range r.guesser.carry.Header {
		names += len(name)
	}
	add := func(k token) {
		if size += variantBytes; k != noToken {
			size += int(k.Len)
		}
	}
	r.eachAlive(func(row int) {
		if !r.whole {
			add(c.tokens[row])
			return
		}
		size += names
		for _, k := range r.recordTokens(row) {
			add(k)
		}
	})
	c.bytes = 2 * size // in the vector, and while it is built
	if err := r.hold(); err != nil {
		return err
	}
	c.v.Data = slices.Grow(c.v.Data, size)
	return nil
}

// errAbsent marks a value that is not in the record, and hence NULL. An empty one is a null inside a VARIANT.
var errAbsent = errors.New("no value")

func (r *reader) oneVariant(c *column, row int) error {
	state := r.judge.State[row]
	r.guesser.Reset()
	switch {
	case state == noRecord || state == tooLong:
		return errAbsent
	case r.whole:
		if err := r.wholeRecord(row); err != nil {
			return err
		}
	case state == wrongCount && c.at >= int(r.badCol[row]):
		return errAbsent
	default:
		r.field(c.at, c.tokens[row])
	}
	return r.guesser.store(c.v, row)
}

// field appends the field at a position of a record.
func (r *reader) field(at int, k token) {
	if k == noToken || string(r.text(k)) == r.o.nullValue {
		r.guesser.Null()
		return
	}
	r.guesser.append(at, r.text(k))
}

// wholeRecord builds the object of a record, whose members have the names in the header, or else _c0, _c1 and so on.
func (r *reader) wholeRecord(row int) error {
	tokens := r.recordTokens(row)
	names := r.guesser.carry.Header
	if names != nil {
		tokens = tokens[:min(len(tokens), len(names))]
	}
	object := r.guesser.Open()
	for i, k := range tokens {
		if names != nil {
			r.guesser.Key(object, []byte(names[i]))
		} else {
			r.guesser.Key(object, strconv.AppendInt([]byte("_c"), int64(i), 10))
		}
		r.field(i, k)
	}
	err := r.guesser.CloseObject(object)
	if duplicate, ok := errors.AsType[*variant.DuplicateKey](err); ok {
		return sparkerr.New("VARIANT_DUPLICATE_KEY", "key", duplicate.Name)
	}
	return err
}

// keepRecord keeps the tokens of the record that becomes the row n, and checks their number against the header.
func (r *reader) keepRecord(n int, tokens []token) {
	if n == 0 {
		r.all = r.all[:0]
	}
	r.all = append(r.all, tokens...)
	r.ends[n] = len(r.all)
	if names := r.guesser.carry.Header; names != nil && len(names) != len(tokens) {
		r.judge.State[n], r.judge.Any, r.badCol[n] = wrongCount, true, int16(len(tokens))
	}
}

func (r *reader) recordTokens(row int) []token {
	from := 0
	if row > 0 {
		from = r.ends[row-1]
	}
	return r.all[from:r.ends[row]]
}

// findHeader reads the names in the header of the file when the input begins later in it.
func (r *reader) findHeader(in codec.Input) error {
	if !r.whole || !r.o.header || in.Start == 0 || r.guesser.carry.Header != nil {
		return nil
	}
	in.Start, in.Length, in.Carry = 0, -1, nil
	names, err := firstRecord([]codec.Input{in}, r.o)
	r.guesser.carry.Header = names
	return err
}
