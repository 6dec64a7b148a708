package csv

import (
	"context"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// InferSchema infers the columns of files: their number and names from the first record of the first file that has one, their
// types from all records. (Spark: CSVDataSource.infer, CSVInferSchema.)
func InferSchema(inputs []codec.Input, o *Options, scan *codec.Scan) (*types.Schema, error) {
	in, err := newInferrer(o, scan)
	if err != nil {
		return nil, err
	}
	sample, err := codec.NewSample(o.values)
	if err != nil {
		return nil, err
	}
	first, err := firstRecord(inputs, o)
	if err != nil {
		return nil, err
	}
	found := make([]*types.Type, len(first))
	for i := range found {
		found[i] = types.Void // becomes STRING in the end
	}
	typed, err := o.values.Flag("inferSchema", true)
	if err != nil {
		return nil, err
	}
	for _, input := range inputs {
		if len(first) == 0 || !typed {
			break
		}
		if err := in.file(input, first, found, sample); err != nil {
			return nil, err
		}
	}
	s := &types.Schema{}
	for i, name := range columnNames(first, o) {
		t := found[i]
		if t.Kind == types.KindVoid {
			t = types.String
		}
		s.Fields = append(s.Fields, types.Field{Name: name, Type: t, Nullable: true})
	}
	return s, nil
}

// firstRecord returns the cells of the first record.
func firstRecord(inputs []codec.Input, o *Options) ([]string, error) {
	head := *o
	head.header, head.enforceSchema, head.mode, head.single = true, true, codec.Permissive, false
	one := &types.Schema{Fields: textFields(1)}
	for _, input := range inputs {
		opened, err := NewReader(input, &head, &codec.Scan{Fields: one.Fields, Schema: one})
		if err != nil {
			return nil, err
		}
		r := opened.(*reader)
		_, err = r.Next(context.Background())
		_ = r.Close()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if len(r.names) > 0 {
			return r.names, nil
		}
	}
	return nil, nil
}

func textFields(n int) []types.Field {
	fields := make([]types.Field, n)
	for i := range fields {
		fields[i] = types.Field{Name: strconv.Itoa(i), Type: types.String, Nullable: true}
	}
	return fields
}

// columnNames derives column names from the header: it appends a number to duplicates, and replaces empty names by _c and a
// number. (Spark: CSVUtils.makeSafeHeader.)
func columnNames(first []string, o *Options) []string {
	count := map[string]int{}
	for _, name := range first {
		count[strings.ToLower(name)]++
	}
	names := make([]string, len(first))
	for i, name := range first {
		switch {
		case !o.header || name == "" || name == o.nullValue:
			names[i] = "_c" + strconv.Itoa(i)
		case count[strings.ToLower(name)] > 1:
			names[i] = name + strconv.Itoa(i)
		default:
			names[i] = name
		}
	}
	return names
}

// file examines the records of a file, skipping those that repeat the header.
func (in *inferrer) file(input codec.Input, first []string, found []*types.Type, sample *codec.Sample) error {
	o := *in.o
	o.mode, o.enforceSchema, o.warnings = codec.Permissive, true, nil
	columns := &types.Schema{Fields: textFields(len(first))}
	r, err := NewReader(input, &o, &codec.Scan{Fields: columns.Fields, Schema: columns})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	var held memory.Holding
	defer held.Release()
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = held.Hold(triedBytes(b))
		}
		if err != nil {
			return codec.ReadFailed(input.File, err)
		}
		for i := range b.Rows() {
			row := i
			if b.Sel != nil {
				row = int(b.Sel[i])
			}
			if sample.Takes() && !(o.header && repeats(b, row, first)) {
				in.row(b, row, found)
			}
		}
	}
}

// triedBytes returns the memory for trying types on the values of b: several copies of long ones.
func triedBytes(b *vector.Batch) int {
	if n := b.TextBytes(math.MaxInt); n > 2*codec.ChunkBytes {
		return 3 * n
	}
	return 0
}

func (in *inferrer) row(b *vector.Batch, row int, found []*types.Type) {
	for i, v := range b.Cols {
		if found[i].Kind == types.KindString || v.IsNull(row) { // a column of text remains one
			continue
		}
		if cell := v.Bytes(row); len(cell) > 0 && string(cell) != in.o.nullValue {
			found[i] = in.merge(found[i], in.cell(cell, found[i]))
		}
	}
}

// repeats reports whether a record repeats the header.
func repeats(b *vector.Batch, row int, first []string) bool {
	for i, v := range b.Cols {
		cell := ""
		if !v.IsNull(row) {
			cell = string(v.Bytes(row))
		}
		if cell != first[i] {
			return false
		}
	}
	return true
}
