package csv

import (
	"strings"
	"unicode/utf16"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Table lists the options of the format.
var Table = []codec.Option{
	{Name: "sep", Aliases: []string{"delimiter"}, Doc: "separator of fields, one or more characters", Effect: codec.Read | codec.Write},
	{Name: "encoding", Aliases: []string{"charset"}, Doc: "character set", Effect: codec.Read | codec.Write},
	{Name: "quote", Doc: "quote character; empty for none", Effect: codec.Read | codec.Write},
	{Name: "escape", Doc: "character before a quote inside quotes", Effect: codec.Read | codec.Write},
	{Name: "charToEscapeQuoteEscaping", Doc: "character before the escape character inside quotes", Effect: codec.Read | codec.Write},
	{Name: "comment", Doc: "lines that start with this character are skipped", Effect: codec.Read | codec.Write},
	{Name: "header", Doc: "the first line has the names of the columns", Effect: codec.Read | codec.Write},
	{Name: "enforceSchema", Doc: "ignore the names in the header", Effect: codec.Read},
	{Name: "ignoreLeadingWhiteSpace", Doc: "cut blanks before values", Effect: codec.Read | codec.Write},
	{Name: "ignoreTrailingWhiteSpace", Doc: "cut blanks after values", Effect: codec.Read | codec.Write},
	{Name: "nullValue", Doc: "text of NULL", Effect: codec.Read | codec.Write},
	{Name: "emptyValue", Doc: "text of an empty string", Effect: codec.Read | codec.Write},
	{Name: "nanValue", Doc: "text of NaN", Effect: codec.Read},
	{Name: "positiveInf", Doc: "text of infinity", Effect: codec.Read},
	{Name: "negativeInf", Doc: "text of negative infinity", Effect: codec.Read},
	{Name: "dateFormat", Doc: "pattern of dates", Effect: codec.Read | codec.Write},
	{Name: "timestampFormat", Doc: "pattern of timestamps", Effect: codec.Read | codec.Write},
	{Name: "timestampNTZFormat", Doc: "pattern of timestamps without zone", Effect: codec.Read | codec.Write},
	{Name: "timeFormat", Doc: "pattern of times of day", Effect: codec.Read | codec.Write},
	{Name: "enableDateTimeParsingFallback", Doc: "accept the default form too when a pattern is given", Effect: codec.Read},
	{Name: "timeZone", Doc: "zone of timestamps without one", Effect: codec.Read | codec.Write},
	{Name: "locale", Doc: "language tag for decimals and names of months", Effect: codec.Read | codec.Write},
	{Name: "mode", Doc: "PERMISSIVE, DROPMALFORMED or FAILFAST", Effect: codec.Read},
	{Name: "columnNameOfCorruptRecord", Doc: "column for the text of malformed records", Effect: codec.Read},
	{Name: "columnPruning", Doc: "look at the wanted columns only", Effect: codec.Read},
	{Name: "multiLine", Doc: "records may span lines", Effect: codec.Read},
	{Name: "lineSep", Doc: "end of a line, one or two characters", Effect: codec.Read | codec.Write},
	{Name: "maxColumns", Doc: "most columns of a record", Effect: codec.Read},
	{Name: "maxCharsPerColumn", Doc: "most characters of a field; -1 for any", Effect: codec.Read},
	{Name: "unescapedQuoteHandling", Doc: "what a quote inside a quoted field means", Effect: codec.Read},
	{Name: "quoteAll", Doc: "quote every value", Effect: codec.Write},
	{Name: "escapeQuotes", Doc: "quote values that have quotes", Effect: codec.Write},
	{Name: "inferSchema", Doc: "false: the columns of an inferred schema are STRING", Effect: codec.NoEffect},
	{Name: "samplingRatio", Doc: "share of the records that a schema is inferred from", Effect: codec.NoEffect},
	{Name: "preferDate", Doc: "an inferred schema may have dates", Effect: codec.NoEffect},
	{Name: "inputBufferSize", Doc: "without effect", Effect: codec.NoEffect},
	{Name: "singleVariantColumn", Doc: "a record is one VARIANT", Effect: codec.Refused},
	{Name: "extension", Doc: "suffix of files written", Effect: codec.Write},
	{Name: "compression", Aliases: []string{"codec"}, Doc: "compression of files written", Effect: codec.Write},
}

// Options are the options of a reader, checked.
type Options struct {
	dialect
	values        codec.Values
	charset       *codec.Charset
	mode          codec.Mode
	header        bool
	enforceSchema bool
	prune         bool // columnPruning, where it is given
	pruneGiven    bool
	multiLine     bool
	lineSep       string // "" when not given
	nullValue     string
	words         codec.FloatWords
	corruptColumn string
	specials      []string // characters of the dialect that are not ASCII; the byte 0xF8+i stands for the i-th
	warnings      []string
	slow          bool // never take the fast path (tests compare both)
}

// ParseOptions checks the options of a reader. Names that are not in Table are left to the caller.
func ParseOptions(options map[string]string) (*Options, error) {
	v := codec.NewValues(options)
	o := &Options{values: v}
	for _, read := range []func() error{o.readDialect, o.readFlags, o.readLines, o.readValues} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// MultiLine reports whether a file must be read as a whole.
func (o *Options) MultiLine() bool { return o.multiLine }

// CorruptRecordColumn is the name of the column for the text of malformed records.
func (o *Options) CorruptRecordColumn() string { return o.corruptColumn }

func (o *Options) readDialect() (err error) {
	v := o.values
	sep, ok := v.Lookup("sep", "delimiter")
	if !ok {
		sep = ","
	}
	if sep, err = delimiter(sep); err != nil {
		return err
	}
	o.sep = []byte(sep)
	if utf16Units(sep) == 1 {
		o.sep = []byte{o.special(sep)}
	}
	if o.quote, err = o.character("quote", '"'); err != nil {
		return err
	}
	if o.escape, err = o.character("escape", '\\'); err != nil {
		return err
	}
	if o.escapeEscape, err = o.character("charToEscapeQuoteEscaping", 0); err != nil {
		return err
	}
	if o.escapeEscape == 0 && o.escape != o.quote {
		o.escapeEscape = o.escape
	}
	if o.comment, err = o.character("comment", 0); err != nil {
		return err
	}
	o.hasComment = v.Text("comment", "") != ""
	handling := strings.ToUpper(v.Text("unescapedQuoteHandling", "STOP_AT_DELIMITER"))
	o.handling, ok = map[string]quoteHandling{"STOP_AT_DELIMITER": stopAtDelimiter, "STOP_AT_CLOSING_QUOTE": stopAtClosingQuote,
		"BACK_TO_DELIMITER": backToDelimiter, "SKIP_VALUE": skipValue, "RAISE_ERROR": raiseError}[handling]
	if !ok {
		return sparkerr.Plain("unescapedQuoteHandling %s is none of STOP_AT_DELIMITER, STOP_AT_CLOSING_QUOTE, BACK_TO_DELIMITER, SKIP_VALUE, RAISE_ERROR", handling)
	}
	return nil
}

func (o *Options) readFlags() (err error) {
	v := o.values
	for _, f := range []struct {
		name string
		def  bool
		to   *bool
	}{
		{"header", false, &o.header},
		{"enforceSchema", true, &o.enforceSchema},
		{"ignoreLeadingWhiteSpace", false, &o.trimLeft},
		{"ignoreTrailingWhiteSpace", false, &o.trimRight},
		{"columnPruning", true, &o.prune},
	} {
		if *f.to, err = v.Flag(f.name, f.def); err != nil {
			return err
		}
	}
	_, o.pruneGiven = v.Lookup("columnPruning")
	if o.multiLine, err = v.Bool("multiLine", false); err != nil {
		return err
	}
	if o.maxColumns, err = v.Int("maxColumns", 20480); err != nil {
		return err
	}
	o.maxChars, err = v.Int("maxCharsPerColumn", -1)
	return err
}

func (o *Options) readLines() error {
	name, ok := o.values.Lookup("encoding", "charset")
	if !ok {
		name = "UTF-8"
	}
	if o.charset, ok = codec.LookupCharset(name); !ok {
		return sparkerr.New("INVALID_PARAMETER_VALUE.CHARSET", "functionName", "`CSVOptions`", "parameter", "`charset`",
			"charset", name, "charsets", strings.Join(codec.Charsets, ", "))
	}
	if o.lineSep, ok = o.values.Lookup("lineSep"); ok {
		switch n := utf16Units(o.lineSep); {
		case n == 0:
			return sparkerr.New("INVALID_LINE_SEPARATOR.EMPTY")
		case n > 2:
			return sparkerr.New("INVALID_LINE_SEPARATOR.INVALID_VALUE", "lineSep", o.lineSep)
		}
		o.keepLineEnds = o.multiLine
	}
	return nil
}

func (o *Options) readValues() error {
	v := o.values
	o.nullValue = v.Text("nullValue", "")
	o.emptyValue = v.Text("emptyValue", "")
	o.words = codec.FloatWords{NaN: v.Text("nanValue", "NaN"), PositiveInf: v.Text("positiveInf", "Inf"), NegativeInf: v.Text("negativeInf", "-Inf")}
	o.corruptColumn = v.Text("columnNameOfCorruptRecord", codec.CorruptRecordColumn)
	mode := v.Text("mode", "PERMISSIVE")
	var known bool
	if o.mode, known = codec.ParseMode(mode); !known {
		o.warnings = append(o.warnings, mode+" is not a valid parse mode. Using PERMISSIVE.")
	}
	return nil
}

// character reads an option that is one character; an empty one is NUL, which in fact means none.
func (o *Options) character(name string, def byte) (byte, error) {
	s, ok := o.values.Lookup(name)
	switch {
	case !ok:
		return def, nil
	case s == "":
		return 0, nil
	case utf16Units(s) > 1:
		return 0, sparkerr.New("OPTION_VALUE_EXCEEDS_ONE_CHARACTER", "optionName", name, "optionValue", s)
	}
	return o.special(s), nil
}

// special gives the byte for a character of the dialect.
func (o *Options) special(s string) byte {
	if len(s) == 1 {
		return s[0]
	}
	for i, have := range o.specials {
		if have == s {
			return byte(0xF8 + i)
		}
	}
	o.specials = append(o.specials, s)
	return byte(0xF8 + len(o.specials) - 1)
}

func utf16Units(s string) int { return len(utf16.Encode([]rune(s))) }

// delimiter resolves the escapes in the option sep.
func delimiter(s string) (string, error) {
	escapes := map[byte]byte{'t': '\t', 'r': '\r', 'b': '\b', 'f': '\f', '"': '"', '\'': '\'', '\\': '\\'}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i == len(s) {
			return "", sparkerr.Plain("begin %d, end %d, length %d", i-1, i+1, len(s)).WithHint(`a backslash as separator is written \\`)
		}
		c, ok := escapes[s[i]]
		if !ok {
			return "", sparkerr.New("INVALID_DELIMITER_VALUE.UNSUPPORTED_SPECIAL_CHARACTER", "str", s[i-1:i+1])
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}
