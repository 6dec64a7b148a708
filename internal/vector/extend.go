package vector

import "github.com/streamctl/streamctl/internal/types"

// Extend grows a flat vector to n values and keeps the existing ones; the new values are undefined and not NULL. The children of a struct grow with
// it. It serves the children of arrays and maps, whose length is not known in advance.
func (v *Vector) Extend(n int) {
	if n <= v.n {
		return
	}
	switch v.Type.Kind.Storage() {
	case types.KindBoolean:
		v.Bool = extend(v.Bool, n, v.Most())
	case types.KindByte:
		v.I8 = extend(v.I8, n, v.Most())
	case types.KindShort:
		v.I16 = extend(v.I16, n, v.Most())
	case types.KindInt:
		v.I32 = extend(v.I32, n, v.Most())
	case types.KindLong:
		v.I64 = extend(v.I64, n, v.Most())
	case types.KindFloat:
		v.F32 = extend(v.F32, n, v.Most())
	case types.KindDouble:
		v.F64 = extend(v.F64, n, v.Most())
	case types.KindDecimal:
		v.Dec = extend(v.Dec, n, v.Most())
	case types.KindInterval:
		v.Cal = extend(v.Cal, n, v.Most())
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary, types.KindVariant, types.KindArray, types.KindMap:
		v.Views = extend(v.Views, n, v.Most())
	case types.KindStruct:
		for _, c := range v.Children {
			c.Extend(n)
		}
	}
	if v.Valid != nil {
		v.Valid = v.Valid.extend(v.n, n)
	}
	v.n = n
}

// extend grows a bitmap from old to n bits; the new ones are set.
func (b Bitmap) extend(old, n int) Bitmap {
	b = extend(b[:(old+63)/64], (n+63)/64, MaxBytes)
	if r := uint(old) & 63; r != 0 {
		b[old>>6] |= ^uint64(0) << r
	}
	for i := (old + 63) / 64; i < len(b); i++ {
		b[i] = ^uint64(0)
	}
	return b
}
