package unsaferow

import (
	"github.com/streamctl/streamctl/internal/decimal"
	"github.com/streamctl/streamctl/internal/types"
)

// Check returns the error that Append would return for a row, apart from that for a column that is too large.
func (d *Decoder) Check(row []byte) error {
	r, err := openRow(row, len(d.parts))
	if err != nil || d.any {
		return err
	}
	for k := range d.parts {
		if err := r.check(k, &d.parts[k]); err != nil {
			return err
		}
	}
	return nil
}

// takesAny reports whether every slot is a valid value.
func (o op) takesAny() bool { return o.inSlot() && o != opVoid && o != opDecimal }

// check checks field or element k.
func (o *opened) check(k int, p *part) error {
	switch {
	case o.isNull(k) || p.op.takesAny():
		return nil
	case p.op == opVoid:
		return errVoid
	}
	slot := little.Uint64(o.data[o.slot+o.step*k:])
	if p.op == opDecimal {
		return fits(decimal.FromInt64(int64(slot)), p.typ)
	}
	b, err := o.part(slot, p)
	if err != nil {
		return err
	}
	switch p.op {
	case opBytes:
		return isBytes(b, p.typ)
	case opWide:
		_, err = readWide(b, p.typ)
	case opInterval:
		return isInterval(b)
	case opStruct:
		r, err := openRow(b, len(p.parts))
		for k := 0; k < len(p.parts) && err == nil; k++ {
			err = r.check(k, &p.parts[k])
		}
		return err
	case opArray:
		_, err = checkArray(b, &p.parts[0])
	case opMap:
		err = checkMap(b, p)
	}
	return err
}

func checkArray(b []byte, p *part) (int, error) {
	a, n, err := openArray(b, p)
	if err != nil || p.op.takesAny() {
		return n, err
	}
	for k := range n {
		if err := a.check(k, p); err != nil {
			return 0, err
		}
	}
	return n, nil
}

func checkMap(b []byte, p *part) error {
	keys, values, err := openMap(b)
	if err != nil {
		return err
	}
	n, err := checkArray(keys, &p.parts[0])
	if err != nil {
		return err
	}
	m, err := checkArray(values, &p.parts[1])
	if err == nil && m != n {
		return unequal(n, m)
	}
	return err
}

var errVoid = malformed("a value of type void that is not NULL")

func unequal(keys, values int) error {
	return malformed("a map of %d keys and %d values", keys, values)
}

// openMap returns the arrays of the keys and values.
func openMap(b []byte) (keys, values []byte, err error) {
	if len(b) < 8 || little.Uint64(b) > uint64(len(b)-8) {
		return nil, nil, malformed("a map of %d bytes", len(b))
	}
	end := 8 + int(little.Uint64(b))
	return b[8:end], b[end:], nil
}

func fits(d decimal.Int128, t *types.Type) error {
	if !decimal.Fits(d, t.Precision) {
		return malformed("the decimal %s does not fit into %s", d, t)
	}
	return nil
}

func readWide(b []byte, t *types.Type) (decimal.Int128, error) {
	if len(b) == 0 || len(b) > wideSize {
		return decimal.Int128{}, malformed("a decimal of %d bytes", len(b))
	}
	d := readShortest(b)
	return d, fits(d, t)
}

func isInterval(b []byte) error {
	if len(b) != wideSize {
		return malformed("an interval of %d bytes", len(b))
	}
	return nil
}

// isBytes checks the value of a string, binary or variant.
func isBytes(b []byte, t *types.Type) error {
	if t.Kind == types.KindVariant && (len(b) < 4 || uint64(little.Uint32(b)) > uint64(len(b)-4)) {
		return malformed("a variant of %d bytes", len(b))
	}
	return nil
}
