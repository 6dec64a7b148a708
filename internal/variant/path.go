package variant

import (
	"strconv"
	"strings"
)

// A Step of a path selects a member of an object by Name if Key is set, and else an array item by Index.
type Step struct {
	Key   bool
	Name  string
	Index int
}

// ParsePath parses a path such as $.name['name']["name"][0]. (Spark: VariantPathParser.)
func ParsePath(s string) (steps []Step, ok bool) {
	s, ok = strings.CutPrefix(s, "$")
	for ok && s != "" {
		var step Step
		step, s, ok = parseStep(s)
		steps = append(steps, step)
	}
	return steps, ok
}

func parseStep(s string) (step Step, rest string, ok bool) {
	if after, dot := strings.CutPrefix(s, "."); dot {
		end := strings.IndexAny(after, ".[")
		if end < 0 {
			end = len(after)
		}
		return Step{Key: true, Name: after[:end]}, after[end:], end > 0
	}
	for _, quote := range []string{"'", `"`} {
		after, quoted := strings.CutPrefix(s, "["+quote)
		if !quoted {
			continue
		}
		name, after, closed := strings.Cut(after, quote+"]")
		return Step{Key: true, Name: name}, after, closed && !strings.Contains(name, quote)
	}
	digits, after, closed := strings.Cut(strings.TrimPrefix(s, "["), "]")
	n, err := strconv.ParseUint(digits, 10, 31)
	return Step{Index: int(n)}, after, closed && s[0] == '[' && err == nil
}

// At follows a path. ok is false if the path does not exist in v.
func (v Value) At(steps []Step) (at Value, ok bool) {
	for _, s := range steps {
		switch k := v.Kind(); {
		case s.Key && k == Object:
			v, ok = v.Field(s.Name)
		case !s.Key && k == Array:
			v, ok = v.Item(s.Index)
		default:
			ok = false
		}
		if !ok {
			return Value{}, false
		}
	}
	return v, true
}
