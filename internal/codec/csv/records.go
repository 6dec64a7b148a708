package csv

import (
	"bytes"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
)

// multiLine: the whole file is a single text, and the tokenizer determines where records end.

// openRecords starts the tokenizer on the chunk, which is the whole file.
func (r *reader) openRecords() {
	file := r.buf[r.from:r.end]
	from, to := r.from, r.end
	if r.charset != nil || len(r.o.specials) > 0 || !utf8.Valid(file) {
		from, to = r.rewrite(file)
		r.base = to
	}
	text := r.buf[from:to]
	r.lines = codec.TextLines{Sep: r.o.textEnd(), From: from}
	r.tok.begin(r.buf, from, to)
	r.tok.tiny = false
	if r.o.lineSep == "" {
		r.tok.tiny = utf16Length(text) <= 4
		r.tok.sep1, r.tok.sep2 = lineEndOf(text)
	}
	r.pos, r.records = r.end, true
}

// textEnd returns the line separator of a file that is a single text; nil means any line end.
func (o *Options) textEnd() []byte {
	if o.lineSep == "" || o.lineSep == "\r\n" {
		return nil
	}
	return []byte(o.lineSep)
}

// lineEndOf returns the first line end in a text; no other one is recognised after that.
func lineEndOf(text []byte) (byte, byte) {
	i := bytes.IndexAny(text, "\r\n")
	if i >= 0 && text[i] == '\r' {
		if i+1 < len(text) && text[i+1] == newLine {
			return '\r', newLine
		}
		return '\r', 0
	}
	return newLine, 0
}

// checkHeaderRecord consumes the first record as the header.
func (r *reader) checkHeaderRecord() error {
	if !r.atHeader {
		return nil
	}
	r.atHeader = false
	ok, more := r.tok.record()
	r.keepTokens()
	r.records = more
	if r.tok.err != nil {
		return codec.ReadFailed(r.in.File, r.tok.err)
	}
	if !ok {
		return nil
	}
	return r.checkHeader()
}

func (r *reader) keepTokens() {
	r.buf = r.tok.buf
	r.chunks.Keep(r.buf)
	r.restore()
}

// indexRecords tokenizes the next records.
func (r *reader) indexRecords() {
	for r.records && r.n < r.rows {
		r.tok.buf = r.buf
		ok, more := r.tok.record()
		r.records = more
		from := r.tok.start
		r.keepTokens()
		if r.tok.err != nil {
			r.recordFailed(r.tok.err, r.buf[from:r.tok.pos])
			return
		}
		if !ok {
			continue
		}
		text := stripLineEnd(r.buf, from, r.tok.pos)
		r.addRow(uint32(from-r.from), from, int(text.Off+text.Len), r.tok.tokens, len(r.tok.tokens))
		if r.tok.pos == from { // a quote was pending when the input ended
			r.judge.Records[r.n-1] = noToken
		}
	}
}
