package engine

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
)

// A suspect is a malformed record whose likely cause is searched for.
type suspect struct {
	*badRecord
	name    string // of the file, for messages
	head    []byte // how the file begins, or a stream when the record is its first
	format  string
	options codec.Values
	columns []string
}

// causes are tried in this order; the first answer is reported. An answer names the option that helps.
var causes = []func(*suspect) string{
	lineFeed, packed, wideText, markup, notText, otherFormat, headerLine, otherSeparator, wrongCount, spreadJSON, otherJSON, notUTF8, otherValue,
}

// cause returns the likely reason why a record is malformed, and a remedy; "" if unknown.
func (r *rejects) cause(b *badRecord) string {
	s := &suspect{badRecord: b, name: r.place(&badRecord{file: b.file}), format: strings.ToLower(r.source.Format)}
	values := map[string]string{}
	for _, o := range r.source.Options {
		values[o.Name] = o.Value
	}
	s.options = codec.NewValues(values)
	s.columns = r.dataColumns()
	s.head = headOf(b)
	for _, find := range causes {
		if text := find(s); text != "" {
			return text
		}
	}
	return ""
}

// headOf reads how the file of a record begins; a compressed one is not looked into.
func headOf(b *badRecord) []byte {
	if b.file == "" {
		if b.line > 1 {
			return nil
		}
		return []byte(b.record)
	}
	f, err := os.Open(b.file)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	in, err := compress.ByPath(b.file).NewReader(f)
	if err != nil {
		return nil
	}
	head := make([]byte, recordKept)
	n, _ := io.ReadFull(in, head)
	return head[:n]
}

// lineFeed explains records that end within what lineSep says is a line.
func lineFeed(s *suspect) string {
	if s.reason != codec.LineFeed {
		return ""
	}
	return "put fields with line feeds between quotes; lineSep " + strconv.Quote(s.options.Text("lineSep", "")) + " does not end lines there"
}

// magics are the first bytes of files that are not text, and what helps.
var magics = []struct{ bytes, what, remedy string }{
	{"\x1f\x8b", "gzip data", "a name that ends in .gz has it unpacked"},
	{"PK\x03\x04", "a zip archive", "unpack it first"},
	{"\x28\xb5\x2f\xfd", "zstd data", "a name that ends in .zst has it unpacked"},
	{"\xfd7zXZ\x00", "xz data", "a name that ends in .xz has it unpacked"},
	{"BZh", "bzip2 data", "a name that ends in .bz2 has it unpacked"},
	{"\x04\x22\x4d\x18", "lz4 data", "a name that ends in .lz4 has it unpacked"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"},
	{"PAR1", "a Parquet file", "--format parquet reads it"},
	{"ORC", "an ORC file", "write it as Parquet or CSV first"},
	{"Obj\x01", "an Avro file", "write it as Parquet or JSON first"},
	{"%PDF", "a PDF", "it holds no rows"},
	{"\xd0\xcf\x11\xe0", "an Excel workbook", "save it as CSV first"},
	{"SQLite format 3", "an SQLite database", "export its table first"},
	{"\x7fELF", "a program", "pathGlobFilter picks the files to read"},
}

func packed(s *suspect) string {
	for _, m := range magics {
		if bytes.HasPrefix(s.head, []byte(m.bytes)) {
			return s.name + " is " + m.what + ": " + m.remedy
		}
	}
	return ""
}

// wideText finds UTF-16 and UTF-32, by their marks or by the zeros in them.
func wideText(s *suspect) string {
	if _, given := s.options.Lookup("encoding", "charset"); given {
		return ""
	}
	cs, n, marked := codec.ByMark(s.head)
	if !marked {
		cs = codec.ByZeros(s.head)
	}
	if cs == nil || n == codec.MarkBytes {
		return ""
	}
	family, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimSuffix(cs.Name, "LE"), "BE"), " ")
	convert := fmt.Sprintf("iconv -f %s -t UTF-8 makes UTF-8 of it", cs.Name)
	switch {
	case marked && s.format == "json":
		return fmt.Sprintf("%s is in %s, as its byte order mark says: multiLine=true reads it, or %s", s.name, family, convert)
	case marked:
		return fmt.Sprintf("%s is in %s, as its byte order mark says: the options encoding=%s and multiLine=true read it, or %s", s.name, family, family, convert)
	}
	return fmt.Sprintf("%s seems to be in %s: the options encoding=%s and multiLine=true read it, or %s", s.name, cs.Name, cs.Name, convert)
}

func markup(s *suspect) string {
	head := strings.ToLower(string(bytes.TrimSpace(s.head[min(len(s.head), codec.SkipBOM(s.head)):])))
	switch {
	case strings.HasPrefix(head, "<!doctype html"), strings.HasPrefix(head, "<html"):
		return s.name + " is an HTML page: a download may have failed"
	case strings.HasPrefix(head, "<?xml"):
		return s.name + " is XML, which the embedded engine does not read"
	}
	return ""
}

func notText(s *suspect) string {
	if _, given := s.options.Lookup("encoding", "charset"); given {
		return ""
	}
	if bytes.IndexByte(s.head, 0) >= 0 {
		return s.name + " is not text (it has bytes that are zero): pathGlobFilter picks the files to read"
	}
	return ""
}

// otherFormat finds JSON that is read as CSV, and the other way round.
func otherFormat(s *suspect) string {
	head := bytes.TrimSpace(s.head[min(len(s.head), codec.SkipBOM(s.head)):])
	object := len(head) > 0 && (head[0] == '{' || head[0] == '[' && len(head) > 1 && strings.ContainsRune("{[\n\r \"", rune(head[1])))
	switch {
	case s.format == "csv" && object:
		return s.name + " seems to be JSON: --format json reads it"
	case s.format == "json" && len(head) > 0 && !object && s.column == "" && strings.ContainsAny(firstLine(head), ",;\t|"):
		return s.name + " seems to be CSV: --format csv reads it"
	}
	return ""
}

func firstLine(text []byte) string {
	line := text
	if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
		line = text[:i]
	}
	return string(line)
}

// separator returns the separator of the reader.
func (s *suspect) separator() string {
	sep, ok := s.options.Lookup("sep", "delimiter")
	switch {
	case !ok:
		return ","
	case sep == `\t`:
		return "\t"
	}
	return sep
}

// headerLine finds a first line that has the names of the columns.
func headerLine(s *suspect) string {
	header, _ := s.options.Lookup("header")
	if s.format != "csv" || s.line != 1 || strings.EqualFold(header, "true") {
		return ""
	}
	for _, sep := range []string{s.separator(), ";", "\t", "|", ","} {
		known := 0
		for _, name := range strings.Split(strings.TrimPrefix(s.record, "\ufeff"), sep) {
			if s.isColumn(name) {
				known++
			}
		}
		switch names := known > 0 && 2*known >= len(s.columns); {
		case names && sep != s.separator():
			return fmt.Sprintf("the first line has the names of the columns: header=true and sep=%s", sepText(sep))
		case names:
			return "the first line has the names of the columns: header=true"
		}
	}
	return ""
}

func (s *suspect) isColumn(name string) bool {
	name = strings.Trim(strings.TrimSpace(name), `"'`)
	return slices.ContainsFunc(s.columns, func(c string) bool { return plainName(c) == plainName(name) })
}

// plainName is a name without what people write differently in headers.
func plainName(name string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "", ".", "").Replace(strings.ToLower(name))
}

// sepText is a separator as the option takes it.
func sepText(sep string) string {
	switch sep {
	case "\t":
		return `\t`
	case ";", "|":
		return "'" + sep + "'"
	}
	return sep
}

// otherSeparator finds a record that is one value, with characters in it that separate values elsewhere.
func otherSeparator(s *suspect) string {
	sep := s.separator()
	if s.format != "csv" || len(s.columns) < 2 || strings.Contains(s.record, sep) {
		return ""
	}
	best, most := "", 0
	for _, other := range []string{";", "\t", "|", ",", ":", " "} {
		n := strings.Count(s.record, other)
		if n+1 == len(s.columns) && other != sep {
			best = other
			break
		}
		if n > most && other != ":" && other != " " {
			best, most = other, n
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("the values are separated by %q: sep=%s", best, sepText(best))
}

func wrongCount(s *suspect) string {
	if s.format != "csv" || s.column != "" || !strings.Contains(s.record, s.separator()) {
		return ""
	}
	n := strings.Count(s.record, s.separator()) + 1
	if n > len(s.columns) {
		return fmt.Sprintf("values that hold %q must be in quotes, or columns are missing in the schema", s.separator())
	}
	return ""
}

// spreadJSON finds a record, or an array of records, on several lines.
func spreadJSON(s *suspect) string {
	whole, _ := s.options.Lookup("multiLine")
	if s.format != "json" || s.column != "" || strings.EqualFold(whole, "true") {
		return ""
	}
	record := strings.TrimSpace(strings.TrimPrefix(s.record, "\ufeff"))
	head := strings.TrimSpace(string(s.head))
	opens := record == "{" || record == "[" || strings.HasPrefix(record, "{") && !strings.HasSuffix(record, "}") && len(s.record) < recordKept ||
		strings.HasPrefix(record, "[") && !strings.HasSuffix(record, "]") && len(s.record) < recordKept
	if opens && strings.ContainsAny(head, "\r\n") || strings.HasPrefix(head, "[") && (strings.HasSuffix(record, "},") || record == "]") {
		return "a record, or an array of records, is on several lines: multiLine=true"
	}
	return ""
}

// otherJSON finds what looks like JSON.
func otherJSON(s *suspect) string {
	if s.format != "json" || s.column != "" {
		return ""
	}
	record := strings.TrimSpace(s.record)
	switch {
	case strings.HasPrefix(record, "{'") && strings.ContainsAny(record, "TFN"):
		return "the record seems to be printed by Python (None, True, False); json.dumps writes JSON"
	case strings.HasPrefix(record, "{") && strings.HasSuffix(record, "},"):
		return "the line ends in a comma: an array of records needs multiLine=true and brackets around it"
	case strings.HasPrefix(record, "\x1e"):
		return "records begin with the byte 1E (a JSON text sequence); leave it out"
	}
	return ""
}

func notUTF8(s *suspect) string {
	if _, given := s.options.Lookup("encoding", "charset"); given || utf8.ValidString(s.record) || len(s.record) >= recordKept {
		return ""
	}
	return "the text is not UTF-8: iconv -f WINDOWS-1252 -t UTF-8 converts it, the option encoding=ISO-8859-1 (JSON: with lineSep) reads most of it"
}
