package json

import (
	"github.com/streamctl/streamctl/internal/codec"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// CheckSchema rejects schemas that cannot be read.
func CheckSchema(s *types.Schema) error {
	if err := codec.CheckNames(s); err != nil {
		return err
	}
	for _, f := range s.Fields {
		if err := checkType(f, f.Type); err != nil {
			return err
		}
	}
	return CheckTypes(s.Fields)
}

// CheckTypes rejects columns that Spark's files cannot hold, although the functions from_json and to_json accept them.
func CheckTypes(fields []types.Field) error {
	for _, f := range fields {
		if f.Type.Has(types.KindInterval) {
			return codec.UnsupportedType("JSON", f)
		}
	}
	return nil
}

func checkType(f types.Field, t *types.Type) error {
	switch t.Kind {
	case types.KindArray:
		return checkType(f, t.Elem)
	case types.KindMap:
		if !t.Key.IsText() {
			return codec.UnsupportedType("JSON", f)
		}
		return checkType(f, t.Elem)
	case types.KindStruct:
		for _, member := range t.Fields {
			if err := checkType(f, member.Type); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reader) plan() error {
	corrupt := -1
	position := make([]int, len(r.scan.Fields))
	for i, f := range r.scan.Fields {
		v := &vector.Vector{}
		r.cols = append(r.cols, v)
		position[i] = -1
		if f.Name == r.o.corruptColumn {
			corrupt = i
			continue
		}
		if err := checkType(f, f.Type); err != nil {
			return err
		}
		position[i] = len(r.fields)
		r.places = append(r.places, i)
		f.Type = f.Type.TextAsString()
		v.Type = f.Type
		r.fields = append(r.fields, f)
		r.vectors = append(r.vectors, v)
		dry := vector.New(f.Type, 1)
		r.dry = append(r.dry, dry)
	}
	if corrupt >= 0 && len(r.fields) == 0 {
		return sparkerr.New("UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN")
	}
	r.judge = codec.NewJudge(r.o.mode, corrupt)
	r.last, r.bads = make([]int, len(r.fields)), make([]bool, len(r.fields))
	r.planFilters(position)
	r.resetVectors()
	for _, v := range r.vectors {
		r.collectTexts(v)
	}
	return nil
}

func (r *reader) planFilters(position []int) {
	for _, p := range r.scan.Filters {
		f := filter{Predicate: p}
		usable := len(p.Columns()) > 0
		for _, c := range p.Columns() {
			usable = usable && position[c] >= 0
			f.fields = append(f.fields, position[c])
		}
		if usable {
			r.filters = append(r.filters, f)
		}
	}
}
