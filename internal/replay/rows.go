package replay

import (
	"context"
	"encoding/hex"
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

// A Value is a value in comparable form. nil is NULL. Arrays, structs and maps (as pairs of key and value) are
// []any. Strings and binaries are their bytes in hexadecimal, floats and doubles are hexadecimal floating-point
// numbers, and all other values are their cast to STRING.
type Value = any

// valueOf converts a value of the embedded engine to its comparable form.
func valueOf(v *vector.Vector, row int, zone *datetime.Zone) Value {
	if v.IsNull(row) || v.Type.Kind == types.KindVoid {
		return nil
	}
	i := v.At(row)
	switch v.Type.Kind {
	case types.KindString, types.KindChar, types.KindVarchar, types.KindBinary:
		return strings.ToUpper(hex.EncodeToString(v.Bytes(row)))
	case types.KindFloat:
		return Bits(float64(v.F32[i]))
	case types.KindDouble:
		return Bits(v.F64[i])
	case types.KindStruct:
		fields := make([]any, len(v.Children))
		for k, c := range v.Children {
			fields[k] = valueOf(c, i, zone)
		}
		return fields
	case types.KindArray, types.KindMap:
		view := v.Views[i]
		items := make([]any, view.Len)
		for k := range items {
			at := int(view.Off) + k
			if items[k] = valueOf(v.Children[0], at, zone); v.Type.Kind == types.KindMap {
				items[k] = []any{items[k], valueOf(v.Children[1], at, zone)}
			}
		}
		return items
	}
	return string(valuetext.AppendValue(nil, v, row, valuetext.Options{Zone: zone}))
}

// Bits formats a float without loss. All NaNs are equal.
func Bits(f float64) string { return strconv.FormatFloat(f, 'x', -1, 64) }

// Shown formats a value for people.
func Shown(t *types.Type, v Value) string {
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
				parts[i] = Shown(t.Fields[i].Type, item)
			case types.KindMap:
				pair := item.([]any) //nolint:errcheck // built above
				parts[i] = Shown(t.Key, pair[0]) + " -> " + Shown(t.Elem, pair[1])
			default:
				parts[i] = Shown(t.Elem, item)
			}
		}
		if t.Kind == types.KindArray {
			return "[" + strings.Join(parts, ", ") + "]"
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "NULL"
}

// A Row is a row of a result: one value per column.
type Row []Value

// A Result is the output of an engine for the input of a stream.
type Result struct {
	Schema  *types.Schema
	Batches map[int64][]Row // by id
	Ends    []int64         // by step: the id of the first batch of the next one
	Err     error           // ended the last step
}

// EndStep notes that further batches belong to the next step.
func (r *Result) EndStep() {
	end := int64(0)
	for id := range r.Batches {
		end = max(end, id+1)
	}
	r.Ends = append(r.Ends, end)
}

// Step returns the rows of each batch of a step, in order.
func (r *Result) Step(i int) (batches [][]Row) {
	first := int64(0)
	if i > 0 {
		first = r.Ends[i-1]
	}
	for id := first; id < r.Ends[i]; id++ {
		if rows, ok := r.Batches[id]; ok {
			batches = append(batches, rows)
		}
	}
	return batches
}

// NewSink returns a sink that stores the rows of each batch in r. (engine.NewSink)
func (r *Result) NewSink(_ *job.Stream, schema *types.Schema, env sinks.Env) (sinks.Sink, error) {
	r.Schema = schema
	zone := env.Zone
	if zone == nil {
		zone = datetime.UTC
	}
	return &capture{result: r, zone: zone}, nil
}

// A capture is a sink that stores rows in a result.
type capture struct {
	result *Result
	zone   *datetime.Zone
}

// Describe names the sink.
func (c *capture) Describe() string { return "replay" }

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
	rows := []Row{}
	for _, t := range b.tasks {
		rows = append(rows, t.rows...)
	}
	if b.result.Batches == nil {
		b.result.Batches = map[int64][]Row{}
	}
	b.result.Batches[b.id] = rows
	return nil
}

// Abort discards the batch.
func (b *capturedBatch) Abort(context.Context) error { return nil }

type capturedPartition struct {
	zone  *datetime.Zone
	index int
	rows  []Row
}

// Write stores the selected rows.
func (t *capturedPartition) Write(_ context.Context, b *vector.Batch) error {
	for n := range b.Rows() {
		at := n
		if b.Sel != nil {
			at = int(b.Sel[n])
		}
		r := make(Row, len(b.Cols))
		for i, c := range b.Cols {
			r[i] = valueOf(c, at, t.zone)
		}
		t.rows = append(t.rows, r)
	}
	return nil
}

// Close does nothing.
func (t *capturedPartition) Close(context.Context) error { return nil }
