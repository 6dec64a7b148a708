package function

import (
	"bytes"
	"strconv"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/types"
)

// searchFunctions search strings, and split them at separators that are not patterns.
func searchFunctions() []*expr.Function {
	return []*expr.Function{
		contains("contains", "Whether the left string contains the right one.", "contains('Spark SQL', 'Spark')", bytes.Contains),
		contains("startswith", "Whether the left string begins with the right one.", "startswith('Spark SQL', 'Spark')", bytes.HasPrefix),
		contains("endswith", "Whether the left string ends with the right one.", "endswith('Spark SQL', 'SQL')", bytes.HasSuffix),
		{
			Name: "instr", Group: "string_funcs", Usage: "instr(str, substr[, start[, occurrence]])",
			Doc:     "The position of substr, counted from 1, or 0; optionally of the given occurrence from start, backwards if start is negative.",
			Example: "instr('SparkSQL', 'SQL')", Result: "6", MinArgs: 2, MaxArgs: 4,
			Resolve: resolveInstr, Compile: compileInstr,
		},
		{
			Name: "locate", Aliases: []string{"position"}, Group: "string_funcs", Usage: "locate(substr, str[, pos]) or position(substr IN str)",
			Doc: "The position of substr at or after pos, counted from 1, or 0.", Example: "locate('bar', 'foobarbar', 5)", Result: "7",
			MinArgs: 2, MaxArgs: 3, Operands: stopsAtNull,
			Resolve: defaults(resolveLocate, 2, expr.Int(1)), Compile: eachInt(locate), Replace: replaceWith(startFirst),
		},
		{
			Name: "find_in_set", Group: "string_funcs", Usage: "find_in_set(str, str_array)",
			Doc:     "The position of the string in a comma-separated list, counted from 1, or 0.",
			Example: "find_in_set('ab', 'abc,b,ab,c,def')", Result: "3", MinArgs: 2, MaxArgs: 2,
			Resolve: returns(types.Int, coerce.String), Compile: eachInt(findInSet),
		},
		{
			Name: "substring_index", Group: "string_funcs", Usage: "substring_index(str, delim, count)",
			Doc:     "The string before count delimiters from the left, or after that many from the right if count is negative.",
			Example: "substring_index('www.apache.org', '.', 2)", Result: "www.apache", MinArgs: 3, MaxArgs: 3,
			Resolve: returns(types.String, coerce.String, coerce.String, coerce.Int),
			Compile: eachText(func(r *row, dst []byte) []byte {
				return append(dst, substringIndex(&r.Steps, r.text(0), r.text(1), r.int(2))...)
			}),
		},
		{
			Name: "split_part", Group: "string_funcs", Usage: "split_part(str, delimiter, partNum)",
			Doc:     "The part at a position, counted from 1, or from the end if negative, of the string split at a delimiter; empty if there is none.",
			Example: "split_part('11.12.13', '.', 3)", Result: "13", MinArgs: 3, MaxArgs: 3,
			Resolve: nullable(returns(types.String, coerce.String, coerce.String, coerce.Int)), Compile: eachTextOr(splitPart),
			Nullability: knownIndex(2),
		},
		{
			Name: "elt", Group: "string_funcs", Usage: "elt(n, input1, input2, ...)", Doc: "The n-th of the inputs.",
			Example: "elt(1, 'scala', 'java')", Result: "scala", MinArgs: 2, MaxArgs: -1, Operands: expr.Operands{Lazy: expr.LazyElt},
			Resolve: nullable(resolveElt), Foldable: notFoldable,
		},
		{
			Name: "concat_ws", Group: "string_funcs", Usage: "concat_ws(sep[, str | array(str)]+)",
			Doc: "The non-NULL strings and array elements, joined with a separator.", Example: "concat_ws(' ', 'Spark', NULL, 'SQL')",
			Result: "Spark SQL", MinArgs: 1, MaxArgs: -1, Operands: seesNulls, Resolve: resolveConcatWS, Compile: eachRow(concatWS),
		},
	}
}

func contains(name, doc, example string, test func(s, part []byte) bool) *expr.Function {
	return &expr.Function{
		Name: name, Group: "string_funcs", Usage: name + "(left, right)", Doc: doc, Example: example, Result: "true",
		MinArgs: 2, MaxArgs: 2, Resolve: resolveContains,
		Compile: eachBool(func(r *row) bool { return test(r.text(0), r.text(1)) }),
	}
}

// resolveContains keeps two binaries, and casts to STRING otherwise.
func resolveContains(call *expr.Expr) error {
	if call.Args[0].Type.Kind == types.KindBinary && call.Args[1].Type.Kind == types.KindBinary {
		return returns(types.Boolean, coerce.Binary)(call)
	}
	return returns(types.Boolean, coerce.String)(call)
}

// indexFrom returns the character position, counted from 1, of sub in s at or after the character at start, counted from 0;
// or 0.
func indexFrom(s, sub []byte, start int) int {
	from := skipChars(s, start)
	at := bytes.Index(s[from:], sub)
	if at < 0 {
		return 0
	}
	return start + countChars(s[from:from+at]) + 1
}

// compileInstr finds nothing if there is a start and substr is empty or the start is 0.
// resolveInstr adds the occurrence to a call with a start.
func resolveInstr(call *expr.Expr) error {
	if len(call.Args) == 3 {
		call.Args = append(call.Args, expr.Int(1))
	}
	return returns(types.Int, coerce.String, coerce.String, coerce.Int)(call)
}

func compileInstr(call *expr.Expr) (expr.Kernel, error) {
	if len(call.Args) == 2 {
		return eachInt(func(r *row) int { return indexFrom(r.text(0), r.text(1), 0) })(call)
	}
	return rowKernel(func(r *row) error {
		occurrence := r.int(3)
		if occurrence < 1 {
			return sparkerr.New("INVALID_PARAMETER_VALUE.OCCURRENCE", "parameter", "`occurrence`", "functionName", "`instr`",
				"occurrence", strconv.Itoa(occurrence))
		}
		r.setInt(instrFrom(&r.Steps, r.text(0), r.text(1), r.int(2), occurrence))
		return nil
	}), nil
}

func instrFrom(steps *halt.Steps, s, sub []byte, start, occurrence int) int {
	if start == 0 {
		return 0
	}
	if start > 0 {
		at := start - 1
		for ; at <= countChars(s); at++ {
			steps.Take(len(s))
			at = indexFrom(s, sub, at) - 1
			if at < 0 {
				return 0
			}
			if occurrence--; occurrence == 0 {
				return at + 1
			}
		}
		return 0
	}
	for at := countChars(s) + start; at >= 0; at-- {
		steps.Take(at)
		if bytes.HasPrefix(s[skipChars(s, at):], sub) {
			if occurrence--; occurrence == 0 {
				return at + 1
			}
		}
	}
	return 0
}

func resolveLocate(call *expr.Expr) error {
	err := returns(types.Int, coerce.String, coerce.String, coerce.Int)(call)
	call.Nullable = call.Args[0].Nullable || call.Args[1].Nullable
	return err
}

// locate returns 0 for a NULL start, even if other arguments are NULL. An empty substr is found at 1 wherever the search
// starts.
func locate(r *row) int {
	switch {
	case r.int(2) < 1:
		return 0
	case len(r.text(0)) == 0:
		return 1
	}
	return indexFrom(r.text(1), r.text(0), r.int(2)-1)
}

// startFirst evaluates the start before the strings: if it is NULL, they are not evaluated and the result is 0.
func startFirst(call *expr.Expr) (*expr.Expr, error) {
	start, w := call.Args[2], rewriting{from: call}
	if start.Kind == expr.Literal && !start.IsNullLit() || start.Is("coalesce") {
		return call, nil
	}
	known := call.WithArgs([]*expr.Expr{call.Args[0], call.Args[1], w.call("coalesce", start, expr.Int(0))})
	return w.call("if", w.call("isnull", start), expr.Int(0), known), w.err
}

func findInSet(r *row) int {
	want, list := r.text(0), r.text(1)
	if bytes.IndexByte(want, ',') >= 0 {
		return 0
	}
	for n := 1; ; n++ {
		r.Take(1)
		item, rest, more := bytes.Cut(list, []byte(","))
		if bytes.Equal(item, want) {
			return n
		}
		if !more {
			return 0
		}
		list = rest
	}
}

func substringIndex(steps *halt.Steps, s, delimiter []byte, count int) []byte {
	if len(delimiter) == 0 || count == 0 {
		return nil
	}
	at := -1
	for ; count > 0; count-- {
		steps.Take(1)
		next := bytes.Index(s[at+1:], delimiter)
		if next < 0 {
			return s
		}
		at += next + 1
		if count == 1 {
			return s[:at]
		}
	}
	end := len(s)
	for ; count < 0; count++ {
		steps.Take(1)
		at = lastIndexBefore(s, delimiter, end)
		if at < 0 {
			return s
		}
		end = at + len(delimiter) - 1
	}
	return s[at+len(delimiter):]
}

// lastIndexBefore returns the last occurrence that ends at or before end.
func lastIndexBefore(s, sub []byte, end int) int {
	return bytes.LastIndex(s[:max(end, 0)], sub)
}

func splitPart(r *row, dst []byte) ([]byte, error) {
	s, delimiter, n := r.java(0), r.java(1), r.int(2)
	if n == 0 {
		return nil, sparkerr.New("INVALID_INDEX_OF_ZERO")
	}
	parts := 1
	if len(delimiter) > 0 {
		parts += bytes.Count(s, delimiter)
	}
	if n < 0 {
		n += parts + 1
	}
	if n < 1 || n > parts {
		return dst, nil
	}
	for ; n > 1; n-- {
		r.Take(1)
		_, s, _ = bytes.Cut(s, delimiter)
	}
	if len(delimiter) > 0 {
		s, _, _ = bytes.Cut(s, delimiter)
	}
	return append(dst, s...), nil
}

// resolveElt keeps the inputs if all are binary, and casts them to STRING otherwise.
func resolveElt(call *expr.Expr) error {
	input, t := coerce.Binary, types.Binary
	for _, a := range call.Args[1:] {
		if a.Type.Kind != types.KindBinary {
			input, t = coerce.String, types.String
		}
	}
	return returns(t, coerce.Int, input)(call)
}

func resolveConcatWS(call *expr.Expr) error {
	texts := coerce.OneOf(coerce.ArrayOf(coerce.String), coerce.String)
	if err := coerce.Params(call, coerce.String, texts); err != nil {
		return err
	}
	call.Type, call.Nullable = types.String, call.Args[0].Nullable
	return nil
}

func concatWS(r *row) error {
	if r.isNull(0) {
		r.setNull()
		return nil
	}
	dst, from, more := r.out.Data, len(r.out.Data), false
	add := func(s []byte) {
		r.Take(1)
		r.fits(dst, len(r.text(0))+len(s))
		if more {
			dst = append(dst, r.text(0)...)
		}
		dst, more = append(dst, s...), true
	}
	for k, v := range r.args[1:] {
		switch {
		case v.IsNull(r.i):
		case v.Type.Kind != types.KindArray:
			add(r.text(k + 1))
		default:
			w, list := v.Views[v.At(r.i)], v.Children[0]
			for j := int(w.Off); j < int(w.Off+w.Len); j++ {
				if !list.IsNull(j) {
					add(list.Bytes(j))
				}
			}
		}
	}
	r.out.Data = dst
	r.out.CloseBytes(r.i, from)
	return nil
}
