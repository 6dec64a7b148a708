package function

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/bits"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/hash"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// randomFunctions return random values. Each partition of each batch has a separate seed, which is reused if the batch is
// repeated.
func randomFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "rand", Aliases: []string{"random"}, Group: "math_funcs", Usage: "rand([seed])", Doc: "A random number in [0, 1).",
			MinArgs: 0, MaxArgs: 1, Operands: seesNulls, Nondeterministic: true, Resolve: resolveRand, Compile: compileRand((*xorShift).double), SQL: always("rand"),
		},
		{
			Name: "randn", Group: "math_funcs", Usage: "randn([seed])", Doc: "A random number from the standard normal distribution.",
			MinArgs: 0, MaxArgs: 1, Operands: seesNulls, Nondeterministic: true, Resolve: resolveRand, Compile: compileRand((*xorShift).gaussian),
		},
		{
			Name: "uniform", Group: "math_funcs", Usage: "uniform(min, max[, seed])", Doc: "A random number between min and max, of their type.",
			MinArgs: 2, MaxArgs: 3, Operands: seesNulls, Nondeterministic: true, Resolve: resolveUniform, Compile: compileUniform,
		},
		{
			Name: "randstr", Group: "string_funcs", Usage: "randstr(length[, seed])", Doc: "A string of random digits and letters.",
			MinArgs: 1, MaxArgs: 2, Operands: seesNulls, Nondeterministic: true, Resolve: resolveRandstr, Compile: compileRandstr,
		},
		{
			Name: "uuid", Group: "misc_funcs", Usage: "uuid([seed])", Doc: "A random universally unique identifier.",
			MinArgs: 0, MaxArgs: 1, Nondeterministic: true, Resolve: resolveUUID, Compile: compileUUID,
		},
	}
}

// An xorShift is Spark's random number generator. (Spark: XORShiftRandom.)
type xorShift struct {
	seed uint64
	next float64 // second of a pair of normally distributed numbers
	has  bool
}

// newXorShift spreads a seed over all bits by two rounds of Murmur3.
func newXorShift(seed int64) *xorShift {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(seed))
	low := hash.Murmur3Bytes(b[:], 0x3c074a61)
	high := hash.Murmur3Bytes(b[:], low)
	return &xorShift{seed: uint64(high)<<32 | uint64(low)}
}

func (x *xorShift) bits(n uint) uint64 {
	s := x.seed
	s ^= s << 21
	s ^= s >> 35
	s ^= s << 4
	x.seed = s
	return s & (1<<n - 1)
}

func (x *xorShift) double() float64 { return float64(x.bits(26)<<27+x.bits(27)) * 0x1p-53 }

// gaussian uses the polar method of java.util.Random.
func (x *xorShift) gaussian() float64 {
	if x.has {
		x.has = false
		return x.next
	}
	for {
		v1, v2 := 2*x.double()-1, 2*x.double()-1
		if s := v1*v1 + v2*v2; s < 1 && s != 0 {
			scale := math.Sqrt(-2 * javaLog(s) / s)
			x.next, x.has = v2*scale, true
			return v1 * scale
		}
	}
}

// resolveRand stores the constant seed in Data; NULL is 0.
func resolveRand(call *expr.Expr) error {
	if err := resolveSeed(call, 0); err != nil {
		return err
	}
	call.Type, call.Nullable = types.Double, false
	return nil
}

func resolveSeed(call *expr.Expr, at int) error {
	if len(call.Args) <= at {
		return nil
	}
	seed := call.Args[at]
	if !seed.Type.IsIntegral() && seed.Type.Kind != types.KindVoid {
		return coerce.UnexpectedInput(call, at, `("INT" or "BIGINT")`)
	}
	v, err := fold(coerce.Explicit(seed, types.Long, false))
	switch {
	case err != nil:
		return err
	case v == nil && at == 0:
		return sparkerr.New("SEED_EXPRESSION_IS_UNFOLDABLE", "seedExpr", `"`+seed.SQL()+`"`, "exprWithSeed", `"`+call.SQL()+`"`)
	case v == nil:
		return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`seed`", "inputType", `"BIGINT"`, "inputExpr", `"`+seed.SQL()+`"`)
	case v.IsNull(0):
		call.Data = int64(0)
	default:
		call.Data = v.I64[0]
	}
	return nil
}

// A dice provides the generator for the current batch.
type dice struct {
	call *expr.Expr
	next restart
	x    *xorShift
}

func (d *dice) of(ctx *expr.Context) *xorShift {
	if d.next.due(ctx) {
		d.x = newXorShift(d.seed(ctx))
	}
	return d.x
}

// seed returns the seed of the call, or one derived from call and batch; it differs by partition.
func (d *dice) seed(ctx *expr.Context) int64 {
	seed, given := d.call.Data.(int64)
	if !given {
		seed = d.place() ^ spread(ctx.BatchID)
	}
	return seed + int64(ctx.Partition)
}

// spread distributes the bits of a number over 64 bits, as a round of xxHash64 does.
func spread(n int64) int64 {
	return int64(bits.RotateLeft64(uint64(n)*0x9E3779B185EBCA87, 31) * 0xC2B2AE3D27D4EB4F)
}

// place returns a number for the position of the call in the user's text, so that two calls differ.
func (d *dice) place() int64 {
	h := fnv.New64a()
	if o := d.call.Origin; o != nil {
		h.Write([]byte(o.Text))
		if o.Place != nil {
			h.Write([]byte(o.Place.Path))
		}
	}
	h.Write(strconv.AppendInt(nil, int64(d.call.Span.Start), 10))
	return int64(h.Sum64())
}

func compileRand(draw func(*xorShift) float64) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		d := dice{call: call}
		return rowKernel(func(r *row) error {
			r.setDouble(draw(d.of(r.ctx)))
			return nil
		}), nil
	}
}

// resolveUniform requires constant numeric bounds. The result has the wider of their types, where FLOAT is wider than any
// numeric type except DOUBLE. (Spark: Uniform.dataType.)
func resolveUniform(call *expr.Expr) error {
	for i, a := range call.Args[:2] {
		if !a.Type.IsNumeric() && a.Type.Kind != types.KindVoid {
			return coerce.UnexpectedInput(call, i, `"INTEGER" or "FLOATING-POINT"`)
		}
		if v, err := fold(a); v == nil || err != nil {
			return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", []string{"`min`", "`max`"}[i], "inputType", `"NUMERIC"`,
				"inputExpr", `"`+a.SQL()+`"`)
		}
	}
	if err := resolveSeed(call, 2); err != nil {
		return err
	}
	from, to := call.Args[0].Type, call.Args[1].Type
	switch {
	case from.Kind == types.KindDouble || to.Kind == types.KindDouble:
		call.Type = types.Double
	case from.Kind == types.KindFloat || to.Kind == types.KindFloat:
		call.Type = types.Float
	case from.Kind == types.KindVoid || to.Kind == types.KindVoid:
		call.Type = types.Double
	case to.Kind == types.KindDecimal:
		call.Type = to
	case from.Kind == types.KindDecimal:
		call.Type = from
	default:
		call.Type = coerce.WidestOf(from, to)
	}
	call.Nullable = false // not even for a NULL bound
	return nil
}

// compileUniform computes in DOUBLE and casts to the result type.
func compileUniform(call *expr.Expr) (expr.Kernel, error) {
	var ends [2]float64
	for i, a := range call.Args[:2] {
		v, err := fold(coerce.Explicit(a, types.Double, false))
		if err != nil {
			return nil, err
		}
		if v.IsNull(0) {
			return rowKernel(func(r *row) error { r.setNull(); return nil }), nil
		}
		ends[i] = v.F64[0]
	}
	d := dice{call: call}
	source := vector.NewConst(types.Double)
	convert, err := castKernel(types.Double, call.Type)
	if err != nil {
		return nil, err
	}
	return rowKernel(func(r *row) error {
		source.F64[0] = ends[0] + d.of(r.ctx).double()*(ends[1]-ends[0])
		return convert(r, source)
	}), nil
}

const (
	randomChars = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	hexChars    = "0123456789abcdef"
)

func resolveRandstr(call *expr.Expr) error {
	args := call.Args
	call.Args = args[:1]
	err := coerce.Params(call, coerce.Int)
	call.Args = append([]*expr.Expr{call.Args[0]}, args[1:]...)
	if err != nil {
		return err
	}
	length, err := fold(call.Args[0])
	switch {
	case err != nil:
		return err
	case length == nil:
		return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`length`", "inputType", `"INT"`, "inputExpr", `"`+call.Args[0].SQL()+`"`)
	case !length.IsNull(0) && length.I32[0] < 0:
		return coerce.Mismatch(call, "VALUE_OUT_OF_RANGE", "exprName", "`length`", "valueRange", "[0, 2147483647]", "currentValue", strconv.Itoa(int(length.I32[0])))
	}
	if err := resolveSeed(call, 1); err != nil {
		return err
	}
	call.Type, call.Nullable = types.String, false
	return nil
}

// compileRandstr treats a NULL length as 0, as Spark does.
func compileRandstr(call *expr.Expr) (expr.Kernel, error) {
	d := dice{call: call}
	return eachTextOr(func(r *row, dst []byte) ([]byte, error) {
		if r.isNull(0) {
			return dst, nil
		}
		r.fits(dst, r.int(0))
		for range r.int(0) {
			r.Take(1)
			n := int32(d.of(r.ctx).bits(32)) % 62
			dst = append(dst, randomChars[max(n, -n)])
		}
		return dst, nil
	})(call)
}

func resolveUUID(call *expr.Expr) error {
	if len(call.Args) > 0 {
		if err := literalSeed(call, "UUID", call.Args[0]); err != nil {
			return err
		}
	}
	call.Args = nil
	coerce.Returns(call, types.String)
	return nil
}

// literalSeed stores a seed written as a number in Data; NULL means that there is none.
func literalSeed(call *expr.Expr, name string, seed *expr.Expr) error {
	switch literal := seed.Kind == expr.Literal; {
	case literal && seed.Type.Kind == types.KindVoid:
	case literal && seed.Type.Kind == types.KindInt:
		call.Data = int64(seed.Value.I32[0])
	case literal && seed.Type.Kind == types.KindLong:
		call.Data = seed.Value.I64[0]
	default:
		return sparkerr.New("INVALID_PARAMETER_VALUE.LONG", "parameter", "`seed`", "functionName", "`"+name+"`", "invalidValue", `"`+seed.SQL()+`"`)
	}
	return nil
}

// compileUUID sets the version and variant bits of a random UUID (RFC 9562, v4). (Spark: RandomUUIDGenerator.)
func compileUUID(call *expr.Expr) (expr.Kernel, error) {
	d := dice{call: call}
	var twister mersenneTwister
	return eachText(func(r *row, dst []byte) []byte {
		if d.next.due(r.ctx) {
			twister = newMersenneTwister(d.seed(r.ctx))
		}
		var id [16]byte
		for i := 0; i < len(id); i += 4 {
			binary.BigEndian.PutUint32(id[i:], twister.uint32())
		}
		id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
		for i, b := range id {
			switch i {
			case 4, 6, 8, 10:
				dst = append(dst, '-')
			}
			dst = append(dst, hexChars[b>>4], hexChars[b&15])
		}
		return dst
	})(call)
}
