package kafka

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/streamctl/streamctl/internal/job"
	"github.com/streamctl/streamctl/internal/kafka"
)

// Topics returns the names of the topics of brokers, HOST:PORT separated by commas, for completion: none if they do not answer within a second.
func Topics(ctx context.Context, brokers string) []string {
	c, err := kafka.Parse(job.Options{{Name: kafka.Servers, Value: brokers}}, kafka.Reads)
	if err != nil {
		return nil
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(c.Servers...))
	if err != nil {
		return nil
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	topics, err := kadm.NewClient(client).ListTopics(ctx)
	if err != nil {
		return nil
	}
	return topics.Names()
}
