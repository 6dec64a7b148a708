package rate

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// A MicroBatchSource makes so many rows a batch, all of a batch with the same timestamp. (Spark: RatePerMicroBatchStream.)
type MicroBatchSource struct {
	opts   *Options
	frozen bool
	end    sources.Offset // of the one batch after FreezeEnd
}

// NewMicroBatch makes the source.
func NewMicroBatch(opts *Options) *MicroBatchSource {
	return &MicroBatchSource{opts: opts}
}

type position struct{ Offset, Timestamp int64 }

func (s *MicroBatchSource) parse(o sources.Offset) (position, error) {
	p := position{0, s.opts.start}
	if o == "" {
		return p, nil
	}
	var v struct{ Offset, Timestamp *int64 }
	if json.Unmarshal([]byte(o), &v) != nil || v.Offset == nil || v.Timestamp == nil || *v.Offset < 0 {
		return p, sparkerr.Plain("the offset %s in the checkpoint is not one of a rate-micro-batch source", o).
			WithHint("the checkpoint belongs to another source; start with a new one")
	}
	return position{*v.Offset, *v.Timestamp}, nil
}

// Describe names the source as Spark does.
func (s *MicroBatchSource) Describe() string {
	return "RatePerMicroBatchStream[rowsPerBatch=" + strconv.FormatInt(s.opts.rows, 10) + ", numPartitions=" +
		strconv.Itoa(s.opts.perStep) + ", startTimestamp=" + strconv.FormatInt(s.opts.start, 10) +
		", advanceMsPerBatch=" + strconv.FormatInt(s.opts.advance, 10) + "]"
}

// Recover checks the offsets, which say everything.
func (s *MicroBatchSource) Recover(_ context.Context, logged sources.Logged) error {
	before, err := s.parse(logged.Before)
	if err != nil {
		return err
	}
	last, err := s.parse(logged.Last)
	if err == nil && last.Offset < before.Offset {
		err = logged.Backwards()
	}
	return err
}

// LatestOffset is one batch after from.
func (s *MicroBatchSource) LatestOffset(_ context.Context, from sources.Offset, _ bool) (sources.Offset, error) {
	if s.frozen && s.end != "" {
		return s.end, nil
	}
	p, err := s.parse(from)
	if err != nil {
		return "", err
	}
	o := sources.Offset(fmt.Sprintf(`{"offset":%d,"timestamp":%d}`, p.Offset+s.opts.rows, p.Timestamp+s.opts.advance))
	if s.frozen {
		s.end = o
	}
	return o, nil
}

// FreezeEnd allows one more batch.
func (s *MicroBatchSource) FreezeEnd(context.Context) error {
	s.frozen = true
	return nil
}

// Plan returns the rows of one batch.
func (s *MicroBatchSource) Plan(_ context.Context, from, to sources.Offset, scan *sources.Scan) ([]sources.Partition, error) {
	a, err := s.parse(from)
	if err != nil {
		return nil, err
	}
	b, err := s.parse(to)
	if err != nil || scan.Empty {
		return nil, err
	}
	return partitions(scan, s.opts.perStep, a.Offset, b.Offset, func(int64) int64 { return a.Timestamp * 1000 }), nil
}
