package checkpoint

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/sparkerr"
)

// An OffsetSeq is an entry of the offset log: everything that determines the result of a batch. (Spark: OffsetSeq.)
type OffsetSeq struct {
	Watermark int64             // milliseconds
	Timestamp int64             // in milliseconds: current_timestamp()
	Conf      map[string]string // settings pinned when the query first started
	Offsets   []string          // end offset of each source; "" if it never had data
}

// An OffsetLog records the offsets that each batch covers. An entry is written before its batch runs.
type OffsetLog struct{ log *batchLog }

// Latest returns the newest batch id, or -1.
func (l *OffsetLog) Latest() int64 { return l.log.latest() }

// Add logs a new batch.
func (l *OffsetLog) Add(id int64, b *OffsetSeq) error {
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

func (b *OffsetSeq) appendMetadata(dst []byte) []byte {
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
func (l *OffsetLog) Get(id int64) (*OffsetSeq, error) {
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
	b := &OffsetSeq{Watermark: m.Watermark, Timestamp: m.Timestamp, Conf: m.Conf}
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

// A CommitLog records the completed batches.
type CommitLog struct{ log *batchLog }

// Latest returns the newest batch id, or -1.
func (l *CommitLog) Latest() int64 { return l.log.latest() }

// Add records that a batch is complete. watermark is the watermark of the next batch, in milliseconds.
func (l *CommitLog) Add(id, watermark int64) error {
	return l.log.add(id, []string{`{"nextBatchWatermarkMs":` + strconv.FormatInt(watermark, 10) + `}`})
}

// Get returns the watermark of the batch after id.
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

// A ValueLog stores one value.
type ValueLog struct {
	log  *batchLog
	lead string // what the file begins with, before the version
}

// Get returns the value. ok is false if there is none yet.
func (l *ValueLog) Get() (value string, ok bool, err error) {
	if !l.log.has(0) {
		return "", false, nil
	}
	lines, err := l.log.readAfter("0", l.lead)
	if err == nil && len(lines) != 1 {
		err = malformed(filepath.Join(l.log.dir, "0"), "it ends early")
	}
	if err != nil {
		return "", false, err
	}
	return lines[0], true, nil
}

// Set stores the value. It must be called only once.
func (l *ValueLog) Set(value string) error {
	return l.log.addText(0, append([]byte(l.lead), joinLines([]string{value})...))
}
