package vector

import "github.com/streamctl/streamctl/internal/types"

// Assemble makes v a flat array, map or struct vector of n values over children that already hold their values. The values of an array or map are
// undefined until Views is filled. v has no NULLs.
func (v *Vector) Assemble(t *types.Type, n int, children ...*Vector) {
	v.Type, v.n, v.flatMask, v.Valid = t, n, -1, nil
	v.Children = append(v.Children[:0], children...)
	if t.Kind != types.KindStruct {
		v.Views = grow(v.Views, n)
	}
}
