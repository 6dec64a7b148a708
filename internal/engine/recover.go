package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/streamctl/streamctl/internal/checkpoint"
	"github.com/streamctl/streamctl/internal/sources"
	"github.com/streamctl/streamctl/internal/sparkerr"
)

// shufflePartitions is the setting for the number of tasks above an exchange. Spark's default of 200 is for clusters: a query with state has
// one task for each worker, unless the setting is given.
const shufflePartitions = "spark.sql.shuffle.partitions"

// recover resumes where the logs end. A batch that is in the offset log but not in the commit log is run again with the same
// offsets, time and watermark. (Spark: MicroBatchExecution.populateStartOffsets.)
func (q *query) recover(ctx context.Context) error {
	newest, done := q.log.Offsets.Latest(), q.log.Commits.Latest()
	if newest < 0 && done < 0 {
		return nil
	}
	if done > newest {
		return sparkerr.Plain("batch %d doesn't exist", done).
			WithHint("the checkpoint %s has commits/%d but no offsets/%d; restore it from a copy, or start with a new one", q.log.Dir, done, done)
	}
	last, err := q.logged(newest)
	if err != nil {
		return err
	}
	q.pin(last.Conf)
	before := &checkpoint.OffsetSeq{Offsets: make([]string, len(q.inputs))}
	if newest > 0 {
		if before, err = q.logged(newest - 1); err != nil {
			return err
		}
	}
	q.watermark, q.previous = last.Watermark, last.Watermark
	if done < newest {
		if done < newest-1 {
			q.env.Log.Warn("batches between the last commit and the last logged one are not known to be done",
				"stream", q.stream.Name, "committed", done, "logged", newest)
		}
		q.next, q.again, q.previous = newest, last, before.Watermark
		if mayRepeat(q.sink) {
			q.env.Log.Warn(fmt.Sprintf("batch %d was cut off and runs again: its rows may be in the output twice", newest), "stream", q.stream.Name)
		}
		return q.recoverInputs(ctx, before, last, true)
	}
	watermark, err := q.log.Commits.Get(done)
	if err != nil {
		return err
	}
	q.watermark = max(q.watermark, watermark)
	q.next = newest + 1
	return q.recoverInputs(ctx, before, last, false)
}

// firstConf makes the settings that a query pins at its first start.
func (q *query) firstConf() {
	q.conf = checkpoint.PinnedConf(q.job.Conf)
	if _, given := q.job.Conf[shufflePartitions]; !given && q.analysed.Stateful() {
		tasks := q.env.Workers
		if q.gathersInput() {
			tasks = gatheredTasks
		}
		q.conf[shufflePartitions] = strconv.Itoa(tasks)
	}
	q.analysed.Conf = checkpoint.ApplyPinned(q.job.Conf, q.conf)
}

// pin has the query run with the settings of its first start, and reports those that the job has given in vain. (Spark:
// OffsetSeqMetadata.setSessionConf.)
func (q *query) pin(logged map[string]string) {
	q.conf = logged
	for _, name := range slices.Sorted(maps.Keys(logged)) {
		if given, ok := q.job.Conf[name]; ok && given != logged[name] {
			q.notify(&notice{
				text: fmt.Sprintf("%s=%s has no effect: the checkpoint keeps the %s of the first start", name, given, logged[name]),
				hint: "start with a new checkpoint to change it",
			})
		}
	}
	q.analysed.Conf = checkpoint.ApplyPinned(q.job.Conf, logged)
}

// recoverInputs prepares the sources to resume after the last two batches logged, of which the last one may run again.
func (q *query) recoverInputs(ctx context.Context, before, last *checkpoint.OffsetSeq, again bool) error {
	for i, in := range q.inputs {
		logged := sources.Logged{Before: sources.Offset(before.Offsets[i]), Last: sources.Offset(last.Offsets[i]), Again: again}
		in.committed = logged.Start()
		if err := in.source.Recover(ctx, logged); err != nil {
			return err
		}
	}
	return nil
}

// logged reads a batch of this query from the offset log.
func (q *query) logged(id int64) (*checkpoint.OffsetSeq, error) {
	b, err := q.log.Offsets.Get(id)
	if err != nil {
		return nil, err
	}
	if len(b.Offsets) != len(q.inputs) {
		return nil, sparkerr.Plain("assertion failed: There are [%d] sources in the checkpoint offsets and now there are [%d] sources requested by the query. Cannot continue.",
			len(b.Offsets), len(q.inputs))
	}
	// A source that has had nothing so far has no offset, unless it is the only one: no batch would have been logged.
	if !slices.ContainsFunc(b.Offsets, func(o string) bool { return o != "" }) {
		return nil, damaged(q.log, id, "it has no offset")
	}
	return b, nil
}

// damaged is the error for a batch in the offset log that no run can have logged. Going on would do everything again.
func damaged(c *checkpoint.Checkpoint, id int64, what string) error {
	return sparkerr.Plain("the log file %s/offsets/%d is damaged: %s", c.Dir, id, what).
		WithHint("restore the file from a copy; to process everything again, start with a new checkpoint")
}
