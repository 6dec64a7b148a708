package csv

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/memory"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

const (
	// batchCells is the approximate maximum of values in a batch. It keeps a reader of many columns from reserving memory for
	// rows that a chunk of the file cannot contain.
	batchCells = 1 << 21
	// cellBytes is the approximate memory per value: two views, and the parsed number.
	cellBytes = 24
)

// batchRows returns the maximum number of rows in a batch of so many columns, a power of two.
func batchRows(columns int) int {
	rows := vector.BatchRows
	for most := memory.Share(batchCells, 8*cellBytes); rows > 32 && rows*columns > most; {
		rows /= 2
	}
	return rows
}

// A layout maps the tokens of a record to columns.
type layout struct {
	columns  []column
	cols     []*vector.Vector // of the batch, in the order of the wanted columns
	slotOf   []int            // by position in the data: index in columns, or -1
	wanted   [][]token        // by position in the data up to the last one wanted: the tokens of the column, or nil
	want     int              // number of tokens in a well-formed record; -1: any number
	selected bool             // the parser knows which columns are wanted

	corrupt int // position in cols of the column of corrupt records, or -1
}

// A column is a wanted column of the data.
type column struct {
	v       *vector.Vector
	tokens  []token
	valid   vector.Bitmap
	at      int // position in the data
	bytes   int // memory of the VARIANTs
	convert converter
	filters []vector.Predicate // those whose last column is this one
}

// plan builds the layout.
func (r *reader) plan() error {
	r.corrupt = -1
	last := -1
	position := map[fieldKey]int{}
	for _, f := range r.scan.Schema.Fields {
		if f.Name != r.o.corruptColumn {
			if _, known := position[keyOf(f)]; !known {
				position[keyOf(f)] = len(r.slotOf)
			}
			r.slotOf = append(r.slotOf, -1)
		}
	}
	var err error
	if r.formats, err = codec.NewFormats(r.o.values, r.scan); err != nil {
		return err
	}
	r.rows = batchRows(len(r.scan.Fields))
	columnOf := make([]int, len(r.scan.Fields))
	for i, f := range r.scan.Fields {
		v := &vector.Vector{}
		r.cols = append(r.cols, v)
		columnOf[i] = -1
		if f.Name == r.o.corruptColumn {
			r.corrupt = i
			continue
		}
		at, ok := position[keyOf(f)]
		if !ok {
			return sparkerr.Internal("column %s is not in the schema", f.Name)
		}
		c := column{v: v, at: at, tokens: make([]token, r.rows), valid: vector.NewBitmap(r.rows, true)}
		if c.convert, ok = newConverter(f.Type, r.o, r.formats); !ok {
			return codec.UnsupportedType("CSV", f)
		}
		v.Type = f.Type.TextAsString()
		v.Views = make([]vector.View, 0, r.rows) // swapped with tokens
		r.slotOf[at], columnOf[i] = len(r.columns), len(r.columns)
		last = max(last, at)
		r.columns = append(r.columns, c)
	}
	if r.corrupt >= 0 && len(r.columns) == 0 {
		return sparkerr.New("UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN")
	}
	r.wanted = make([][]token, last+1)
	r.planCounts()
	r.planFilters(columnOf)
	return r.planVariants()
}

// A fieldKey identifies a field. In from_csv, several fields may have the same name.
type fieldKey struct{ name, sql string }

func keyOf(f types.Field) fieldKey { return fieldKey{f.Name, f.Type.SQL()} }

// planCounts decides whether the number of tokens in records is checked (Spark: parsedSchema, selectIndexes).
func (r *reader) planCounts() {
	prune := r.o.prune
	if !r.o.pruneGiven {
		prune = r.scan.PruneColumns && !r.o.multiLine
	}
	r.want = len(r.slotOf)
	if prune && len(r.columns) < len(r.slotOf) {
		r.want, r.selected = -1, true
	}
}

func (r *reader) planFilters(columnOf []int) {
	for _, p := range r.scan.Filters {
		last, usable := -1, true
		for _, c := range p.Columns() {
			usable = usable && columnOf[c] >= 0
			last = max(last, columnOf[c])
		}
		if usable && last >= 0 {
			r.columns[last].filters = append(r.columns[last].filters, p)
		}
	}
}

// CheckSchema returns the error with which Spark refuses a schema before it reads anything.
func CheckSchema(s *types.Schema) error {
	if err := codec.CheckNames(s); err != nil {
		return err
	}
	return checkTypes(s.Fields)
}

// checkTypes rejects columns that files cannot hold, whether they are read or written. (Spark:
// CSVFileFormat.supportDataType.)
func checkTypes(fields []types.Field) error {
	for _, f := range fields {
		switch f.Type.Kind {
		case types.KindArray, types.KindMap, types.KindStruct, types.KindVoid, types.KindInterval:
			return codec.UnsupportedType("CSV", f)
		}
	}
	return nil
}

// checkWritten is checkTypes for files that are written, which cannot hold VARIANT either. (Spark: CSVFileFormat.supportDataType with
// allowVariant.)
func checkWritten(fields []types.Field) error {
	for _, f := range fields {
		if f.Type.Kind == types.KindVariant {
			return codec.UnsupportedType("CSV", f)
		}
	}
	return checkTypes(fields)
}
