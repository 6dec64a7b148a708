package function

import (
	"errors"

	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/cast"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/variant"
)

// variantFunctions create variants from JSON and other values, and inspect them.
func variantFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "parse_json", Group: "variant_funcs", Usage: "parse_json(jsonStr)", Doc: "The JSON text as a VARIANT.",
			Example: `parse_json('{"a":1,"b":0.8}')`, Result: `{"a":1,"b":0.8}`, MinArgs: 1, MaxArgs: 1,
			Resolve: expects(types.Variant, coerce.String), Compile: compileParseJSON(false),
			Replace: asNullable,
		},
		{
			Name: "try_parse_json", Group: "variant_funcs", Usage: "try_parse_json(jsonStr)", Doc: "The JSON text as a VARIANT; NULL if it is not JSON.",
			Example: `try_parse_json('{"a":1,')`, Result: "NULL", MinArgs: 1, MaxArgs: 1,
			Resolve: nullable(expects(types.Variant, coerce.String)), Compile: compileParseJSON(true),
		},
		{
			Name: "is_variant_null", Group: "variant_funcs", Usage: "is_variant_null(expr)", Doc: "Whether a VARIANT is a JSON null; false for NULL.",
			Example: "is_variant_null(parse_json('null'))", Result: "true", MinArgs: 1, MaxArgs: 1, Operands: seesNulls,
			Resolve: never(expects(types.Boolean, coerce.Variant)),
			Compile: eachBool(func(r *row) bool { return !r.isNull(0) && r.variant(0).Kind() == variant.Null }),
		},
		{
			Name: "is_valid_variant", Group: "variant_funcs", Usage: "is_valid_variant(expr)", Doc: "Whether the encoding of a VARIANT is valid.",
			Example: "is_valid_variant(parse_json('[1]'))", Result: "true", MinArgs: 1, MaxArgs: 1,
			Resolve: expects(types.Boolean, coerce.Variant), Compile: eachBool(func(*row) bool { return true }), // VARIANTs created here are always valid
		},
		{
			Name: "schema_of_variant", Group: "variant_funcs", Usage: "schema_of_variant(v)", Doc: "The schema of a VARIANT in SQL notation.",
			Example: `schema_of_variant(parse_json('[{"b":true,"a":0}]'))`, Result: "ARRAY<OBJECT<a: BIGINT, b: BOOLEAN>>", MinArgs: 1, MaxArgs: 1,
			Resolve: expects(types.String, coerce.Variant),
			Compile: eachText(func(r *row, dst []byte) []byte { return appendVariantSchema(dst, variantSchema(r.variant(0))) }),
		},
		{
			Name: "to_variant_object", Group: "variant_funcs", Usage: "to_variant_object(expr)", Doc: "A struct, map or array as a VARIANT; structs and maps become objects.",
			Example: "to_variant_object(named_struct('a', 1, 'b', 2))", Result: `{"a":1,"b":2}`, MinArgs: 1, MaxArgs: 1,
			Resolve: resolveToVariantObject, Compile: plainVariant,
		},
		variantGet("variant_get", `variant_get(parse_json('{"a": 1}'), '$.a', 'int')`, "1",
			"The part of a VARIANT at a path, cast to a type, by default VARIANT; NULL if the path does not exist."),
		variantGet("try_variant_get", `try_variant_get(parse_json('[1, "hello"]'), '$[1]', 'int')`, "NULL",
			"Like variant_get, but NULL if the part cannot be cast."),
		{
			Name: "schema_of_variant_agg", Group: "variant_funcs", Usage: "schema_of_variant_agg(v)", Doc: "The common schema of all VARIANTs in a group.",
			Example: `schema_of_variant_agg(parse_json('{"a":1}'))`, Result: "OBJECT<a: BIGINT>", MinArgs: 1, MaxArgs: 1, Aggregate: true,
			Resolve:    never(expects(types.String, coerce.Variant)),
			Accumulate: func(*expr.Expr) (expr.Aggregator, error) { return &variantSchemas{}, nil },
		},
	}
}

// asNullable returns the call as Spark's optimizer sees it, which does not know that it is never NULL. (Spark: StaticInvoke.)
func asNullable(call *expr.Expr) *expr.Expr {
	if call.Nullable {
		return call
	}
	c := *call
	c.Nullable = true
	return &c
}

func (r *row) variant(k int) variant.Value { return variant.Of(r.text(k)) }

// build calls f with a builder and stores the result as the value of the row.
func (r *row) build(b *variant.Builder, f func() error) error {
	b.Reset()
	b.Steps = r.Take
	if err := f(); err != nil {
		return err
	}
	return cast.SetVariant(b, r.out, r.i)
}

// compileParseJSON fails if a text is not JSON or, for try, yields NULL.
func compileParseJSON(try bool) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		var b variant.Builder
		parser := json.NewVariantParser(&b)
		return rowKernel(func(r *row) error {
			parser.Step = func() { r.Take(1) }
			err := r.build(&b, func() error {
				text := javaText(&r.Steps, r.text(0))
				r.Take(1 + len(text)>>10)
				if isGluedNumber(text) {
					return json.ErrNotJSON
				}
				return parser.Parse(text)
			})
			return r.orNull(try, notVariant(err, r.text(0), call.Fn.Name))
		}), nil
	}
}

// notVariant returns the error for a text that parse_json cannot convert.
func notVariant(err error, text []byte, function string) error {
	switch known := cast.VariantError(err, function); {
	case err == nil:
		return nil
	case errors.Is(err, json.ErrNotJSON):
		return malformedJSON(text)
	default:
		return known
	}
}

func malformedJSON(text []byte) *sparkerr.Error {
	return sparkerr.New("MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "badRecord", string(javaText(&halt.Steps{}, text)), "failFastMode", "FAILFAST").
		WithHint("try_parse_json returns NULL for text that is not JSON")
}

// orNull makes the row NULL if the function is a try_ function and the error concerns its value; otherwise it returns the
// error.
func (r *row) orNull(try bool, err error) error {
	var failure *sparkerr.Error
	if !try || !errors.As(err, &failure) {
		return err
	}
	r.setNull()
	return nil
}

func resolveToVariantObject(call *expr.Expr) error {
	t := call.Args[0].Type
	if t.Elem == nil && t.Kind != types.KindStruct || !coerce.CanBeVariant(t, true) {
		return coerce.Mismatch(call, "CAST_WITHOUT_SUGGESTION", "srcType", `"`+t.SQL()+`"`, "targetType", `"VARIANT"`)
	}
	coerce.Returns(call, types.Variant)
	return nil
}

func plainVariant(*expr.Expr) (expr.Kernel, error) { return cast.ToVariant(), nil }

func variantGet(name, example, result, doc string) *expr.Function {
	return &expr.Function{
		Name: name, Group: "variant_funcs", Usage: name + "(v, path[, type])", Doc: doc, Example: example, Result: result,
		MinArgs: 2, MaxArgs: 3, ArgCounts: []int{2, 3}, Resolve: resolveVariantGet, Compile: compileVariantGet,
	}
}

func resolveVariantGet(call *expr.Expr) error {
	t := types.Variant
	if len(call.Args) == 3 {
		var err error
		if t, err = constantSchema(call, 2); err != nil {
			return err
		}
		if t.Has(types.KindChar, types.KindVarchar) {
			return sparkerr.New("UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING")
		}
		call.Args = call.Args[:2]
	}
	if err := coerce.Expects(call, coerce.Variant, coerce.String); err != nil {
		return err
	}
	if !coerce.CanBeVariant(t, true) {
		return coerce.Mismatch(call, "CAST_WITHOUT_SUGGESTION", "srcType", `"VARIANT"`, "targetType", `"`+t.SQL()+`"`)
	}
	call.Type, call.Nullable = t, true
	return nil
}

func compileVariantGet(call *expr.Expr) (expr.Kernel, error) {
	convert, err := cast.NewVariantCast(call.Type, call.Fn.Name == "try_variant_get")
	if err != nil {
		return nil, err
	}
	path := variantPath{condition: "INVALID_VARIANT_GET_PATH", function: call.Fn.Name}
	return rowKernel(func(r *row) error {
		steps, err := path.parse(r.text(1))
		if err != nil {
			return err
		}
		part, ok := r.variant(0).At(steps)
		if !ok {
			r.setNull()
			return nil
		}
		return cast.VariantError(convert.Set(r.ctx, part, r.out, r.out.At(r.i)), call.Fn.Name)
	}), nil
}

// A variantPath caches the path of the last row.
type variantPath struct {
	condition, function string
	text                string
	steps               []variant.Step
	read                bool
	noRoot              bool // the path must have steps
}

func (p *variantPath) parse(text []byte) ([]variant.Step, error) {
	if p.read && p.text == string(text) {
		return p.steps, nil
	}
	steps, ok := variant.ParsePath(string(text))
	if !ok || p.noRoot && len(steps) == 0 {
		return nil, sparkerr.New(p.condition, "path", string(text), "functionName", "`"+p.function+"`").
			WithHint("a path is $ followed by steps such as .name, ['name'] or [0]")
	}
	p.text, p.steps, p.read = string(text), steps, true
	return steps, nil
}
