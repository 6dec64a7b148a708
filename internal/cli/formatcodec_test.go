package cli

import (
	"bytes"
	"context"
	"io"
	"strconv"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/formats"
	"github.com/streamctl/streamctl/internal/halt"
	"github.com/streamctl/streamctl/internal/option"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/sources/file"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// This file is all there is of the codec digits: a number per line, in decimal or hexadecimal digits.

var digitsOptions = []codec.Option{{Name: "base", Doc: "of the digits", Default: "10", Effect: codec.Read | codec.Write,
	Kind: option.OneOf("10", "16").Checked(func(_, value string) error {
		if value == "10" || value == "16" {
			return nil
		}
		return sparkerr.Plain("the base %s is neither 10 nor 16", value)
	})}}

var digits = &codec.Codec{
	Name:    "digits",
	Options: digitsOptions,
	Reading: codec.Reading{
		Doc: "a number per line", Columns: &types.Schema{Fields: []types.Field{{Name: "n", Type: types.Long, Nullable: true}}}, Extensions: []string{".num"},
		Check: codec.Checks(digitsBase),
		NewDecoder: codec.Decodes(digitsBase, func(*types.Schema) error { return nil }, func(base int) *codec.Decoder {
			return &codec.Decoder{LineEnds: true, NewReader: func(scan *codec.Scan, in codec.Input) (vector.Reader, error) {
				return &digitsReader{in: in, scan: scan, base: base}, nil
			}}
		}),
	},
	Writing: codec.Writing{
		Doc: "a number per line",
		File: func(r codec.Rows) (*codec.Encoding, error) {
			return codec.ToFiles(".num", r, nil, codec.Encoders(func() (int, error) { return digitsBase(r.Options) }, newDigitsEncoder))
		},
		Stream: func(codec.Rows) (*codec.Encoding, error) {
			return codec.ToStream(func() (codec.Encoder, error) { return newDigitsEncoder(10) }), nil
		},
	},
}

func init() {
	formats.Sources = append(formats.Sources, file.Format(digits))
	formats.Sinks = append(formats.Sinks, sinks.Of(digits))
}

func digitsBase(options map[string]string) (int, error) {
	v := codec.NewValues(options)
	if err := codec.Check(digitsOptions, v); err != nil {
		return 0, err
	}
	return v.Int("base", 10)
}

type digitsReader struct {
	in   codec.Input
	scan *codec.Scan
	base int
	done bool
}

func (r *digitsReader) Close() error { return nil }

func (r *digitsReader) Next(context.Context) (*vector.Batch, error) {
	if r.done {
		return nil, io.EOF
	}
	r.done = true
	data := r.in.Bytes()
	if !r.in.InMemory() {
		f, err := r.in.Open()
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if data, err = io.ReadAll(f); err != nil {
			return nil, err
		}
	}
	lines := bytes.Fields(data)
	b := &vector.Batch{N: len(lines)}
	for range r.scan.Fields {
		v := &vector.Vector{}
		v.Reset(types.Long, b.N)
		for i, line := range lines {
			v.I64[i], _ = strconv.ParseInt(string(line), r.base, 64)
		}
		b.Cols = append(b.Cols, v)
	}
	return b, nil
}

type digitsEncoder int

func newDigitsEncoder(base int) (codec.Encoder, error) { return digitsEncoder(base), nil }

func (digitsEncoder) Header(dst []byte) []byte         { return dst }
func (digitsEncoder) Watch(halt.Stopper, codec.Buffer) {}

func (e digitsEncoder) AppendBatch(dst []byte, b *vector.Batch) ([]byte, error) {
	for k := range b.Rows() {
		row := k
		if b.Sel != nil {
			row = int(b.Sel[k])
		}
		dst, _ = e.AppendRow(dst, b, row)
	}
	return dst, nil
}

func (e digitsEncoder) AppendRow(dst []byte, b *vector.Batch, row int) ([]byte, error) {
	v := b.Cols[0]
	return append(strconv.AppendInt(dst, v.I64[v.At(row)], int(e)), '\n'), nil
}
