package function

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/csv"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// csvFunctions parse and format CSV.
func csvFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "from_csv", Group: "csv_funcs", Usage: "from_csv(csvStr, schema[, options])",
			Doc:     "The CSV record as a struct with the given schema; fields that cannot be parsed are NULL.",
			Example: "from_csv('1,0.8', 'a INT, b DOUBLE')", Result: "{1, 0.8}", MinArgs: 2, MaxArgs: 3,
			Resolve: resolveFromCSV, Compile: compileFromCSV, SQL: firstArgument,
		},
		{
			Name: "to_csv", Group: "csv_funcs", Usage: "to_csv(expr[, options])", Doc: "A struct as a CSV record.",
			Example: "to_csv(named_struct('a', 1, 'b', 2))", Result: "1,2", MinArgs: 1, MaxArgs: 2,
			Resolve: resolveToCSV, Compile: compileToCSV, SQL: firstArgument,
		},
		{
			Name: "schema_of_csv", Group: "csv_funcs", Usage: "schema_of_csv(csv[, options])", Doc: "The schema of a constant CSV record.",
			Example: "schema_of_csv('1,abc')", Result: "STRUCT<_c0: INT, _c1: STRING>", MinArgs: 1, MaxArgs: 2,
			Resolve: resolveSchemaOf, Compile: compileSchemaOfCSV, SQL: firstArgument,
		},
	}
}

func resolveFromCSV(call *expr.Expr) error {
	schema, err := constantSchema(call, 1)
	if err != nil {
		return err
	}
	options, err := constantOptions(call, 2)
	if err != nil {
		return err
	}
	if schema.Kind != types.KindStruct {
		return sparkerr.New("INVALID_SCHEMA.NON_STRUCT_TYPE", "inputSchema", `"`+call.Args[1].SQL()+`"`, "dataType", `"`+schema.SQL()+`"`)
	}
	call.Args = call.Args[:1]
	if err := coerce.Expects(call, coerce.String); err != nil {
		return err
	}
	call.Data = conversion{schema, options}
	coerce.Returns(call, schema)
	return nil
}

func compileFromCSV(call *expr.Expr) (expr.Kernel, error) {
	c, _ := call.Data.(conversion)
	options, err := csv.ParseOptions(c.options)
	if err != nil {
		return nil, err
	}
	if options.Mode() == codec.DropMalformed {
		return nil, sparkerr.New("PARSE_MODE_UNSUPPORTED", "funcName", "`from_csv`", "mode", "DROPMALFORMED")
	}
	var reader *csv.TextReader
	var next restart
	var texts [][]byte
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		if reader == nil {
			if err := options.CheckFields(c.schema.Fields); err != nil {
				return err
			}
			reader = csv.NewTextReader(c.schema.Fields, options, &codec.Scan{Zone: ctx.Zone, Now: func() int64 { return ctx.Now }})
		}
		if next.due(ctx) {
			reader.Restart()
		}
		texts = texts[:0]
		steps := halt.Steps{Stop: ctx.Stop}
		for k := range kernel.Count(n, sel) {
			texts = append(texts, javaText(&steps, args[0].Bytes(kernel.Row(sel, k))))
		}
		failed, err := reader.Read(texts, func(k int, b *vector.Batch, row int) {
			i := kernel.Row(sel, k)
			for f, child := range out.Children {
				if b == nil {
					child.SetNull(i)
				} else {
					kernel.Copy(child, i, b.Cols[f], row)
				}
			}
		})
		if err != nil {
			return expr.AtRow(kernel.Row(sel, failed), err)
		}
		return nil
	}, nil
}

func resolveToCSV(call *expr.Expr) error {
	options, err := constantOptions(call, 1)
	if err != nil {
		return err
	}
	t := call.Args[0].Type
	if t.Kind != types.KindStruct && t.Kind != types.KindVoid || holdsKind(t, types.KindVariant) {
		return coerce.Mismatch(call, "UNSUPPORTED_INPUT_TYPE", "functionName", "`to_csv`", "dataType", `"`+t.SQL()+`"`)
	}
	call.Args = call.Args[:1]
	call.Data = conversion{options: options}
	call.Type, call.Nullable = types.String, true
	return nil
}

// compileToCSV refuses a record of a single NULL, on which Spark fails with a null pointer.
func compileToCSV(call *expr.Expr) (expr.Kernel, error) {
	c, _ := call.Data.(conversion)
	options, err := csv.ParseWriteOptions(c.options)
	if err != nil {
		return nil, err
	}
	fields := call.Args[0].Type.Fields
	var writer *csv.TextWriter
	return rowKernel(func(r *row) error {
		if writer == nil {
			if writer, err = csv.NewTextWriter(fields, options, r.ctx.Zone); err != nil {
				return err
			}
		}
		v := r.args[0]
		if len(fields) == 1 && v.Children[0].IsNull(v.At(r.i)) {
			return sparkerr.Plain("to_csv of a struct whose only field is NULL fails in Spark").WithHint("use coalesce on the field")
		}
		from := len(r.out.Data)
		r.fits(r.out.Data, v.TextBytes(r.i))
		writer.Watch(r.ctx.Stop, r)
		data, err := writer.Append(r.out.Data, v.Children, v.At(r.i))
		if err != nil {
			return err
		}
		r.out.Data = data
		r.out.CloseBytes(r.i, from)
		return nil
	}), nil
}

func compileSchemaOfCSV(call *expr.Expr) (expr.Kernel, error) {
	c, _ := call.Data.(conversion)
	options, err := csv.ParseOptions(c.options)
	if err != nil {
		return nil, err
	}
	return rowKernel(func(r *row) error {
		t, err := csv.Infer(r.text(0), options, &codec.Scan{Zone: r.ctx.Zone}, func() { r.Take(halt.Pace) })
		if err != nil {
			return err
		}
		r.setString(t.SQL())
		return nil
	}), nil
}
