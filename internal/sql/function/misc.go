package function

import (
	"math/bits"
	"os/user"
	"strings"

	"github.com/streamctl/streamctl/internal/fileuri"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/accumulate"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// SparkVersion is the Spark release whose results we reproduce.
const SparkVersion = "4.3.0"

// miscFunctions return types, session properties and the origin of a row, and raise errors.
func miscFunctions() []*expr.Function {
	return append([]*expr.Function{
		{
			Name: "typeof", Group: "misc_funcs", Usage: "typeof(expr)", Doc: "The name of the type.", Example: "typeof(array(1))", Result: "array<int>",
			MinArgs: 1, MaxArgs: 1, Resolve: never(returns(types.String)),
			Replace: func(call *expr.Expr) *expr.Expr { return expr.Str(call.Args[0].Type.String()) },
		},
		{
			Name: "raise_error", Group: "misc_funcs", Usage: "raise_error(expr)", Doc: "Raises an error with a message.", MinArgs: 1, MaxArgs: 1, Operands: seesNulls,
			Resolve: nullable(returns(types.Void, coerce.String)), Foldable: notFoldable,
			Compile: eachRow(userError),
			SQL: func(_ *expr.Expr, args []string) string {
				return "raise_error(USER_RAISED_EXCEPTION, map(errorMessage, " + args[0] + "))"
			},
		},
		{
			Name: "assert_true", Group: "misc_funcs", Usage: "assert_true(expr[, message])", Doc: "NULL if the condition is true, else an error.",
			Example: "assert_true(0 < 1)", Result: "NULL", MinArgs: 1, MaxArgs: 2, Resolve: resolveAssert, Replace: replaceWith(asIfRaise),
		},
		fixedText("version", "version", "The Spark release whose results are reproduced.", SparkVersion),
		fixedText("current_catalog", "current_catalog", "The name of the catalog.", "spark_catalog"),
		fixedText("current_schema", "current_schema", "The name of the database.", "default", "current_database"),
		fixedText("current_path", "current_path", "The path on which functions are looked up.", "system.builtin,system.session,spark_catalog.default"),
		fixedText("current_user", "", "The name of the user.", userName(), "user", "session_user"),
		{
			Name: "bitmap_bit_position", Group: "misc_funcs", Usage: "bitmap_bit_position(child)", Doc: "The position of the number's bit in its bitmap.",
			Example: "bitmap_bit_position(1)", Result: "0", MinArgs: 1, MaxArgs: 1, Resolve: returns(types.Long, coerce.Long),
			Compile: eachLong(func(r *row) int64 {
				if n := r.long(0); n <= 0 {
					return -n % accumulate.BitmapBits
				}
				return (r.long(0) - 1) % accumulate.BitmapBits
			}),
		},
		{
			Name: "bitmap_bucket_number", Group: "misc_funcs", Usage: "bitmap_bucket_number(child)", Doc: "The number of the bitmap that contains the number's bit.",
			Example: "bitmap_bucket_number(123)", Result: "1", MinArgs: 1, MaxArgs: 1, Resolve: returns(types.Long, coerce.Long),
			Compile: eachLong(func(r *row) int64 {
				if n := r.long(0); n <= 0 {
					return n / accumulate.BitmapBits
				}
				return 1 + (r.long(0)-1)/accumulate.BitmapBits
			}),
		},
		{
			Name: "bitmap_count", Group: "misc_funcs", Usage: "bitmap_count(child)", Doc: "The number of bits set in a bitmap.",
			Example: "bitmap_count(X'1010')", Result: "2", MinArgs: 1, MaxArgs: 1, Resolve: expects(types.Long, coerce.Binary),
			Compile: eachLong(func(r *row) (n int64) {
				for _, b := range r.text(0) {
					n += int64(bits.OnesCount8(b))
				}
				return n
			}),
		},
		{
			Name: "collation", Group: "string_funcs", Usage: "collation(expr)", Doc: "The name of a string's collation.", Example: "collation('Spark SQL')",
			Result: "SYSTEM.BUILTIN.UTF8_BINARY", MinArgs: 1, MaxArgs: 1, Resolve: never(expects(types.String, coerce.String)),
			Replace: func(*expr.Expr) *expr.Expr { return expr.Str("SYSTEM.BUILTIN.UTF8_BINARY") },
		},
		{
			Name: "collate", Group: "string_funcs", Usage: "collate(expr, collationName)", Doc: "The string with a collation; only the bytewise collation is supported.",
			Example: "collate('Spark SQL', 'UTF8_BINARY')", Result: "Spark SQL", MinArgs: 2, MaxArgs: 2, Resolve: resolveCollate,
			Compile: eachText(func(r *row, dst []byte) []byte { return append(dst, r.text(0)...) }),
		},
	}, placeFunctions()...)
}

func notFoldable(*expr.Expr) bool { return false }

func userError(r *row) error {
	text := "null"
	if !r.isNull(0) {
		text = string(r.text(0))
	}
	return sparkerr.New("USER_RAISED_EXCEPTION", "errorMessage", text)
}

func resolveAssert(call *expr.Expr) error {
	if len(call.Args) == 1 {
		call.Args = []*expr.Expr{call.Args[0], expr.Str("'" + call.Args[0].SQL() + "' is not true!")}
	}
	call.Type, call.Nullable = types.Void, true
	if err := coerce.Expects(call, coerce.Boolean, coerce.Any); err != nil {
		return err
	}
	return coerce.Params(call, coerce.Any, coerce.String)
}

// asIfRaise evaluates the message only if it is needed.
func asIfRaise(call *expr.Expr) (*expr.Expr, error) {
	w := rewriting{from: call}
	return w.call("if", call.Args[0], expr.Null(types.Void), w.call("raise_error", call.Args[1])), w.err
}

// fixedText returns the entry of a function without arguments; it prints as printed, or as written if that is empty.
func fixedText(name, printed, doc, text string, aliases ...string) *expr.Function {
	f := &expr.Function{
		Name: name, Aliases: aliases, Group: "misc_funcs", Usage: name + "()", Doc: doc, Resolve: returns(types.String),
		Compile: eachText(func(_ *row, dst []byte) []byte { return append(dst, text...) }),
	}
	if printed != "" {
		f.SQL = always(printed)
	}
	return f
}

func userName() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	return u.Username
}

func resolveCollate(call *expr.Expr) error {
	if t := call.Args[1].Type; !t.IsText() {
		return sparkerr.New("UNEXPECTED_INPUT_TYPE", "paramIndex", "first", "functionName", "`collate`", "requiredType", `"STRING"`,
			"inputSql", `"`+call.Args[1].SQL()+`"`, "inputType", `"`+t.SQL()+`"`)
	}
	if err := coerce.Expects(call, coerce.String); err != nil {
		return err
	}
	name, err := fold(call.Args[1])
	if err != nil {
		return err
	}
	switch {
	case name == nil:
		return sparkerr.New("NON_FOLDABLE_ARGUMENT", "funcName", "`collate`", "paramName", "`collationName`", "paramType", `"STRING"`)
	case name.IsNull(0):
		return coerce.Mismatch(call.Args[1], "UNEXPECTED_NULL", "exprName", "`collation`")
	}
	if strings.ToUpper(string(name.Bytes(0))) != "UTF8_BINARY" {
		return sparkerr.Plain("The collation %s is not in the embedded engine yet.", call.Args[1].SQL())
	}
	coerce.Returns(call, types.String)
	return nil
}

// placeFunctions return the origin and the number of a row.
func placeFunctions() []*expr.Function {
	entry := func(name, printed, doc string, t *types.Type, compile compiler) *expr.Function {
		return &expr.Function{
			Name: name, Group: "misc_funcs", Usage: name + "()", Doc: doc, Resolve: returns(t), Compile: compile, SQL: always(printed),
			Nondeterministic: true,
		}
	}
	return []*expr.Function{
		entry("input_file_name", "input_file_name", "The URL of the row's file, or an empty string.", types.String, eachText(inputFileName)),
		entry("input_file_block_start", "input_file_block_start", "The start of the row's file split, or -1.", types.Long,
			eachLong(func(r *row) int64 { return inputBlock(r).Start })),
		entry("input_file_block_length", "input_file_block_length", "The length of the row's file split, or -1.", types.Long,
			eachLong(func(r *row) int64 { return inputBlock(r).Length })),
		entry("spark_partition_id", "SPARK_PARTITION_ID", "The number of the partition.", types.Int,
			eachInt(func(r *row) int { return r.ctx.Task })),
		entry("monotonically_increasing_id", "monotonically_increasing_id", "A number that increases from row to row and is unique within a batch.", types.Long, compileRowID),
	}
}

// inputFileName encodes the path like _metadata.file_path. (Spark: PartitionedFile.urlEncodedPath.)
func inputFileName(r *row, dst []byte) []byte {
	if b := r.ctx.Batch; b != nil && b.Origin != nil && b.Origin.File != nil {
		return fileuri.AppendFromPath(dst, b.Origin.File.Path)
	}
	return dst
}

func inputBlock(r *row) vector.Block {
	if b := r.ctx.Batch; b != nil && b.Origin != nil && b.Origin.File != nil {
		return b.Origin.Block
	}
	return vector.Block{Start: -1, Length: -1}
}

// compileRowID counts the rows of a batch; the partition is in the upper bits.
func compileRowID(*expr.Expr) (expr.Kernel, error) {
	var next restart
	count := int64(0)
	return rowKernel(func(r *row) error {
		if next.due(r.ctx) {
			count = 0
		}
		r.setLong(int64(r.ctx.Partition)<<33 + count)
		count++
		return nil
	}), nil
}

// A restart detects that a stateful kernel has reached another partition, where Spark starts anew.
type restart struct {
	started bool
	batch   int64
	number  int
	run     int
}

func (s *restart) due(ctx *expr.Context) bool {
	now := restart{true, ctx.BatchID, ctx.Partition, ctx.Run}
	if *s == now {
		return false
	}
	*s = now
	return true
}
