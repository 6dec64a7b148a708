package engine

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/codec/compress"
)

// cause returns the likely reason why a record is malformed, with a remedy, or "" if it finds none.
func (r *rejects) cause(b *badRecord) string {
	s := &codec.Suspect{
		Name: r.place(&badRecord{file: b.file}), Head: r.headOf(b), Line: b.line, Record: b.record, Cut: len(b.record) >= recordKept,
		Column: b.column, Type: b.typ, Value: b.value, Reason: b.reason, Options: codec.NewValues(r.source.Options.Values()), Columns: r.dataColumns(),
	}
	d := r.diagnosis
	for _, find := range slices.Concat([]func(*codec.Suspect) string{lineFeed, packed, d.wideText, markup, notText}, d.Causes,
		[]func(*codec.Suspect) string{notUTF8, d.otherValue}) {
		if text := find(s); text != "" {
			return text
		}
	}
	return ""
}

// A diagnosis adds causes that apply to any text to those of a format.
type diagnosis struct{ codec.Diagnosis }

// headOf returns the first bytes of the file that contains the record, decompressed if the file name has a known extension.
// It returns nil if it cannot read them.
func (r *rejects) headOf(b *badRecord) []byte {
	if b.file == "" {
		if b.line > 1 {
			return nil
		}
		return []byte(b.record)
	}
	if st, err := r.fsys.Stat(b.file); err != nil || !st.IsRegular() {
		return nil
	}
	f, err := r.fsys.Open(b.file)
	if err != nil {
		return nil
	}
	defer f.Close()
	in, err := compress.ByPath(b.file).NewReader(f)
	if err != nil {
		return nil
	}
	head := make([]byte, recordKept)
	n, _ := io.ReadFull(in, head)
	return head[:n]
}

// lineFeed explains records that a line feed ends before the separator set by lineSep.
func lineFeed(s *codec.Suspect) string {
	if s.Reason != codec.LineFeed {
		return ""
	}
	return "put fields with line feeds between quotes; lineSep " + strconv.Quote(s.Options.Text("lineSep", "")) + " does not end lines there"
}

// magics lists the magic numbers of common binary formats, with a remedy for each.
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

func packed(s *codec.Suspect) string {
	for _, m := range magics {
		if bytes.HasPrefix(s.Head, []byte(m.bytes)) {
			return s.Name + " is " + m.what + ": " + m.remedy
		}
	}
	return ""
}

// wideText detects UTF-16 and UTF-32 by their byte order marks or, without one, by their zero bytes.
func (d diagnosis) wideText(s *codec.Suspect) string {
	if _, given := s.Options.Lookup("encoding", "charset"); given {
		return ""
	}
	cs, n, marked := codec.ByMark(s.Head)
	if !marked {
		cs = codec.ByZeros(s.Head)
	}
	if cs == nil || n == codec.MarkBytes {
		return ""
	}
	family, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimSuffix(cs.Name, "LE"), "BE"), " ")
	convert := fmt.Sprintf("iconv -f %s -t UTF-8 makes UTF-8 of it", cs.Name)
	switch {
	case marked && d.FollowsMarks:
		return fmt.Sprintf("%s is in %s, as its byte order mark says: multiLine=true reads it, or %s", s.Name, family, convert)
	case marked:
		return fmt.Sprintf("%s is in %s, as its byte order mark says: the options encoding=%s and multiLine=true read it, or %s", s.Name, family, family, convert)
	}
	return fmt.Sprintf("%s seems to be in %s: the options encoding=%s and multiLine=true read it, or %s", s.Name, cs.Name, cs.Name, convert)
}

func markup(s *codec.Suspect) string {
	head := strings.ToLower(string(bytes.TrimSpace(s.Head[min(len(s.Head), codec.SkipBOM(s.Head)):])))
	switch {
	case strings.HasPrefix(head, "<!doctype html"), strings.HasPrefix(head, "<html"):
		return s.Name + " is an HTML page: a download may have failed"
	case strings.HasPrefix(head, "<?xml"):
		return s.Name + " is XML, which the embedded engine does not read"
	}
	return ""
}

func notText(s *codec.Suspect) string {
	if _, given := s.Options.Lookup("encoding", "charset"); given {
		return ""
	}
	if bytes.IndexByte(s.Head, 0) >= 0 {
		return s.Name + " is not text (it has bytes that are zero): pathGlobFilter picks the files to read"
	}
	return ""
}

func notUTF8(s *codec.Suspect) string {
	if _, given := s.Options.Lookup("encoding", "charset"); given || utf8.ValidString(s.Record) || s.Cut {
		return ""
	}
	return "the text is not UTF-8: iconv -f WINDOWS-1252 -t UTF-8 converts it, the option encoding=ISO-8859-1 (JSON: with lineSep) reads most of it"
}
