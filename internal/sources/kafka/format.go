// Package kafka reads topics of Apache Kafka, as Spark's Kafka source does.
package kafka

import (
	"context"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/kafka"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// Format is the format kafka.
var Format = newFormat()

// The faces of the source.
var _ interface {
	sources.Waker
	sources.Freezer
	sources.Lagger
	sources.Metered
} = (*Source)(nil)

var noSchema = &job.Remark{
	Text: "Kafka source has a fixed schema and cannot be set with a custom one",
	Hint: "its columns are key, value, topic, partition, offset, timestamp and timestampType; remove the schema, and decode value in a step, such as from_json(CAST(value AS STRING), …)",
}

func newFormat() *sources.Format {
	f := &sources.Format{
		Format: job.Format{
			Name: "kafka", Doc: "records of topics of Apache Kafka: key, value, topic, partition, offset, timestamp, timestampType", Options: append(specs, kafka.Specs(kafka.Reads)...),
			SourceRules: job.SourceRules{NoSchema: noSchema},
			OnSpark:     kafka.OnSpark,
		},
		Columns: func(_ storage.FS, _ *job.Job, s *job.Source) (sources.Columns, error) {
			o, err := ParseOptions(s.Options)
			if err != nil {
				return sources.Columns{}, sparkerr.At(err, s.Place)
			}
			if s.Schema.Given {
				return sources.Columns{}, sparkerr.At(sparkerr.Plain("%s", noSchema.Text), s.Schema.Place)
			}
			return sources.Columns{Schema: Schema(o.headers)}, nil
		},
		Open: func(ctx context.Context, _ *job.Job, s *job.Source, env *sources.Env) (sources.Source, error) {
			o, err := ParseOptions(s.Options)
			if err != nil {
				return nil, err
			}
			src, err := New(ctx, o, env)
			if err != nil {
				return nil, err
			}
			return src, nil
		},
		Identity: func(s *job.Source) string {
			for _, name := range []string{optSubscribe, optPattern, optAssign} {
				if text, ok := s.Options.Get(name); ok {
					return "kafka " + name + " " + text
				}
			}
			return "kafka"
		},
		Opening: func(s *job.Source) string {
			servers, _ := s.Options.Get(kafka.Servers)
			return "connecting to Kafka at " + servers
		},
	}
	f.CheckOptions = func(options job.Options, _ map[string]string) error {
		if err := f.CheckValues(options); err != nil {
			return err
		}
		_, err := ParseOptions(options)
		return err
	}
	return f
}
