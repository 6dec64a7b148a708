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
			Resolve: resolveTo(checkToCSV), Compile: compileToCSV, SQL: firstArgument,
		},
		{
			Name: "schema_of_csv", Group: "csv_funcs", Usage: "schema_of_csv(csv[, options])", Doc: "The schema of a constant CSV record.",
			Example: "schema_of_csv('1,abc')", Result: "STRUCT<_c0: INT, _c1: STRING>", MinArgs: 1, MaxArgs: 2,
			Resolve: resolveSchemaOf, Compile: compileSchemaOfCSV, SQL: firstArgument,
		},
	}
}

// resolveFromCSV types calls, which are NULL only for NULL.
func resolveFromCSV(call *expr.Expr) error {
	err := resolveFrom(func(call *expr.Expr, schema *types.Type) error {
		if schema.Kind != types.KindStruct {
			return sparkerr.New("INVALID_SCHEMA.NON_STRUCT_TYPE", "inputSchema", `"`+call.Args[1].SQL()+`"`, "dataType", `"`+schema.SQL()+`"`)
		}
		return nil
	})(call)
	if err == nil {
		coerce.Returns(call, call.Type)
	}
	return err
}

func compileFromCSV(call *expr.Expr) (expr.Kernel, error) {
	c, _ := call.Data.(conversion)
	options, err := csv.ParseOptions(c.options)
	if err != nil {
		return nil, err
	}
	if err := checkMode("from_csv", options.Mode()); err != nil {
		return nil, err
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

// checkToCSV refuses values of to_csv.
func checkToCSV(call *expr.Expr, t *types.Type) error {
	if t.Kind != types.KindStruct && t.Kind != types.KindVoid || holdsKind(t, types.KindVariant) {
		return coerce.Mismatch(call, "UNSUPPORTED_INPUT_TYPE", "functionName", "`to_csv`", "dataType", `"`+t.SQL()+`"`)
	}
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
	return printKernel(func(r *row) (printer, error) {
		writer, err := csv.NewTextWriter(fields, options, r.ctx.Zone)
		return func(r *row, dst []byte) ([]byte, error) {
			v := r.args[0]
			if len(fields) == 1 && v.Children[0].IsNull(v.At(r.i)) {
				return nil, sparkerr.Plain("to_csv of a struct whose only field is NULL fails in Spark").WithHint("use coalesce on the field")
			}
			writer.Watch(r.ctx.Stop, r)
			return writer.Append(dst, v.Children, v.At(r.i))
		}, err
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
