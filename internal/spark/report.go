package spark

import (
	"cmp"
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
	ordered := replay.Sorts(s.replay.Stream)
	a, b := replay.Unequal(here, there, ordered)
	if !ordered { // so that rows with equal first columns stand side by side
		slices.SortFunc(a, replay.Row.Compare)
		slices.SortFunc(b, replay.Row.Compare)
	}
	for i := range max(len(a), len(b)) {
		r.different("row", &id, s.shown(a, i), s.shown(b, i))
	}
}

// shown formats a row for people; "" if there are not as many.
func (s *side) shown(rows []replay.Row, i int) string {
	if i >= len(rows) {
		return ""
	}
	parts := make([]string, len(rows[i]))
	for c, v := range rows[i] {
		parts[c] = replay.Shown(s.here.Schema.Fields[c].Type, v)
	}
	return strings.Join(parts, " | ")
}
