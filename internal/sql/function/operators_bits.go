package function

import (
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

func compileBits(t *types.Type, op string) (expr.Kernel, error) {
	switch t.Kind {
	case types.KindByte:
		return binaryKernel(bitsOp[int8](op), vector.Int8s, nil), nil
	case types.KindShort:
		return binaryKernel(bitsOp[int16](op), vector.Int16s, nil), nil
	case types.KindInt:
		return binaryKernel(bitsOp[int32](op), vector.Int32s, nil), nil
	case types.KindLong:
		return binaryKernel(bitsOp[int64](op), vector.Int64s, nil), nil
	}
	return nil, sparkerr.Internal("no %s on %s", op, t)
}

func bitsOp[T kernel.Integer](op string) kernel.Op[T] {
	switch op {
	case "&":
		return kernel.Op[T]{One: func(a, b T) (T, bool) { return a & b, true }}
	case "|":
		return kernel.Op[T]{One: func(a, b T) (T, bool) { return a | b, true }}
	}
	return kernel.Op[T]{One: func(a, b T) (T, bool) { return a ^ b, true }}
}

func compileNotBits(call *expr.Expr) (expr.Kernel, error) {
	switch call.Type.Kind {
	case types.KindByte:
		return notBits(vector.Int8s), nil
	case types.KindShort:
		return notBits(vector.Int16s), nil
	case types.KindInt:
		return notBits(vector.Int32s), nil
	}
	return notBits(vector.Int64s), nil
}

func notBits[T kernel.Integer](slice func(*vector.Vector) []T) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		x, y := slice(args[0]), slice(out)
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			y[i] = ^x[args[0].At(i)]
		}
		return nil
	}
}

// compileShift counts the distance modulo the width of the type, as Java does.
func compileShift(t *types.Type, op string) (expr.Kernel, error) {
	if t.Kind == types.KindLong {
		return shiftKernel(vector.Int64s, 63, func(a int64, by uint) int64 {
			switch op {
			case "<<":
				return a << by
			case ">>":
				return a >> by
			}
			return int64(uint64(a) >> by)
		}), nil
	}
	return shiftKernel(vector.Int32s, 31, func(a int32, by uint) int32 {
		switch op {
		case "<<":
			return a << by
		case ">>":
			return a >> by
		}
		return int32(uint32(a) >> by)
	}), nil
}

func shiftKernel[T kernel.Integer](slice func(*vector.Vector) []T, mask int32, shift func(T, uint) T) expr.Kernel {
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		x, y := slice(args[0]), slice(out)
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			y[i] = shift(x[args[0].At(i)], uint(args[1].I32[args[1].At(i)]&mask))
		}
		return nil
	}
}
