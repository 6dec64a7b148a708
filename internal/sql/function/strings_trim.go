package function

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/coerce"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// The ends of a string, for trimming.
const (
	trimLeft = 1 << iota
	trimRight
)

// trimmed returns the entry of trim, ltrim or rtrim, whose first argument holds the characters to strip.
func trimmed(name, side, where string, ends int) *expr.Function {
	examples := map[string][2]string{
		"trim": {"trim(BOTH 'SL' FROM 'SSparkSQLS')", "parkSQ"}, "ltrim": {"ltrim('    SparkSQL')", "SparkSQL"},
		"rtrim": {"rtrim('LQSa', 'SSparkSQLS')", "SSpark"},
	}
	return &expr.Function{
		Name: name, Group: "string_funcs", Usage: name + "([trimStr, ]str) or trim(" + side + " [trimStr] FROM str)",
		Doc:     "The string with blanks, or the characters in trimStr, removed from " + where + ".",
		Example: examples[name][0], Result: examples[name][1], MinArgs: 1, MaxArgs: 2,
		Resolve: returns(types.String, coerce.String), Compile: compileTrim(ends, 0), Operands: expr.Operands{Order: expr.LastFirst, Nulls: expr.NullsStop},
		SQL: func(_ *expr.Expr, args []string) string {
			if len(args) == 2 {
				return "TRIM(" + side + " " + args[0] + " FROM " + args[1] + ")"
			}
			return name + "(" + args[0] + ")"
		},
	}
}

// compileTrim strips blanks or, with two arguments, the characters in argument chars.
func compileTrim(ends, chars int) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		if len(call.Args) == 1 {
			return trimBlanksKernel(ends), nil
		}
		return eachCut(1-chars, func(r *row, s []byte) []byte { return trimChars(&r.Steps, s, r.text(chars), ends) })(call)
	}
}

func trimBlanksKernel(ends int) expr.Kernel {
	left, right := ends&trimLeft != 0, ends&trimRight != 0
	return func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		v := args[0]
		out.Share(v)
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			w := v.Views[v.At(i)]
			if left {
				blanks := leadingBlanks(v.Data, int(w.Off), int(w.Len))
				w = vector.View{Off: w.Off + uint32(blanks), Len: w.Len - uint32(blanks)}
			}
			if right {
				w.Len -= uint32(trailingBlanks(v.Data, int(w.Off), int(w.Len)))
			}
			out.Views[out.At(i)] = w
		}
		return nil
	}
}

// leadingBlanks counts the blanks at the start of data[off:off+n]. It works by words, because a branch per byte would be
// mispredicted.
func leadingBlanks(data []byte, off, n int) (blanks int) {
	for ; blanks < n && off+blanks+8 <= len(data); blanks += 8 {
		if x := binary.LittleEndian.Uint64(data[off+blanks:]) ^ ' '*ones; x != 0 {
			return min(blanks+bits.TrailingZeros64(x)>>3, n)
		}
	}
	for blanks < n && data[off+blanks] == ' ' {
		blanks++
	}
	return min(blanks, n)
}

// trailingBlanks counts the blanks at the end.
func trailingBlanks(data []byte, off, n int) (blanks int) {
	for end := off + n; blanks < n && end-blanks >= 8; blanks += 8 {
		if x := binary.LittleEndian.Uint64(data[end-blanks-8:]) ^ ' '*ones; x != 0 {
			return min(blanks+bits.LeadingZeros64(x)>>3, n)
		}
	}
	for blanks < n && data[off+n-1-blanks] == ' ' {
		blanks++
	}
	return min(blanks, n)
}

func trimChars(steps *halt.Steps, s, set []byte, ends int) []byte {
	if ends&trimLeft != 0 {
		for len(s) > 0 && bytes.Contains(set, s[:charLen(s)]) {
			steps.Take(1 + len(set)/16)
			s = s[charLen(s):]
		}
	}
	if ends&trimRight != 0 {
		for len(s) > 0 {
			steps.Take(1 + len(set)/16)
			last := lastChar(s)
			if !bytes.Contains(set, s[last:]) {
				break
			}
			s = s[:last]
		}
	}
	return s
}

// lastChar returns the start of the last character of s.
func lastChar(s []byte) int {
	at := len(s) - 1
	for at > 0 && len(s)-at < 4 && s[at]&0xC0 == 0x80 {
		at--
	}
	if at+charLen(s[at:]) != len(s) {
		return len(s) - 1
	}
	return at
}

// pad returns the entry of lpad or rpad.
func pad(name, side, result string, compile compiler) *expr.Function {
	return &expr.Function{
		Name: name, Group: "string_funcs", Usage: name + "(str, len[, pad])",
		Doc:     "The string truncated to len characters, or padded to that length on the " + side + " with pad, by default blanks.",
		Example: name + "('hi', 5, '?')", Result: result, MinArgs: 2, MaxArgs: 3,
		Resolve: resolvePad, Compile: compile,
	}
}

// resolvePad pads binary data with zero bytes unless pad is given.
func resolvePad(call *expr.Expr) error {
	if len(call.Args) == 2 {
		filling := expr.Str(" ")
		if call.Args[0].Type.Kind == types.KindBinary {
			filling = binaryLiteral([]byte{0})
		}
		call.Args = append(append([]*expr.Expr(nil), call.Args...), filling)
	}
	if call.Args[0].Type.Kind == types.KindBinary && call.Args[2].Type.Kind == types.KindBinary {
		return returns(types.Binary, coerce.Binary, coerce.Int, coerce.Binary)(call)
	}
	return returns(types.String, coerce.String, coerce.Int, coerce.String)(call)
}

func compilePad(left bool) compiler {
	return func(call *expr.Expr) (expr.Kernel, error) {
		count, skip := countChars, skipChars
		if call.Type.Kind == types.KindBinary {
			count, skip = func(b []byte) int { return len(b) }, func(b []byte, n int) int { return max(0, min(n, len(b))) }
		}
		return eachTextOr(func(r *row, dst []byte) ([]byte, error) {
			s, length, filling := r.text(0), r.int(1), r.text(2)
			missing := length - count(s)
			if missing <= 0 {
				return append(dst, s[:skip(s, length)]...), nil
			}
			if len(filling) > 0 {
				r.fits(dst, length)
			}
			if !left {
				dst = append(dst, s...)
			}
			for len(filling) > 0 && missing > 0 {
				r.Take(1)
				chunk := filling[:skip(filling, missing)]
				dst = append(dst, chunk...)
				missing -= count(chunk)
			}
			if left {
				dst = append(dst, s...)
			}
			return dst, nil
		})(call)
	}
}
