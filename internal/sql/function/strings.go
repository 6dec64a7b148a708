package function

import (
	"bytes"
	"slices"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

var textOrBinary = coerce.OneOf(coerce.String, coerce.Binary)

// stringFunctions transform, cut and pad strings.
func stringFunctions() []*expr.Function {
	return []*expr.Function{
		{
			Name: "upper", Aliases: []string{"ucase"}, Group: "string_funcs", Usage: "upper(str)",
			Doc: "The string in upper case.", Example: "upper('SparkSql')", Result: "SPARKSQL", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.String, coerce.String), Compile: compileCase('a', appendUpper),
		},
		{
			Name: "lower", Aliases: []string{"lcase"}, Group: "string_funcs", Usage: "lower(str)",
			Doc: "The string in lower case.", Example: "lower('SparkSql')", Result: "sparksql", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.String, coerce.String), Compile: compileCase('A', appendLower),
		},
		{
			Name: "initcap", Group: "string_funcs", Usage: "initcap(str)",
			Doc:     "The string with the first letter of each blank-separated word in upper case and the others in lower case.",
			Example: "initcap('sPark sql')", Result: "Spark Sql", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.String, coerce.String), Compile: compileInitcap,
		},
		{
			Name: "length", Aliases: []string{"char_length", "character_length", "len"}, Group: "string_funcs",
			Usage: "length(expr)", Doc: "The number of characters in a string, or of bytes in binary data.",
			Example: "length('日本 ')", Result: "3", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.Int, textOrBinary), Compile: compileLength,
		},
		{
			Name: "octet_length", Group: "string_funcs", Usage: "octet_length(expr)", Doc: "The number of bytes in a string or binary data.",
			Example: "octet_length('日本')", Result: "6", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.Int, textOrBinary), Compile: eachInt(func(r *row) int { return len(r.text(0)) }),
		},
		{
			Name: "bit_length", Group: "string_funcs", Usage: "bit_length(expr)", Doc: "The number of bits in a string or binary data.",
			Example: "bit_length('abc')", Result: "24", MinArgs: 1, MaxArgs: 1,
			Resolve: returns(types.Int, textOrBinary), Compile: eachInt(func(r *row) int { return 8 * len(r.text(0)) }),
		},
		{
			Name: "substring", Aliases: []string{"substr"}, Group: "string_funcs",
			Usage:   "substring(str, pos[, len]) or substring(str FROM pos[ FOR len])",
			Doc:     "len characters, by default the rest, from position pos, counted from 1, or from the end if negative.",
			Example: "substring('Spark SQL', 5, 1)", Result: "k", MinArgs: 2, MaxArgs: 3,
			Resolve: defaults(resolveSubstring, 2, expr.Int(1<<31-1)), Compile: compileSubstring,
		},
		{
			Name: "left", Group: "string_funcs", Usage: "left(str, len)", Doc: "The first len characters; none if len is not positive.",
			Example: "left('Spark SQL', 3)", Result: "Spa", MinArgs: 2, MaxArgs: 2,
			Resolve: resolveSubstring, Compile: compileLeft,
		},
		{
			Name: "right", Group: "string_funcs", Usage: "right(str, len)", Doc: "The last len characters; none if len is not positive.",
			Example: "right('Spark SQL', 3)", Result: "SQL", MinArgs: 2, MaxArgs: 2,
			Resolve: nullable(returns(types.String, coerce.String, coerce.Int)), Replace: replaceWith(asRightCut),
		},
		{
			Name: "repeat", Group: "string_funcs", Usage: "repeat(str, n)", Doc: "The string repeated n times.", Example: "repeat('123', 2)",
			Result: "123123", MinArgs: 2, MaxArgs: 2, Resolve: returns(types.String, coerce.String, coerce.Int),
			Compile: eachTextOr(func(r *row, dst []byte) ([]byte, error) {
				s, times := r.text(0), max(r.int(1), 0)
				r.fits(dst, len(s)*times)
				dst = slices.Grow(dst, len(s)*times)
				for from, end := len(dst), len(dst)+len(s)*times; len(dst) < end; {
					if len(dst) == from {
						dst = append(dst, s...)
					} else {
						dst = append(dst, dst[from:min(len(dst), from+end-len(dst))]...)
					}
				}
				return dst, nil
			}),
		},
		{
			Name: "space", Group: "string_funcs", Usage: "space(n)", Doc: "A string of n blanks.", Example: "length(space(2))", Result: "2",
			MinArgs: 1, MaxArgs: 1, Resolve: returns(types.String, coerce.Int),
			Compile: eachTextOr(func(r *row, dst []byte) ([]byte, error) {
				r.fits(dst, max(r.int(0), 0))
				return append(dst, bytes.Repeat([]byte(" "), max(r.int(0), 0))...), nil
			}),
		},
		pad("lpad", "left", "???hi", compilePad(true)),
		pad("rpad", "right", "hi???", compilePad(false)),
		trimmed("trim", "BOTH", "both ends", trimLeft|trimRight),
		trimmed("ltrim", "LEADING", "the beginning", trimLeft),
		trimmed("rtrim", "TRAILING", "the end", trimRight),
		{
			Name: "btrim", Group: "string_funcs", Usage: "btrim(str[, trimStr])",
			Doc:     "The string with blanks, or the characters in trimStr, removed from both ends.",
			Example: "btrim('SSparkSQLS', 'SL')", Result: "parkSQ", MinArgs: 1, MaxArgs: 2,
			Resolve: returns(types.String, coerce.String), Compile: compileTrim(trimLeft|trimRight, 1), Operands: stopsAtNull,
		},
		{
			Name: "replace", Group: "string_funcs", Usage: "replace(str, search[, replace])",
			Doc:     "The string with each occurrence of search replaced, or removed if there is no replacement.",
			Example: "replace('ABCabc', 'abc', 'DEF')", Result: "ABCDEF", MinArgs: 2, MaxArgs: 3,
			Resolve: defaults(returns(types.String, coerce.String), 2, expr.Str("")), Compile: eachText(replaceAll),
		},
		{
			Name: "reverse", Group: "collection_funcs", Usage: "reverse(expr)", Doc: "The characters of a string, or the elements of an array, in reverse order.",
			Example: "reverse('Spark SQL')", Result: "LQS krapS", MinArgs: 1, MaxArgs: 1, Resolve: resolveReverse, Compile: compileReverse,
		},
		{
			Name: "translate", Group: "string_funcs", Usage: "translate(input, from, to)",
			Doc:     "The string with each character in from replaced by the one at the same position in to, or removed if there is none.",
			Example: "translate('AaBbCc', 'abc', '123')", Result: "A1B2C3", MinArgs: 3, MaxArgs: 3,
			Resolve: returns(types.String, coerce.String), Compile: compileTranslate,
		},
		{
			Name: "overlay", Group: "string_funcs", Usage: "overlay(input, replace, pos[, len]) or overlay(input PLACING replace FROM pos[ FOR len])",
			Doc:     "The string with len characters from pos replaced; if missing or negative, len is the length of the replacement.",
			Example: "overlay('Spark SQL' PLACING '_' FROM 6)", Result: "Spark_SQL", MinArgs: 3, MaxArgs: 4,
			Resolve: defaults(resolveOverlay, 3, expr.Int(-1)), Compile: compileOverlay,
		},
	}
}

func compileLength(call *expr.Expr) (expr.Kernel, error) {
	if call.Args[0].Type.Kind == types.KindBinary {
		return eachInt(func(r *row) int { return len(r.text(0)) })(call)
	}
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			out.I32[out.At(i)] = int32(countChars(args[0].Bytes(i)))
		}
		return nil
	}, nil
}

func resolveSubstring(call *expr.Expr) error {
	if err := coerce.Params(call, textOrBinary, coerce.Int); err != nil {
		return err
	}
	coerce.Returns(call, call.Args[0].Type)
	return nil
}

func compileSubstring(call *expr.Expr) (expr.Kernel, error) {
	if call.Type.Kind == types.KindBinary {
		return eachCut(0, func(r *row, s []byte) []byte { return substringBytes(s, r.int(1), r.int(2)) })(call)
	}
	any, err := eachCut(0, func(r *row, s []byte) []byte { return substring(s, r.int(1), r.int(2)) })(call)
	return func(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		if !args[0].IsConst() && args[1].IsConst() && args[2].IsConst() && args[1].I32[0] >= 0 && args[2].I32[0] >= 0 {
			substringsFrom(n, sel, args[0], max(args[1].I32[0], 1)-1, args[2].I32[0], out)
			return nil
		}
		return any(ctx, n, sel, args, out)
	}, err
}

// substringsFrom cuts the same range of characters from all strings.
func substringsFrom(n int, sel vector.Selection, v *vector.Vector, skip, length int32, out *vector.Vector) {
	out.Share(v)
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		w := v.Views[i]
		from, to := min(uint32(skip), w.Len), min(uint32(skip)+uint32(length), w.Len)
		if s := v.Data[w.Off : w.Off+w.Len]; !isASCII(s[:to]) {
			from = uint32(skipChars(s, int(skip)))
			to = from + uint32(skipChars(s[from:], int(length)))
		}
		out.Views[i] = vector.View{Off: w.Off + from, Len: to - from}
	}
}

func compileLeft(call *expr.Expr) (expr.Kernel, error) {
	cut := substring
	if call.Type.Kind == types.KindBinary {
		cut = substringBytes
	}
	return eachCut(0, func(r *row, s []byte) []byte { return cut(s, 1, r.int(1)) })(call)
}

func replaceAll(r *row, dst []byte) []byte {
	s, search, replacement := r.text(0), r.text(1), r.text(2)
	if len(search) == 0 {
		return append(dst, s...)
	}
	for {
		r.Take(1)
		at := bytes.Index(s, search)
		if at < 0 {
			r.fits(dst, len(s))
			return append(dst, s...)
		}
		r.fits(dst, at+len(replacement))
		dst = append(append(dst, s[:at]...), replacement...)
		s = s[at+len(search):]
	}
}

func resolveReverse(call *expr.Expr) error {
	if err := coerce.Params(call, coerce.OneOf(coerce.String, coerce.Binary, coerce.AnyArray)); err != nil {
		return err
	}
	coerce.Returns(call, call.Args[0].Type)
	return nil
}

func compileReverse(call *expr.Expr) (expr.Kernel, error) {
	if call.Type.Kind == types.KindArray {
		return rowKernel(func(r *row) error {
			v, from := r.args[0], r.listStart()
			w := v.Views[v.At(r.i)]
			for j := int(w.Off+w.Len) - 1; j >= int(w.Off); j-- {
				r.Take(1)
				kernel.Append(r.out.Children[0], v.Children[0], j)
			}
			r.listEnd(from)
			return nil
		}), nil
	}
	if call.Type.Kind == types.KindBinary {
		return eachText(func(r *row, dst []byte) []byte {
			from := len(dst)
			dst = append(dst, r.text(0)...)
			slices.Reverse(dst[from:])
			return dst
		})(call)
	}
	return eachText(func(r *row, dst []byte) []byte {
		for s := r.text(0); len(s) > 0; {
			r.Take(1)
			last := lastChar(s)
			dst, s = append(dst, s[last:]...), s[:last]
		}
		return dst
	})(call)
}

// compileTranslate caches the mapping as long as from and to do not change.
func compileTranslate(call *expr.Expr) (expr.Kernel, error) {
	var from, to string
	mapping := map[string]string{}
	return eachText(func(r *row, dst []byte) []byte {
		if from != string(r.text(1)) || to != string(r.text(2)) {
			from, to = string(r.text(1)), string(r.text(2))
			mapping = translation(&r.Steps, r.java(1), r.java(2))
		}
		for s := r.java(0); len(s) > 0; {
			r.Take(1)
			c := s[:charLen(s)]
			s = s[len(c):]
			r.fits(dst, len(c))
			if other, ok := mapping[string(c)]; ok {
				dst = append(dst, other...)
			} else {
				dst = append(dst, c...)
			}
		}
		return dst
	})(call)
}

// translation maps the characters of from to those of to; for a repeated character, the first mapping counts.
func translation(steps *halt.Steps, from, to []byte) map[string]string {
	m := map[string]string{}
	for len(from) > 0 {
		steps.Take(1)
		c, other := from[:charLen(from)], to[:0]
		if len(to) > 0 {
			other = to[:charLen(to)]
		}
		if _, ok := m[string(c)]; !ok {
			m[string(c)] = string(other)
		}
		from, to = from[len(c):], to[len(other):]
	}
	return m
}

func resolveOverlay(call *expr.Expr) error {
	if err := coerce.Params(call, textOrBinary, textOrBinary, coerce.Int); err != nil {
		return err
	}
	if call.Args[0].Type.Kind != call.Args[1].Type.Kind {
		return coerce.DifferentTypes(call, "overlay", call.Args[:2])
	}
	coerce.Returns(call, call.Args[0].Type)
	return nil
}

func compileOverlay(call *expr.Expr) (expr.Kernel, error) {
	cut, count := substring, countChars
	if call.Type.Kind == types.KindBinary {
		cut, count = substringBytes, func(b []byte) int { return len(b) }
	}
	return eachText(func(r *row, dst []byte) []byte {
		s, replacement, pos, length := r.text(0), r.text(1), r.int(2), r.int(3)
		if length < 0 {
			length = count(replacement)
		}
		r.fits(dst, len(s)+len(replacement))
		dst = append(append(dst, cut(s, 1, pos-1)...), replacement...)
		return append(dst, cut(s, clampInt(pos+length), 1<<31-1)...)
	})(call)
}

// asRightCut returns the expression that Spark uses for right, so that the length is not evaluated for a NULL string.
func asRightCut(call *expr.Expr) (*expr.Expr, error) {
	text, n, w := call.Args[0], call.Args[1], rewriting{from: call}
	end := w.call("if", w.call("<=", n, expr.Int(0)), expr.Str(""), w.call("substring", text, w.call("negative", n)))
	return w.call("if", w.call("isnull", text), expr.Null(types.String), end), w.err
}
