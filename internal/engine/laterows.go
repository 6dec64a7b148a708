package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// listsLate reports whether the late rows of the query are listed.
func (q *query) listsLate() bool { return q.inputs[0].rejects.listed() }

// lateList returns what lists the late rows of a partition; nil if they are not listed. in reads the partition, or is nil above an exchange.
func (q *query) lateList(in vector.Reader) func(*operator.LateRow) {
	if !q.listsLate() {
		return nil
	}
	list := q.inputs[0].rejects
	return func(l *operator.LateRow) { list.addLate(l, q.analysed.Zone, in) }
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

// lateListing says where the user finds late rows, or how to get a list of them. Of all late rows, those that joins drop are not listed.
func (q *query) lateListing(listed, all int64) string {
	in := q.inputs[0]
	_, listable := in.format.Find(job.RejectsPath)
	switch {
	case in.rejects.listed() && listed == all:
		return "; they are listed in " + in.rejects.path
	case in.rejects.listed():
		return "; those that joins drop are not listed in " + in.rejects.path
	case !listable || listed == 0:
		return ""
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
		text: fmt.Sprintf("the list %s is as long as it may be: %s not in it", r.path, plural(int(r.lateLeft), "late row")),
		hint: "a longer delay of the watermark lets them in",
	}
}
