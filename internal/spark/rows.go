package spark

import (
	"fmt"
	"strconv"

	"github.com/streamctl/streamctl/internal/replay"
	"github.com/streamctl/streamctl/internal/types"
)

// fromSpark converts a value written by verify.py to its comparable form. There, structs and map entries are objects, and
// floats are decimal text, whose digits depend on the JDK.
func fromSpark(t *types.Type, v any) (replay.Value, error) {
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
		return replay.Bits(f), err
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

func fromSparkItems(t *types.Type, list []any) (replay.Value, error) {
	items := make([]any, len(list))
	for i, v := range list {
		var err error
		pair, ok := v.(map[string]any)
		if t.Kind != types.KindMap || !ok {
			items[i], err = fromSpark(t.Elem, v)
		} else {
			var key, value replay.Value
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
