// Package xml reads and writes XML texts for Spark's functions from_xml, schema_of_xml and to_xml. Spark reads with Woodstox,
// without namespaces, and exposes much of how that works: it continues reading after an error within an element. So the
// tokenizer reproduces Woodstox, and object.go the way StaxXmlParser uses its events.
package xml

import (
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// Table lists the options of the functions. (Spark: XmlOptions.)
var Table = []codec.Option{
	{Name: "mode", Doc: "PERMISSIVE or FAILFAST", Kind: codec.ModeKind, Default: "PERMISSIVE", Effect: codec.Read},
	{Name: "columnNameOfCorruptRecord", Doc: "field for the text of malformed records", Kind: option.Text("the name of a field"), Default: "_corrupt_record", Effect: codec.Read},
	{Name: "attributePrefix", Doc: "prefix of the field names of attributes", Kind: option.Text("any text"), Default: "_", Effect: codec.Read | codec.Write},
	{Name: "valueTag", Doc: "field for the text of an element that has attributes or elements", Kind: valueTag, Default: "_VALUE", Effect: codec.Read | codec.Write},
	{Name: "excludeAttribute", Doc: "ignore attributes", Kind: codec.Flag, Default: "false", Effect: codec.Read},
	{Name: "ignoreSurroundingSpaces", Doc: "trim blanks around values", Kind: codec.Flag, Default: "true", Effect: codec.Read},
	{Name: "ignoreNamespace", Doc: "strip prefixes from element and attribute names", Kind: codec.Flag, Default: "false", Effect: codec.Read},
	{Name: "wildcardColName", Doc: "field for elements without a field", Kind: option.Text("the name of a field"), Default: "xs_any", Effect: codec.Read},
	{Name: "nullValue", Doc: "text of NULL", Kind: option.Text("any text"), Effect: codec.Read | codec.Write},
	{Name: "inferSchema", Doc: "false: the values of an inferred schema are STRING", Kind: codec.Flag, Default: "true", Effect: codec.Read},
	{Name: "prefersDecimal", Doc: "an inferred schema has DECIMAL where exact", Kind: option.Bool, Default: "false", Effect: codec.Read},
	{Name: "preferDate", Doc: "an inferred schema may have dates", Kind: codec.Flag, Default: "true", Effect: codec.Read},
	{Name: "dateFormat", Doc: "pattern for dates", Kind: option.Pattern, Default: "yyyy-MM-dd", Effect: codec.Read | codec.Write},
	{Name: "timestampFormat", Doc: "pattern for timestamps", Kind: option.Pattern, Effect: codec.Read | codec.Write},
	{Name: "timestampNTZFormat", Doc: "pattern for timestamps without zone", Kind: option.Pattern, Effect: codec.Read | codec.Write},
	{Name: "timeFormat", Doc: "pattern for times of day", Kind: option.Pattern, Effect: codec.Read | codec.Write},
	{Name: "timeZone", Doc: "time zone for timestamps without one", Kind: option.Zone, Default: "that of the session", Effect: codec.Read | codec.Write},
	{Name: "locale", Doc: "language tag for decimals and month names", Kind: option.Text("a language tag such as en-US or de"), Default: "en-US", Effect: codec.Read | codec.Write},
	{Name: "rowTag", Doc: "name of the written element", Kind: element("rowTag", true), Default: "ROW", Effect: codec.Write},
	{Name: "arrayElementName", Doc: "name of the items of an array in an array", Kind: option.Text("the name of an element"), Default: "item", Effect: codec.Write},
	{Name: "indent", Doc: "indentation per level; empty for a single line", Kind: option.Text("blanks"), Default: "four blanks", Effect: codec.Write},
	{Name: "validateName", Doc: "reject names that are not valid in XML", Kind: codec.Flag, Default: "true", Effect: codec.Write},
	{Name: "singleVariantColumn", Doc: "field that holds all of a record as one VARIANT", Kind: option.Text("the name of a field"), Effect: codec.Read | codec.Write},
	{Name: "rowValidationXSDPath", Doc: "schema that records are checked against", Kind: schemaFile, Effect: codec.Refused},
	{Name: "rootTag", Doc: "no effect: the functions do not write a root element", Kind: element("rootTag", false), Default: "ROWS", Effect: codec.NoEffect},
	{Name: "declaration", Doc: "no effect: the functions do not write a declaration", Kind: element("declaration", false), Effect: codec.NoEffect},
	{Name: "samplingRatio", Doc: "no effect: a schema is inferred from one record", Kind: share, Default: "1.0", Effect: codec.NoEffect},
	{Name: "multiLine", Doc: "without effect", Kind: option.Bool, Default: "true", Effect: codec.NoEffect},
	{Name: "useLegacyXMLParser", Doc: "without effect", Kind: option.Bool, Default: "false", Effect: codec.NoEffect},
	{Name: "encoding", Aliases: []string{"charset"}, Doc: "no effect: strings are already decoded", Kind: option.Text("a character set"), Default: "UTF-8", Effect: codec.NoEffect},
	{Name: "compression", Doc: "no effect: the functions do not write files", Kind: codec.Compression, Default: "none", Effect: codec.NoEffect},
}

func required(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return sparkerr.Plain("requirement failed: "+format, args...)
}

var valueTag = option.Text("the name of a field").Checked(func(_, value string) error {
	return required(value != "", "'valueTag' option should not be empty string.")
})

// element is the kind of an option that names an element.
func element(name string, must bool) option.Kind {
	return option.Text("a name without angle brackets").Checked(func(_, value string) error {
		if must {
			value = strings.TrimSpace(value)
		}
		if err := required(value != "" || !must, "'%s' option should not be an empty string.", name); err != nil {
			return err
		}
		return required(!strings.HasPrefix(value, "<") && !strings.HasSuffix(value, ">"), "'%s' should not include angle brackets", name)
	})
}

var share = option.Text("a number above 0").Checked(func(name, value string) error {
	if err := codec.Share.Check(name, value); err != nil {
		return err
	}
	ratio, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return required(ratio > 0, "samplingRatio (%s) should be greater than 0", value)
})

var schemaFile = option.Text("the path of a file").Checked(func(string, string) error {
	return sparkerr.Plain("The option rowValidationXSDPath is not in the embedded engine: XML is not checked against schemas.").
		WithHint("leave the option out, or run the job with --master")
})

// Options holds the checked options of a function.
type Options struct {
	values          codec.Values
	mode            codec.Mode
	corruptColumn   string
	attributePrefix string
	valueTag        string
	wildcard        string
	nullValue       []byte
	nullGiven       bool
	variantColumn   string
	oneVariant      bool // variantColumn is set
	rowTag          string
	arrayElement    string
	indent          string

	excludeAttributes, trim, ignoreNamespace, inferSchema, prefersDecimal, preferDate, validateNames bool
}

// ParseOptions checks the options of a function.
func ParseOptions(options map[string]string) (*Options, error) {
	v := codec.NewValues(options)
	if err := codec.Check(Table, v); err != nil {
		return nil, err
	}
	o := &Options{
		corruptColumn: v.Text("columnNameOfCorruptRecord", codec.CorruptRecordColumn), attributePrefix: v.Text("attributePrefix", "_"),
		valueTag: v.Text("valueTag", "_VALUE"), wildcard: v.Text("wildcardColName", "xs_any"), rowTag: strings.TrimSpace(v.Text("rowTag", "ROW")),
		arrayElement: v.Text("arrayElementName", "item"), indent: v.Text("indent", "    "),
	}
	o.variantColumn, o.oneVariant = v.SingleVariant()
	null, given := v.Lookup("nullValue")
	o.nullValue, o.nullGiven = []byte(null), given
	o.mode, _ = codec.ParseMode(v.Text("mode", "PERMISSIVE"))
	if err := required(o.valueTag != o.attributePrefix, "'valueTag' and 'attributePrefix' options should not be the same."); err != nil {
		return nil, err
	}
	if err := o.readFlags(v); err != nil {
		return nil, err
	}
	o.values = v
	if _, given := v.Lookup("dateFormat"); o.preferDate && !given {
		o.values = v.With("dateFormat", "yyyy-MM-dd") // otherwise, dates may have any form that CAST accepts
	}
	return o, nil
}

func (o *Options) readFlags(v codec.Values) (err error) {
	for _, f := range []struct {
		name string
		def  bool
		to   *bool
	}{
		{"excludeAttribute", false, &o.excludeAttributes},
		{"ignoreSurroundingSpaces", true, &o.trim},
		{"ignoreNamespace", false, &o.ignoreNamespace},
		{"inferSchema", true, &o.inferSchema},
		{"prefersDecimal", false, &o.prefersDecimal},
		{"preferDate", true, &o.preferDate},
		{"validateName", true, &o.validateNames},
	} {
		if *f.to, err = v.Bool(f.name, f.def); err != nil {
			return err
		}
	}
	return nil
}

// Mode returns the mode set by the options.
func (o *Options) Mode() codec.Mode { return o.mode }

// local returns the name of an element or attribute as used in field names.
func (o *Options) local(name []byte) string {
	s := string(name)
	if !o.ignoreNamespace {
		return s
	}
	parts := strings.Split(s, ":")
	for len(parts) > 1 && parts[len(parts)-1] == "" { // drop empty parts at the end, like Java's String.split
		parts = parts[:len(parts)-1]
	}
	return parts[len(parts)-1]
}

// isAttribute reports whether a field represents an attribute.
func (o *Options) isAttribute(field string) bool {
	return strings.HasPrefix(field, o.attributePrefix) && field != o.valueTag
}
