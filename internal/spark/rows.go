package spark

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sinks"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/valuetext"
	"github.com/streamctl/streamctl/internal/vector"
)

// A tree is a value in comparable form. nil is NULL. Arrays, structs and maps (as pairs of key and value) are
// []any. Strings and binaries are their bytes in hexadecimal, floats and doubles are hexadecimal floating-point
// numbers, and all other values are their cast to STRING.
type tree = any

// treeOf converts a value of the embedded engine to a tree.
func treeOf(v *vector.Vector, row int, zone *datetime.Zone) tree {
	if v.IsNull(row) || v.Type.Kind == types.KindVoid {
		return nil
	}
	i := v.At(row)
	switch v.Type.Kind {
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary:
		return strings.ToUpper(hex.EncodeToString(v.Bytes(row)))
	case types.KindFloat:
		return bits(float64(v.F32[i]))
	case types.KindDouble:
		return bits(v.F64[i])
	case types.KindStruct:
		fields := make([]any, len(v.Children))
		for k, c := range v.Children {
			fields[k] = treeOf(c, i, zone)
		}
		return fields
	case types.KindArray, types.KindMap:
		view := v.Views[i]
		items := make([]any, view.Len)
		for k := range items {
			at := int(view.Off) + k
			if items[k] = treeOf(v.Children[0], at, zone); v.Type.Kind == types.KindMap {
				items[k] = []any{items[k], treeOf(v.Children[1], at, zone)}
			}
		}
		return items
	}
	return string(valuetext.AppendValue(nil, v, row, valuetext.Options{Zone: zone}))
}

// bits formats a float without loss. All NaNs are equal.
func bits(f float64) string { return strconv.FormatFloat(f, 'x', -1, 64) }

// fromSpark converts a value written by verify.py to a tree. There, structs and map entries are objects, and
// floats are decimal text, whose digits depend on the JDK.
func fromSpark(t *types.Type, v any) (tree, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case string:
		if t.Kind != types.KindFloat && t.Kind != types.KindDouble {
			return x, nil
		}
		size := 64
		if t.Kind == types.KindFloat {
			size = 32
		}
		f, err := strconv.ParseFloat(x, size)
		return bits(f), err
	case []any:
		return fromSparkItems(t, x)
	case map[string]any:
		fields := make([]any, len(t.Fields))
		for i, f := range t.Fields {
			var err error
			if fields[i], err = fromSpark(f.Type, x[strconv.Itoa(i)]); err != nil {
				return nil, err
			}
		}
		return fields, nil
	}
	return nil, fmt.Errorf("a value of type %s came as %T", t, v)
}

func fromSparkItems(t *types.Type, list []any) (tree, error) {
	items := make([]any, len(list))
	for i, v := range list {
		var err error
		pair, ok := v.(map[string]any)
		if t.Kind != types.KindMap || !ok {
			items[i], err = fromSpark(t.Elem, v)
		} else {
			var key, value tree
			if key, err = fromSpark(t.Key, pair["0"]); err == nil {
				value, err = fromSpark(t.Elem, pair["1"])
			}
			items[i] = []any{key, value}
		}
		if err != nil {
			return nil, err
		}
	}
	return items, nil
}

// shown formats a tree for people.
func shown(t *types.Type, v tree) string {
	switch x := v.(type) {
	case string:
		if b, err := hex.DecodeString(x); err == nil && t.IsText() {
			return strconv.Quote(string(b))
		}
		if f, err := strconv.ParseFloat(x, 64); err == nil && (t.Kind == types.KindDouble || t.Kind == types.KindFloat) {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
		return x
	case []any:
		parts := make([]string, len(x))
		for i, item := range x {
			switch t.Kind {
			case types.KindStruct:
				parts[i] = shown(t.Fields[i].Type, item)
			case types.KindMap:
				pair := item.([]any) //nolint:errcheck // built above
				parts[i] = shown(t.Key, pair[0]) + " -> " + shown(t.Elem, pair[1])
			default:
				parts[i] = shown(t.Elem, item)
			}
		}
		if t.Kind == types.KindArray {
			return "[" + strings.Join(parts, ", ") + "]"
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "NULL"
}

// A row is a row of a result: one tree per column.
type row []tree

// A result is the output of an engine for the input of a stream.
type result struct {
	schema  *types.Schema
	batches map[int64][]row
	failure *Failure
}

// newCapture returns a sink that stores the rows of each batch in r.
func (r *result) newCapture(_ *job.Stream, schema *types.Schema, env sinks.Env) (sinks.Sink, error) {
	r.schema = schema
	zone := env.Zone
	if zone == nil {
		zone = datetime.UTC
	}
	return &capture{result: r, zone: zone}, nil
}

// A capture is a sink that stores rows in a result.
type capture struct {
	result *result
	zone   *datetime.Zone
}

// Describe names the sink.
func (c *capture) Describe() string { return "verify" }

// Begin starts a batch.
func (c *capture) Begin(_ context.Context, id int64) (sinks.BatchWriter, error) {
	return &capturedBatch{capture: c, id: id}, nil
}

type capturedBatch struct {
	*capture
	id    int64
	mu    sync.Mutex
	tasks []*capturedPartition
}

// Task returns the writer for a partition.
func (b *capturedBatch) Partition(i, _ int) (sinks.PartitionWriter, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := &capturedPartition{zone: b.zone, index: i}
	b.tasks = append(b.tasks, t)
	return t, nil
}

// Commit stores the rows of the partitions in order.
func (b *capturedBatch) Commit(context.Context, int) error {
	slices.SortFunc(b.tasks, func(x, y *capturedPartition) int { return x.index - y.index })
	rows := []row{}
	for _, t := range b.tasks {
		rows = append(rows, t.rows...)
	}
	b.result.batches[b.id] = rows
	return nil
}

// Abort discards the batch.
func (b *capturedBatch) Abort(context.Context) error { return nil }

type capturedPartition struct {
	zone  *datetime.Zone
	index int
	rows  []row
}

// Write stores the selected rows.
func (t *capturedPartition) Write(_ context.Context, b *vector.Batch) error {
	for n := range b.Rows() {
		at := n
		if b.Sel != nil {
			at = int(b.Sel[n])
		}
		r := make(row, len(b.Cols))
		for i, c := range b.Cols {
			r[i] = treeOf(c, at, t.zone)
		}
		t.rows = append(t.rows, r)
	}
	return nil
}

// Close does nothing.
func (t *capturedPartition) Close(context.Context) error { return nil }
