package csv

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/vector"
)

// Fast paths for lines that need no tokenizer: those without quotes, and those whose quoted fields are simple.

// part returns an unquoted field; an empty one counts as missing.
func part(from, to int) token {
	if from == to {
		return noToken
	}
	return token{Off: uint32(from), Len: uint32(to - from)}
}

// plainLine splits a line without quotes. It looks at the first word of a field itself: most fields are shorter, and a call would take longer.
func (r *reader) plainLine(from, to int) {
	buf, sep, wanted, early := r.buf[:to], r.sepWord, r.wanted, r.want < 0
	count := 0
	for field := from; ; {
		var at int
		if field+8 > to {
			at = r.fieldEnd(buf, field)
		} else if seps := firstZero(binary.LittleEndian.Uint64(buf[field:]) ^ sep); seps != 0 {
			at = field + bits.TrailingZeros64(seps)>>3
		} else {
			at = r.fieldEnd(buf, field+8)
		}
		if count < len(wanted) && wanted[count] != nil {
			wanted[count][r.n&(vector.BatchRows-1)] = part(field, at)
		}
		count++
		if at == to || early && count >= len(wanted) {
			break
		}
		field = at + 1
	}
	r.endPlain(from, to, count)
}

// firstZero returns a word whose lowest set bit is the highest bit of the first zero byte of x, or 0.
func firstZero(x uint64) uint64 { return (x - ones) &^ x & (0x80 * ones) }

// fieldEnd returns the position of the next separator in the line that ends at len(buf), or the end of the line.
func (r *reader) fieldEnd(buf []byte, from int) int {
	if from+8 <= len(buf) {
		if seps := firstZero(binary.LittleEndian.Uint64(buf[from:]) ^ r.sepWord); seps != 0 {
			return from + bits.TrailingZeros64(seps)>>3
		}
		from += 8
	}
	if i := bytes.IndexByte(buf[from:], r.o.sep[0]); i >= 0 {
		return from + i
	}
	return len(buf)
}

// endPlain ends the row of a line without quotes that has count tokens. If tokens are not counted, there may be more.
func (r *reader) endPlain(from, to, count int) {
	n := r.n
	if to-from > r.limit {
		r.longRecord(from)
		return
	}
	if to-from >= r.o.maxColumns && bytes.Count(r.buf[from:to], r.o.sep) >= r.o.maxColumns {
		r.recordFailed(tooManyColumns(r.o.maxColumns), r.buf[from:to])
		return
	}
	r.tok.started = true
	if r.endsInCR && to > from && r.buf[to-1] == '\r' {
		to--
	}
	r.starts[n] = uint32(from - r.from)
	r.judge.Records[n] = token{Off: uint32(from), Len: uint32(to - from)}
	r.judge.State[n] = fine
	for at := count; at < len(r.wanted); at++ {
		r.short = r.short || r.want < 0
		if to := r.wanted[at]; to != nil {
			to[n] = noToken
		}
	}
	if r.want >= 0 && count != r.want {
		r.judge.State[n], r.judge.Any, r.badCol[n] = wrongCount, true, int16(min(count, math.MaxInt16))
	}
	r.n++
}

// indexPlain splits whole lines, none of which contains a quote or carriage return, until stop or until the batch is full.
func (r *reader) indexPlain(stop int) {
	buf := r.buf[:stop]
	wide := r.wide(buf[r.pos:min(stop, r.pos+sampleBytes)])
	for r.pos < stop && r.n < r.rows {
		if !r.needsLook(buf[r.pos]) {
			if wide {
				r.cutWideLines(buf)
			} else {
				r.cutLines(buf)
			}
			continue
		}
		from, to := r.nextLine()
		if !r.ignored(buf[from:to]) {
			r.plainLine(from, to)
		}
	}
}

const (
	sampleBytes = 4 << 10
	wideBytes   = 14 // the average size of a field from which a search for its end is faster than looking at all bytes
)

// wide reports whether some text has long fields.
func (r *reader) wide(text []byte) bool {
	return (bytes.Count(text, r.o.sep)+bytes.Count(text, lineFeed))*wideBytes < len(text)
}

var lineFeed = []byte{newLine}

// cutWideLines is cutLines for lines with long fields.
func (r *reader) cutWideLines(buf []byte) {
	line := r.pos
	for {
		end := lineEnd(buf, line)
		r.plainLine(line, end)
		line = end + 1
		if line >= len(buf) || r.n == r.rows || r.needsLook(buf[line]) {
			r.pos = min(line, len(buf))
			return
		}
	}
}

// needsLook reports whether a line that begins with c may have to be ignored.
func (r *reader) needsLook(c byte) bool { return c <= ' ' || r.o.hasComment && c == r.o.comment }

// cutLines tokenizes lines, 64 bytes at a time, until the batch is full, buf ends, or a line needs a closer look.
func (r *reader) cutLines(buf []byte) {
	line, field, count := r.pos, r.pos, 0
	wanted := r.wanted // tokens by position in the data, nil if not wanted, up to the last one wanted
	early := r.want < 0
	for base := line; ; base += 64 {
		seps, ends := r.marks(buf, base)
		for hits := seps | ends; hits != 0; hits &= hits - 1 {
			bit := bits.TrailingZeros64(hits)
			at := base + bit
			if count < len(wanted) {
				if to := wanted[count]; to != nil {
					to[r.n&(vector.BatchRows-1)] = part(field, at)
				}
			}
			count++
			if ends>>bit&1 == 0 {
				field = at + 1
				if !early || count < len(wanted) {
					continue
				}
				// The rest of the line is not wanted.
				if rest := ends >> bit; rest != 0 {
					skip := bits.TrailingZeros64(rest)
					hits &= ^uint64(0) << (bit + skip - 1) // the loop continues after its lowest bit
					hits |= 1 << (bit + skip - 1)
					continue
				}
				at = lineEnd(buf, base+64)
				hits, base = 0, at+1-64
			}
			r.endPlain(line, at, count)
			line, field, count = at+1, at+1, 0
			if line >= len(buf) || r.n == r.rows || r.needsLook(buf[line]) {
				r.pos = min(line, len(buf))
				return
			}
		}
	}
}

// lineEnd returns the end of the line that contains from.
func lineEnd(buf []byte, from int) int {
	if from < len(buf) {
		if i := bytes.IndexByte(buf[from:], newLine); i >= 0 {
			return from + i
		}
	}
	return len(buf)
}

const (
	ones   = 0x0101010101010101
	sevens = 0x7f7f7f7f7f7f7f7f
)

// marks returns a bit for each separator and each line end in the 64 bytes of buf from base on. The end of buf also ends a
// line.
func (r *reader) marks(buf []byte, base int) (seps, ends uint64) {
	if base+64 <= len(buf) {
		return marks((*[64]byte)(buf[base:]), r.sepWord)
	}
	var tail [64]byte
	n := copy(tail[:], buf[base:])
	seps, ends = marks(&tail, r.sepWord)
	return seps & (1<<n - 1), ends&(1<<n-1) | 1<<n
}

func marks(block *[64]byte, sep uint64) (seps, ends uint64) {
	const end = newLine * ones
	for i := 0; i < 64; i += 8 {
		w := binary.LittleEndian.Uint64(block[i:])
		seps |= zeroBytes(w^sep) << i
		ends |= zeroBytes(w^end) << i
	}
	return seps, ends
}

// zeroBytes returns a bit for each zero byte. (Hacker's Delight, 6-1; the multiplication gathers the lowest bits of all
// bytes.)
func zeroBytes(x uint64) uint64 {
	zero := ^((x&sevens + sevens) | x | sevens)
	return zero >> 7 * 0x0102040810204080 >> 56
}

// isASCII reports whether all bytes of a text are ASCII.
func isASCII(text []byte) bool {
	const step = 32
	for ; len(text) >= step; text = text[step:] {
		b := (*[step]byte)(text)
		x := binary.LittleEndian.Uint64(b[:]) | binary.LittleEndian.Uint64(b[8:]) | binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
		if x&^sevens != 0 {
			return false
		}
	}
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// quotedLine splits a line whose quoted fields have no escapes and nothing after the closing quote. For other lines it
// returns false and leaves no effects that matter.
func (r *reader) quotedLine(from, to int) bool {
	o := r.o
	buf := r.buf[:to]
	count := 0
	for p := from; ; {
		var k token
		end := to
		if p < to && buf[p] == o.quote {
			i := bytes.IndexByte(buf[p+1:], o.quote)
			if i <= 0 || o.escape != o.quote && bytes.IndexByte(buf[p+1:p+1+i], o.escape) >= 0 {
				return false
			}
			k = token{Off: uint32(p + 1), Len: uint32(i)}
			end = p + i + 2
			if end < to && buf[end] != o.sep[0] {
				return false
			}
			// After the last field nothing tells the parser that the field is simple, and it loses this character.
			if end == to && o.escapeEscape != o.escape && bytes.IndexByte(buf[p+1:p+1+i], o.escapeEscape) >= 0 {
				return false
			}
		} else {
			if i := bytes.IndexByte(buf[p:], o.sep[0]); i >= 0 {
				end = p + i
			}
			k = part(p, end)
		}
		if count < len(r.wanted) && r.wanted[count] != nil {
			r.wanted[count][r.n] = k
		}
		count++
		if end == to || r.want < 0 && count >= len(r.wanted) {
			break
		}
		p = end + 1
	}
	r.endPlain(from, to, count)
	return true
}
