package jobtest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/replay"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
)

// Update returns the text of a file of tests with the rows that came out as the expectations of its batches. Batches that ended with an error,
// and what a test says besides rows, keep what they have.
func Update(text []byte, outcomes []*Outcome) ([]byte, error) {
	type edit struct {
		first, last int
		lines       []string
	}
	var edits []edit
	for _, o := range outcomes {
		for i, b := range o.Test.Batches {
			differs := func(what string) bool {
				return slices.ContainsFunc(o.Differences, func(d Difference) bool { return d.Batch == i+1 && d.What == what })
			}
			if !o.actual[i].checked || differs("error") || b.Error.Text != "" || b.Expect != nil && !differs("rows") {
				continue
			}
			if b.Lines.Flow {
				return nil, sparkerr.At(sparkerr.Plain("the batch is written within { }, which --update cannot edit").WithHint("write each key of the batch on a line of its own"), b.Place)
			}
			columns := all(len(o.schema.Fields))
			if b.Expect != nil && len(b.Expect.Rows) > 0 && b.Expect.Rows[0].Names != nil {
				if at, err := positions(b.Expect.Rows[0], fieldNames(o.schema.Fields)); err == nil {
					columns = at
				}
			}
			indent := strings.Repeat(" ", b.Lines.Indent)
			lines := []string{indent + "expect:"}
			for _, r := range o.actual[i].rows {
				lines = append(lines, indent+"  - "+flow(r, o.schema.Fields, columns))
			}
			if len(lines) == 1 {
				lines[0] += " []"
			}
			edits = append(edits, edit{b.Lines.First, b.Lines.Last, lines})
		}
	}
	slices.SortFunc(edits, func(a, b edit) int { return b.first - a.first }) // from the end, so that line numbers stay valid
	lines := strings.Split(string(bytes.TrimSuffix(text, []byte("\n"))), "\n")
	for _, e := range edits {
		first := min(e.first-1, len(lines))
		lines = slices.Concat(lines[:first], e.lines, lines[max(first, min(e.last, len(lines))):])
	}
	return []byte(strings.Join(lines, "\n") + "\n"), nil
}

// flow writes a row as a mapping on one line.
func flow(r replay.Row, fields []types.Field, columns []int) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = plain(fields[c].Name) + ": " + scalar(fields[c].Type, r[c])
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// scalar writes a value so that a test reads it back as the same.
func scalar(t *types.Type, v replay.Value) string {
	if v == nil {
		return "null"
	}
	switch t.Kind {
	case types.KindStruct:
		fields, _ := v.([]any)
		return flow(fields, t.Fields, all(len(fields)))
	case types.KindArray:
		items, _ := v.([]any)
		parts := make([]string, len(items))
		for i, item := range items {
			parts[i] = scalar(t.Elem, item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case types.KindMap:
		items, _ := v.([]any)
		parts := make([]string, len(items))
		for i, item := range items {
			pair, _ := item.([]any)
			parts[i] = plain(text(t.Key, pair[0])) + ": " + scalar(t.Elem, pair[1])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	s := text(t, v)
	if !t.IsText() && (s == "true" || s == "false" || json.Valid([]byte(s))) {
		return s
	}
	return plain(s)
}

// text returns the text of a value that is not nested.
func text(t *types.Type, v replay.Value) string {
	s, _ := v.(string)
	if b, err := hex.DecodeString(s); err == nil && t.IsText() {
		return string(b)
	} else if err == nil && t.Kind == types.KindBinary {
		return base64.StdEncoding.EncodeToString(b)
	}
	shown := replay.Shown(t, v)
	if t.Kind == types.KindFloat || t.Kind == types.KindDouble {
		shown = strings.NewReplacer("+Inf", "Infinity", "-Inf", "-Infinity").Replace(shown)
	}
	return shown
}

// plain quotes a text unless it is a simple word.
func plain(s string) string {
	word := s != "" && !slices.Contains([]string{"null", "true", "false", "yes", "no", "on", "off"}, strings.ToLower(s))
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		word = word && (letter || i > 0 && r >= '0' && r <= '9')
	}
	if word {
		return s
	}
	quoted, _ := json.Marshal(s)
	return string(quoted)
}
