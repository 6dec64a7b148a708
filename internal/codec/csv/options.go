package csv

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// Table lists the options of the format.
var Table = []codec.Option{
	{Name: "sep", Aliases: []string{"delimiter"}, Doc: "field separator, one or more characters", Kind: separator, Default: `","`, Effect: codec.Read | codec.Write},
	{Name: "encoding", Aliases: []string{"charset"}, Doc: "character set", Kind: codec.CharsetKind("CSVOptions"), Default: "UTF-8", Effect: codec.Read | codec.Write},
	{Name: "quote", Doc: "quote character; empty for none", Kind: option.Character, Default: `"`, Effect: codec.Read | codec.Write},
	{Name: "escape", Doc: "character before a quote inside quotes", Kind: option.Character, Default: `\`, Effect: codec.Read | codec.Write},
	{Name: "charToEscapeQuoteEscaping", Doc: "character before the escape character inside quotes", Kind: option.Character, Effect: codec.Read | codec.Write},
	{Name: "comment", Doc: "lines that start with this character are skipped", Kind: option.Character, Effect: codec.Read | codec.Write},
	{Name: "header", Doc: "the first line holds the column names", Kind: codec.Flag, Default: "false", Effect: codec.Read | codec.Write},
	{Name: "enforceSchema", Doc: "ignore the names in the header", Kind: codec.Flag, Default: "true", Effect: codec.Read},
	{Name: "ignoreLeadingWhiteSpace", Doc: "trim blanks before values", Kind: codec.Flag, Default: "false when reading, true when writing", Effect: codec.Read | codec.Write},
	{Name: "ignoreTrailingWhiteSpace", Doc: "trim blanks after values", Kind: codec.Flag, Default: "false when reading, true when writing", Effect: codec.Read | codec.Write},
	{Name: "nullValue", Doc: "text of NULL", Kind: option.Text("any text"), Effect: codec.Read | codec.Write},
	{Name: "emptyValue", Doc: "text for an empty string", Kind: option.Text("any text"), Effect: codec.Read | codec.Write},
	{Name: "nanValue", Doc: "text of NaN", Kind: option.Text("any text"), Default: "NaN", Effect: codec.Read},
	{Name: "positiveInf", Doc: "text for infinity", Kind: option.Text("any text"), Default: "Inf", Effect: codec.Read},
	{Name: "negativeInf", Doc: "text for negative infinity", Kind: option.Text("any text"), Default: "-Inf", Effect: codec.Read},
	{Name: "dateFormat", Doc: "pattern for dates", Kind: option.Pattern, Default: "yyyy-MM-dd", Effect: codec.Read | codec.Write},
	{Name: "timestampFormat", Doc: "pattern for timestamps", Kind: option.Pattern, Effect: codec.Read | codec.Write},
	{Name: "timestampNTZFormat", Doc: "pattern for timestamps without zone", Kind: option.Pattern, Effect: codec.Read | codec.Write},
	{Name: "timeFormat", Doc: "pattern for times of day", Kind: option.Pattern, Effect: codec.Read | codec.Write},
	{Name: "enableDateTimeParsingFallback", Doc: "also accept the default form when a pattern is given", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "timeZone", Doc: "time zone for timestamps without one", Kind: option.Zone, Default: "that of the session", Effect: codec.Read | codec.Write},
	{Name: "locale", Doc: "language tag for decimals and month names", Kind: option.Text("a language tag such as en-US or de"), Default: "en-US", Effect: codec.Read | codec.Write},
	{Name: "mode", Doc: "PERMISSIVE, DROPMALFORMED or FAILFAST", Kind: codec.ModeKind, Default: "PERMISSIVE", Effect: codec.Read},
	{Name: "columnNameOfCorruptRecord", Doc: "column for the text of malformed records", Kind: option.Text("the name of a column"), Default: "_corrupt_record", Effect: codec.Read},
	{Name: "columnPruning", Doc: "parse only the wanted columns", Kind: codec.Flag, Default: "true", Effect: codec.Read},
	{Name: "multiLine", Doc: "records may span lines", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "lineSep", Doc: "line separator, one or two characters", Kind: codec.LineSep(2), Effect: codec.Read | codec.Write},
	{Name: "maxColumns", Doc: "maximum number of columns in a record", Kind: codec.Count, Default: "20480", Effect: codec.Read},
	{Name: "maxCharsPerColumn", Doc: "maximum number of characters in a field; -1 for no limit", Kind: codec.Count, Default: "-1", Effect: codec.Read},
	{Name: "unescapedQuoteHandling", Doc: "what a quote inside a quoted field means", Kind: unescapedQuotes, Default: "STOP_AT_DELIMITER", Effect: codec.Read},
	{Name: "quoteAll", Doc: "quote every value", Kind: codec.Flag, Default: "false", Effect: codec.Write},
	{Name: "escapeQuotes", Doc: "quote values that contain quotes", Kind: codec.Flag, Default: "true", Effect: codec.Write},
	{Name: "inferSchema", Doc: "false: the columns of an inferred schema are STRING", Kind: codec.Flag, Default: "false", Effect: codec.NoEffect},
	{Name: "samplingRatio", Doc: "fraction of the records used for schema inference", Kind: codec.Share, Default: "1.0", Effect: codec.NoEffect},
	{Name: "preferDate", Doc: "an inferred schema, and VARIANT columns, may have dates", Kind: codec.Flag, Default: "true", Effect: codec.Read},
	{Name: "inputBufferSize", Doc: "without effect", Kind: codec.Count, Effect: codec.NoEffect},
	codec.SingleVariantOption,
	{Name: "extension", Doc: "suffix of written files", Kind: extension, Default: "csv", Effect: codec.Write},
	{Name: "compression", Aliases: []string{"codec"}, Doc: "compression of written files", Kind: codec.Compression, Default: "none", Effect: codec.Write},
}

// separator is the kind of the option sep.
var separator = option.Text(`one or more characters, such as ";" or \t for a tab`).Checked(func(_, value string) error {
	sep, err := delimiter(value)
	if err == nil && sep == "" {
		cause := sparkerr.Plain("Delimiter cannot be null or empty")
		return &sparkerr.Error{Condition: "FAILED_READ_FILE.NO_HINT", Text: "The separator is empty.", Cause: cause} // Spark fails at the first file
	}
	return err
})

// quoteHandlings maps the values of unescapedQuoteHandling.
var quoteHandlings = map[string]quoteHandling{"STOP_AT_DELIMITER": stopAtDelimiter, "STOP_AT_CLOSING_QUOTE": stopAtClosingQuote,
	"BACK_TO_DELIMITER": backToDelimiter, "SKIP_VALUE": skipValue, "RAISE_ERROR": raiseError}

// unescapedQuotes is the kind of unescapedQuoteHandling. (Spark: the names of univocity's UnescapedQuoteHandling.)
var unescapedQuotes = option.OneOf("STOP_AT_DELIMITER", "STOP_AT_CLOSING_QUOTE", "BACK_TO_DELIMITER", "SKIP_VALUE", "RAISE_ERROR").
	Checked(func(_, value string) error {
		if _, ok := quoteHandlings[strings.ToUpper(value)]; ok {
			return nil
		}
		return sparkerr.Plain("No enum constant com.univocity.parsers.csv.UnescapedQuoteHandling.%s", strings.ToUpper(value))
	})

// extension is the kind of the option extension.
var extension = option.Text("three letters, such as csv or tsv").Checked(func(_, value string) error {
	letters := strings.IndexFunc(value, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
	if option.Length(value) == 3 && letters {
		return nil
	}
	return sparkerr.New("INVALID_PARAMETER_VALUE.EXTENSION", "functionName", "`CSVOptions`", "parameter", "`extension`", "invalidValue", value)
})

// Options holds the checked options of a reader.
type Options struct {
	dialect
	values        codec.Values
	charset       *codec.Charset
	mode          codec.Mode
	header        bool
	enforceSchema bool
	prune         bool // columnPruning, if set
	pruneGiven    bool
	multiLine     bool
	lineSep       string // "" if not set
	ending        ending
	nullValue     string
	words         codec.FloatWords
	corruptColumn string
	single        bool     // a record is one VARIANT
	specials      []string // characters of the dialect that are not ASCII; the byte 0xF8+i replaces the i-th
	warnings      []string
	slow          bool // disable the fast path (tests compare both)
}

// ParseOptions checks the options of a reader. It ignores names that are not in Table.
func ParseOptions(options map[string]string) (*Options, error) {
	v := codec.NewValues(options)
	if err := codec.Check(Table, v); err != nil {
		return nil, err
	}
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

// CorruptRecordColumn returns the name of the column that holds the text of malformed records.
func (o *Options) CorruptRecordColumn() string { return o.corruptColumn }

// CheckFields rejects fields that from_csv cannot have with these options.
func (o *Options) CheckFields(fields []types.Field) error {
	if err := cmp.Or(codec.CheckSingleVariantNamed(o.values, fields), codec.CheckCorruptRecord(o.corruptColumn, fields)); err != nil {
		return err
	}
	for _, f := range fields {
		if _, ok := newConverter(f.Type, o, &codec.Formats{}); !ok {
			return sparkerr.New("UNSUPPORTED_DATATYPE", "typeName", `"`+f.Type.SQL()+`"`)
		}
	}
	return nil
}

func (o *Options) readDialect() error {
	v := o.values
	sep, ok := v.Lookup("sep", "delimiter")
	if !ok {
		sep = ","
	}
	sep, _ = delimiter(sep)
	o.sep = []byte(sep)
	if option.Length(sep) == 1 {
		o.sep = []byte{o.special(sep)}
	}
	o.quote, o.escape = o.character("quote", '"'), o.character("escape", '\\')
	o.escapeEscape = o.character("charToEscapeQuoteEscaping", 0)
	if o.escapeEscape == 0 && o.escape != o.quote {
		o.escapeEscape = o.escape
	}
	o.comment = o.character("comment", 0)
	o.hasComment = v.Text("comment", "") != ""
	o.handling = quoteHandlings[strings.ToUpper(v.Text("unescapedQuoteHandling", "STOP_AT_DELIMITER"))]
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
	o.charset, _ = codec.LookupCharset(name)
	if o.lineSep, ok = o.values.Lookup("lineSep"); ok {
		o.keepLineEnds = o.multiLine
	}
	o.ending = o.lineEnding()
	return nil
}

// never is a byte that cannot occur in valid UTF-8 whose special characters have been replaced.
const never = 0xFF

// lineEnding returns the characters that end records for the parser. Without multiLine it sees one line at a time, which does
// not contain lineSep. (Univocity: Format.setLineSeparator also makes a one-character separator the normalized line end, so
// that \n becomes an ordinary character.)
func (o *Options) lineEnding() ending {
	char := func(s string) byte {
		if len(s) > 1 && !o.multiLine {
			return never
		}
		return o.special(s)
	}
	_, n := utf8.DecodeRuneInString(o.lineSep)
	switch {
	case o.lineSep == "":
		return ending{sep1: newLine, newLine: newLine}
	case len(utf16.Encode([]rune(o.lineSep))) == 1:
		c := char(o.lineSep)
		return ending{sep1: c, newLine: c}
	case n == len(o.lineSep): // one character, two units of UTF-16
		return ending{sep1: char(o.lineSep), newLine: newLine}
	}
	return ending{sep1: char(o.lineSep[:n]), sep2: char(o.lineSep[n:]), newLine: newLine}
}

func (o *Options) readValues() error {
	v := o.values
	_, o.single = v.SingleVariant()
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

// character parses a one-character option. The empty string means NUL, which in effect means none.
func (o *Options) character(name string, def byte) byte {
	s, ok := o.values.Lookup(name)
	switch {
	case !ok:
		return def
	case s == "":
		return 0
	}
	return o.special(s)
}

// special returns the byte that represents a character of the dialect.
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
