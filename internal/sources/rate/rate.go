// Package rate makes rows out of nothing at a given rate: so many a second (rate) or a batch (rate-micro-batch).
package rate

import (
	"context"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/types"
	"github.com/streamctl/streamctl/internal/vector"
)

// Schema is the columns of both formats.
func Schema() *types.Schema {
	return &types.Schema{Fields: []types.Field{
		{Name: "timestamp", Type: types.Timestamp, Nullable: true},
		{Name: "value", Type: types.Long, Nullable: true},
	}}
}

// Options are the options of both formats, checked.
type Options struct {
	rows    int64 // per second or batch
	rampUp  int64 // seconds
	start   int64 // milliseconds: rate-micro-batch
	advance int64 // milliseconds: rate-micro-batch
	perStep int   // partitions
}

// parsePerSecond reads the options of the format rate. Spark does so when the stream is defined.
func parsePerSecond(opts job.Options) (*Options, error) { return parse(opts, "rowsPerSecond", 1) }

// parsePerBatch reads the options of the format rate-micro-batch.
func parsePerBatch(opts job.Options) (*Options, error) { return parse(opts, "rowsPerBatch", 0) }

// parse reads the options. name is that of the rate, whose default is rows; 0 requires it.
func parse(opts job.Options, name string, rows int64) (*Options, error) {
	o := &Options{rows: rows, advance: 1000, perStep: 1}
	for _, opt := range []struct {
		name   string
		to     *int64
		lowest int64
	}{{name, &o.rows, 1}, {"startTimestamp", &o.start, 0}, {"advanceMillisPerBatch", &o.advance, 0}} {
		if err := integer(opts, opt.name, opt.to, opt.lowest); err != nil {
			return nil, err
		}
	}
	if o.rows == 0 {
		return nil, sparkerr.Plain("Invalid value '0'. The option 'rowsPerBatch' must be positive").WithHint("rowsPerBatch: 100, or --option rowsPerBatch=100")
	}
	parts := int64(1)
	if err := integer(opts, "numPartitions", &parts, 1); err != nil {
		return nil, err
	}
	o.perStep = int(parts)
	if text, ok := opts.Get("rampUpTime"); ok {
		millis, ok := sources.ParseTime(text, 1000)
		if !ok || millis < 0 {
			return nil, sparkerr.OfOption(sparkerr.Plain("Invalid value '%s'. The option 'rampUpTime' must be a time that is not negative", text), "rampUpTime")
		}
		o.rampUp = millis / 1000
	}
	return o, nil
}

func integer(opts job.Options, name string, to *int64, lowest int64) error {
	text, ok := opts.Get(name)
	if !ok {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < lowest || n > math.MaxInt32 && name == "numPartitions" {
		must := "must be positive"
		if lowest == 0 {
			must = "must not be negative"
		}
		return sparkerr.OfOption(sparkerr.Plain("Invalid value '%s'. The option '%s' %s", text, name, must), name)
	}
	*to = n
	return nil
}

// A Source makes so many rows a second. Its offsets are whole seconds since its start. (Spark: RateStreamMicroBatchStream.)
type Source struct {
	opts   *Options
	env    *sources.Env
	wake   chan struct{}
	timer  *time.Timer
	start  int64 // milliseconds
	last   int64 // seconds
	frozen bool
}

// New starts the clock, or goes on with the one of the checkpoint.
func New(opts *Options, env *sources.Env) (*Source, error) {
	s := &Source{opts: opts, env: env, wake: make(chan struct{}, 1)}
	log, err := env.Checkpoint.Values(env.Index)
	if err != nil {
		return nil, err
	}
	text, ok, err := log.Get()
	if err != nil {
		return nil, err
	}
	if !ok {
		s.start = env.Now().UnixMilli()
		return s, log.Set(strconv.FormatInt(s.start, 10))
	}
	if s.start, err = strconv.ParseInt(strings.TrimSpace(text), 10, 64); err != nil {
		return nil, sparkerr.Plain("the start time %q in the checkpoint is not a number", text)
	}
	return s, nil
}

// Describe names the source as Spark does.
func (s *Source) Describe() string {
	return "RateStreamV2[rowsPerSecond=" + strconv.FormatInt(s.opts.rows, 10) + ", rampUpTimeSeconds=" +
		strconv.FormatInt(s.opts.rampUp, 10) + ", numPartitions=" + strconv.Itoa(s.opts.perStep) + "]"
}

// Recover goes on after what was logged, whatever the clock says.
func (s *Source) Recover(_ context.Context, logged sources.Logged) error {
	before, err := seconds(logged.Before)
	if err != nil {
		return err
	}
	if s.last, err = seconds(logged.Last); err == nil && s.last < before {
		err = logged.Backwards()
	}
	return err
}

func seconds(o sources.Offset) (int64, error) {
	if o == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(string(o), 10, 64)
	if err != nil || n < 0 {
		return 0, sparkerr.Plain("the offset %s in the checkpoint is not one of a rate source", o).
			WithHint("the checkpoint belongs to another source; start with a new one")
	}
	return n, nil
}

// LatestOffset is the seconds since the start; the first batch is at 0.
func (s *Source) LatestOffset(_ context.Context, from sources.Offset, _ bool) (sources.Offset, error) {
	if from == "" {
		s.last = 0
		return "0", nil
	}
	elapsed := s.env.Now().UnixMilli() - s.start
	if !s.frozen {
		s.last = max(s.last, elapsed/1000)
	}
	if n, err := seconds(from); err != nil || n >= s.last {
		s.wakeIn(time.Duration((s.last+1)*1000-elapsed) * time.Millisecond)
		return from, err
	}
	return sources.Offset(strconv.FormatInt(s.last, 10)), nil
}

func (s *Source) wakeIn(d time.Duration) {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.timer = time.AfterFunc(d, s.signal)
}

func (s *Source) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// FreezeEnd stops the clock.
func (s *Source) FreezeEnd(context.Context) error {
	s.last = max(s.last, (s.env.Now().UnixMilli()-s.start)/1000)
	s.frozen = true
	return nil
}

// valueAt is how many rows there are before a second. (Spark: RateStreamProvider.valueAtSecond.)
func (o *Options) valueAt(second int64) int64 {
	if second > o.rampUp {
		return o.ramp(o.rampUp) + (second-o.rampUp)*o.rows
	}
	return o.ramp(second)
}

func (o *Options) ramp(second int64) int64 {
	return o.rows / (o.rampUp + 1) * second * (second + 1) / 2
}

// Plan returns the rows of (from, to], spread evenly over the time.
func (s *Source) Plan(_ context.Context, from, to sources.Offset, scan *sources.Scan) ([]sources.Partition, error) {
	a, err := seconds(from)
	if err != nil {
		return nil, err
	}
	b, err := seconds(to)
	if err != nil || scan.Empty {
		return nil, err
	}
	first, last := s.opts.valueAt(a), s.opts.valueAt(b)
	if first == last {
		return nil, nil
	}
	step := float64(b-a) * 1000 / float64(last-first)
	base := s.start + a*1000
	at := func(value int64) int64 { return (base + int64(math.Floor(float64(value-first)*step+0.5))) * 1000 }
	return partitions(scan, s.opts.perStep, first, last, at), nil
}

// Wake tells of each second.
func (s *Source) Wake() <-chan struct{} { return s.wake }

// Close stops the clock.
func (s *Source) Close() error {
	if s.timer != nil {
		s.timer.Stop()
	}
	return nil
}

// partitions deals the values [first, last) out in turn.
func partitions(scan *sources.Scan, n int, first, last int64, at func(int64) int64) []sources.Partition {
	parts := make([]sources.Partition, 0, n)
	for i := range int64(n) {
		if first+i < last {
			parts = append(parts, &partition{scan: scan, task: int(i), next: first + i, step: int64(n), end: last, at: at})
		}
	}
	return parts
}

// A partition is every step-th value.
type partition struct {
	scan            *sources.Scan
	task            int
	next, step, end int64
	at              func(value int64) (micros int64)
}

// Task is the partition's number.
func (p *partition) Task() int { return p.task }

// Small reports few rows.
func (p *partition) Small() bool { return p.end-p.next <= vector.BatchRows*p.step }

// Open makes the reader.
func (p *partition) Open(context.Context) (vector.Reader, error) {
	r := &reader{partition: *p}
	for range p.scan.Fields {
		r.batch.Cols = append(r.batch.Cols, &vector.Vector{})
	}
	return r, nil
}

type reader struct {
	partition
	batch vector.Batch
}

// Next makes the next rows.
func (r *reader) Next(ctx context.Context) (*vector.Batch, error) {
	if r.next >= r.end {
		return nil, io.EOF
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := int(min(vector.BatchRows, (r.end-r.next+r.step-1)/r.step))
	for c, v := range r.batch.Cols {
		isTime := r.scan.Fields[c].Type.Kind == types.KindTimestamp
		v.Reset(r.scan.Fields[c].Type, n)
		for i := range v.I64 {
			v.I64[i] = r.next + int64(i)*r.step
			if isTime {
				v.I64[i] = r.at(v.I64[i])
			}
		}
	}
	r.next += int64(n) * r.step
	r.batch.N = n
	return &r.batch, nil
}

// Close ends the partition.
func (r *reader) Close() error {
	r.next = r.end
	return nil
}
