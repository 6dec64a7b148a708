package codec

import (
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/types"
)

// patternOptions lists the options that hold date and time patterns, and the types whose text they describe.
var patternOptions = []struct {
	name string
	kind types.Kind
}{
	{"dateFormat", types.KindDate}, {"timestampFormat", types.KindTimestamp}, {"timestampNTZFormat", types.KindTimestampNTZ}, {"timeFormat", types.KindTime},
}

// A BadPattern is a pattern that does not compile, so that no text matches it.
type BadPattern struct {
	Option string
	Column string // the first column to be parsed with it
	Type   *types.Type
	Err    error
	Fails  bool // the query fails with the first value; otherwise each value is NULL
}

// BadPatterns returns the patterns among a reader's options that do not compile and apply to columns in fields.
func BadPatterns(v Values, fields []types.Field) []BadPattern {
	var bad []BadPattern
	for _, o := range patternOptions {
		text, given := v.Lookup(o.name)
		if !given {
			continue
		}
		column, t := firstOf(o.kind, fields)
		if t == nil {
			continue
		}
		if _, err := datetime.CompilePattern(text, v.Text("locale", ""), true); err != nil {
			bad = append(bad, BadPattern{o.name, column, t, err, o.kind != types.KindTimestampNTZ && datetime.MeantSomethingElse(err)})
		}
	}
	return bad
}

// firstOf returns the first field that contains a value of a kind, at any depth, and the type of that value.
func firstOf(kind types.Kind, fields []types.Field) (string, *types.Type) {
	for _, f := range fields {
		if t := within(kind, f.Type); t != nil {
			return f.Name, t
		}
	}
	return "", nil
}

func within(kind types.Kind, t *types.Type) *types.Type {
	switch t.Kind {
	case kind:
		return t
	case types.KindStruct:
		_, found := firstOf(kind, t.Fields)
		return found
	case types.KindArray, types.KindMap:
		for _, part := range []*types.Type{t.Key, t.Elem} {
			if part != nil {
				if found := within(kind, part); found != nil {
					return found
				}
			}
		}
	}
	return nil
}
