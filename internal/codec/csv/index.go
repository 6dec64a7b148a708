package csv

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
)

// nextChunk reads the next chunk and decides which fast paths apply to it.
func (r *reader) nextChunk(ctx context.Context) error {
	from, to, offset, err := r.chunks.Next(ctx)
	if err == nil {
		err = r.hold()
	}
	if err != nil {
		if errors.Is(err, io.EOF) || ctx.Err() != nil {
			return err
		}
		return codec.ReadFailed(r.in.File, err)
	}
	r.buf = r.chunks.Buf()
	r.base = len(r.buf)
	r.from, r.pos, r.end, r.offset = from, from, to, offset
	if err := r.findHeader(r.in); err != nil {
		return codec.ReadFailed(r.in.File, err)
	}
	if r.o.multiLine {
		r.openRecords()
		return r.checkHeaderRecord()
	}
	if offset == 0 && !r.in.Continues {
		r.pos += codec.SkipBOM(r.buf[r.pos:r.end])
	}
	chunk := r.buf[r.pos:r.end]
	r.plain = r.simple() && (isASCII(chunk) || utf8.Valid(chunk) && !bytes.Contains(chunk, byteOrderMark))
	cr := bytes.IndexByte(chunk, '\r') >= 0
	r.crs, r.endsInCR = cr && r.o.lineSep == "", cr && r.o.lineSep != ""
	r.findQuote()
	if r.atHeader {
		return r.header()
	}
	return nil
}

// byteOrderMark is skipped at the beginning of every line. Plain lines are not checked for it.
var byteOrderMark = []byte("\ufeff")

// simple reports whether lines without quotes can be split at separators with no further checks.
func (r *reader) simple() bool {
	o := r.o
	return !o.slow && !r.whole && r.charset == nil && len(o.sep) == 1 && len(o.specials) == 0 && !o.trimLeft && !o.trimRight && o.maxChars < 0 &&
		(o.lineSep == "" || o.lineSep == "\n") && o.sep[0] != newLine && o.sep[0] != '\r' && o.sep[0] != o.quote
}

func (r *reader) findQuote() {
	r.quoteAt = r.end
	if i := bytes.IndexByte(r.buf[r.pos:r.end], r.o.quote); i >= 0 {
		r.quoteAt = r.pos + i
	}
}

// index tokenizes the next records, as many as fit into a batch.
func (r *reader) index() {
	r.n, r.long, r.judge.Any, r.reasons = 0, r.long[:0], false, nil
	for at, slot := range r.slotOf[:len(r.wanted)] {
		if slot >= 0 {
			r.wanted[at] = r.columns[slot].tokens
		}
	}
	r.buf = r.buf[:r.base]
	if r.o.multiLine {
		r.indexRecords()
		return
	}
	for r.pos < r.end && r.n < r.rows {
		if r.plain && !r.crs && r.quoteAt > r.pos {
			stop := r.end
			if r.quoteAt < r.end {
				stop = bytes.LastIndexByte(r.buf[r.pos:r.quoteAt], newLine) + 1 + r.pos
			}
			if stop > r.pos {
				r.indexPlain(stop)
				continue
			}
		}
		r.indexLine()
	}
}

// indexLine tokenizes the next line.
func (r *reader) indexLine() {
	from, to := r.nextLine()
	line := r.buf[from:to]
	if to-from > r.limit {
		if !r.isLongComment(line) {
			r.longRecord(from)
		}
		if r.plain {
			r.findQuote()
		}
		return
	}
	if r.plain && r.quoteAt >= to {
		if !r.ignored(line) {
			r.plainLine(from, to)
		}
		return
	}
	var ok bool
	if r.buf, ok = r.chunks.Room(r.buf, to-from); !ok {
		r.fatal(r.chunks.Err())
		return
	}
	line = r.buf[from:to]
	if r.plain && r.quick && r.quoteAt < to {
		if r.ignored(line) || r.quotedLine(from, to) {
			r.findQuote()
			return
		}
	}
	if r.plain {
		r.findQuote()
	}
	start := uint32(from - r.from)
	if r.charset != nil || !utf8.Valid(line) || len(r.o.specials) > 0 {
		from, to = r.rewrite(line)
		line = r.buf[from:to]
	}
	if r.ignored(line) {
		return
	}
	if len(r.columns) == 0 && r.want < 0 {
		r.addRow(start, from, to, nil, r.want)
		return
	}
	r.tok.begin(r.buf, from, to)
	ok, more := r.tok.record()
	r.buf = r.tok.buf
	r.chunks.Keep(r.buf)
	if more {
		r.loseRest(start)
	}
	if r.tok.err != nil {
		r.recordFailed(r.tok.err, r.buf[from:to])
		return
	}
	r.restore()
	text := stripLineEnd(r.buf, r.tok.origin, r.tok.pos)
	if !ok {
		r.addRow(start, from, to, nil, -1)
		r.judge.State[r.n-1], r.judge.Any = noRecord, true
		return
	}
	r.addRow(start, int(text.Off), int(text.Off+text.Len), r.tok.tokens, len(r.tok.tokens))
}

// loseRest reports the text after the first record of the line that begins at start in the chunk. The parser ends a record at
// a line feed, whatever lineSep says. Spark returns only that record and mixes the rest up with the following lines.
func (r *reader) loseRest(start uint32) {
	rest := token{Off: uint32(r.tok.pos), Len: uint32(r.tok.end - r.tok.pos)}
	if len(r.tok.pending) > 0 {
		rest, r.tok.pending = token{Off: uint32(r.tok.origin), Len: uint32(r.tok.end - r.tok.origin)}, nil
	}
	text := r.text(r.original(rest))
	if blank(text) || r.scan.OnMalformed == nil {
		return
	}
	r.scan.OnMalformed(&codec.Malformed{
		File: r.in.File, Offset: r.offset + int64(start), Record: text, Reason: codec.LineFeed, Dropped: true,
	})
}

// nextLine consumes the next line of the chunk and returns its range without the line end.
func (r *reader) nextLine() (from, to int) {
	from = r.pos
	rest := r.buf[from:r.end]
	if sep := r.o.LineEnd(); sep != nil {
		to, r.pos = r.end, r.end
		if i := bytes.Index(rest, sep); i >= 0 {
			to, r.pos = from+i, from+i+len(sep)
		}
		return from, to
	}
	to, r.pos = r.end, r.end
	if i := bytes.IndexByte(rest, newLine); i >= 0 {
		to, r.pos = from+i, from+i+1
	}
	if r.crs {
		if i := bytes.IndexByte(r.buf[from:to], '\r'); i >= 0 {
			if from+i+1 < to {
				r.pos = from + i + 1
			}
			to = from + i
		}
	}
	return from, to
}

// ignored reports whether a line is blank or a comment. A line that is too long may be incomplete, so that it cannot be known
// to be blank.
func (r *reader) ignored(line []byte) bool {
	if len(line) > 0 && line[0] > ' ' {
		return r.o.hasComment && line[0] == r.o.comment
	}
	return len(line) <= r.limit && blank(line)
}

// isLongComment is ignored for a line that is too long to be converted to UTF-8.
func (r *reader) isLongComment(line []byte) bool {
	if !r.o.hasComment {
		return false
	}
	if r.charset != nil || len(r.o.specials) > 0 {
		from, to := r.rewrite(line[:min(len(line), 8)])
		line = r.buf[from:to]
	}
	return line[0] == r.o.comment
}

func blank(line []byte) bool {
	for _, c := range line {
		if c > ' ' {
			return false
		}
	}
	return true
}

// rewrite appends a line to the buffer as valid UTF-8, replacing the special characters by single bytes.
func (r *reader) rewrite(line []byte) (from, to int) {
	from = len(r.buf)
	if r.charset == nil && !r.repaired && !utf8.Valid(line) {
		r.loseBytes(line)
	}
	r.buf = r.charset.AppendText(r.buf, line)
	if len(r.o.specials) > 0 {
		text := r.buf[from:]
		for i, s := range r.o.specials {
			text = bytes.ReplaceAll(text, []byte(s), []byte{byte(0xF8 + i)})
		}
		r.buf = append(r.buf[:from], text...)
	}
	r.chunks.Keep(r.buf)
	return from, len(r.buf)
}

// loseBytes reports, once, that text is not UTF-8. Binary data is not reported here: it makes malformed records, which are.
func (r *reader) loseBytes(text []byte) {
	r.repaired = true
	if slices.ContainsFunc(text[:min(len(text), 4<<10)], func(c byte) bool { return c < '\t' || c > '\r' && c < ' ' }) {
		return
	}
	r.scan.Lose(codec.Loss{
		Key:  "encoding",
		Text: codec.NameOf(r.in.File) + " contains bytes that are not UTF-8; they are read as U+FFFD (\uFFFD)",
		Hint: "encoding=ISO-8859-1 reads Latin-1; iconv -f WINDOWS-1252 -t UTF-8 converts Windows text",
	})
}

// restore reverts rewrite's replacement of special characters in tokens and record.
func (r *reader) restore() {
	if len(r.o.specials) == 0 {
		return
	}
	for i, k := range r.tok.tokens {
		r.tok.tokens[i] = r.original(k)
	}
}

func (r *reader) original(k token) token {
	if k == noToken || utf8.Valid(r.text(k)) {
		return k
	}
	text := r.text(k)
	for i, s := range r.o.specials {
		text = bytes.ReplaceAll(text, []byte{byte(0xF8 + i)}, []byte(s))
	}
	k = token{Off: uint32(len(r.buf)), Len: uint32(len(text))}
	r.buf = append(r.buf, text...)
	r.chunks.Keep(r.buf)
	return k
}

// stripLineEnd returns the record buf[from:to] without its line end, if any.
func stripLineEnd(buf []byte, from, to int) token {
	if to > from && buf[to-1] == newLine {
		to--
		if to > from && buf[to-1] == '\r' {
			to--
		}
	} else if to > from && buf[to-1] == '\r' {
		to--
	}
	return token{Off: uint32(from), Len: uint32(to - from)}
}

// addRow stores the tokens of a record; count is the number of tokens found.
func (r *reader) addRow(start uint32, from, to int, tokens []token, count int) {
	n := r.n
	r.starts[n] = start
	r.judge.Records[n] = token{Off: uint32(from), Len: uint32(to - from)}
	if len(r.o.specials) > 0 {
		r.judge.Records[n] = r.original(r.judge.Records[n])
	}
	r.judge.State[n] = fine
	if r.whole {
		r.keepRecord(n, tokens)
	}
	for at, to := range r.wanted {
		if to == nil {
			continue
		}
		to[n] = noToken
		if at < len(tokens) {
			to[n] = tokens[at]
		} else if r.want < 0 {
			r.short = true
		}
	}
	if r.want >= 0 && count != r.want {
		r.judge.State[n], r.judge.Any, r.badCol[n] = wrongCount, true, int16(min(count, math.MaxInt16))
	}
	r.n++
}
