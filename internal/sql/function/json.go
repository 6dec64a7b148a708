package function

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// jsonFunctions parse and format JSON.
func jsonFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "from_json", Group: "json_funcs", Usage: "from_json(jsonStr, schema[, options])",
			Doc:     "The JSON text as a value with the given schema; fields that cannot be parsed are NULL.",
			Example: `from_json('{"a":1, "b":0.8}', 'a INT, b DOUBLE')`, Result: "{1, 0.8}", MinArgs: 2, MaxArgs: 3,
			Resolve: resolveFrom(checkFromJSON), Compile: compileFromJSON, SQL: fromJSONText,
		},
		{
			Name: "to_json", Group: "json_funcs", Usage: "to_json(expr[, options])", Doc: "A struct, array or map as JSON text.",
			Example: "to_json(named_struct('a', 1, 'b', 2))", Result: `{"a":1,"b":2}`, MinArgs: 1, MaxArgs: 2,
			Resolve: resolveTo(checkToJSON), Compile: compileToJSON, SQL: firstArgument,
		},
		{
			Name: "get_json_object", Group: "json_funcs", Usage: "get_json_object(json_txt, path)",
			Doc:     "The part of a JSON text at a path such as $.a[0].b.",
			Example: `get_json_object('{"a":"b"}', '$.a')`, Result: "b", MinArgs: 2, MaxArgs: 2,
			Resolve: nullable(expects(types.String, coerce.String)), Compile: compileGetJSON, Operands: expr.Operands{Nulls: expr.NullsEvaluate},
		},
		{
			Name: "json_array_length", Group: "json_funcs", Usage: "json_array_length(jsonArray)",
			Doc: "The number of items in a JSON array; NULL for other texts.", Example: "json_array_length('[1,2,3,4]')", Result: "4",
			MinArgs: 1, MaxArgs: 1, Resolve: nullable(expects(types.Int, coerce.String)), Compile: compileJSONLength,
		},
		{
			Name: "json_object_keys", Group: "json_funcs", Usage: "json_object_keys(json_object)",
			Doc: "The member names of a JSON object; NULL for other texts.", Example: `json_object_keys('{"key": "value"}')`, Result: "[key]",
			MinArgs: 1, MaxArgs: 1, Resolve: nullable(expects(types.ArrayOf(types.String, true), coerce.String)), Compile: compileJSONKeys,
		},
		{
			Name: "schema_of_json", Group: "json_funcs", Usage: "schema_of_json(json[, options])", Doc: "The schema of a constant JSON text.",
			Example: `schema_of_json('[{"col":0}]')`, Result: "ARRAY<STRUCT<col: BIGINT>>", MinArgs: 1, MaxArgs: 2,
			Resolve: resolveSchemaOf, Compile: compileSchemaOfJSON, SQL: firstArgument,
		},
		{
			Name: "json_tuple", Group: "generator_funcs", Usage: "json_tuple(jsonStr, p1, p2, ..., pn)",
			Doc:     "A row with the named members of a JSON object, as strings.",
			Example: `json_tuple('{"a":1, "b":2}', 'a', 'b')`, Result: "1 2", MinArgs: 2, MaxArgs: -1, Operands: seesNulls, Generator: true,
			Resolve: resolveJSONTuple, Compile: compileJSONTuple,
		},
	}
}

// fromJSONText is Spark's JsonToStructs.sql.
func fromJSONText(call *expr.Expr, args []string) string {
	if call.Type != nil && call.Type.Kind == types.KindMap {
		return "entries"
	}
	return firstArgument(call, args)
}

// checkFromJSON refuses schemas of from_json.
func checkFromJSON(call *expr.Expr, schema *types.Type) error {
	switch schema.Kind {
	case types.KindStruct, types.KindArray, types.KindMap, types.KindVariant:
	default:
		return coerce.Mismatch(call, "INVALID_JSON_SCHEMA", "schema", `"`+schema.SQL()+`"`)
	}
	if key := otherKey(schema); key != nil {
		return coerce.Mismatch(call, "INVALID_JSON_MAP_KEY_TYPE", "schema", `"`+schema.SQL()+`"`)
	}
	return nil
}

// otherKey returns a map type whose keys are not strings, at any depth.
func otherKey(t *types.Type) *types.Type {
	if t == nil {
		return nil
	}
	if t.Kind == types.KindMap && !t.Key.IsText() {
		return t.Key
	}
	for _, f := range t.Fields {
		if key := otherKey(f.Type); key != nil {
			return key
		}
	}
	return otherKey(t.Elem)
}

func compileFromJSON(call *expr.Expr) (expr.Kernel, error) {
	c, _ := call.Data.(conversion)
	options, err := json.ParseOptions(c.options)
	if err != nil {
		return nil, err
	}
	if err := checkMode("from_json", options.Mode()); err != nil {
		return nil, err
	}
	var reader *json.TextReader
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		if reader == nil {
			if err := codec.CheckCorruptRecord(options.CorruptRecordColumn(), c.schema.Fields); err != nil {
				return err
			}
			scan := &codec.Scan{Zone: ctx.Zone, Now: func() int64 { return ctx.Now }}
			if reader, err = json.NewTextReader(c.schema, options, scan); err != nil {
				return err
			}
		}
		steps := halt.Steps{Stop: ctx.Stop}
		reader.Begin(out)
		defer reader.End()
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			if err := reader.Read(out.At(i), javaText(&steps, args[0].Bytes(i))); err != nil {
				return expr.AtRow(i, err)
			}
		}
		return nil
	}, nil
}

// checkToJSON refuses values of to_json.
func checkToJSON(call *expr.Expr, t *types.Type) error {
	switch t.Kind {
	case types.KindStruct, types.KindArray, types.KindMap, types.KindVariant, types.KindVoid:
		return nil
	}
	return coerce.Mismatch(call, "INVALID_JSON_SCHEMA", "schema", `"`+t.SQL()+`"`)
}

func compileToJSON(call *expr.Expr) (expr.Kernel, error) {
	c, _ := call.Data.(conversion)
	options, err := json.ParseWriteOptions(c.options)
	if err != nil {
		return nil, err
	}
	return printKernel(func(r *row) (printer, error) {
		writer, err := json.NewTextWriter(options, r.ctx.Zone)
		return func(r *row, dst []byte) ([]byte, error) {
			writer.Watch(r.ctx.Stop, r)
			return writer.Append(dst, r.args[0], r.i), nil
		}, err
	}), nil
}

// compileGetJSON caches the path of the last row.
func compileGetJSON(*expr.Expr) (expr.Kernel, error) {
	extractor := json.NewExtractor()
	var text string
	path, isPath := json.ParsePath(text, func() {})
	valid := false // all texts of the current batch are valid UTF-8
	each := rowKernel(func(r *row) error {
		if text != string(r.text(1)) {
			text = string(r.text(1))
			path, isPath = json.ParsePath(text, func() { r.Take(1) })
		}
		input := r.text(0)
		if !valid {
			input = javaText(&r.Steps, input)
		}
		from := len(r.out.Data)
		data, ok := extractor.Extract(r.out.Data, input, path)
		if !ok || !isPath || isGluedNumber(input) {
			r.setNull()
			return nil
		}
		r.out.Data = data
		r.out.CloseBytes(r.i, from)
		return nil
	})
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		valid = togetherValid(args[0], n, sel)
		return each(ctx, n, sel, args, out)
	}, nil
}

// isGluedNumber reports whether a text is a number directly followed by something else. (After other values, Spark's parser
// accepts anything.)
func isGluedNumber(s []byte) bool {
	for len(s) > 0 && json.IsBlank(s[0]) { // not bytes.TrimLeft, which builds a character set for each text
		s = s[1:]
	}
	if len(s) == 0 || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return false
	}
	for i, c := range s {
		if c >= '0' && c <= '9' || c == '.' || i == 0 {
			continue
		}
		before := s[i-1] | 0x20
		if c|0x20 != 'e' && (before != 'e' || c != '+' && c != '-') {
			return !json.IsBlank(c)
		}
	}
	return false
}

func compileJSONLength(*expr.Expr) (expr.Kernel, error) {
	extractor := json.NewExtractor()
	return rowKernel(func(r *row) error {
		n, ok := extractor.Length(r.text(0))
		r.setInt(n)
		if !ok {
			r.setNull()
		}
		return nil
	}), nil
}

func compileJSONKeys(*expr.Expr) (expr.Kernel, error) {
	extractor := json.NewExtractor()
	return rowKernel(func(r *row) error {
		from := r.listStart()
		note := func(name []byte) bool {
			r.listAdd(name)
			return false
		}
		if !extractor.Members(r.text(0), note, nil) {
			r.setNull()
		}
		r.listEnd(from)
		return nil
	}), nil
}

// resolveSchemaOf resolves schema_of_json and schema_of_csv for a constant text.
func resolveSchemaOf(call *expr.Expr) error {
	options, err := constantOptions(call, 1)
	if err != nil {
		return err
	}
	call.Args = call.Args[:1]
	input, format := call.Args[0], strings.TrimPrefix(call.Fn.Name, "schema_of_")
	v, err := fold(input)
	switch {
	case err != nil:
		return err
	case v == nil:
		return coerce.Mismatch(call, "NON_FOLDABLE_INPUT", "inputName", "`"+format+"`", "inputType", `"`+input.Type.SQL()+`"`, "inputExpr", `"`+input.SQL()+`"`)
	}
	if v.IsNull(0) {
		return coerce.Mismatch(call, "UNEXPECTED_NULL", "exprName", "`"+format+"`")
	}
	if err := coerce.Expects(call, coerce.String); err != nil {
		return err
	}
	call.Data = conversion{options: options}
	call.Type, call.Nullable = types.String, false
	return nil
}

func compileSchemaOfJSON(call *expr.Expr) (expr.Kernel, error) {
	c, _ := call.Data.(conversion)
	options, err := json.ParseOptions(c.options)
	if err != nil {
		return nil, err
	}
	return rowKernel(func(r *row) error {
		t, ok, err := json.Infer(r.text(0), options)
		switch {
		case err != nil:
			return err
		case !ok || isGluedNumber(r.text(0)):
			return sparkerr.Plain("the text is not JSON: %.100s", r.text(0))
		}
		r.setString(t.SQL())
		return nil
	}), nil
}

func resolveJSONTuple(call *expr.Expr) error {
	if slices.ContainsFunc(call.Args, isVoid) || coerce.Expects(call, coerce.String) != nil {
		return notStrings(call)
	}
	fields := make([]types.Field, len(call.Args)-1)
	for i := range fields {
		fields[i] = types.Field{Name: "c" + strconv.Itoa(i), Type: types.String, Nullable: true}
	}
	rows(call, fields)
	return nil
}

func isVoid(x *expr.Expr) bool { return x.Type.Kind == types.KindVoid }

// compileJSONTuple returns one row; the last member with a name counts.
func compileJSONTuple(*expr.Expr) (expr.Kernel, error) {
	extractor := json.NewExtractor()
	return rowKernel(func(r *row) error {
		structs, at := r.out.Children[0], r.listStart()
		structs.Extend(at + 1)
		clear := func() {
			for _, column := range structs.Children {
				column.SetNull(at)
			}
		}
		clear()
		r.listEnd(at)
		if r.isNull(0) {
			return nil
		}
		asked := func(name []byte, k int) bool { return !r.isNull(k+1) && bytes.Equal(r.text(k+1), name) }
		ok := extractor.Members(r.text(0), func(name []byte) bool {
			for k := range structs.Children {
				if asked(name, k) {
					return true
				}
			}
			return false
		}, func(name, value []byte) {
			for k, column := range structs.Children {
				if asked(name, k) {
					column.SetBytes(at, value)
					column.Valid.Set(at)
				}
			}
		})
		if !ok {
			clear()
		}
		return nil
	}), nil
}
