package csv

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/streamctl/streamctl/internal/vector"
)

// Lines that need no tokenizer: those without quotes, and those whose quoted fields are simple.

// part is an unquoted field; an empty one is as good as missing.
func part(from, to int) token {
	if from == to {
		return noToken
	}
	return token{Off: uint32(from), Len: uint32(to - from)}
}

// plainLine cuts a line without quotes.
func (r *reader) plainLine(from, to int) {
	count := 0
	for p := from; ; {
		i := bytes.IndexByte(r.buf[p:to], r.o.sep[0])
		end := to
		if i >= 0 {
			end = p + i
		}
		if count < len(r.wanted) && r.wanted[count] != nil {
			r.wanted[count][r.n] = part(p, end)
		}
		count++
		if i < 0 || r.want < 0 && count >= len(r.wanted) {
			break
		}
		p = end + 1
	}
	r.endPlain(from, to, count)
}

// endPlain ends the row of a line without quotes that has count tokens (or more, if nobody counts).
func (r *reader) endPlain(from, to, count int) {
	n := r.n
	if to-from > r.limit {
		r.longRecord(from)
		return
	}
	if to-from >= r.o.maxColumns && bytes.Count(r.buf[from:to], r.o.sep) >= r.o.maxColumns {
		r.recordFailed(errTooLong, r.buf[from:to])
		return
	}
	r.starts[n] = uint32(from - r.from)
	r.judge.Records[n] = token{Off: uint32(from), Len: uint32(to - from)}
	r.judge.State[n] = fine
	for at := count; at < len(r.wanted); at++ {
		if to := r.wanted[at]; to != nil {
			to[n] = noToken
		}
	}
	if r.want >= 0 && count != r.want {
		r.judge.State[n], r.judge.Any = wrongCount, true
	}
	r.n++
}

const (
	ones   = 0x0101010101010101
	sevens = 0x7f7f7f7f7f7f7f7f
)

// indexPlain cuts whole lines, none of which has a quote or carriage return, up to stop or until the batch is full.
func (r *reader) indexPlain(stop int) {
	buf := r.buf[:stop]
	for r.pos < stop && r.n < vector.BatchRows {
		line := r.pos
		if c := buf[line]; c <= ' ' || r.o.hasComment && c == r.o.comment {
			from, to := r.nextLine()
			if !r.ignored(buf[from:to]) {
				r.plainLine(from, to)
			}
			continue
		}
		end, count := r.cutLine(buf, line)
		r.pos = min(end+1, stop)
		r.endPlain(line, end, count)
	}
}

// cutLine finds the tokens of the line that begins at buf[line], eight bytes at a time, and its end.
func (r *reader) cutLine(buf []byte, line int) (end, count int) {
	seps, ends := r.sepWord, uint64(newLine)*ones
	field, n := line, r.n
	wanted := r.wanted // tokens by position in the data, nil where not wanted, up to the last that is
	early := r.want < 0
	for p := line; p+8 <= len(buf); p += 8 {
		w := binary.LittleEndian.Uint64(buf[p:])
		s, e := w^seps, w^ends
		hit := ^((((s&sevens)+sevens)|s)&(((e&sevens)+sevens)|e) | sevens)
		for ; hit != 0; hit &= hit - 1 {
			at := p + bits.TrailingZeros64(hit)>>3
			if count < len(wanted) {
				if to := wanted[count]; to != nil {
					to[n&(vector.BatchRows-1)] = part(field, at)
				}
			}
			count++
			if buf[at] == newLine {
				return at, count
			}
			field = at + 1
			if early && count >= len(wanted) {
				if i := bytes.IndexByte(buf[field:], newLine); i >= 0 {
					return field + i, count
				}
				return len(buf), count
			}
		}
	}
	return r.cutTail(buf, field, count)
}

// cutTail is cutLine for a field that ends in the last bytes of the chunk.
func (r *reader) cutTail(buf []byte, field, count int) (end, total int) {
	for p := field; ; p++ {
		if p < len(buf) && buf[p] != r.o.sep[0] && buf[p] != newLine {
			continue
		}
		if count < len(r.wanted) && r.wanted[count] != nil {
			r.wanted[count][r.n] = part(field, p)
		}
		count++
		if p >= len(buf) || buf[p] == newLine {
			return p, count
		}
		field = p + 1
	}
}

// quotedLine cuts a line whose quoted fields have neither escapes nor anything behind the closing quote. It is false, and has
// done nothing that matters, for other lines.
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
