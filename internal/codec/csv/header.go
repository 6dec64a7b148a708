package csv

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// header consumes the first line that is neither blank nor a comment, and checks it.
func (r *reader) header() error {
	for r.pos < r.end {
		from, to := r.nextLine()
		start := uint32(from - r.from)
		to = min(to, from+r.limit) // a line that is too long may be incomplete
		line := r.buf[from:to]
		if r.charset != nil || !utf8.Valid(line) || len(r.o.specials) > 0 {
			from, to = r.rewrite(line)
			line = r.buf[from:to]
		}
		for len(line) > 0 && line[0] <= ' ' {
			line = line[1:]
		}
		if blank(line) || r.o.hasComment && line[0] == r.o.comment {
			continue
		}
		r.atHeader = false
		r.tok.begin(r.buf, from, to)
		ok, more := r.tok.record()
		r.buf = r.tok.buf
		r.chunks.Keep(r.buf)
		if more {
			r.loseRest(start)
		}
		r.findQuote()
		if r.tok.err != nil {
			return codec.ReadFailed(r.in.File, r.tok.err)
		}
		if !ok {
			return nil
		}
		r.restore()
		return r.checkHeader()
	}
	return nil
}

// checkHeader compares the names in the header with the schema.
func (r *reader) checkHeader() error {
	names := r.headerNames()
	r.names = names
	if r.whole {
		r.guesser.carry.Header = names
		return nil
	}
	if r.o.single {
		return nil
	}
	want := r.schemaNames()
	if slices.EqualFunc(names, want, strings.EqualFold) {
		return nil
	}
	if r.o.enforceSchema {
		r.loseHeader(names, want)
		return nil
	}
	problem := headerProblem(names, want)
	path := "-"
	if r.in.File != nil {
		path = codec.FileURI(r.in.File.Path)
	}
	problem += "\nCSV file: " + path
	e := sparkerr.New("_LEGACY_ERROR_TEMP_3241", "msg", problem)
	e.Text = problem
	return codec.ReadFailed(r.in.File, e)
}

// loseHeader reports that columns are read by position although the header has other names.
func (r *reader) loseHeader(header, schema []string) {
	name := codec.NameOf(r.in.File)
	l := codec.Loss{Key: "header", Hint: "enforceSchema=false rejects such files; the schema must list the columns in the order of the file"}
	if len(header) != len(schema) {
		l.Text = fmt.Sprintf("the header of %s has %d columns, the schema %d; columns are read by position", name, len(header), len(schema))
		r.scan.Lose(l)
		return
	}
	for i := range header {
		if !strings.EqualFold(header[i], schema[i]) {
			l.Text = fmt.Sprintf("the header of %s does not match the schema: %q is read as the column %s; columns are read by position", name,
				header[i][:min(len(header[i]), longName)], schema[i])
			break
		}
	}
	r.scan.Lose(l)
}

// longName limits a header name in a message, since it may be the whole of a file in another format.
const longName = 1 << 10

func headerProblem(header, schema []string) string {
	if len(header) != len(schema) {
		return "The CSV header has another number of columns than the schema:\n Header length: " + strconv.Itoa(len(header)) +
			", schema size: " + strconv.Itoa(len(schema))
	}
	for i := range header {
		if !strings.EqualFold(header[i], schema[i]) {
			return "The CSV header does not match the schema.\n Header: " + strings.Join(header, ", ") + "\n Schema: " +
				strings.Join(schema, ", ") + "\nExpected: " + schema[i] + " but found: " + header[i]
		}
	}
	return ""
}

// headerNames returns the tokens of the header, or just those of the wanted columns if the parser was told which they are.
func (r *reader) headerNames() []string {
	var names []string
	for i, k := range r.tok.tokens {
		if r.selected && (i >= len(r.slotOf) || r.slotOf[i] < 0) {
			continue
		}
		if k == noToken {
			names = append(names, r.o.nullValue)
			continue
		}
		names = append(names, string(r.text(k)))
	}
	return names
}

func (r *reader) schemaNames() []string {
	var names []string
	at := 0
	for _, f := range r.scan.Schema.Fields {
		if f.Name == r.o.corruptColumn {
			continue
		}
		if !r.selected || r.slotOf[at] >= 0 {
			names = append(names, f.Name)
		}
		at++
	}
	return names
}
