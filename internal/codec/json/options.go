package json

import (
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Table lists the options of the format.
var Table = []codec.Option{
	{Name: "mode", Doc: "PERMISSIVE, DROPMALFORMED or FAILFAST", Kind: codec.ModeKind, Default: "PERMISSIVE", Effect: codec.Read},
	{Name: "columnNameOfCorruptRecord", Doc: "column for the text of malformed records", Kind: option.Text("the name of a column"), Default: "_corrupt_record", Effect: codec.Read},
	{Name: "multiLine", Doc: "a file is one value, or an array of records", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "lineSep", Doc: "line separator, of any length", Kind: codec.LineSep(0), Effect: codec.Read | codec.Write},
	{Name: "encoding", Aliases: []string{"charset"}, Doc: "character set", Kind: codec.CharsetKind("JSONOptions"), Default: "UTF-8", Effect: codec.Read | codec.Write},
	{Name: "allowComments", Doc: "ignore Java-style comments", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "allowUnquotedFieldNames", Doc: "allow names without quotes", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "allowSingleQuotes", Doc: "allow single quotes", Kind: option.Bool, Default: "true", Effect: codec.Read},
	{Name: "allowNumericLeadingZeros", Doc: "allow numbers with leading zeros", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "allowBackslashEscapingAnyCharacter", Doc: "allow a backslash before any character", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "allowUnquotedControlChars", Doc: "allow control characters in strings", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "allowNonNumericNumbers", Doc: "accept NaN and infinities as numbers", Kind: option.Bool, Default: "true", Effect: codec.Read},
	{Name: "dateFormat", Doc: "pattern for dates", Kind: option.Pattern, Default: "yyyy-MM-dd", Effect: codec.Read | codec.Write},
	{Name: "timestampFormat", Doc: "pattern for timestamps", Kind: option.Pattern, Effect: codec.Read | codec.Write},
	{Name: "timestampNTZFormat", Doc: "pattern for timestamps without zone", Kind: option.Pattern, Effect: codec.Read | codec.Write},
	{Name: "timeFormat", Doc: "pattern for times of day", Kind: option.Pattern, Effect: codec.Read | codec.Write},
	{Name: "enableDateTimeParsingFallback", Doc: "also accept the default form when a pattern is given", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "timeZone", Doc: "time zone for timestamps without one", Kind: option.Zone, Default: "that of the session", Effect: codec.Read | codec.Write},
	{Name: "locale", Doc: "language tag for decimals in strings and month names", Kind: option.Text("a language tag such as en-US or de"), Default: "en-US", Effect: codec.Read | codec.Write},
	{Name: "ignoreNullFields", Doc: "omit fields that are NULL", Kind: option.Bool, Default: "true", Effect: codec.Write},
	{Name: "pretty", Doc: "indent the output for human readers", Kind: option.Bool, Default: "false", Effect: codec.Write},
	{Name: "writeNonAsciiCharacterAsCodePoint", Doc: "write \\uXXXX beyond ASCII", Kind: option.Bool, Default: "false", Effect: codec.Write},
	{Name: "sortKeys", Doc: "sort the members of objects by name", Kind: option.Bool, Default: "false", Effect: codec.Write},
	{Name: "compression", Doc: "compression of written files", Kind: codec.Compression, Default: "none", Effect: codec.Write},
	{Name: "codec", Doc: "no effect: use compression", Kind: option.Text("any text"), Effect: codec.NoEffect},
	codec.SingleVariantOption,
	{Name: "explodeEmbeddedArray", Doc: "an array in a record is several VARIANTs", Kind: option.Bool, Default: "false", Effect: codec.Refused},
	{Name: "primitivesAsString", Doc: "an inferred schema has STRING instead of numbers and booleans", Kind: option.Bool, Default: "false", Effect: codec.NoEffect},
	{Name: "prefersDecimal", Doc: "an inferred schema has DECIMAL where exact", Kind: option.Bool, Default: "false", Effect: codec.NoEffect},
	{Name: "inferTimestamp", Doc: "an inferred schema has timestamps", Kind: option.Bool, Default: "false", Effect: codec.NoEffect},
	{Name: "dropFieldIfAllNull", Doc: "an inferred schema omits fields that are always NULL or empty", Kind: option.Bool, Default: "false", Effect: codec.NoEffect},
	{Name: "samplingRatio", Doc: "fraction of the records used for schema inference", Kind: codec.Share, Default: "1.0", Effect: codec.NoEffect},
	{Name: "useUnsafeRow", Doc: "without effect", Kind: option.Bool, Default: "false", Effect: codec.NoEffect},
}

// Options holds the checked options of a reader.
type Options struct {
	syntax
	values        codec.Values
	charset       *codec.Charset
	charsetGiven  bool
	mode          codec.Mode
	multiLine     bool
	lineSep       string
	corruptColumn string
	single        bool // a record is one VARIANT
	warnings      []string
}

// A syntax lists the permitted extensions of JSON.
type syntax struct {
	comments, unquotedNames, singleQuotes, leadingZeros bool
	anyEscape, controls, nonNumeric                     bool
	slow                                                bool // disable fast paths (tests compare both)
}

// ParseOptions checks the options of a reader. It ignores names that are not in Table.
func ParseOptions(options map[string]string) (*Options, error) {
	v := codec.NewValues(options)
	if err := codec.Check(Table, v); err != nil {
		return nil, err
	}
	o := &Options{values: v, corruptColumn: v.Text("columnNameOfCorruptRecord", codec.CorruptRecordColumn)}
	_, o.single = v.SingleVariant()
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

// readLines parses lineSep and encoding, which depend on each other.
func (o *Options) readLines() error {
	sep, given := o.values.Lookup("lineSep")
	o.lineSep = sep
	name, ok := o.values.Lookup("encoding", "charset")
	if !ok {
		return nil
	}
	o.charset, _ = codec.LookupCharset(name)
	o.charsetGiven = true
	upper := strings.ToUpper(name)
	if o.multiLine {
		return nil
	}
	if upper == "UTF-16" || upper == "UTF-32" {
		e := sparkerr.Plain("the encoding %s cannot be used unless multiLine is on", name).WithHint("name the byte order: %sLE or %sBE", upper, upper)
		return sparkerr.OfOption(e, "encoding")
	}
	if upper != "UTF-8" && !given {
		return sparkerr.OfOption(sparkerr.Plain("the option lineSep must be given for the encoding %s", name).WithHint(`lineSep: "\n", or --option lineSep=$'\n'`), "encoding")
	}
	return nil
}

// MultiLine reports whether a file must be read as a whole.
func (o *Options) MultiLine() bool { return o.multiLine }

// CorruptRecordColumn returns the name of the column that holds the text of malformed records.
func (o *Options) CorruptRecordColumn() string { return o.corruptColumn }
