package checkpoint

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A Batch is what the offset log knows of a batch: everything that decides its result.
type Batch struct {
	Watermark int64             // milliseconds
	Timestamp int64             // milliseconds: current_timestamp()
	Conf      map[string]string // settings pinned when the query first started
	Offsets   []string          // the end of each source; "" when it never had data
}

// OffsetLog says which offsets each batch covers. An entry is written before its batch runs.
type OffsetLog struct{ log *batchLog }

// Latest is the newest batch id, -1 when there is none.
func (l *OffsetLog) Latest() int64 { return l.log.latest() }

// Add logs a new batch.
func (l *OffsetLog) Add(id int64, b *Batch) error {
	lines := make([]string, 1, 1+len(b.Offsets))
	lines[0] = string(b.appendMetadata(nil))
	for _, o := range b.Offsets {
		if o == "" {
			o = "-"
		}
		lines = append(lines, o)
	}
	return l.log.add(id, lines)
}

func (b *Batch) appendMetadata(dst []byte) []byte {
	dst = strconv.AppendInt(append(dst, `{"batchWatermarkMs":`...), b.Watermark, 10)
	dst = strconv.AppendInt(append(dst, `,"batchTimestampMs":`...), b.Timestamp, 10)
	dst = append(dst, `,"conf":{`...)
	for i, k := range slices.Sorted(maps.Keys(b.Conf)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, k)
		dst = append(dst, ':')
		dst = appendJSON(dst, b.Conf[k])
	}
	return append(dst, '}', '}')
}

// Get reads a batch.
func (l *OffsetLog) Get(id int64) (*Batch, error) {
	name := strconv.FormatInt(id, 10)
	path := filepath.Join(l.log.dir, name)
	if !l.log.has(id) {
		return nil, sparkerr.Plain("batch %d doesn't exist", id).
			WithHint("the file %s is missing; restore it from a copy, or start with a new checkpoint", path)
	}
	lines, err := l.log.read(name)
	if err != nil {
		return nil, err
	}
	if len(lines) < 2 {
		return nil, malformed(path, "it ends early")
	}
	var m struct {
		Watermark int64             `json:"batchWatermarkMs"`
		Timestamp int64             `json:"batchTimestampMs"`
		Conf      map[string]string `json:"conf"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &m); err != nil {
		return nil, malformed(path, "its second line is not the batch's metadata")
	}
	b := &Batch{Watermark: m.Watermark, Timestamp: m.Timestamp, Conf: m.Conf}
	for _, o := range lines[1:] {
		if o == "-" {
			o = ""
		} else if !json.Valid([]byte(o)) {
			return nil, malformed(path, "the offset "+strconv.Quote(shorten(o))+" is cut off")
		}
		b.Offsets = append(b.Offsets, o)
	}
	return b, nil
}

// CommitLog says which batches are done.
type CommitLog struct{ log *batchLog }

// Latest is the newest batch id, -1 when there is none.
func (l *CommitLog) Latest() int64 { return l.log.latest() }

// Add logs that a batch is done. watermark, in milliseconds, is that of the next batch.
func (l *CommitLog) Add(id, watermark int64) error {
	return l.log.add(id, []string{`{"nextBatchWatermarkMs":` + strconv.FormatInt(watermark, 10) + `}`})
}

// Get reads the watermark of the batch after id.
func (l *CommitLog) Get(id int64) (watermark int64, err error) {
	name := strconv.FormatInt(id, 10)
	lines, err := l.log.read(name)
	if err != nil {
		return 0, err
	}
	var m struct {
		Watermark *int64 `json:"nextBatchWatermarkMs"`
	}
	if len(lines) != 1 || json.Unmarshal([]byte(lines[0]), &m) != nil || m.Watermark == nil {
		return 0, malformed(filepath.Join(l.log.dir, name), "it does not hold the next watermark")
	}
	return *m.Watermark, nil
}

// ValueLog keeps one value.
type ValueLog struct{ log *batchLog }

// Get gives the value; ok is false when there is none yet.
func (l *ValueLog) Get() (value string, ok bool, err error) {
	if !l.log.has(0) {
		return "", false, nil
	}
	lines, err := l.log.read("0")
	if err == nil && len(lines) != 1 {
		err = malformed(filepath.Join(l.log.dir, "0"), "it ends early")
	}
	if err != nil {
		return "", false, err
	}
	return lines[0], true, nil
}

// Set stores the value, once.
func (l *ValueLog) Set(value string) error { return l.log.add(0, []string{value}) }
