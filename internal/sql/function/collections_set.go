package function

import (
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// arraySetFunctions treat arrays as sets; items keep the order of their first occurrence.
func arraySetFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "array_distinct", Group: "array_funcs", Usage: "array_distinct(array)", Doc: "The array without duplicates.",
			Example: "array_distinct(array(1, 2, 3, null, 3))", Result: "[1, 2, 3, NULL]", MinArgs: 1, MaxArgs: 1,
			Resolve: func(call *expr.Expr) error {
				if err := coerce.Params(call, coerce.AnyArray); err != nil {
					return err
				}
				if err := coerce.CheckOrdering(call, call.Args[0].Type.Elem, call.Fn.Name); err != nil {
					return err
				}
				coerce.Returns(call, call.Args[0].Type)
				return nil
			},
			Compile: compileSet(func(s *setRow) { s.addNew(0, func(*vector.Vector, int) bool { return true }) }),
		},
		arraySet("array_union", "The union of the arrays, without duplicates.", "[1, 2, 3, 5]",
			func(a, b *types.Type) bool { return a.ContainsNull || b.ContainsNull },
			func(s *setRow) {
				s.addNew(0, func(*vector.Vector, int) bool { return true })
				s.addNew(1, func(*vector.Vector, int) bool { return true })
			}),
		arraySet("array_intersect", "The intersection of the arrays, without duplicates.", "[1, 3]",
			func(a, b *types.Type) bool { return a.ContainsNull && b.ContainsNull },
			func(s *setRow) { s.addNew(0, s.inOther) }),
		arraySet("array_except", "The items of the first array that are not in the second, without duplicates.", "[2]",
			func(a, _ *types.Type) bool { return a.ContainsNull },
			func(s *setRow) {
				s.addNew(0, func(v *vector.Vector, i int) bool { return !s.inOther(v, i) })
			}),
	}
}

func arraySet(name, doc, result string, containsNull func(a, b *types.Type) bool, run func(s *setRow)) *expr.Function {
	return &expr.Function{
		Name: name, Group: "array_funcs", Usage: name + "(array1, array2)", Doc: doc,
		Example: name + "(array(1, 2, 3), array(1, 3, 5))", Result: result, MinArgs: 2, MaxArgs: 2,
		Resolve: func(call *expr.Expr) error {
			if err := resolveArrays(call); err != nil {
				return err
			}
			a, b := call.Args[0].Type, call.Args[1].Type
			coerce.Returns(call, types.ArrayOf(a.Elem, containsNull(a, b)))
			return nil
		},
		Compile: compileSet(run),
	}
}

// A setRow computes a set function for one row. NULL is an ordinary item.
type setRow struct {
	*row
	met, other itemSet
}

func compileSet(run func(s *setRow)) compiler {
	return func(*expr.Expr) (expr.Kernel, error) {
		s := &setRow{}
		return rowKernel(func(r *row) error {
			s.row = r
			s.met.reset(&r.Steps)
			s.other.reset(&r.Steps)
			if len(r.args) > 1 {
				items, off, n := r.list(1)
				for k := off; k < off+n; k++ {
					s.other.add(items, k)
				}
			}
			from := r.listStart()
			run(s)
			r.listEnd(from)
			return nil
		}), nil
	}
}

func (s *setRow) inOther(v *vector.Vector, i int) bool {
	_, ok := s.other.find(v, i)
	return ok
}

// addNew appends the wanted items of argument k that have not been added before.
func (s *setRow) addNew(k int, wanted func(v *vector.Vector, i int) bool) {
	items, off, n := s.list(k)
	for i := off; i < off+n; i++ {
		if wanted(items, i) && s.met.add(items, i) {
			s.addItem(items, i)
		}
	}
}
