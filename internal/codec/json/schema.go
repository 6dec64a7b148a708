package json

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// InferSchema infers the columns of files from all their records and sorts them by name. Malformed records get a separate
// column. (Spark: JsonInferSchema.)
func InferSchema(inputs []codec.Input, o *Options, scan *codec.Scan) (*types.Schema, error) {
	in, err := newInference(o, scan)
	if err != nil {
		return nil, err
	}
	sample, err := codec.NewSample(o.values)
	if err != nil {
		return nil, err
	}
	defer in.held.Release()
	root := types.StructOf()
	for _, input := range inputs {
		if root, err = in.file(input, o, root, sample); err != nil {
			return nil, err
		}
	}
	t := in.canonical(root)
	if t == nil {
		t = types.StructOf()
	}
	s := &types.Schema{Fields: t.Fields}
	if err := codec.CheckNames(s); err != nil {
		if e, ok := errors.AsType[*sparkerr.Error](err); ok {
			e.Hint = "the records have duplicate keys, or keys that differ only in case, which Spark treats as one column; name the columns in a schema"
		}
		return nil, err
	}
	return s, nil
}

// fieldBytes is the approximate memory per column from inference to planning.
const fieldBytes = 2 << 10

// file adds the columns of a file to root.
func (in *inference) file(input codec.Input, o *Options, root *types.Type, sample *codec.Sample) (*types.Type, error) {
	opened, err := NewReader(input, o, &codec.Scan{})
	if err != nil {
		return nil, err
	}
	r := opened.(*reader)
	defer func() { _ = r.Close() }()
	for {
		if err := r.nextChunk(context.Background()); errors.Is(err, io.EOF) {
			return root, nil
		} else if err != nil {
			return nil, err
		}
		for r.at < r.chunkEnd {
			r.nextLine()
			from, to := r.lineFrom, r.lineTo
			if !o.multiLine {
				from, to = r.decodeLine()
			}
			text := r.buf[from:to]
			r.buf = r.buf[:r.base]
			if root, err = in.record(text, o, root, sample); err != nil {
				return nil, err
			}
			if err := in.held.Hold(cap(in.buf) + len(root.Fields)*fieldBytes); err != nil {
				return nil, codec.ReadFailed(input.File, fmt.Errorf("a record of %d bytes, records of %d columns so far: %w", to-from, len(root.Fields), err))
			}
		}
	}
}

// record adds the columns of a record, or of an array of them.
func (in *inference) record(text []byte, o *Options, root *types.Type, sample *codec.Sample) (*types.Type, error) {
	if len(bytes.TrimSpace(text)) == 0 || !sample.Takes() {
		return root, nil
	}
	t, ok := in.of(text)
	for ok && t.Kind == types.KindArray {
		t = t.Elem
	}
	switch {
	case ok && t.Kind == types.KindVoid:
		return root, nil
	case ok && t.Kind == types.KindStruct && len(root.Fields) == 0:
		return t, nil
	case ok && t.Kind == types.KindStruct:
		return mergeFields(root, t, types.String), nil
	case o.mode == codec.FailFast:
		return nil, sparkerr.Plain("malformed record while inferring the schema: %.100s", text).
			WithHint("mode PERMISSIVE puts such records into a separate column, DROPMALFORMED drops them")
	case o.mode == codec.DropMalformed:
		return root, nil
	}
	return mergeFields(root, types.StructOf(types.Field{Name: o.corruptColumn, Type: types.String, Nullable: true}), types.String), nil
}
