package json

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/variant"
)

// ErrNotJSON is the error for text that is not JSON.
var ErrNotJSON = errors.New("the text is not JSON")

// A VariantParser parses JSON texts into variants. (Spark: VariantBuilder.parseJson.)
type VariantParser struct {
	scanner
	*variant.Builder

	Step func() // called for each value unless nil
}

// NewVariantParser returns a parser that builds with b.
func NewVariantParser(b *variant.Builder) *VariantParser { return &VariantParser{Builder: b} }

// Parse builds the variant of a text, which must be valid UTF-8. It ignores text after the value. The error is ErrNotJSON or
// a *variant.DuplicateKey.
func (p *VariantParser) Parse(text []byte) error {
	p.Reset()
	p.buf = append(p.buf[:0], text...)
	p.pos, p.end, p.depth, p.surrogate = 0, len(p.buf), 0, false
	return p.any()
}

func (p *VariantParser) any() error {
	if p.Step != nil {
		p.Step()
	}
	k, view, ok := p.begin()
	if !ok {
		return ErrNotJSON
	}
	switch k {
	case object:
		return p.members()
	case array:
		return p.items()
	case text:
		mark := len(p.buf)
		s, ok := p.quoted()
		if !ok {
			return ErrNotJSON
		}
		p.Text(s)
		p.buf = p.buf[:mark]
	case integer, float:
		p.numeral(k, p.buf[view.Off:view.Off+view.Len])
	case null:
		p.Null()
	default:
		p.Bool(k == boolTrue)
	}
	return nil
}

// quoted reads a string. An unpaired surrogate makes the text malformed.
func (p *VariantParser) quoted() ([]byte, bool) {
	view, ok := p.string()
	return p.buf[view.Off : view.Off+view.Len], ok && !p.surrogate
}

func (p *VariantParser) members() error {
	o := p.Open()
	more, ok := p.open('}')
	for more && ok {
		mark := len(p.buf)
		view, named := p.name()
		if !named || p.surrogate {
			return ErrNotJSON
		}
		p.Key(o, p.buf[view.Off:view.Off+view.Len])
		p.buf = p.buf[:mark]
		if err := p.any(); err != nil {
			return err
		}
		more, ok = p.next('}')
	}
	if !ok {
		return ErrNotJSON
	}
	return p.CloseObject(o)
}

func (p *VariantParser) items() error {
	o := p.Open()
	more, ok := p.open(']')
	for more && ok {
		p.Item(o)
		if err := p.any(); err != nil {
			return err
		}
		more, ok = p.next(']')
	}
	if !ok {
		return ErrNotJSON
	}
	p.CloseArray(o)
	return nil
}

// numeral appends an integer; or a decimal, if the number has no exponent and at most 38 digits; or else a double.
func (p *VariantParser) numeral(k kind, b []byte) {
	if k == integer {
		if n, ok := valuetext.ParseIntegerStrict(b, 64); ok {
			p.Int(n)
			return
		}
	}
	if v, scale, ok := plainDecimal(b); ok {
		p.Decimal(v, scale)
		return
	}
	f, _ := strconv.ParseFloat(string(b), 64) // overflow yields infinity, as in Java
	p.Double(f)
}

// plainDecimal parses a number without an exponent and keeps trailing zeros.
func plainDecimal(b []byte) (v decimal.Int128, scale int, ok bool) {
	if bytes.ContainsAny(b, "eE") {
		return v, 0, false
	}
	v, scale, err := decimal.Parse(b)
	return v, scale, err == nil && scale <= decimal.MaxPrecision
}
