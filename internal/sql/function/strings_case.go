package function

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	ones     = 0x0101010101010101
	highBits = 0x80 * ones
)

// flipCase turns the letters from first to first+25, eight bytes at a time, into the other case, in place. It leaves bytes
// that are not ASCII alone and reports that there are none.
func flipCase(b []byte, first byte) (ascii bool) {
	atLeast, above := (0x80-uint64(first))*ones, (0x80-uint64(first)-26)*ones
	wide := uint64(0)
	for ; len(b) >= 8; b = b[8:] {
		w := binary.LittleEndian.Uint64(b)
		low := w &^ highBits
		letters := (low + atLeast) &^ (low + above) &^ w & highBits
		binary.LittleEndian.PutUint64(b, w^letters>>2)
		wide |= w
	}
	for i, c := range b {
		wide |= uint64(c)
		if c-first < 26 {
			b[i] = c ^ 0x20
		}
	}
	return wide&highBits == 0
}

// compileCase makes the kernel of upper (first 'a') and lower (first 'A'); full appends text that is not all ASCII. The data
// of a whole batch is turned at once, then values that are not ASCII are done again.
func compileCase(first byte, full func(dst, s []byte) []byte) compiler {
	return plain(func(_ *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
		in := args[0]
		if sel == nil && !in.IsConst() && compact(in, n) {
			out.Data = append(out.Data, in.Data...)
			copy(out.Views, in.Views[:n])
			if flipCase(out.Data, first) {
				return nil
			}
		} else {
			for k := range kernel.Count(n, sel) {
				i := kernel.Row(sel, k)
				from := len(out.Data)
				out.Data = append(out.Data, in.Bytes(i)...)
				flipCase(out.Data[from:], first)
				out.CloseBytes(i, from)
			}
		}
		for k := range kernel.Count(n, sel) {
			i := kernel.Row(sel, k)
			if s := in.Bytes(i); !isASCII(s) {
				from := len(out.Data)
				out.Data = full(out.Data, s)
				out.CloseBytes(i, from)
			}
		}
		return nil
	})
}

// compact reports that the values of the first n rows fill most of the vector's data.
func compact(v *vector.Vector, n int) bool {
	total := 0
	for _, w := range v.Views[:n] {
		total += int(w.Len)
	}
	return total >= len(v.Data)/2
}

// compileInitcap lower-cases the text and gives the first letter of each word, which blanks part, its title case.
func compileInitcap(call *expr.Expr) (expr.Kernel, error) {
	var scratch []byte
	return eachText(func(r *row, dst []byte) []byte {
		scratch = appendLower(scratch[:0], r.text(0))
		start := true
		for s := scratch; len(s) > 0; {
			var c rune
			c, s = nextRune(s)
			if start {
				dst = appendTitle(dst, c)
			} else {
				dst = utf8.AppendRune(dst, c)
			}
			start = c == ' '
		}
		return dst
	})(call)
}
