package sources

import (
	"context"
	"time"
)

// The interfaces of this file are for what only some sources do. A source implements those that it needs, and io.Closer.

// A Waker tells when something may be new. Without one, the default trigger stops looking once there is nothing new, and only a trigger
// with an interval looks again.
type Waker interface {
	// Wake returns a channel that receives a value when something may be new, and never blocks the sender. A source need not watch
	// for news until the first call, after which the engine looks once by itself.
	Wake() <-chan struct{}
}

// An Ender is a source that may come to its end.
type Ender interface {
	// Done returns a channel that is closed when nothing can ever come and the query is to end.
	Done() <-chan struct{}
}

// A Freezer can fix its current end, which LatestOffset then never goes beyond (availableNow). A source that has an end of another kind
// continues until Done is closed.
type Freezer interface {
	FreezeEnd(ctx context.Context) error
}

// A Rechecker has input that may change while it is read.
type Rechecker interface {
	// Recheck is called when all partitions were read, before the sink commits. It returns further partitions that belong to
	// the batch because a file has grown meanwhile, or ErrChanged when the batch has to be read again.
	Recheck(ctx context.Context) ([]Partition, error)
}

// A Committer wants to know what is done.
type Committer interface {
	// Commit says that everything up to to was processed for good.
	Commit(ctx context.Context, to Offset) error
}

// A Tidier has work that can wait until a batch is done. What fails is done another time.
type Tidier interface{ Tidy() }

// A Waiter says what it waits for, in a sentence without a period. Any goroutine may ask it.
type Waiter interface{ Waiting() string }

// A Lagger knows how much of its input waits. Any goroutine may ask it.
type Lagger interface{ Lag() Lag }

// A Lag is the input that a source knows of and that no batch has taken yet.
type Lag struct {
	Files int64 // new files, as of the last look
	Bytes int64 // in them, and behind the positions in files that are followed
	Rows  int64 // lines that have arrived, or offsets of partitions of Kafka
}

// A Metered source has figures for progress events, by the names that it has in Spark's. Any goroutine may ask it.
type Metered interface{ Metrics() map[string]string }

// A Batcher is the source of a discretized stream that finds its input by the clock, and not by offsets.
type Batcher interface {
	// Batch returns the partitions of the interval that ends at t.
	Batch(t time.Time, scan *Scan) ([]Partition, error)
}
