package spark

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/streamctl/streamctl/internal/replay"
)

// A Report is the result of a comparison of both engines.
type Report struct {
	Equal   bool           `json:"equal"`
	Streams []StreamReport `json:"streams"`
}

// A StreamReport is the comparison of one stream.
type StreamReport struct {
	Stream      string       `json:"stream"`
	Equal       bool         `json:"equal"`
	Batches     int          `json:"batches"`
	Rows        int          `json:"rows"`
	Condition   string       `json:"condition,omitempty"` // condition with which both engines failed
	Differences []Difference `json:"differences,omitempty"`
}

// A Difference is one difference between the engines. "" means that an engine has nothing to compare.
type Difference struct {
	What     string `json:"what"` // schema, error, batch or row
	Batch    *int64 `json:"batch,omitempty"`
	Embedded string `json:"embedded"`
	Spark    string `json:"spark"`
}

// maxDifferences is the maximum number of differing rows reported per stream.
const maxDifferences = 10

func (r *Report) add(s StreamReport) {
	r.Streams = append(r.Streams, s)
	r.Equal = r.Equal && s.Equal
}

// compare compares the results for a stream: schema, error, and the rows of each batch.
func compare(s *side) StreamReport {
	r := StreamReport{Stream: s.name}
	r.schemas(s)
	r.failures(s)
	ids := slices.Sorted(maps.Keys(s.here.Batches))
	for id := range s.there.Batches {
		if _, ok := s.here.Batches[id]; !ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		here, inHere := s.here.Batches[id]
		there, inThere := s.there.Batches[id]
		if !inHere || !inThere {
			r.different("batch", &id, rowCount(here, inHere), rowCount(there, inThere))
			continue
		}
		r.Batches++
		r.Rows += len(here)
		if len(r.Differences) == 0 || r.Differences[0].What != "schema" {
			r.rows(s, id, here, there)
		}
	}
	r.Equal = len(r.Differences) == 0
	return r
}

func rowCount(rows []replay.Row, ran bool) string {
	if !ran {
		return ""
	}
	return fmt.Sprintf("%d rows", len(rows))
}

func (r *StreamReport) different(what string, batch *int64, here, there string) {
	if len(r.Differences) < maxDifferences {
		r.Differences = append(r.Differences, Difference{What: what, Batch: batch, Embedded: here, Spark: there})
	}
}

// schemas compares the names and types of columns, unless an engine failed before it knew them.
func (r *StreamReport) schemas(s *side) {
	if s.here.Schema == nil || s.there.Schema == nil {
		return
	}
	if here, there := columns(&s.here), columns(&s.there); here != there {
		r.different("schema", nil, here, there)
	}
}

func columns(r *result) string {
	var parts []string
	for _, f := range r.Schema.Fields {
		parts = append(parts, f.Name+" "+f.Type.String())
	}
	return strings.Join(parts, ", ")
}

// failures compares the errors. Errors without a public condition name in Spark are considered equal.
func (r *StreamReport) failures(s *side) {
	here, there := s.here.failure, s.there.failure
	switch {
	case here == nil && there == nil:
	case here == nil:
		r.different("error", nil, "", there.Error().Error())
	case there == nil:
		r.different("error", nil, here.Message, "")
	case there.named() && (here.Condition != there.Condition || here.SQLState != there.SQLState):
		r.different("error", nil, here.Message, there.Error().Error())
	default:
		r.Condition = cmp.Or(there.Condition, here.Condition)
	}
}

func (f *Failure) named() bool {
	return f.Condition != "" && f.Condition != "STREAM_FAILED" && !strings.HasPrefix(f.Condition, "_LEGACY")
}

// rows compares a batch: in order if the job sorts it, else as a set, because Spark does not guarantee an
// order. It pairs up rows that only one engine has.
func (r *StreamReport) rows(s *side, id int64, here, there []replay.Row) {
	a, b := keys(here), keys(there)
	if !replay.Sorts(s.replay.Stream) {
		slices.Sort(a)
		slices.Sort(b)
		a, b = withoutCommon(a, b)
	}
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			r.different("row", &id, s.shown(x), s.shown(y))
		}
	}
}

// withoutCommon removes the common elements of two sorted lists.
func withoutCommon(a, b []string) (onlyA, onlyB []string) {
	for len(a) > 0 && len(b) > 0 {
		switch cmp.Compare(a[0], b[0]) {
		case 0:
			a, b = a[1:], b[1:]
		case -1:
			onlyA, a = append(onlyA, a[0]), a[1:]
		default:
			onlyB, b = append(onlyB, b[0]), b[1:]
		}
	}
	return append(onlyA, a...), append(onlyB, b...)
}

// shown formats a row's key for people.
func (s *side) shown(key string) string {
	var values replay.Row
	if key == "" || json.Unmarshal([]byte(key), &values) != nil {
		return ""
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = replay.Shown(s.here.Schema.Fields[i].Type, v)
	}
	return strings.Join(parts, " | ")
}

// keys encodes each row as a string.
func keys(rows []replay.Row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		text, err := json.Marshal(r)
		if err != nil {
			text = []byte(err.Error()) // unreachable: a tree can always be encoded
		}
		out[i] = string(text)
	}
	return out
}
