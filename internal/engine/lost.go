package engine

import "github.com/streamctl/streamctl/internal/codec"

// Reports about input that yields no rows, or is read as NULL.

// lost reports input that yields no rows or is read as NULL. It reports each l.Key once per query.
func (q *query) lost(l *codec.Loss) {
	if _, known := q.counters.warned.LoadOrStore(l.Key, true); !known {
		q.notify(&notice{l.Text, l.Hint})
	}
}

// notify sends a notice about lost input to the user. It does nothing if n is nil.
func (q *query) notify(n *notice) {
	if n == nil {
		return
	}
	text := n.text
	if len(q.job.Streams) > 1 {
		text = "stream " + q.stream.Name + ": " + text
	}
	q.env.Notify(q.stream.Name, text, n.hint)
}

// closeRejects reports malformed records that have not been reported yet, and closes the rejects files.
func (q *query) closeRejects() (err error) {
	for _, in := range q.everyInput() {
		q.notify(in.rejects.lastMessage(in.rows.Load()))
		q.notify(in.rejects.lateMessage())
		closing(&err, in.rejects.close)
	}
	for _, l := range q.leaves {
		l.tellAbsent(q, true)
	}
	return err
}
