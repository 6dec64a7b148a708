package function

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/xml"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// xmlFunctions parse and format XML.
func xmlFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "from_xml", Group: "xml_funcs", Usage: "from_xml(xmlStr, schema[, options])",
			Doc:     "The XML text, a single element, as a struct with the given schema; fields that cannot be parsed are NULL.",
			Example: "from_xml('<p><a>1</a><b>0.8</b></p>', 'a INT, b DOUBLE')", Result: "{1, 0.8}", MinArgs: 2, MaxArgs: 3,
			Resolve: resolveFrom(checkFromXML), Compile: compileFromXML, SQL: firstArgument,
		},
		{
			Name: "to_xml", Group: "xml_funcs", Usage: "to_xml(expr[, options])", Doc: "A struct or VARIANT as XML text.",
			Example: "to_xml(named_struct('_id', 1, '_VALUE', 'x'))", Result: `<ROW id="1">x</ROW>`, MinArgs: 1, MaxArgs: 2,
			Resolve: resolveTo(checkToXML), Compile: compileToXML, SQL: firstArgument,
		},
		{
			Name: "schema_of_xml", Group: "xml_funcs", Usage: "schema_of_xml(xml[, options])", Doc: "The schema of a constant XML text.",
			Example: "schema_of_xml('<p><a>1</a></p>')", Result: "STRUCT<a: BIGINT>", MinArgs: 1, MaxArgs: 2,
			Resolve: resolveSchemaOfXML, Compile: compileSchemaOfXML, SQL: firstArgument,
		},
	}
}

// checkFromXML refuses schemas of from_xml.
func checkFromXML(call *expr.Expr, schema *types.Type) error {
	switch {
	case schema.Kind != types.KindStruct && schema.Kind != types.KindVariant:
		return coerce.Mismatch(call, "INVALID_XML_SCHEMA", "schema", `"`+schema.SQL()+`"`)
	case schema.Has(types.KindChar, types.KindVarchar):
		return sparkerr.New("UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING")
	case otherKey(schema) != nil:
		return coerce.Mismatch(call, "INVALID_XML_MAP_KEY_TYPE", "schema", `"`+schema.SQL()+`"`)
	}
	return nil
}

// xmlBudget makes XML parsing check the stop flag and account for its memory.
func xmlBudget(r **row, held *expr.Holding) xml.Budget {
	return xml.Budget{
		Take: func(n int) { (*r).Take(n) },
		Hold: func(bytes int) error {
			if _, limited := held.Room(); !limited {
				return nil
			}
			return held.Hold((*r).ctx, bytes)
		},
	}
}

func compileFromXML(call *expr.Expr) (expr.Kernel, error) {
	c, _ := call.Data.(conversion)
	options, err := xml.ParseOptions(c.options)
	if err != nil {
		return nil, err
	}
	if err := checkMode("from_xml", options.Mode()); err != nil {
		return nil, err
	}
	var reader *xml.TextReader
	var held expr.Holding
	var current *row
	return rowKernel(func(r *row) error {
		current = r
		if reader == nil {
			scan := &codec.Scan{Zone: r.ctx.Zone, Now: func() int64 { return current.ctx.Now }}
			if reader, err = xml.NewTextReader(c.schema, options, scan, xmlBudget(&current, &held)); err != nil {
				return err
			}
		}
		return reader.Read(r.out, r.out.At(r.i), javaText(&r.Steps, r.text(0)))
	}), nil
}

// checkToXML refuses values of to_xml.
func checkToXML(call *expr.Expr, t *types.Type) error {
	switch t.Kind {
	case types.KindStruct, types.KindVariant, types.KindVoid:
		return nil
	}
	return coerce.Mismatch(call, "UNEXPECTED_INPUT_TYPE", "paramIndex", "first", "requiredType", `"STRUCT"`,
		"inputSql", `"`+call.Args[0].SQL()+`"`, "inputType", `"`+t.SQL()+`"`)
}

func compileToXML(call *expr.Expr) (expr.Kernel, error) {
	c, _ := call.Data.(conversion)
	options, err := xml.ParseOptions(c.options)
	if err != nil {
		return nil, err
	}
	var current *row
	return printKernel(func(r *row) (printer, error) {
		current = r
		take, fits := func(n int) { current.Take(n) }, func(dst []byte, n int) { current.fits(dst, n) }
		writer, err := xml.NewTextWriter(options, r.ctx.Zone, take, fits)
		return func(r *row, dst []byte) ([]byte, error) {
			current = r
			return writer.Append(dst, r.args[0], r.i)
		}, err
	}), nil
}

// resolveSchemaOfXML checks the options too, because Spark infers the schema during analysis.
func resolveSchemaOfXML(call *expr.Expr) error {
	if err := resolveSchemaOf(call); err != nil {
		return err
	}
	_, err := xmlInference(call)
	return err
}

func xmlInference(call *expr.Expr) (*xml.Inference, error) {
	c, _ := call.Data.(conversion)
	options, err := xml.ParseOptions(c.options)
	if err != nil {
		return nil, err
	}
	if err := checkMode("schema_of_xml", options.Mode()); err != nil {
		return nil, err
	}
	return xml.NewInference(options, &codec.Scan{})
}

func compileSchemaOfXML(call *expr.Expr) (expr.Kernel, error) {
	inference, err := xmlInference(call)
	if err != nil {
		return nil, err
	}
	var held expr.Holding
	var current *row
	budget := xmlBudget(&current, &held)
	return rowKernel(func(r *row) error {
		current = r
		t, err := inference.Of(javaText(&r.Steps, r.text(0)), budget)
		if err != nil {
			return err
		}
		r.setString(t.SQL())
		return nil
	}), nil
}
