package csv

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// WriteOptions configures how values are written.
type WriteOptions struct {
	values              codec.Values
	charset             *codec.Charset
	sep, lineSep        string
	quote, escape       string // "" for none
	escapeEscape        string
	comment             string // character that the first field of a line may not start with unquoted
	header, quoteAll    bool
	escapeQuotes        bool
	trimLeft, trimRight bool
	nullValue           string
	emptyValue          string
	keepEmpty           bool // write rows that become empty
	tabs                bool // escape tabs, line ends and backslashes instead of quoting
	anyType             bool // write nested values as their text
}

// PlainWriteOptions returns the options for standard output: with a header, quotes doubled, nothing trimmed, no row skipped.
func PlainWriteOptions() *WriteOptions {
	return &WriteOptions{sep: ",", lineSep: "\n", quote: `"`, escape: `"`, header: true, escapeQuotes: true, emptyValue: `""`, keepEmpty: true, anyType: true}
}

// TabWriteOptions returns the options for tab-separated standard output: \t, \n, \r and \\ represent tabs, line ends and
// backslashes within fields.
func TabWriteOptions() *WriteOptions {
	return &WriteOptions{sep: "\t", lineSep: "\n", header: true, keepEmpty: true, tabs: true, anyType: true}
}

// ParseWriteOptions checks the options of a file sink. It ignores names that are not in Table.
func ParseWriteOptions(options map[string]string) (*WriteOptions, error) {
	read, err := ParseOptions(options)
	if err != nil {
		return nil, err
	}
	v := read.values
	o := &WriteOptions{values: v, charset: read.charset, header: read.header, nullValue: read.nullValue}
	if sep, ok := v.Lookup("sep", "delimiter"); ok {
		o.sep, _ = delimiter(sep)
	} else {
		o.sep = ","
	}
	o.quote, o.escape = text(v, "quote", `"`), text(v, "escape", `\`)
	o.escapeEscape = v.Text("charToEscapeQuoteEscaping", "")
	if o.escapeEscape == "" && o.escape != o.quote {
		o.escapeEscape = o.escape
	}
	o.comment = v.Text("comment", "")
	if o.comment == "" {
		o.comment = "#" // Spark: the format's default, which turning comments off does not change
	}
	o.lineSep = v.Text("lineSep", "\n")
	o.emptyValue = v.Text("emptyValue", `""`)
	for _, f := range []struct {
		name string
		def  bool
		to   *bool
	}{
		{"quoteAll", false, &o.quoteAll},
		{"escapeQuotes", true, &o.escapeQuotes},
		{"ignoreLeadingWhiteSpace", true, &o.trimLeft},
		{"ignoreTrailingWhiteSpace", true, &o.trimRight},
	} {
		if *f.to, err = v.Flag(f.name, f.def); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// text returns a one-character option; an empty one is NUL.
func text(v codec.Values, name, def string) string {
	if s, ok := v.Lookup(name); ok {
		if s == "" {
			return "\x00"
		}
		return s
	}
	return def
}

type encoder struct {
	*WriteOptions
	codec.Guard
	fields  []types.Field
	times   *codec.TimeWriter
	zone    *datetime.Zone
	growth  int       // bytes that one becomes at most when it is escaped
	special [256]bool // bytes that may require quotes
	simple  bool      // numbers, dates and the like never need quotes
	clean   cleanWriter
	scratch []byte
}

// NewEncoder returns an encoder for columns.
func NewEncoder(fields []types.Field, o *WriteOptions, zone *datetime.Zone) (codec.Encoder, error) {
	if !o.anyType {
		if err := checkWritten(fields); err != nil {
			return nil, err
		}
	}
	times, err := codec.NewTimeWriter(o.values, zone)
	if err != nil {
		return nil, err
	}
	e := &encoder{WriteOptions: o, fields: fields, times: times, zone: zone}
	e.growth = max(len(o.escape)+len(o.quote), len(o.escapeEscape)+len(o.escape), len(o.lineSep), 1)
	special := o.sep + "\n\r" + o.lineSep + o.quote
	if o.tabs {
		special += `\`
	}
	for i := range len(special) {
		e.special[special[i]] = true
	}
	const inNumbers = "0123456789+-.:TZEINFaintyruefls' "
	e.simple = !o.quoteAll && !strings.ContainsAny(o.sep+o.quote+o.comment, inNumbers) && (len(o.sep) == 1 || o.sep[0] < 0x80)
	for i := range len(o.lineSep) {
		e.simple = e.simple && strings.IndexByte(inNumbers, o.lineSep[i]) < 0
	}
	e.clean = newCleanWriter(o, len(fields), e.simple, special)
	return e, nil
}

// Header appends the names of the columns if the options request it.
func (e *encoder) Header(dst []byte) []byte {
	if !e.header {
		return e.charset.AppendEncoded(dst, "")
	}
	var line []byte
	for i, f := range e.fields {
		if i > 0 {
			line = append(line, e.sep...)
		}
		line = e.appendText(line, i, []byte(f.Name))
	}
	return e.charset.AppendEncoded(dst, string(line)+e.lineSep)
}

// AppendBatch appends the selected rows.
func (e *encoder) AppendBatch(dst []byte, b *vector.Batch) ([]byte, error) {
	return e.encoded(e.appendRows(dst, b), len(dst)), nil
}

// AppendRow appends one row.
func (e *encoder) AppendRow(dst []byte, b *vector.Batch, row int) ([]byte, error) {
	return e.encoded(e.appendRow(dst, b.Cols, row), len(dst)), nil
}

// encoded brings what was appended since from into the character set.
func (e *encoder) encoded(dst []byte, from int) []byte {
	if e.charset == nil {
		return e.Repair(dst, from)
	}
	return e.Encode(dst, from, e.charset)
}

func (e *encoder) appendRows(dst []byte, b *vector.Batch) []byte {
	dst, ok := e.clean.write(dst, e, b)
	if ok {
		return dst
	}
	if b.Sel == nil {
		for row := range b.N {
			dst = e.appendRow(dst, b.Cols, row)
		}
		return dst
	}
	for _, row := range b.Sel {
		dst = e.appendRow(dst, b.Cols, int(row))
	}
	return dst
}

func (e *encoder) appendRow(dst []byte, cols []*vector.Vector, row int) []byte {
	start := len(dst)
	for c, v := range cols {
		if c > 0 {
			dst = append(dst, e.sep...)
		}
		i := v.At(row)
		switch {
		case v.Valid != nil && !v.Valid.Get(i):
			dst = e.appendNull(dst, c)
		case v.Type.Kind == types.KindString:
			w := v.Views[i]
			dst = e.appendText(dst, c, v.Data[w.Off:w.Off+w.Len])
		case e.simple:
			dst = e.appendPlain(dst, c, v, i)
		default:
			dst = e.appendOther(dst, c, v, i)
		}
	}
	if len(dst) == start && !e.keepEmpty {
		return dst
	}
	return append(dst, e.lineSep...)
}

// appendPlain appends a value of a frequent type whose text needs no quotes.
func (e *encoder) appendPlain(dst []byte, c int, v *vector.Vector, i int) []byte {
	switch v.Type.Kind {
	case types.KindInt:
		return strconv.AppendInt(dst, int64(v.I32[i]), 10)
	case types.KindLong:
		return strconv.AppendInt(dst, v.I64[i], 10)
	case types.KindDouble:
		return valuetext.AppendDouble(dst, v.F64[i])
	case types.KindDecimal:
		return codec.AppendDecimal(dst, v.Dec[i], v.Type.Scale)
	case types.KindBoolean:
		return strconv.AppendBool(dst, v.Bool[i])
	}
	return e.appendOther(dst, c, v, i)
}

// appendOther appends a value of any type by way of its text.
func (e *encoder) appendOther(dst []byte, c int, v *vector.Vector, i int) []byte {
	e.scratch = e.appendValue(e.scratch[:0], v, i)
	e.Aside(dst, cap(e.scratch))
	return e.appendText(dst, c, e.scratch)
}

// appendValue appends the text of a value without quotes.
func (e *encoder) appendValue(dst []byte, v *vector.Vector, i int) []byte {
	switch {
	case codec.IsTime(v.Type):
		return e.times.Append(dst, v, i)
	case v.Type.Kind == types.KindBinary:
		return valuetext.AppendHexBytes(dst, v.Bytes(i))
	case v.Type.Kind == types.KindDecimal:
		return codec.AppendDecimal(dst, v.Dec[i], v.Type.Scale)
	}
	return valuetext.AppendValue(dst, v, i, valuetext.Options{Zone: e.zone, Steps: &e.Steps})
}

func (e *encoder) appendNull(dst []byte, c int) []byte {
	if e.nullValue == "" && !e.quoteAll {
		return dst
	}
	return e.appendField(dst, c, []byte(e.nullValue), true)
}

// appendText appends a text as a field.
func (e *encoder) appendText(dst []byte, c int, s []byte) []byte {
	if e.tabs {
		return e.Rewrite(dst, s, len(`\t`), e.appendTabText)
	}
	if len(s) > 0 && !e.quoteAll && s[0] > ' ' && s[len(s)-1] > ' ' && (c > 0 || e.comment == "" || s[0] != e.comment[0]) {
		for _, b := range s {
			if e.special[b] {
				return e.appendField(dst, c, s, false)
			}
		}
		return append(dst, s...)
	}
	if len(s) == 0 || e.trimLeft && blank(s) {
		return e.appendField(dst, c, []byte(e.emptyValue), true)
	}
	return e.appendField(dst, c, s, false)
}

// appendField appends a field with the quotes and escapes it needs. given marks an option's text for NULL or the empty
// string, which is written verbatim if it is already quoted.
func (e *encoder) appendField(dst []byte, c int, s []byte, given bool) []byte {
	quoted := e.quoteAll || e.needsQuotes(c, s)
	if e.trimLeft {
		for len(s) > 0 && s[0] <= ' ' {
			s = s[1:]
		}
		quoted = quoted || hasPrefix(s, e.quote)
	}
	if e.trimRight {
		for len(s) > 0 && s[len(s)-1] <= ' ' {
			s = s[:len(s)-1]
		}
	}
	if quoted && given && len(s) >= 2 && hasPrefix(s, e.quote) && strings.HasSuffix(string(s), e.quote) {
		return append(dst, s...)
	}
	if len(s) == 0 && !given {
		return e.appendField(dst, c, []byte(e.emptyValue), true)
	}
	if !quoted {
		return append(dst, s...)
	}
	dst = append(dst, e.quote...)
	dst = e.Rewrite(dst, s, e.growth, e.appendEscaped)
	return append(dst, e.quote...)
}

func hasPrefix(s []byte, prefix string) bool {
	return prefix != "" && len(s) >= len(prefix) && string(s[:len(prefix)]) == prefix
}

func (e *encoder) needsQuotes(c int, s []byte) bool {
	if hasPrefix(s, e.quote) || c == 0 && hasPrefix(s, e.comment) {
		return true
	}
	return bytes.Contains(s, []byte(e.sep)) || bytes.ContainsAny(s, "\r\n"+e.lineSep) || e.escapeQuotes && e.quote != "" && bytes.Contains(s, []byte(e.quote))
}

// appendEscaped appends the text between quotes. Line ends are written as lineSep.
func (e *encoder) appendEscaped(dst, s []byte) []byte {
	for len(s) > 0 {
		switch {
		case hasPrefix(s, e.quote):
			dst = append(append(dst, e.escape...), e.quote...)
			s = s[len(e.quote):]
		case hasPrefix(s, e.escape):
			dst = append(append(dst, e.escapeEscape...), e.escape...)
			s = s[len(e.escape):]
		case s[0] == '\n':
			dst = append(dst, e.lineSep...)
			s = s[1:]
		default:
			dst = append(dst, s[0])
			s = s[1:]
		}
	}
	return dst
}

// appendTabText appends a field of tab-separated output.
func (e *encoder) appendTabText(dst, s []byte) []byte {
	for _, b := range s {
		if !e.special[b] {
			dst = append(dst, b)
			continue
		}
		switch b {
		case '\t':
			dst = append(dst, `\t`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, `\\`...)
		}
	}
	return dst
}
