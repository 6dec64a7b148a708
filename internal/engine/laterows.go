package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/codec"
	jsoncodec "github.com/streamctl/streamctl/internal/codec/json"
	"github.com/streamctl/streamctl/internal/datetime"
	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/operator"
	"github.com/streamctl/streamctl/internal/vector"
)

// A lateReject is the line of the rejects file for a row that came too late, encoded as JSON.
type lateReject struct {
	rejectPlace
	Reason    string          `json:"reason"`
	Step      string          `json:"step"`
	EventTime string          `json:"eventTime"`
	Watermark string          `json:"watermark"`
	Row       json.RawMessage `json:"row,omitempty"`
	Record    string          `json:"record,omitempty"`      // the start of a row that is too long
	Length    int             `json:"recordBytes,omitempty"` // its full length
}

// lateFormat writes times of late rows with all their digits, so that they can be read again.
var lateFormat = map[string]string{
	"ignoreNullFields": "false", "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
}

// lateList returns what lists the late rows of a partition of an input that r reads; nil if they are not listed. Above an exchange, in and r are nil:
// rows are in the list of the first stream they come from that has one.
func (q *query) lateList(in *input, r vector.Reader) func(*operator.LateRow) {
	switch {
	case in == nil && slices.ContainsFunc(q.inputs, func(in *input) bool { return in.rejects.listed() }):
		return func(l *operator.LateRow) {
			for _, number := range l.Step.Sources {
				if list := q.inputs[number].rejects; list.listed() {
					list.addLate(l, q.analysed.Zone, nil)
					return
				}
			}
		}
	case in == nil || !in.rejects.listed():
		return nil
	}
	return func(l *operator.LateRow) { in.rejects.addLate(l, q.analysed.Zone, r) }
}

// addLate lists a row that came too late. Workers call it concurrently.
func (r *rejects) addLate(l *operator.LateRow, zone *datetime.Zone, in vector.Reader) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil || r.err != nil {
		return
	}
	if r.written >= mostListed {
		r.lateLeft++
		return
	}
	line := lateReject{
		rejectPlace: r.placeOf(l, in), Reason: fmt.Sprintf("late: %s is not after the watermark", l.Step.Time), Step: l.Step.Name,
		EventTime: time.UnixMicro(l.Time).UTC().Format("2006-01-02T15:04:05.000000Z"), Watermark: isoMillis(l.Watermark),
	}
	var row []byte
	if row, r.err = r.encodeLate(l, zone); r.err != nil {
		return
	}
	r.samples[1].add(r.batch, func() Sample {
		s := r.sample(Sample{Late: true, Line: line.Line, Reason: line.Reason}, nil, row)
		s.File = line.File
		return s
	})
	if line.Row = row; len(row) > longestReject {
		line.Row, line.Record, line.Length = nil, string(cutText(row, longestReject)), len(row)
	}
	r.write(&line)
}

// placeOf returns where a late row comes from, as far as that is known: not for the groups of an aggregation.
func (r *rejects) placeOf(l *operator.LateRow, in vector.Reader) rejectPlace {
	o := l.Batch.Origin
	if o == nil {
		return r.at(nil, 0, -1)
	}
	at := &vector.RecordError{Offset: o.Offset(l.Row), Line: o.LineOf(l.Row)}
	return r.at(o.File, lineOf(at, in), at.Offset)
}

// encodeLate returns the columns of a row that enter the step, as a JSON object.
func (r *rejects) encodeLate(l *operator.LateRow, zone *datetime.Zone) ([]byte, error) {
	e := r.encoders[l.Step]
	if e == nil {
		options, err := jsoncodec.ParseWriteOptions(lateFormat)
		if err != nil {
			return nil, err
		}
		if e, err = jsoncodec.NewEncoder(l.Step.Fields, options, zone); err != nil {
			return nil, err
		}
		if r.encoders == nil {
			r.encoders = map[*operator.LateStep]codec.Encoder{}
		}
		r.encoders[l.Step] = e
	}
	row, err := e.AppendRow(nil, l.Batch, l.Row)
	return bytes.TrimRight(row, "\n"), err
}

// lateListing says where the user finds late rows, or how to get a list of them.
func (q *query) lateListing() string {
	var lists, names []string
	listable := false
	for _, in := range q.inputs {
		_, ok := in.format.Find(job.RejectsPath)
		listable = listable || ok
		if in.rejects.listed() {
			lists, names = append(lists, in.rejects.where()), append(names, q.nameOf(in))
		}
	}
	switch {
	case len(lists) > 0 && len(lists) == len(q.inputs):
		return "; they are listed in " + strings.Join(lists, " and ")
	case len(lists) > 0:
		return fmt.Sprintf("; those of %s are listed in %s, and rejectsPath lists those of another input", strings.Join(names, " and "), strings.Join(lists, " and "))
	case !listable:
		return ""
	case len(q.inputs) > 1:
		return "; the option rejectsPath of an input lists them"
	}
	return "; --rejects FILE lists them"
}

// lateMessage returns a notice about late rows that are not in the list; nil if there are none.
func (r *rejects) lateMessage() *notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lateLeft == 0 {
		return nil
	}
	return &notice{
		text: fmt.Sprintf("the list %s is as long as it may be: %s not in it", r.where(), plural(int(r.lateLeft), "late row")),
		hint: "a longer delay of the watermark lets them in",
	}
}
