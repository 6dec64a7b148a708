package codec

import (
	"strings"
	"sync"

	"github.com/streamctl/streamctl/internal/codec/compress"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// A Codec is one way to lay out rows as bytes: everything that sources, sinks and planning need to know about csv, json and the like.
// Each format has one value, which is never changed. A capability that it lacks is nil, empty or false.
type Codec struct {
	Name    string
	Options []Option // for reading and writing
	Reading
	Writing
}

// Reading describes how a codec reads.
type Reading struct {
	Doc string // of the source format
	// Check refuses options that no schema makes valid.
	Check func(options map[string]string) error
	// NewDecoder checks options and schema, and returns what makes the readers.
	NewDecoder func(options map[string]string, schema *types.Schema) (*Decoder, error)
	// Infer returns the columns of files by Spark's rules, where KnownColumns does not.
	Infer func(files []Input, options map[string]string, zone *datetime.Zone) (*types.Schema, error)

	Columns       *types.Schema     // of data without a schema; nil if a schema is required
	Extensions    []string          // of files in this format, in lower case: ".json"
	NotStreamed   string            // why the data cannot be read from standard input
	Pushdown      string            // the setting that keeps filters out of the reader; "" if the reader takes none
	KeepsRecords  bool              // a column may hold the text of malformed records
	NamesFields   bool              // records name their fields, so that some may never occur: the reader fills Scan.Presence
	NumbersRows   bool              // files number their rows: _metadata has row_index
	InferDefaults map[string]string // settings that options of Infer default to, by option
	NotRecords    string            // what it means if an inferred schema has the column %s for malformed records
	Diagnosis
}

// Inferable reports whether data without a schema has columns.
func (r Reading) Inferable() bool { return r.Infer != nil || r.Columns != nil }

// Writing describes how a codec writes.
type Writing struct {
	Doc string // of the sink format
	// File returns the encoding of part files.
	File func(Rows) (*Encoding, error)
	// Stream returns the encoding on standard output, which has one fixed form.
	Stream func(Rows) (*Encoding, error)

	InFiles  string // how to write rows to files, if File is nil
	NoAppend string // why a stream cannot follow what is in a file already
	Binary   bool   // a stream is not text
}

// Rows describes what is to be written.
type Rows struct {
	Fields        []types.Field
	Options, Conf map[string]string
	Zone          *datetime.Zone
}

// An Encoding makes encoders, one per partition.
type Encoding struct {
	Encoder     func() (Encoder, error)
	Suffix      string          // of files, with that of the compression
	Compression *compress.Codec // of files
	// Joiner creates the joiner that assembles a file from the output of encoders; nil means that the output itself is the file.
	Joiner func() (Joiner, error)
}

// ToStream returns the encoding on standard output that encoder makes.
func ToStream(encoder func() (Encoder, error)) *Encoding {
	return &Encoding{Encoder: encoder, Compression: compress.None}
}

// ToFiles returns the encoding of files with the given suffix that encoder makes. The first of the options called names that is set selects
// the compression.
func ToFiles(suffix string, r Rows, names []string, encoder func() (Encoder, error)) (*Encoding, error) {
	e := &Encoding{Encoder: encoder, Suffix: suffix, Compression: compress.None}
	given := NewValues(r.Options)
	for _, by := range names {
		name, ok := given.Lookup(by)
		if !ok {
			continue
		}
		c, err := compress.ByName(name)
		if err != nil {
			return nil, sparkerr.OfOption(err, by)
		}
		e.Compression, e.Suffix = c, suffix+c.Extension
		break
	}
	return e, nil
}

// A Decoder makes the readers of a codec with the options of a source.
type Decoder struct {
	// Splittable reports that a file may be cut into partitions.
	Splittable bool
	// LineEnds reports that records end where lines do, at \n among others: whoever feeds a stream may cut it there.
	LineEnds bool
	// InOrder reports that what a reader returns depends on the text before, so that a split or a stream is not cut into pieces that are
	// read in parallel.
	InOrder bool
	// Separator ends the lines that line numbers count; nil: each of \n, \r and \r\n.
	Separator []byte
	NewReader func(scan *Scan, in Input) (vector.Reader, error)
}

// LineDecoder returns a decoder that knows where inputs can be cut. lines: a record never spans lines, which end in lineEnd.
func LineDecoder(v Values, lines bool, lineEnd []byte, newReader func(*Scan, Input) (vector.Reader, error)) *Decoder {
	charset, _ := v.Lookup("encoding", "charset")
	if strings.HasPrefix(strings.ToUpper(charset), "UTF-16") || strings.HasPrefix(strings.ToUpper(charset), "UTF-32") {
		lines = false
	}
	sep := v.Text("lineSep", "\n")
	return &Decoder{
		Splittable: lines && !Overlaps([]byte(sep)), LineEnds: lines && sep == "\n", Separator: Counted(lineEnd), NewReader: newReader,
	}
}

// Counted returns the line separator by which lines are numbered: for files from Windows, as editors count.
func Counted(sep []byte) []byte {
	if string(sep) == "\r\n" {
		return nil
	}
	return sep
}

// Checks returns Reading.Check of a codec whose options parse reads.
func Checks[O any](parse func(map[string]string) (O, error)) func(map[string]string) error {
	return func(options map[string]string) error {
		_, err := parse(options)
		return err
	}
}

// Decodes returns Reading.NewDecoder of a codec whose options parse reads.
func Decodes[O any](parse func(map[string]string) (O, error), checkSchema func(*types.Schema) error, decoder func(O) *Decoder) func(map[string]string, *types.Schema) (*Decoder, error) {
	return func(options map[string]string, schema *types.Schema) (*Decoder, error) {
		o, err := parse(options)
		if err != nil {
			return nil, err
		}
		if err := checkSchema(schema); err != nil {
			return nil, err
		}
		return decoder(o), nil
	}
}

// Infers returns Reading.Infer of a codec whose options parse reads.
func Infers[O any](parse func(map[string]string) (O, error), infer func([]Input, O, *Scan) (*types.Schema, error)) func([]Input, map[string]string, *datetime.Zone) (*types.Schema, error) {
	return func(files []Input, options map[string]string, zone *datetime.Zone) (*types.Schema, error) {
		o, err := parse(options)
		if err != nil {
			return nil, err
		}
		return infer(files, o, &Scan{Zone: zone})
	}
}

// Encoders returns a constructor of encoders that parses the options once, when the first encoder is needed.
func Encoders[O any](parse func() (O, error), encoder func(O) (Encoder, error)) func() (Encoder, error) {
	read := sync.OnceValues(parse)
	return func() (Encoder, error) {
		o, err := read()
		if err != nil {
			return nil, err
		}
		return encoder(o)
	}
}

// BadPatterns finds the patterns of dates and times in options that read no value of the fields.
func (c *Codec) BadPatterns(options map[string]string, fields []types.Field) []BadPattern {
	for _, o := range c.Options {
		if o.Name == "dateFormat" {
			return BadPatterns(NewValues(options), fields)
		}
	}
	return nil
}

// CheckCorruptRecord refuses a column for the text of malformed records that is not STRING. The fields are those of the data.
func (c *Codec) CheckCorruptRecord(options map[string]string, fields []types.Field) error {
	if !c.KeepsRecords {
		return nil
	}
	return CheckCorruptRecord(NewValues(options).Text("columnNameOfCorruptRecord", CorruptRecordColumn), fields)
}

// KnownColumns returns the columns that the codec and its options determine without a schema, or nil.
func (c *Codec) KnownColumns(options map[string]string) *types.Schema {
	if name, ok := c.singleVariant(options); ok {
		return &types.Schema{Fields: []types.Field{{Name: name, Type: types.Variant, Nullable: true}}}
	}
	return c.Columns
}

// CheckSingleVariant refuses the fields of data whose records are to be one VARIANT if they are something else.
func (c *Codec) CheckSingleVariant(options map[string]string, fields []types.Field) error {
	if _, ok := c.singleVariant(options); !ok {
		return nil
	}
	return CheckSingleVariant(NewValues(options), fields)
}

// singleVariant returns the column that holds each record as one VARIANT.
func (c *Codec) singleVariant(options map[string]string) (column string, ok bool) {
	for _, o := range c.Options {
		if o.Name == SingleVariantOption.Name {
			return NewValues(options).SingleVariant()
		}
	}
	return "", false
}
