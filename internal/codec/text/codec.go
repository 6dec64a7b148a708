package text

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Codec is the format text.
var Codec = &codec.Codec{
	Name: "text", Options: Table,
	Reading: codec.Reading{
		Doc:   "lines of files or of standard input, in the column value",
		Check: codec.Checks(ParseOptions), NewDecoder: codec.Decodes(ParseOptions, CheckSchema, newDecoder),
		Columns: columns, Extensions: []string{".txt", ".log"},
	},
	Writing: codec.Writing{Doc: "one STRING column as lines, in files or on standard output", File: file, Stream: lines},
}

// columns are those of data without a schema.
var columns = &types.Schema{Fields: []types.Field{{Name: "value", Type: types.String, Nullable: true}}}

func newDecoder(o *Options) *codec.Decoder {
	sep := o.LineSep()
	return &codec.Decoder{
		Splittable: !o.WholeText() && !codec.Overlaps(sep), LineEnds: !o.WholeText() && (sep == nil || string(sep) == "\n"), Separator: codec.Counted(sep),
		NewReader: func(scan *codec.Scan, in codec.Input) (vector.Reader, error) { return NewReader(in, o, scan) },
	}
}

func file(r codec.Rows) (*codec.Encoding, error) {
	parse := func() (*Options, error) { return ParseOptions(r.Options) }
	return codec.ToFiles(".txt", r, []string{"compression"}, codec.Encoders(parse, func(o *Options) (codec.Encoder, error) {
		return NewEncoder(r.Fields, o)
	}))
}

func lines(r codec.Rows) (*codec.Encoding, error) {
	return codec.ToStream(func() (codec.Encoder, error) { return NewValueEncoder(r.Fields, r.Zone) }), nil
}
