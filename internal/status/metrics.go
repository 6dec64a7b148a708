package status

import (
	"maps"
	"math"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/streamctl/streamctl/internal/engine"
)

// A metric is one of those at /metrics. Their labels take their values from the job, so that their number is fixed while a process runs.
type metric struct {
	name, kind, labels, help string
	write                    func(r *Report, emit emit)
}

// emit writes a sample; the values of its labels are in the order of metric.labels. suffix is part of the name.
type emit func(suffix string, value float64, labels ...label)

const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
)

// states are the values of the label state.
var states = []string{engine.Starting, engine.Running, engine.Waiting, engine.Over, engine.Broken}

// metrics is the table of metrics, in the order of the page. docs/STATUS.md has it, too.
func metrics() []metric {
	return []metric{
		{"streamctl_build_info", gauge, "version, go_version", "The program that runs; always 1.", func(r *Report, emit emit) {
			emit("", 1, label{"version", r.Version}, label{"go_version", runtime.Version()})
		}},
		{"process_start_time_seconds", gauge, "", "When the run began, in seconds since the epoch.", func(r *Report, emit emit) { emit("", seconds(&r.StartTime)) }},
		{"streamctl_query_state", gauge, "query, state", "1 for the state in which the query is: starting, running, waiting, ended or failed; 0 for the others.", perQuery(func(q *Query, emit emit) {
			for _, s := range states {
				emit("", truth(q.State == s), label{"state", s})
			}
		})},
		{"streamctl_batches_total", counter, "query", "Batches that were committed.", perQuery(func(q *Query, emit emit) { emit("", float64(q.Totals.Batches)) })},
		{"streamctl_input_rows_total", counter, "query", "Rows read in these batches.", perQuery(func(q *Query, emit emit) { emit("", float64(q.Totals.InputRows)) })},
		{"streamctl_output_rows_total", counter, "query", "Rows written; missing if the sink does not count them.", perQuery(func(q *Query, emit emit) {
			if q.Totals.OutputRows >= 0 {
				emit("", float64(q.Totals.OutputRows))
			}
		})},
		{"streamctl_malformed_rows_total", counter, "query", "Malformed records, dropped or read as NULL.", perQuery(func(q *Query, emit emit) { emit("", float64(q.Totals.Malformed)) })},
		{"streamctl_malformed_rows_dropped_total", counter, "query", "Malformed records that yielded no row.", perQuery(func(q *Query, emit emit) { emit("", float64(q.Totals.Dropped)) })},
		{"streamctl_late_rows_total", counter, "query", "Rows that stateful steps dropped since they came after the watermark.", perQuery(func(q *Query, emit emit) { emit("", float64(q.Totals.Late)) })},
		{"streamctl_warnings_total", counter, "query", "Warnings about the query.", perQuery(func(q *Query, emit emit) { emit("", float64(q.Totals.Warnings)) })},
		{"streamctl_batch_duration_seconds", histogram, "query", "How long batches took.", perQuery(durations)},
		{"streamctl_batch_part_seconds_total", counter, "query, part", "How long the parts of batches took, by Spark's names, such as addBatch; triggerExecution is all of them.", perQuery(func(q *Query, emit emit) {
			for _, part := range slices.Sorted(maps.Keys(q.timings.parts)) {
				emit("", float64(q.timings.parts[part])/1000, label{"part", part})
			}
		})},
		{"streamctl_last_batch_timestamp_seconds", gauge, "query", "When the newest batch ended.", perQuery(func(q *Query, emit emit) {
			if q.Totals.LastProgress != nil {
				emit("", seconds(q.Totals.LastProgress))
			}
		})},
		{"streamctl_last_batch_id", gauge, "query", "The number of the newest batch.", perLast(func(p *Progress, emit emit) { emit("", float64(p.BatchID)) })},
		{"streamctl_input_rows_per_second", gauge, "query", "Rows that arrived per second before the newest batch.", perLast(func(p *Progress, emit emit) { emit("", float64(p.InputRowsPerSecond)) })},
		{"streamctl_processed_rows_per_second", gauge, "query", "Rows that the newest batch processed per second.", perLast(func(p *Progress, emit emit) { emit("", float64(p.ProcessedRowsPerSecond)) })},
		{"streamctl_watermark_timestamp_seconds", gauge, "query", "The watermark of the newest batch; missing until there is one.", perQuery(func(q *Query, emit emit) {
			if q.Totals.Watermark != nil {
				emit("", seconds(q.Totals.Watermark))
			}
		})},
		{"streamctl_open_windows", gauge, "query", "Groups by time windows in the state, which the watermark has not passed.", perLast(func(p *Progress, emit emit) {
			if p.OpenWindows != nil {
				emit("", float64(*p.OpenWindows))
			}
		})},
		{"streamctl_state_rows", gauge, "query, operator, name", "Rows in the state of a stateful operator.", perOperator(func(s *engine.StateProgress) int64 { return s.NumRowsTotal })},
		{"streamctl_state_bytes", gauge, "query, operator, name", "Bytes of memory of the state of a stateful operator.", perOperator(func(s *engine.StateProgress) int64 { return s.MemoryUsedBytes })},
		{"streamctl_source_waiting_files", gauge, "query, source", "Files that no batch has taken yet, as of the last look; missing if that is not known.", perSource(func(l *Lag) int64 { return l.Files })},
		{"streamctl_source_waiting_bytes", gauge, "query, source", "Bytes in these files, or behind the positions in files that are followed.", perSource(func(l *Lag) int64 { return l.Bytes })},
		{"streamctl_source_waiting_rows", gauge, "query, source", "Lines from the network, or offsets of Kafka, that no batch has taken yet.", perSource(func(l *Lag) int64 { return l.Rows })},
	}
}

// perQuery writes samples of each query, with its name as the first label.
func perQuery(write func(q *Query, emit emit)) func(*Report, emit) {
	return func(r *Report, out emit) {
		for _, q := range r.Queries {
			write(q, func(suffix string, value float64, labels ...label) {
				out(suffix, value, append([]label{{"query", q.stream()}}, labels...)...)
			})
		}
	}
}

// perLast is perQuery for those that had a batch.
func perLast(write func(p *Progress, emit emit)) func(*Report, emit) {
	return perQuery(func(q *Query, emit emit) {
		if q.Last != nil {
			write(q.Last, emit)
		}
	})
}

func perOperator(value func(*engine.StateProgress) int64) func(*Report, emit) {
	return perLast(func(p *Progress, emit emit) {
		for i := range p.StateOperators {
			op := &p.StateOperators[i]
			emit("", float64(value(op)), label{"operator", strconv.Itoa(i)}, label{"name", op.OperatorName})
		}
	})
}

// perSource writes a sample for each source. Numbers distinguish sources of a query that have the same name.
func perSource(value func(*Lag) int64) func(*Report, emit) {
	return perQuery(func(q *Query, emit emit) {
		for i := range q.Lag {
			l := &q.Lag[i]
			if !l.Known {
				continue
			}
			name := l.Source
			for _, before := range q.Lag[:i] {
				if before.Source == l.Source {
					name = l.Source + " #" + strconv.Itoa(i)
				}
			}
			emit("", float64(value(l)), label{"source", name})
		}
	})
}

func durations(q *Query, emit emit) {
	t := &q.timings
	for i, n := range t.buckets {
		emit("_bucket", float64(n), label{"le", number(batchBounds[i])})
	}
	emit("_bucket", float64(t.count), label{"le", number(math.Inf(1))})
	emit("_sum", float64(t.parts["triggerExecution"])/1000)
	emit("_count", float64(t.count))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t *time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// exposed returns the metrics of a report as text.
func exposed(r *Report) string {
	var e exposition
	for _, m := range metrics() {
		e.family(m.name, m.kind, m.help)
		m.write(r, func(suffix string, value float64, labels ...label) { e.sample(m.name+suffix, labels, value) })
	}
	return e.String()
}
