package engine

import "github.com/streamctl/streamctl/internal/codec"

// Reports of input that yields no rows, or becomes NULL.

// lost reports input that yields no rows or is read as NULL, once for each kind.
func (q *query) lost(l *codec.Loss) {
	if _, known := q.counters.warned.LoadOrStore(l.Key, true); !known {
		q.notify(&notice{l.Text, l.Hint})
	}
}

// notify passes a message about lost input to the user.
func (q *query) notify(n *notice) {
	if n == nil {
		return
	}
	text := n.text
	if len(q.job.Streams) > 1 {
		text = "stream " + q.stream.Name + ": " + text
	}
	q.env.Notify(text, n.hint)
}

// closeRejects reports the malformed records that were not reported yet.
func (q *query) closeRejects() (err error) {
	for _, in := range q.inputs {
		q.notify(in.rejects.lastMessage(in.rows.Load()))
		in.tellAbsent(q, true)
		closing(&err, in.rejects.close)
	}
	return err
}
