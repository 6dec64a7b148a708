package rate

import (
	"context"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// PerSecond is the format rate.
var PerSecond = newFormat(job.Format{
	Name: "rate", Doc: "rows at a rate per second: timestamp, value", Options: []job.OptionSpec{
		{Name: "rowsPerSecond", Doc: "rows per second", Kind: sources.AtLeastOne, Default: "1"},
		{Name: "rampUpTime", Doc: "time until that rate is reached", Kind: sources.Age, Default: "0s"},
		{Name: "numPartitions", Doc: "tasks that share the rows", Kind: sources.AtLeastOne, Default: "1"},
	},
}, parsePerSecond, func(o *Options, env *sources.Env) (sources.Source, error) {
	s, err := New(o, env)
	if err != nil {
		return nil, err
	}
	return s, nil
})

// PerBatch is the format rate-micro-batch.
var PerBatch = newFormat(job.Format{
	Name: "rate-micro-batch", Doc: "rows at a rate per batch: timestamp, value", Options: []job.OptionSpec{
		{Name: "rowsPerBatch", Doc: "rows per batch, required", Kind: sources.AtLeastOne},
		{Name: "startTimestamp", Doc: "timestamp of the first batch, in milliseconds", Kind: sources.AtLeastZero, Default: "0"},
		{Name: "advanceMillisPerBatch", Doc: "milliseconds from batch to batch", Kind: sources.AtLeastZero, Default: "1000"},
		{Name: "numPartitions", Doc: "tasks that share the rows", Kind: sources.AtLeastOne, Default: "1"},
	},
}, parsePerBatch, func(o *Options, _ *sources.Env) (sources.Source, error) { return NewMicroBatch(o), nil })

// The faces of the sources.
var (
	_ interface {
		sources.Waker
		sources.Freezer
	} = (*Source)(nil)
	_ sources.Freezer = (*MicroBatchSource)(nil)
)

// newFormat returns a format whose options parse reads.
func newFormat(d job.Format, parse func(job.Options) (*Options, error), open func(*Options, *sources.Env) (sources.Source, error)) *sources.Format {
	d.Endless = true
	return &sources.Format{
		Format: d,
		CheckOptions: func(options job.Options, _ map[string]string) error {
			_, err := parse(options)
			return err
		},
		Columns: func(_ storage.FS, _ *job.Job, s *job.Source) (sources.Columns, error) {
			_, err := parse(s.Options)
			return sources.Columns{Schema: Schema()}, sparkerr.At(err, s.Place)
		},
		Open: func(_ context.Context, _ *job.Job, s *job.Source, env *sources.Env) (sources.Source, error) {
			o, err := parse(s.Options)
			if err != nil {
				return nil, err
			}
			return open(o, env)
		},
	}
}
