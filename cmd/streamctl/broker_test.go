package main

import (
	"context"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// broker TOPIC… starts a broker of Kafka in this process, with topics of two partitions. $BROKERS has its address.
func broker(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: broker TOPIC…")
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, args...))
	ts.Check(err)
	ts.Defer(c.Close)
	ts.Setenv("BROKERS", strings.Join(c.ListenAddrs(), ","))
}

// produce TOPIC FILE appends the lines of a file to the partitions of a topic in turn: KEY=VALUE, or a value.
func produce(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: produce TOPIC FILE")
	}
	text, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(ts.Getenv("BROKERS"), ",")...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	ts.Check(err)
	defer client.Close()
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		r := &kgo.Record{Topic: args[0], Partition: int32(i % 2), Value: []byte(line)}
		if key, value, ok := strings.Cut(line, "="); ok {
			r.Key, r.Value = []byte(key), []byte(value)
		}
		ts.Check(client.ProduceSync(context.Background(), r).FirstErr())
	}
}
