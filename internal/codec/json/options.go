package json

import (
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Table lists the options of the format.
var Table = []codec.Option{
	{Name: "mode", Doc: "PERMISSIVE, DROPMALFORMED or FAILFAST", Effect: codec.Read},
	{Name: "columnNameOfCorruptRecord", Doc: "column for the text of malformed records", Effect: codec.Read},
	{Name: "multiLine", Doc: "a file is one value, or an array of records", Effect: codec.Read},
	{Name: "lineSep", Doc: "end of a line, of any length", Effect: codec.Read | codec.Write},
	{Name: "encoding", Aliases: []string{"charset"}, Doc: "character set", Effect: codec.Read | codec.Write},
	{Name: "allowComments", Doc: "ignore comments as in Java", Effect: codec.Read},
	{Name: "allowUnquotedFieldNames", Doc: "names need no quotes", Effect: codec.Read},
	{Name: "allowSingleQuotes", Doc: "single quotes do too", Effect: codec.Read},
	{Name: "allowNumericLeadingZeros", Doc: "numbers may begin with zeros", Effect: codec.Read},
	{Name: "allowBackslashEscapingAnyCharacter", Doc: "a backslash may come before any character", Effect: codec.Read},
	{Name: "allowUnquotedControlChars", Doc: "strings may have control characters", Effect: codec.Read},
	{Name: "allowNonNumericNumbers", Doc: "NaN and infinities are numbers", Effect: codec.Read},
	{Name: "dateFormat", Doc: "pattern of dates", Effect: codec.Read | codec.Write},
	{Name: "timestampFormat", Doc: "pattern of timestamps", Effect: codec.Read | codec.Write},
	{Name: "timestampNTZFormat", Doc: "pattern of timestamps without zone", Effect: codec.Read | codec.Write},
	{Name: "timeFormat", Doc: "pattern of times of day", Effect: codec.Read | codec.Write},
	{Name: "enableDateTimeParsingFallback", Doc: "accept the default form too when a pattern is given", Effect: codec.Read},
	{Name: "timeZone", Doc: "zone of timestamps without one", Effect: codec.Read | codec.Write},
	{Name: "locale", Doc: "language tag for decimals in strings and names of months", Effect: codec.Read | codec.Write},
	{Name: "ignoreNullFields", Doc: "leave out fields that are NULL", Effect: codec.Write},
	{Name: "pretty", Doc: "lines and blanks for human readers", Effect: codec.Write},
	{Name: "writeNonAsciiCharacterAsCodePoint", Doc: "write \\uXXXX beyond ASCII", Effect: codec.Write},
	{Name: "sortKeys", Doc: "sort the members of objects by name", Effect: codec.Write},
	{Name: "compression", Doc: "compression of files written", Effect: codec.Write},
	{Name: "codec", Doc: "without effect: compression is meant", Effect: codec.NoEffect},
	{Name: "singleVariantColumn", Doc: "a record is one VARIANT", Effect: codec.Refused},
	{Name: "explodeEmbeddedArray", Doc: "an array in a record is several VARIANTs", Effect: codec.Refused},
	{Name: "primitivesAsString", Doc: "an inferred schema has STRING instead of numbers and booleans", Effect: codec.NoEffect},
	{Name: "prefersDecimal", Doc: "an inferred schema has DECIMAL where that is exact", Effect: codec.NoEffect},
	{Name: "inferTimestamp", Doc: "an inferred schema has timestamps", Effect: codec.NoEffect},
	{Name: "dropFieldIfAllNull", Doc: "an inferred schema leaves out what is always NULL or empty", Effect: codec.NoEffect},
	{Name: "samplingRatio", Doc: "share of the records that a schema is inferred from", Effect: codec.NoEffect},
	{Name: "useUnsafeRow", Doc: "without effect", Effect: codec.NoEffect},
}

// Options are the options of a reader, checked.
type Options struct {
	syntax
	values        codec.Values
	charset       *codec.Charset
	charsetGiven  bool
	mode          codec.Mode
	multiLine     bool
	lineSep       string
	corruptColumn string
	warnings      []string
}

// A syntax is what is allowed beyond JSON.
type syntax struct {
	comments, unquotedNames, singleQuotes, leadingZeros bool
	anyEscape, controls, nonNumeric                     bool
	slow                                                bool // take no short cut (tests compare both)
}

// ParseOptions checks the options of a reader. Names that are not in Table are left to the caller.
func ParseOptions(options map[string]string) (*Options, error) {
	v := codec.NewValues(options)
	o := &Options{values: v, corruptColumn: v.Text("columnNameOfCorruptRecord", codec.CorruptRecordColumn)}
	for _, f := range []struct {
		name string
		def  bool
		to   *bool
	}{
		{"multiLine", false, &o.multiLine},
		{"allowComments", false, &o.comments},
		{"allowUnquotedFieldNames", false, &o.unquotedNames},
		{"allowSingleQuotes", true, &o.singleQuotes},
		{"allowNumericLeadingZeros", false, &o.leadingZeros},
		{"allowBackslashEscapingAnyCharacter", false, &o.anyEscape},
		{"allowUnquotedControlChars", false, &o.controls},
		{"allowNonNumericNumbers", true, &o.nonNumeric},
	} {
		var err error
		if *f.to, err = v.Bool(f.name, f.def); err != nil {
			return nil, err
		}
	}
	mode := v.Text("mode", "PERMISSIVE")
	var known bool
	if o.mode, known = codec.ParseMode(mode); !known {
		o.warnings = append(o.warnings, mode+" is not a valid parse mode. Using PERMISSIVE.")
	}
	return o, o.readLines()
}

// readLines reads lineSep and encoding, which depend on each other.
func (o *Options) readLines() error {
	sep, given := o.values.Lookup("lineSep")
	if given && sep == "" {
		return sparkerr.New("INVALID_LINE_SEPARATOR.EMPTY")
	}
	o.lineSep = sep
	name, ok := o.values.Lookup("encoding", "charset")
	if !ok {
		return nil
	}
	if o.charset, ok = codec.LookupCharset(name); !ok {
		return sparkerr.New("INVALID_PARAMETER_VALUE.CHARSET", "functionName", "`JSONOptions`", "parameter", "`charset`",
			"charset", name, "charsets", strings.Join(codec.Charsets, ", "))
	}
	o.charsetGiven = true
	upper := strings.ToUpper(name)
	if o.multiLine {
		return nil
	}
	if upper == "UTF-16" || upper == "UTF-32" {
		return sparkerr.Plain("the encoding %s cannot be used unless multiLine is on", name).WithHint("name the byte order: %sLE or %sBE", upper, upper)
	}
	if upper != "UTF-8" && !given {
		return sparkerr.Plain("the option lineSep must be given for the encoding %s", name)
	}
	return nil
}

// MultiLine reports whether a file must be read as a whole.
func (o *Options) MultiLine() bool { return o.multiLine }

// CorruptRecordColumn is the name of the column for the text of malformed records.
func (o *Options) CorruptRecordColumn() string { return o.corruptColumn }
