package kafka

import "github.com/twmb/franz-go/pkg/kgo"

// anyPartition is the partition of a record for which the client chooses one: by the key as Java's client does, or, without a key, one at a time for
// batches of records.
const anyPartition = -1

// A partitioner takes the partition of a record if it has one.
type partitioner struct{}

// ForTopic returns the partitioner of a topic.
func (partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	return &topicPartitioner{kgo.StickyKeyPartitioner(nil).ForTopic(topic)}
}

type topicPartitioner struct{ others kgo.TopicPartitioner }

// RequiresConsistency reports whether a record can be in one partition only.
func (p *topicPartitioner) RequiresConsistency(r *kgo.Record) bool {
	return r.Partition != anyPartition || p.others.RequiresConsistency(r)
}

// Partition returns the partition of a record, which may be one that does not exist.
func (p *topicPartitioner) Partition(r *kgo.Record, n int) int {
	if r.Partition != anyPartition {
		return int(r.Partition)
	}
	return p.others.Partition(r, n)
}

// OnNewBatch lets the records without a key go to another partition.
func (p *topicPartitioner) OnNewBatch() {
	if o, ok := p.others.(kgo.TopicPartitionerOnNewBatch); ok {
		o.OnNewBatch()
	}
}
