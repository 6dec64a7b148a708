package coerce

import (
	"strings"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// A Param describes what a function accepts at one position (Spark: AbstractDataType).
type Param struct {
	text     string // as printed in errors
	exact    *types.Type
	accepts  func(*types.Type) bool
	fallback *types.Type // type of an untyped NULL; nil: VOID is accepted
	oneOf    []Param
	elem     *Param // arrays: requirement for the elements
}

// Parameters that several functions use.
var (
	Any          = Param{text: `"ANY"`, accepts: func(*types.Type) bool { return true }}
	Boolean      = Exactly(types.Boolean)
	Byte         = Exactly(types.Byte)
	Short        = Exactly(types.Short)
	Int          = Exactly(types.Int)
	Long         = Exactly(types.Long)
	Float        = Exactly(types.Float)
	Double       = Exactly(types.Double)
	String       = Exactly(types.String)
	Binary       = Exactly(types.Binary)
	Date         = Exactly(types.Date)
	Timestamp    = Exactly(types.Timestamp)
	TimestampNTZ = Exactly(types.TimestampNTZ)
	Interval     = Exactly(types.Interval)
	Variant      = Exactly(types.Variant)
	YearMonth    = Param{text: `"INTERVAL YEAR TO MONTH"`, accepts: isKind(types.KindYearMonth), fallback: types.YearMonthOf(types.Year, types.Month)}
	DayTime      = Param{text: `"INTERVAL DAY TO SECOND"`, accepts: isKind(types.KindDayTime), fallback: types.DayTimeOf(types.Day, types.Second)}
	Numeric      = Param{text: `"NUMERIC"`, accepts: (*types.Type).IsNumeric, fallback: types.Double}
	Integral     = Param{text: `"INTEGRAL"`, accepts: (*types.Type).IsIntegral, fallback: types.Int}
	AnyDecimal   = Param{text: `"DECIMAL"`, accepts: isKind(types.KindDecimal), fallback: types.DecimalOf(maxPrecision, 18)}
	AnyArray     = Param{text: `"ARRAY"`, accepts: isKind(types.KindArray), fallback: types.ArrayOf(types.Void, true)}
	AnyMap       = Param{text: `"MAP"`, accepts: isKind(types.KindMap), fallback: types.MapOf(types.Void, types.Void, true)}
	AnyStruct    = Param{text: `"STRUCT"`, accepts: isKind(types.KindStruct), fallback: types.StructOf()}
	AnyTimestamp = Param{text: `"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)"`, accepts: isTimestamp, fallback: types.Timestamp}
	// TimeOrNull takes an untyped NULL as it is, since nothing is cast to TIME.
	TimeOrNull = Param{text: `"TIME"`, accepts: func(t *types.Type) bool { return t.Kind == types.KindTime || t.Kind == types.KindVoid }}
	// NanosTimestamp represents Spark's nanosecond timestamps, which exist only in its error texts.
	NanosTimestamp = Param{text: `"(TIMESTAMP_LTZ(P) OR TIMESTAMP_NTZ(P) WITH P IN [7, 9])"`, accepts: func(*types.Type) bool { return false }}
)

// Exactly returns a parameter of one type.
func Exactly(t *types.Type) Param { return Param{text: quoteType(t), exact: t, fallback: t} }

// OneOf returns a parameter of several types. Other arguments are cast to the type closest to all those they can be cast to.
func OneOf(ps ...Param) Param {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.text
	}
	return Param{text: "(" + strings.Join(texts, " or ") + ")", oneOf: ps}
}

// ArrayOf returns a parameter for arrays whose elements match elem.
func ArrayOf(elem Param) Param {
	p := Param{text: `"ARRAY<` + strings.Trim(elem.text, `"`) + `>"`, elem: &elem}
	if elem.exact != nil {
		p.fallback = types.ArrayOf(elem.exact, true)
	}
	return p
}

func isKind(k types.Kind) func(*types.Type) bool {
	return func(t *types.Type) bool { return t.Kind == k }
}

// Text returns the parameter as errors print it.
func (p Param) Text() string { return p.text }

// Accepts reports whether an argument of type t needs no cast.
func (p Param) Accepts(t *types.Type) bool {
	switch {
	case p.oneOf != nil:
		for _, q := range p.oneOf {
			if q.Accepts(t) {
				return true
			}
		}
		return false
	case p.elem != nil:
		return t.Kind == types.KindArray && p.elem.Accepts(t.Elem)
	case p.exact != nil:
		return p.exact.SameShape(t) || p.exact.IsText() && t.IsText()
	}
	return p.accepts(t)
}

// convert returns the type to which an argument is implicitly cast, or nil if there is none. (Spark:
// AnsiTypeCoercion.implicitCast.)
func (p Param) convert(from *types.Type) *types.Type {
	switch {
	case p.Accepts(from):
		return from
	case p.oneOf != nil:
		if t := p.nearest(from); t != nil || from.Kind != types.KindVoid {
			return t
		}
		return p.nullType()
	case from.Kind == types.KindVoid:
		return p.fallback
	case p.elem != nil:
		return p.convertArray(from)
	case p.exact != nil:
		return convertExact(from, p.exact)
	case from.IsText():
		return p.convertText()
	case p.text == AnyDecimal.text && from.IsNumeric():
		return DecimalFor(from)
	case p.text == AnyTimestamp.text && from.Kind == types.KindDate:
		return types.Timestamp
	}
	return nil
}

func (p Param) convertText() *types.Type {
	switch p.text {
	case Numeric.text:
		return types.Double
	case AnyDecimal.text:
		return types.DecimalOf(maxPrecision, 18)
	case AnyTimestamp.text:
		return types.Timestamp
	}
	return nil
}

// convertArray casts arrays of strings only to other arrays of strings, although strings are cast to anything.
func (p Param) convertArray(from *types.Type) *types.Type {
	if from.Kind != types.KindArray || from.Elem.IsText() && !p.elem.Accepts(from.Elem) {
		return nil
	}
	if elem := p.elem.convert(from.Elem); elem != nil {
		return types.ArrayOf(elem, from.ContainsNull || ForceNullable(from.Elem, elem))
	}
	return nil
}

func convertExact(from, to *types.Type) *types.Type {
	if from.IsText() && to.Elem == nil && to.Fields == nil && to.Kind != types.KindInterval || canStoreAssign(from, to) {
		return to
	}
	return nil
}

// nearest returns the alternative that can itself be cast to all others that the argument can be cast to.
func (p Param) nearest(from *types.Type) *types.Type {
	var targets []*types.Type
	for _, q := range p.oneOf {
		if t := q.convert(from); t != nil {
			targets = append(targets, t)
		}
	}
	for _, t := range targets {
		all, double := true, false
		for _, u := range targets {
			all = all && Exactly(u).convert(t) != nil
			double = double || u.Kind == types.KindDouble
		}
		if all && t.Kind == types.KindFloat && double {
			return types.Double
		}
		if all {
			return t
		}
	}
	return nil
}

// canStoreAssign reports whether arguments of one type may be converted to the other (Spark: Cast.canANSIStoreAssign).
func canStoreAssign(from, to *types.Type) bool {
	switch {
	case from.SameShape(to), from.Kind == types.KindVoid, from.IsNumeric() && to.IsNumeric():
		return true
	case to.IsText():
		return from.Elem == nil && from.Fields == nil
	case isDateOrTimestamp(from) && isDateOrTimestamp(to):
		return true
	case from.Kind != to.Kind || len(from.Fields) != len(to.Fields):
		return false
	}
	switch from.Kind {
	case types.KindArray:
		return (!from.ContainsNull || to.ContainsNull) && canStoreAssign(from.Elem, to.Elem)
	case types.KindMap:
		return (!from.ContainsNull || to.ContainsNull) && canStoreAssign(from.Key, to.Key) && canStoreAssign(from.Elem, to.Elem)
	case types.KindStruct:
		for i, f := range from.Fields {
			if f.Nullable && !to.Fields[i].Nullable || !canStoreAssign(f.Type, to.Fields[i].Type) {
				return false
			}
		}
		return true
	}
	return false
}

// Params implicitly casts the arguments of a call to its parameters; the last parameter repeats for further arguments. The
// error is DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE. (Spark: ImplicitCastInputTypes.)
func Params(call *expr.Expr, params ...Param) error {
	args := make([]*expr.Expr, len(call.Args))
	for i, a := range call.Args {
		args[i] = a
		if t := params[min(i, len(params)-1)].convert(a.Type); t != nil {
			args[i] = Cast(a, t)
		}
	}
	call.Args = args
	return check(call, params)
}

// Expects is Params without casts, except for untyped NULLs. (Spark: ExpectsInputTypes.)
func Expects(call *expr.Expr, params ...Param) error {
	args := make([]*expr.Expr, len(call.Args))
	for i, a := range call.Args {
		p := params[min(i, len(params)-1)]
		args[i] = a
		if a.Type.Kind == types.KindVoid && !p.Accepts(a.Type) {
			args[i] = Cast(a, p.nullType())
		}
	}
	call.Args = args
	return check(call, params)
}

func (p Param) nullType() *types.Type {
	switch {
	case p.oneOf != nil:
		return p.oneOf[0].nullType()
	case p.fallback == nil:
		return types.Void
	}
	return p.fallback
}

func check(call *expr.Expr, params []Param) error {
	for i, a := range call.Args {
		if p := params[min(i, len(params)-1)]; !p.Accepts(a.Type) {
			return UnexpectedInput(call, i, p.text)
		}
	}
	return nil
}

// listed contains the functions whose DATA_DIFF_TYPES error lists types in brackets; the others print alternatives.
var listed = map[string]bool{"if": true, "greatest": true, "least": true, "in": true, "casewhen": true}

// SameType casts Args[from:] to their common type and returns it; the error is DATATYPE_MISMATCH.DATA_DIFF_TYPES.
func SameType(call *expr.Expr, from int) (*types.Type, error) { return sameType(call, from, Widest) }

// SameTypeWithoutStrings is SameType without conversion of strings to other types.
func SameTypeWithoutStrings(call *expr.Expr, from int) (*types.Type, error) {
	return sameType(call, from, WidestWithoutStrings)
}

func sameType(call *expr.Expr, from int, common func(a, b *types.Type) *types.Type) (*types.Type, error) {
	t := fold(common, Types(call.Args[from:]))
	if t == nil {
		return nil, DifferentTypes(call, call.Fn.Name, call.Args[from:])
	}
	call.Args = castFrom(call.Args, from, t)
	return t, nil
}

func castFrom(args []*expr.Expr, from int, t *types.Type) []*expr.Expr {
	out := append([]*expr.Expr(nil), args...)
	for i := from; i < len(out); i++ {
		out[i] = Cast(out[i], mergeNulls(out[i].Type, t))
	}
	return out
}

// mergeNulls keeps the type of an argument that differs from the common type only in the nullability of nested parts. Such
// arguments are not cast.
func mergeNulls(have, common *types.Type) *types.Type {
	if have.SameShape(common) {
		return have
	}
	return common
}

// DifferentTypes returns the error DATATYPE_MISMATCH.DATA_DIFF_TYPES for a function with the given arguments.
func DifferentTypes(call *expr.Expr, function string, args []*expr.Expr) error {
	if function == "case" {
		function = "casewhen"
	}
	list := "(" + quoteTypes(args, " or ") + ")"
	if listed[function] {
		list = "[" + quoteTypes(args, ", ") + "]"
	}
	return Mismatch(call, "DATA_DIFF_TYPES", "functionName", "`"+function+"`", "dataType", list)
}

// Concat resolves || and concat: arrays get a common type, binaries stay binary if all operands are, and other operands are
// cast to STRING.
func Concat(call *expr.Expr) error {
	args, arrays, binary := call.Args, 0, len(call.Args) > 0
	for _, a := range args {
		if a.Type.Kind == types.KindArray {
			arrays++
		}
		binary = binary && a.Type.Kind == types.KindBinary
	}
	switch {
	case len(args) == 0:
		Returns(call, types.String)
		return nil
	case binary:
		Returns(call, types.Binary)
		return nil
	case arrays == len(args):
		t, err := SameType(call, 0)
		if err == nil {
			Returns(call, t)
		}
		return err
	}
	call.Args = make([]*expr.Expr, len(args))
	for i, a := range args {
		call.Args[i] = a
		if t := String.convert(a.Type); t != nil {
			call.Args[i] = Cast(a, t)
		}
	}
	return checkConcat(call)
}

func checkConcat(call *expr.Expr) error {
	for i, a := range call.Args {
		switch {
		case !a.Type.IsText() && a.Type.Kind != types.KindArray:
			return UnexpectedInput(call, i, `("STRING" or "BINARY" or "ARRAY")`)
		case a.Type.Kind != call.Args[0].Type.Kind:
			return DifferentTypes(call, "concat", call.Args)
		}
	}
	Returns(call, call.Args[0].Type)
	return nil
}
