package function

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/sql/expr"
	"github.com/streamctl/streamctl/internal/sql/kernel"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	ones     = 0x0101010101010101
	highBits = 0x80 * ones
)

// A caseFlip converts the letters from first to first+25 to the other case, eight bytes at a time.
type caseFlip struct{ atLeast, above uint64 }

func newCaseFlip(first byte) caseFlip {
	return caseFlip{(0x80 - uint64(first)) * ones, (0x80 - uint64(first) - 26) * ones}
}

// word converts the letters among eight bytes and leaves other bytes, including non-ASCII ones, unchanged.
func (f caseFlip) word(w uint64) uint64 {
	low := w &^ highBits
	return w ^ (low+f.atLeast)&^(low+f.above)&^w&highBits>>2
}

// short is text for up to 16 bytes; src and dst have 16.
func (f caseFlip) short(dst, src []byte, n int) (ascii bool) {
	a, b := binary.LittleEndian.Uint64(src), binary.LittleEndian.Uint64(src[8:])
	binary.LittleEndian.PutUint64(dst, f.word(a))
	binary.LittleEndian.PutUint64(dst[8:], f.word(b))
	a &= 1<<uint(8*n) - 1
	b &= 1<<uint(8*max(n-8, 0)) - 1
	return (a|b)&highBits == 0
}

// text writes n bytes of src[off:] to dst[at:], which must have room for vector.TextSlack, and reports whether all are ASCII.
func (f caseFlip) text(dst []byte, at int, src []byte, off, n int) (ascii bool) {
	if n <= vector.TextSlack && off+vector.TextSlack <= len(src) {
		return f.short(dst[at:at+vector.TextSlack], src[off:off+vector.TextSlack], n)
	}
	wide := uint64(0)
	for n > 0 {
		var w uint64
		if off+8 <= len(src) {
			w = binary.LittleEndian.Uint64(src[off:])
		} else {
			var tail [8]byte
			copy(tail[:], src[off:])
			w = binary.LittleEndian.Uint64(tail[:])
		}
		binary.LittleEndian.PutUint64(dst[at:], f.word(w))
		if n < 8 {
			w &= 1<<(8*n) - 1
		}
		wide |= w
		at, off, n = at+8, off+8, n-8
	}
	return wide&highBits == 0
}

// compileCase returns the kernel of upper (first is 'a') or lower (first is 'A'); full handles strings that are not all
// ASCII.
func compileCase(first byte, full func(steps *halt.Steps, dst, s []byte) []byte) compiler {
	return plain((&caseKernel{newCaseFlip(first), full}).run)
}

type caseKernel struct {
	flip caseFlip
	full func(steps *halt.Steps, dst, s []byte) []byte
}

func (c *caseKernel) run(ctx *expr.Context, n int, sel vector.Selection, args []*vector.Vector, out *vector.Vector) error {
	in, flip := args[0], c.flip
	at, room := len(out.Data), textBytes(args, n, sel)
	data := roomFor(out.Data, room)
	steps := halt.Steps{Stop: ctx.Stop}
	for k := range kernel.Count(n, sel) {
		i := kernel.Row(sel, k)
		w := in.Views[in.At(i)]
		from := at
		if flip.text(data, at, in.Data, int(w.Off), int(w.Len)) {
			at += int(w.Len)
		} else {
			data = c.full(&steps, data[:at], in.Bytes(i))
			at = len(data)
			data = roomFor(data, room)
		}
		out.Views[out.At(i)] = vector.View{Off: uint32(from), Len: uint32(at - from)}
	}
	out.Data = data[:at]
	return nil
}

// compileInitcap converts the string to lower case and the first letter of each blank-separated word to title case.
func compileInitcap(call *expr.Expr) (expr.Kernel, error) {
	var scratch []byte
	return eachText(func(r *row, dst []byte) []byte {
		scratch = appendLower(&r.Steps, scratch[:0], r.text(0))
		start := true
		for s := scratch; len(s) > 0; {
			r.Take(1)
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
